import type { LetterState, WaitingState } from './letter.ts';

/**
 * What an officer may do with a waiting letter, and where it goes then. The states and ways here are the whole of it:
 * `work/desk` has one file per action and moves no letter otherwise.
 *
 *   officer         confirm-scan, confirm-signature, confirm-identity, record-paper → registered (judged again)
 *                   ask-new-scan → correction      refuse → refused      finish → completed
 *                   retry → the step that failed      hand-over → officer (another one's)
 *                   accept-row, return-row, refuse-row → wherever its rows leave it (work/settle)
 *   awaiting_paper  record-paper → registered      refuse → refused      hand-over → awaiting_paper
 *   quarantine      release → received, or officer where the machine could not open it      keep-sealed → sealed
 *
 * `executor` and `scheduled` are left by the executor's answer and by a job; an officer only hands them over.
 */
export const ACTIONS = [
  'confirm-scan',
  'confirm-signature',
  'confirm-identity',
  'record-paper',
  'ask-new-scan',
  'accept-row',
  'return-row',
  'refuse-row',
  'finish',
  'refuse',
  'retry',
  'release',
  'keep-sealed',
  'hand-over',
] as const;
export type ActionName = (typeof ACTIONS)[number];

interface Way {
  readonly from: readonly WaitingState[];
  /** Where it may go; null: it stays where it is unless the dossier's rows move it. */
  readonly to: readonly LetterState[] | null;
}

export const WAYS: Readonly<Record<ActionName, Way>> = Object.freeze({
  'confirm-scan': { from: ['officer'], to: ['registered'] },
  'confirm-signature': { from: ['officer'], to: ['registered'] },
  'confirm-identity': { from: ['officer'], to: ['registered'] },
  'record-paper': { from: ['officer', 'awaiting_paper'], to: ['registered'] },
  'ask-new-scan': { from: ['officer'], to: ['correction'] },
  'accept-row': { from: ['officer'], to: null },
  'return-row': { from: ['officer'], to: null },
  'refuse-row': { from: ['officer'], to: null },
  finish: { from: ['officer'], to: ['completed'] },
  refuse: { from: ['officer', 'awaiting_paper'], to: ['refused'] },
  retry: { from: ['officer'], to: ['received', 'examined', 'registered', 'approved', 'listed', 'checked'] },
  release: { from: ['quarantine'], to: ['received', 'officer'] },
  'keep-sealed': { from: ['quarantine'], to: ['sealed'] },
  'hand-over': { from: ['officer', 'awaiting_paper', 'quarantine', 'executor', 'scheduled'], to: null },
});

export const actionName = (value: string): ActionName | null =>
  ACTIONS.find((name) => name === value) ?? null;

/** True when the state machine lets this action take a letter from here to there. */
export function wayAllows(action: ActionName, from: LetterState, to: LetterState): boolean {
  const way = WAYS[action];
  return (way.from as readonly LetterState[]).includes(from) && (way.to?.includes(to) ?? true);
}
