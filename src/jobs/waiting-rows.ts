import type { LogEvent } from '../mail-log/event.ts';
import { localTime } from '../rules/calendar.ts';
import type { Regulation } from '../rules/regulation.ts';
import type { Tx } from '../store/database.ts';
import { changeRow, lockDossier, standingRows } from '../store/dossiers.ts';
import { dossiersWithDueRows } from '../store/jobs.ts';
import { lettersOfDossier } from '../store/letters.ts';
import { settle } from '../work/settle.ts';
import type { ActDeps } from '../work/step.ts';
import type { Job } from './job.ts';

/** Carries out, on its day, what was accepted for a later one (HCM-9.3b: reopening after 5 days). */
export const waitingRows: Job = {
  name: 'waiting-rows',
  async run(tx: Tx, regulation: Regulation, deps: ActDeps): Promise<LogEvent[]> {
    const today = localTime(deps.clock.now()).date;
    const log: LogEvent[] = [];
    for (const number of await dossiersWithDueRows(tx.orm, regulation.id, today)) {
      await lockDossier(tx, number);
      const due = (await standingRows(tx.orm, number)).filter(
        ({ state, notBefore }) => state === 'waiting' && notBefore !== null && notBefore <= today,
      );
      for (const row of due) await changeRow(tx, row.id, { state: 'valid' });
      const letter = (await lettersOfDossier(tx.orm, number)).find(({ id }) => id === due.at(-1)?.letter);
      if (due.length === 0 || letter === undefined) continue;
      log.push(...(await settle(tx, { letter, regulation }, deps, { turn: 'later', done: [] })).log);
    }
    return log;
  },
};
