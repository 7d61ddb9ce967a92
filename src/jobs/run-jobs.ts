import { causeText } from '../errors.ts';
import { append } from '../mail-log/append.ts';
import { failure, jobRun } from '../mail-log/events.ts';
import { startPeriod } from '../store/jobs.ts';
import type { ActDeps } from '../work/step.ts';
import { consolidate } from './consolidate.ts';
import { campaigns } from './campaigns.ts';
import { directory } from './directory.ts';
import { overdue, reminders } from './deadlines.ts';
import type { Job } from './job.ts';
import { lifecycle } from './lifecycle.ts';
import { rotation } from './rotation.ts';
import { sealed } from './sealed.ts';
import { waitingRows } from './waiting-rows.ts';

/** Every job. A new one is one file and one line here. */
export const JOBS: readonly Job[] = [
  reminders,
  overdue,
  sealed,
  lifecycle,
  rotation,
  waitingRows,
  campaigns,
  directory,
  consolidate,
];

/** One round: what is due and not done is done. */
export async function runJobs(deps: ActDeps, jobs: readonly Job[] = JOBS): Promise<void> {
  for (const job of jobs) {
    for (const regulation of deps.regulations) {
      try {
        await runJob(job, regulation, deps);
      } catch (error) {
        const where = `job ${job.name}, ${regulation.id}`;
        await deps.db.transaction((tx) =>
          append(tx.sql, deps.clock.now(), failure({ where, error: causeText(error) })),
        );
      }
    }
  }
}

async function runJob(job: Job, regulation: ActDeps['regulations'][number], deps: ActDeps): Promise<void> {
  const now = deps.clock.now();
  const period = job.period?.(now, deps);
  if (period === null) return;
  await deps.db.transaction(async (tx) => {
    const name = `${job.name} ${regulation.id}`;
    if (period !== undefined && !(await startPeriod(tx, name, period, now))) return;
    const events = await job.run(tx, regulation, deps);
    const silent = period === undefined && events.length === 0;
    const record = silent ? [] : [jobRun({ job: name, detail: period ?? 'round' })];
    await append(tx.sql, now, ...record, ...events);
  });
}
