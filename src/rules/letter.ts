/**
 * A letter's journey. A door writes it as `received`; only the runner moves it on, one step per working state.
 *
 *   received ─examine→ examined ─register→ registered ─approve→ approved ─read-list→ listed ─check→ checked
 *   checked ─provision→ completed | correction
 *
 * From any working state a finding may end it (refused, ignored, quarantine) or hand it to a person (officer,
 * awaiting_paper). Waiting states are left by an officer's action, by the executor's answer or by a job on its day;
 * end states are left by nobody.
 */
export const WORKING_STATES = [
  'received',
  'registered',
  'examined',
  'approved',
  'listed',
  'checked',
] as const;
export const WAITING_STATES = [
  /** An officer decides; the reasons stand on the letter. */
  'officer',
  /** The paper original has to arrive (HCM-8.4b, BH-4.4b). */
  'awaiting_paper',
  /** Sealed: secrecy mark, virus, structure bomb; an officer releases or keeps it. */
  'quarantine',
  /** Its rows are with the executor (ST-2.5, BH-6.1b); the executor's answer ends it. */
  'executor',
  /** A row may be carried out on a later day only (HCM-9.3b); a job ends it. */
  'scheduled',
] as const;
export const END_STATES = [
  /** Everything asked for was done. */
  'completed',
  /** Rows or the list went back to the unit; what was right has been done. */
  'correction',
  /** A clear answer against it was given, with the reason. */
  'refused',
  /** A question (MẪU, TRA CỨU) or an executor's answer: dealt with, no dossier of its own. */
  'answered',
  /** An officer keeps it sealed for good (QB-15.3). */
  'sealed',
  /** Automatic mail: never answered. */
  'ignored',
  /** The same letter had come before; it belongs to that one's dossier. */
  'duplicate',
] as const;
export const LETTER_STATES = [...WORKING_STATES, ...WAITING_STATES, ...END_STATES] as const;

export type WorkingState = (typeof WORKING_STATES)[number];
export type WaitingState = (typeof WAITING_STATES)[number];
export type EndState = (typeof END_STATES)[number];
export type LetterState = (typeof LETTER_STATES)[number];

export const isWorking = (state: LetterState): state is WorkingState =>
  (WORKING_STATES as readonly string[]).includes(state);

/** What a step found out about where the letter goes; `on` is the ordinary way. */
export type Course = 'on' | 'correction' | 'refused' | 'duplicate' | 'answered' | WaitingState;

const NEXT: Readonly<Record<WorkingState, LetterState>> = Object.freeze({
  received: 'examined',
  examined: 'registered',
  registered: 'approved',
  approved: 'listed',
  listed: 'checked',
  checked: 'completed',
});

/** The state after a step, from the state before it and the step's finding. */
export function next(state: WorkingState, course: Course): LetterState {
  return course === 'on' ? NEXT[state] : course;
}
