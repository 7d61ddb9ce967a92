import { addDays, localMoment, localTime } from '../rules/calendar.ts';
import { standingRows } from '../store/dossiers.ts';
import { allocateDay } from './allocate.ts';
import { checkedRow } from './carry-out.ts';
import { COURSE_OF, settle } from './settle.ts';
import { Postpone, type Step } from './step.ts';

/** Carries on with the dossier as far as it goes today (work/settle.ts). */
export const provision: Step<null> = {
  name: 'provision',
  look: () => Promise.resolve(null),
  async act(tx, work, _seen, deps) {
    const { letter, regulation } = work;
    // ST-3.4b: a base address may go to a leader who asks later on the same day.
    const days = (await standingRows(tx.orm, letter.dossier!)).flatMap((row) => {
      const day = row.state === 'valid' ? checkedRow(row).allocateAfter : null;
      return day === null ? [] : [day];
    });
    const last = days.toSorted().at(-1);
    if (last !== undefined && last >= localTime(deps.clock.now()).date)
      throw new Postpone(
        localMoment(addDays(last, 1), 5),
        'addresses are given out after the day of receipt',
      );
    for (const day of new Set(days)) await allocateDay(tx, regulation, day);
    const settled = await settle(tx, work, deps, { turn: 'letter' });
    const { state, done, reason, log } = settled;
    return {
      course: COURSE_OF[state],
      finding: { done, state },
      ...(reason === '' ? {} : { reason }),
      log,
    };
  },
};
