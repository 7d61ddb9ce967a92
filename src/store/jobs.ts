import { and, asc, eq, inArray, isNotNull, isNull, lte, ne, or, sql } from 'drizzle-orm';
import type { DossierState } from '../rules/dossier.ts';
import type { Orm, Tx } from './database.ts';
import { deletionCandidate, dossier, dossierRow, jobRun, letter, unit } from './schema.ts';
import type { Dossier } from './dossiers.ts';

/**
 * Takes one period of a job; false when it was done before. A second gateway waits here until the first commits and
 * then finds it done; if the first dies, its claim is rolled back with its work.
 */
export async function startPeriod(tx: Tx, job: string, period: string, at: Date): Promise<boolean> {
  const taken = await tx.orm
    .insert(jobRun)
    .values({ job, period, at })
    .onConflictDoNothing()
    .returning({ job: jobRun.job });
  return taken.length > 0;
}

/** States in which an office is at work and time passes. */
const RUNNING: DossierState[] = ['open', 'officer', 'executor', 'document'];

/** Dossiers at work that are due on or before a date, the most urgent first, with their units' names. */
export async function dossiersDueBy(
  orm: Orm,
  regulation: string,
  date: string,
): Promise<{ dossier: Dossier; unit: string }[]> {
  return orm
    .select({ dossier, unit: unit.name })
    .from(dossier)
    .innerJoin(unit, eq(unit.code, dossier.unit))
    .where(
      and(
        eq(dossier.regulation, regulation),
        inArray(dossier.state, RUNNING),
        isNotNull(dossier.dueAt),
        lte(dossier.dueDate, date),
      ),
    )
    .orderBy(asc(dossier.dueAt));
}

/**
 * Dossiers with a row whose day has come: accepted for a later day, or let through by an officer while its day of
 * receipt was not over. Letters the runner is about to work on are left to it.
 */
export async function dossiersWithDueRows(orm: Orm, regulation: string, today: string): Promise<string[]> {
  const later = and(eq(dossierRow.state, 'waiting'), lte(dossierRow.notBefore, today));
  const nameless = and(eq(dossierRow.state, 'valid'), sql`${dossierRow.row} ->> 'allocateAfter' < ${today}`);
  const rows = await orm
    .selectDistinct({ number: dossier.number })
    .from(dossierRow)
    .innerJoin(dossier, eq(dossier.number, dossierRow.dossier))
    .innerJoin(letter, eq(letter.id, dossierRow.letter))
    .where(and(eq(dossier.regulation, regulation), ne(letter.state, 'checked'), or(later, nameless)));
  return rows.map(({ number }) => number);
}

export type DeletionCandidate = typeof deletionCandidate.$inferSelect;

/** Puts a mailbox before the officers; false when it lies there already. */
export async function proposeDeletion(tx: Tx, row: typeof deletionCandidate.$inferInsert): Promise<boolean> {
  const added = await tx.orm
    .insert(deletionCandidate)
    .values(row)
    .onConflictDoNothing()
    .returning({ address: deletionCandidate.address });
  return added.length > 0;
}

/** Mailboxes nobody has decided about yet, longest unused first. */
export async function openDeletionCandidates(orm: Orm): Promise<DeletionCandidate[]> {
  return orm
    .select()
    .from(deletionCandidate)
    .where(isNull(deletionCandidate.approved))
    .orderBy(asc(deletionCandidate.since));
}

/** Records an officer's decision; false when somebody was faster. */
export async function decideDeletion(
  tx: Tx,
  address: string,
  decision: { readonly approved: boolean; readonly by: string; readonly at: Date },
): Promise<boolean> {
  const decided = await tx.orm
    .update(deletionCandidate)
    .set({ approved: decision.approved, decidedBy: decision.by, decidedAt: decision.at })
    .where(and(eq(deletionCandidate.address, address), isNull(deletionCandidate.approved)))
    .returning({ address: deletionCandidate.address });
  return decided.length > 0;
}
