import { stateBefore, STEP_NAMES } from '../runner.ts';
import type { DeskAction, DeskCase } from './action.ts';
import { decided } from './judge-again.ts';

/** The step that failed until it was given up: the runner left an empty finding under its name. */
const failedStep = ({ letter }: DeskCase): string | null =>
  STEP_NAMES.find((name) => letter.findings[name] === null) ?? null;

/** The trouble is over: the same step is tried again. */
export const retry: DeskAction<null> = {
  name: 'retry',
  offered: (work) => failedStep(work) !== null,
  read: () => null,
  act(_tx, work, _input, officer) {
    const step = failedStep(work)!;
    return Promise.resolve({
      to: stateBefore(step),
      reason: null,
      detail: { step },
      log: [decided(work, officer, 'retry', 'tried again', step)],
    });
  },
};
