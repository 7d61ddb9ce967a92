import type { LogEvent } from '../mail-log/event.ts';
import { localTime } from '../rules/calendar.ts';
import type { Regulation } from '../rules/regulation.ts';
import type { Tx } from '../store/database.ts';
import { changeRow, lockDossier, standingRows, type DossierRow } from '../store/dossiers.ts';
import { dossiersWithDueRows } from '../store/jobs.ts';
import { lettersOfDossier } from '../store/letters.ts';
import { allocateDay } from '../work/allocate.ts';
import { checkedRow } from '../work/carry-out.ts';
import { settle } from '../work/settle.ts';
import type { ActDeps } from '../work/step.ts';
import type { Job } from './job.ts';

/**
 * Carries out, on its day, what was accepted for a later one: reopening after 5 days (HCM-9.3b), addresses given out
 * after the day of receipt (ST-3.4b) that an officer let through on that day.
 */
export const waitingRows: Job = {
  name: 'waiting-rows',
  async run(tx: Tx, regulation: Regulation, deps: ActDeps): Promise<LogEvent[]> {
    const today = localTime(deps.clock.now()).date;
    const log: LogEvent[] = [];
    for (const number of await dossiersWithDueRows(tx.orm, regulation.id, today)) {
      await lockDossier(tx, number);
      const rows = await standingRows(tx.orm, number);
      const later = rows.filter(
        ({ state, notBefore }) => state === 'waiting' && notBefore !== null && notBefore <= today,
      );
      for (const row of later) await changeRow(tx, row.id, { state: 'valid' });
      const nameless = rows.filter(
        (row) => row.state === 'valid' && dayOf(row) !== null && dayOf(row)! < today,
      );
      for (const day of new Set(nameless.map(dayOf))) await allocateDay(tx, regulation, day!);
      const last = [...later, ...nameless].at(-1);
      const letter = (await lettersOfDossier(tx.orm, number)).find(({ id }) => id === last?.letter);
      if (letter === undefined) continue;
      log.push(...(await settle(tx, { letter, regulation }, deps, { turn: 'later', done: [] })).log);
    }
    return log;
  },
};

const dayOf = (row: DossierRow): string | null => checkedRow(row).allocateAfter;
