import type { ExaminedLetter } from '../evidence/port.ts';
import { letterDuplicate } from '../mail-log/events.ts';
import type { LogEvent } from '../mail-log/event.ts';
import { longDate } from '../notices/dates.ts';
import { isResent } from '../rules/resent.ts';
import type { RequestKind } from '../rules/regulation.ts';
import type { Tx } from '../store/database.ts';
import { dossierByNumber, type Dossier } from '../store/dossiers.ts';
import { requestsOfUnitSince } from '../store/letters.ts';
import type { ActDeps, Case } from './step.ts';
import { writeNotice } from './write-notice.ts';

/** Units send again within days; the same file a month later is a new matter. */
const WITHIN_MS = 30 * 86_400_000;

/** The dossier this letter's files have opened already, or null (requirements.md §6.11). */
export async function dossierOfSameFiles(
  tx: Tx,
  { letter }: Case,
  kinds: readonly RequestKind[],
): Promise<Dossier | null> {
  if (letter.unit === null || letter.person !== null) return null;
  const examined = letter.findings['examine'] as ExaminedLetter;
  // What was altered after signing is refused as that, not answered like a repetition.
  if (isBroken(examined)) return null;
  const { documents } = examined;
  const since = new Date(letter.receivedAt.getTime() - WITHIN_MS);
  const earlier = await requestsOfUnitSince(tx.orm, letter.unit, since);
  for (const request of earlier) {
    const dossier = await dossierByNumber(tx.orm, request.dossier);
    if (request.id === letter.id || dossier === null) continue;
    if (isResent({ documents, kinds, receivedAt: letter.receivedAt }, { ...request, dossier }))
      return dossier;
  }
  return null;
}

const isBroken = ({ letter, documents }: ExaminedLetter): boolean =>
  [letter, ...documents.map(({ evidence }) => evidence)].some(
    ({ verdict }) => verdict.verdict === 'TOTAL-FAILED',
  );

/** Tells the unit where the request it sent again stands: nothing is done twice. */
export async function tellResent(tx: Tx, work: Case, dossier: Dossier, deps: ActDeps): Promise<LogEvent[]> {
  const { letter } = work;
  const about = { letter: letter.id, dossier: dossier.number, unit: letter.unit, sender: letter.sender };
  const holes = { first_date: longDate(dossier.receivedAt) };
  return [
    letterDuplicate(about),
    ...(await writeNotice(tx, work, deps, { template: 'duplicate', dossier, holes })),
  ];
}
