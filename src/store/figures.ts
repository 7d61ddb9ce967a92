import { and, gte, inArray, lt } from 'drizzle-orm';
import type { Orm } from './database.ts';
import { campaignAnswer, dossier, dossierRow } from './schema.ts';
import type { DossierRow } from './dossiers.ts';

export type CountedDossier = Pick<
  typeof dossier.$inferSelect,
  'number' | 'unit' | 'kinds' | 'state' | 'closedAt' | 'dueAt' | 'dueLegal'
>;

/** Dossiers of these units received in [from, to). */
export async function dossiersReceived(
  orm: Orm,
  units: readonly string[],
  from: Date,
  to: Date,
): Promise<CountedDossier[]> {
  if (units.length === 0) return [];
  return orm
    .select({
      number: dossier.number,
      unit: dossier.unit,
      kinds: dossier.kinds,
      state: dossier.state,
      closedAt: dossier.closedAt,
      dueAt: dossier.dueAt,
      dueLegal: dossier.dueLegal,
    })
    .from(dossier)
    .where(and(inArray(dossier.unit, [...units]), gte(dossier.receivedAt, from), lt(dossier.receivedAt, to)));
}

/** Rows of dossiers: what each asked and what became of it. */
export async function rowsOfDossiers(
  orm: Orm,
  numbers: readonly string[],
): Promise<Pick<DossierRow, 'state' | 'row'>[]> {
  if (numbers.length === 0) return [];
  return orm
    .select({ state: dossierRow.state, row: dossierRow.row })
    .from(dossierRow)
    .where(inArray(dossierRow.dossier, [...numbers]));
}

/** Units that sent a report in [from, to), however often. */
export async function unitsThatReported(orm: Orm, from: Date, to: Date): Promise<Set<string>> {
  const rows = await orm
    .selectDistinct({ unit: campaignAnswer.unit })
    .from(campaignAnswer)
    .where(and(gte(campaignAnswer.at, from), lt(campaignAnswer.at, to)));
  return new Set(rows.map(({ unit }) => unit));
}
