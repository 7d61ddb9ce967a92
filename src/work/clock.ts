import type { LogEvent } from '../mail-log/event.ts';
import { deadlineMet, deadlineMissed, decision, MACHINE } from '../mail-log/events.ts';
import { dueFor } from '../rules/deadlines.ts';
import type { DossierState } from '../rules/dossier.ts';
import type { Regulation, RequestKind } from '../rules/regulation.ts';
import type { Tx } from '../store/database.ts';
import { startClock, stopClock, updateDossier, type Dossier } from '../store/dossiers.ts';
import type { ActDeps } from './step.ts';

/** The three clocks of requirements.md §6.7 as columns of a dossier. */
export interface DossierClocks {
  readonly receivedAt: Date;
  readonly completeAt: Date | null;
  readonly dueDate: string | null;
  readonly dueAt: Date | null;
  readonly dueLegal: boolean | null;
  readonly dueFirm: boolean | null;
}

/** @param completeAt null while something is missing, e.g. a person's identity check (QB-6.2) */
export function clocksFrom(
  regulation: Regulation,
  kinds: readonly RequestKind[],
  receivedAt: Date,
  completeAt: Date | null,
  deps: Pick<ActDeps, 'calendar'>,
): DossierClocks {
  const due = dueFor(regulation, kinds, { receivedAt, completeAt }, deps.calendar);
  return {
    receivedAt,
    completeAt,
    dueDate: due?.dueDate ?? null,
    dueAt: due?.due ?? null,
    dueLegal: due?.legal ?? null,
    dueFirm: due?.firm ?? null,
  };
}

/** Starts the clock at `from`: on opening, with a corrected letter, with the paper, with complete information. */
export async function runClock(
  tx: Tx,
  dossier: Dossier,
  letter: string,
  clocks: DossierClocks,
  from: Date,
): Promise<LogEvent> {
  await startClock(tx, {
    dossier: dossier.number,
    startedAt: from,
    startedBy: letter,
    dueDate: clocks.dueDate,
  });
  return decision({
    letter,
    dossier: dossier.number,
    unit: dossier.unit,
    outcome: 'clock started',
    detail: `due ${clocks.dueDate ?? '-'}`,
    actor: MACHINE,
  });
}

/** States in which nobody of ours is waited for. */
const STOPS: readonly DossierState[] = ['correction', 'awaiting_paper', 'completed', 'refused'];

/** Stops the clock when the dossier's state says so, and tells whether the deadline was kept. */
export async function restClock(
  tx: Tx,
  dossier: Dossier,
  state: DossierState,
  now: Date,
): Promise<LogEvent[]> {
  if (!STOPS.includes(state) || !(await stopClock(tx, dossier.number, state, now))) return [];
  const about = { dossier: dossier.number, unit: dossier.unit };
  const stopped = decision({ ...about, outcome: 'clock stopped', detail: state, actor: MACHINE });
  const { dueAt } = dossier;
  if (dueAt === null || state === 'correction' || state === 'awaiting_paper') return [stopped];
  const kept =
    now <= dueAt
      ? deadlineMet({ ...about, due: dueAt })
      : deadlineMissed({ ...about, due: dueAt, closed: true });
  return [stopped, kept];
}

/** A clock that stood or had not begun starts when the last thing needed is there (QB-6.2, HCM-8.4b). */
export async function completeInformation(
  tx: Tx,
  dossier: Dossier,
  letter: string,
  regulation: Regulation,
  deps: ActDeps,
): Promise<LogEvent[]> {
  if (dossier.completeAt !== null) return [];
  const now = deps.clock.now();
  const clocks = clocksFrom(regulation, dossier.kinds, now, now, deps);
  await updateDossier(tx, dossier.number, clocks);
  return [await runClock(tx, dossier, letter, clocks, now)];
}
