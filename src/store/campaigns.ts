import { and, asc, desc, eq, gte, lte } from 'drizzle-orm';
import type { Orm, Tx } from './database.ts';
import { campaign, campaignAnswer } from './schema.ts';

export type Campaign = typeof campaign.$inferSelect;

/** Opens a campaign; false when it is open already. */
export async function openCampaign(tx: Tx, row: typeof campaign.$inferInsert): Promise<boolean> {
  const added = await tx.orm
    .insert(campaign)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: campaign.id });
  return added.length > 0;
}

/** Campaigns of a regulation due on or after a date that were opened by then, the next due first. */
export async function campaignsDueFrom(orm: Orm, regulation: string, from: string): Promise<Campaign[]> {
  return orm
    .select()
    .from(campaign)
    .where(and(eq(campaign.regulation, regulation), gte(campaign.dueDate, from)))
    .orderBy(asc(campaign.dueDate));
}

/** The campaign a late report belongs to: the last one that was due before a date. */
export async function lastCampaignBefore(
  orm: Orm,
  regulation: string,
  before: string,
): Promise<Campaign | null> {
  const [row] = await orm
    .select()
    .from(campaign)
    .where(and(eq(campaign.regulation, regulation), lte(campaign.dueDate, before)))
    .orderBy(desc(campaign.dueDate))
    .limit(1);
  return row ?? null;
}

export async function addCampaignAnswer(tx: Tx, row: typeof campaignAnswer.$inferInsert): Promise<void> {
  await tx.orm.insert(campaignAnswer).values(row).onConflictDoNothing();
}

/** Codes of the units that answered. */
export async function answeredUnits(orm: Orm, id: string): Promise<Set<string>> {
  const rows = await orm
    .select({ unit: campaignAnswer.unit })
    .from(campaignAnswer)
    .where(eq(campaignAnswer.campaign, id));
  return new Set(rows.map(({ unit }) => unit));
}
