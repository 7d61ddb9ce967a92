import { causeText } from '../errors.ts';
import { append } from '../mail-log/append.ts';
import { failure } from '../mail-log/events.ts';
import { isWorking, next, WORKING_STATES, type WorkingState } from '../rules/letter.ts';
import {
  claimLetter,
  letterById,
  letWait,
  moveLetter,
  postponeLetter,
  type Letter,
} from '../store/letters.ts';
import { approve } from './approve.ts';
import { check } from './check.ts';
import { examine } from './examine.ts';
import { provision } from './provision.ts';
import { readList } from './read-list.ts';
import { register } from './register.ts';
import { KillsItsParser, Postpone, type Case, type Step, type StepDeps } from './step.ts';

/** Each working state and the step that leaves it; a state without one does not compile. */
const STEPS: Readonly<Record<WorkingState, Step<unknown>>> = {
  received: examine,
  examined: register,
  registered: approve,
  approved: readList,
  listed: check,
  checked: provision,
};

/** The steps in the order of the journey, and the state each of them leaves: for an officer who has one tried again. */
export const STEP_NAMES: readonly string[] = Object.values(STEPS).map(({ name }) => name);
export const stateBefore = (step: string): WorkingState =>
  WORKING_STATES.find((state) => STEPS[state].name === step)!;

/** Longer than the slowest step: four jobs of 20 s in the parsing child, each waiting for another letter’s. */
const LEASE_MS = 240_000;
/** Trouble is tried again for about a day, then a person looks. */
const BACKOFF_MINUTES = [0.05, 0.5, 2, 5, 15, 30, 60, 120, 240, 480];

/**
 * Carries one due letter one step further; false when none is due. Ways to die: before the transaction → the lease
 * runs out and the step is repeated; after it → nothing is lost, the next step is due.
 */
export async function workOnce(deps: StepDeps): Promise<boolean> {
  const id = await deps.db.transaction((tx) => claimLetter(tx, deps.clock.now(), LEASE_MS));
  if (id === null) return false;
  await takeStep(id, deps);
  return true;
}

/** One step of one letter. Resolves to the letter as it stands afterwards. */
export async function takeStep(id: string, deps: StepDeps): Promise<Letter> {
  const letter = await deps.db.transaction((tx) => letterById(tx.orm, id));
  if (letter === null) throw new Error(`no letter ${id}`);
  if (!isWorking(letter.state)) return letter;
  const step = STEPS[letter.state];
  const since = performance.now();
  const timed = (result: 'done' | 'postponed' | 'failed'): void => {
    deps.timed?.(step.name, result, (performance.now() - since) / 1000);
  };
  try {
    const work = caseOf(letter, deps);
    const seen = await unlessStopped(step.look(work, deps), deps);
    await commit(work, letter.state, step, seen, deps);
    timed('done');
  } catch (error) {
    timed(error instanceof Postpone ? 'postponed' : 'failed');
    await trouble(letter, step.name, error, deps);
  }
  return (await deps.db.transaction((tx) => letterById(tx.orm, id)))!;
}

/** Looking changes nothing, so it may be left at any moment; the next gateway looks again. */
async function unlessStopped<T>(looking: Promise<T>, { stopping, clock }: StepDeps): Promise<T> {
  if (stopping === undefined) return looking;
  const stopped = new Promise<never>((_, reject) => {
    const stop = (): void => {
      reject(new Postpone(clock.now(), 'the gateway stops'));
    };
    if (stopping.aborted) stop();
    else stopping.addEventListener('abort', stop, { once: true });
    const done = (): void => {
      stopping.removeEventListener('abort', stop);
    };
    looking.then(done, done);
  });
  return Promise.race([stopped, looking]);
}

function caseOf(letter: Letter, deps: StepDeps): Case {
  const regulation = deps.regulations.find(({ id }) => id === letter.regulation);
  if (regulation === undefined) throw new Error(`regulation ${letter.regulation} is not configured`);
  return { letter, regulation };
}

/** The one transaction of a step: state where the version is still the one seen, rows, notices, log entries. */
async function commit(
  work: Case,
  state: WorkingState,
  step: Step<unknown>,
  seen: unknown,
  deps: StepDeps,
): Promise<void> {
  const now = deps.clock.now();
  await deps.db.transaction(async (tx) => {
    const result = await step.act(tx, work, seen, deps);
    const moved = await moveLetter(tx, work.letter, {
      state: next(state, result.course),
      reason: result.reason ?? null,
      step: step.name,
      finding: result.finding,
      now,
      ...(result.examined === undefined ? {} : { findings: { examine: result.examined } }),
      ...(result.regulation === undefined ? {} : { regulation: result.regulation }),
      ...(result.dossier === undefined ? {} : { dossier: result.dossier }),
      ...(result.signedDigest === undefined ? {} : { signedDigest: result.signedDigest }),
    });
    // Somebody else acted meanwhile: everything of this step is rolled back, theirs stands.
    if (!moved) throw new Postpone(now, 'the letter was changed by somebody else');
    await append(tx.sql, now, ...result.log);
  });
}

/** Mail that was accepted is never refused by a fault of ours: again with backoff, in the end an officer's. */
async function trouble(letter: Letter, step: string, error: unknown, deps: StepDeps): Promise<void> {
  const now = deps.clock.now();
  await deps.db.transaction(async (tx) => {
    if (error instanceof Postpone) return letWait(tx, letter.id, error.until);
    const log = failure({
      letter: letter.id,
      dossier: letter.dossier,
      unit: letter.unit,
      where: `step ${step}, attempt ${letter.attempts}`,
      error: causeText(error),
    });
    await append(tx.sql, now, log);
    const wait = BACKOFF_MINUTES[letter.attempts - 1];
    if (wait !== undefined) {
      const dueAt = new Date(now.getTime() + wait * 60_000);
      return postponeLetter(tx, letter.id, dueAt, error instanceof KillsItsParser);
    }
    await moveLetter(tx, letter, {
      state: 'officer',
      reason: `Lỗi xử lý ở bước ${step}`,
      step,
      finding: null,
      now,
    });
  });
}
