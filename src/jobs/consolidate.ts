import type { LogEvent } from '../mail-log/event.ts';
import { isWorkingDay, localTime } from '../rules/calendar.ts';
import type { Regulation } from '../rules/regulation.ts';
import type { Tx } from '../store/database.ts';
import { draftConsolidated } from '../work/consolidated-list.ts';
import type { ActDeps } from '../work/step.ts';
import { eachMorning, type Job } from './job.ts';
import { tellOfficers } from './tell-officers.ts';

/** Collects accepted rows of all units on the regulation's day (BH-6.1b); an officer may do it at any other time. */
export const consolidate: Job = {
  name: 'consolidate',
  period: (now, deps) => {
    const day = eachMorning(now);
    return day !== null && isWorkingDay(day, deps.calendar) ? day : null;
  },
  async run(tx: Tx, regulation: Regulation, deps: ActDeps): Promise<LogEvent[]> {
    const { mode, forwardOn } = regulation.identity;
    if (mode !== 'collect_and_forward') return [];
    const today = localTime(deps.clock.now()).date;
    const weekday = new Date(`${today}T00:00:00Z`).getUTCDay();
    if (forwardOn !== undefined && forwardOn.value !== 'working_day' && forwardOn.value !== WEEKDAYS[weekday])
      return [];
    const drafted = await draftConsolidated(tx, regulation, 'machine', deps);
    if (drafted === null) return [];
    const { order, rows, sent, log } = drafted;
    if (sent) return [...log];
    const told = await tellOfficers(tx, regulation, deps, {
      event: `consolidated/${order}`,
      template: 'consolidated-draft',
      holes: {
        order,
        row_count: String(rows).padStart(2, '0'),
        executor: regulation.identity.executor?.name ?? '',
      },
    });
    return [...log, ...told];
  },
};

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;
