import type { LogEvent } from '../mail-log/event.ts';
import { clockTime, longDate } from '../notices/dates.ts';
import { cite } from '../rules/articles.ts';
import type { Regulation } from '../rules/regulation.ts';
import type { Tx } from '../store/database.ts';
import { sealedSince } from '../store/letters.ts';
import { allUnits } from '../store/registry.ts';
import type { ActDeps } from '../work/step.ts';
import type { Job } from './job.ts';
import { tellOfficers } from './tell-officers.ts';

/** A gateway that stood still tells what was sealed meanwhile, but not the whole past. */
const LOOKS_BACK_MS = 3 * 86_400_000;

/**
 * The alarm (QB-15.3, requirements.md §6.5): a letter was sealed unopened. Officers hear who sent it and why, never a
 * word of it; whether the unit is told, they decide. Reports of bad mail are sealed by design and raise none.
 */
export const sealed: Job = {
  name: 'sealed',
  async run(tx: Tx, regulation: Regulation, deps: ActDeps): Promise<LogEvent[]> {
    const since = new Date(deps.clock.now().getTime() - LOOKS_BACK_MS);
    const letters = await sealedSince(tx.orm, regulation.id, since);
    if (letters.length === 0) return [];
    const units = new Map((await allUnits(tx.orm)).map(({ code, name }) => [code, name]));
    const log: LogEvent[] = [];
    for (const { id, unit, receivedAt, reason } of letters)
      log.push(
        ...(await tellOfficers(tx, regulation, deps, {
          event: `sealed/${id}`,
          template: 'sealed',
          holes: {
            unit: unit === null ? 'chưa xác định' : (units.get(unit) ?? unit),
            received_time: clockTime(receivedAt),
            received_date: longDate(receivedAt),
            reason: reason ?? '',
            letter: id,
            ground: cite(regulation, regulation.articles.secrecy),
          },
        })),
      );
    return log;
  },
};
