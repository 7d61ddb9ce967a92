import type { LogEvent } from '../mail-log/event.ts';
import { articleOf, cite } from '../rules/articles.ts';
import { addDays, isWorkingDay, localTime } from '../rules/calendar.ts';
import type { Mailbox, Unit } from '../rules/registry.ts';
import type { Regulation } from '../rules/regulation.ts';
import { governs } from '../rules/regulations.ts';
import type { Tx } from '../store/database.ts';
import { startPeriod } from '../store/jobs.ts';
import { allUnits, mailboxesOf } from '../store/registry.ts';
import type { Attachment } from '../store/notices.ts';
import { directoryFile, directoryUnit } from '../work/public-directory.ts';
import { queue } from '../work/queue-notice.ts';
import { reviewed, reviewList } from '../work/review-list.ts';
import type { ActDeps } from '../work/step.ts';
import { eachMorning, type Job } from './job.ts';
import { officeHoles } from './tell-officers.ts';

/** Once a period each unit gets its own part of the directory to review and publish (HCM-6.2, HCM-10.3). */
export const directory: Job = {
  name: 'directory',
  period: (now, deps) => {
    const day = eachMorning(now);
    return day !== null && isWorkingDay(day, deps.calendar) ? day : null;
  },
  async run(tx: Tx, regulation: Regulation, deps: ActDeps): Promise<LogEvent[]> {
    const every = regulation.directory.reviewEvery;
    if (every?.unit !== 'month') return [];
    const now = deps.clock.now();
    const today = localTime(now).date;
    const month = Number(today.slice(5, 7));
    const first = month - ((month - 1) % every.n);
    const period = `${today.slice(0, 4)}-${String(first).padStart(2, '0')}`;
    // Only within the first days of a period: a gateway set up in its middle does not write to everybody at once.
    if (today > addDays(`${period}-01`, 10)) return [];
    if (!(await startPeriod(tx, `directory review ${regulation.id}`, period, now))) return [];
    const units = (await allUnits(tx.orm)).filter(
      (unit) =>
        governs(regulation, unit.regulation, today, deps.regulations) && unit.active && unit.mailbox !== null,
    );
    const log: LogEvent[] = [];
    for (const unit of units) {
      const own = await mailboxesOf(tx.orm, [unit.code]);
      if (own.length > 0) log.push(...(await sendExtract(tx, unit, own, period, regulation, deps)));
    }
    return log;
  },
};

function sendExtract(
  tx: Tx,
  unit: Unit,
  own: readonly Mailbox[],
  period: string,
  regulation: Regulation,
  deps: ActDeps,
): Promise<LogEvent[]> {
  const event = `directory/${unit.code}/${period}`;
  return queue(tx, deps, {
    event,
    stem: event.replaceAll(/[^\w-]+/g, '.'),
    folder: regulation.templates,
    template: 'directory-review',
    recipient: unit.mailbox!,
    unit: unit.code,
    holes: officeHoles(regulation, {
      unit: unit.name,
      count: String(reviewed(own).length).padStart(2, '0'),
      ground: cite(regulation, articleOf(regulation.directory.source ?? '') ?? regulation.legal.instrument),
    }),
    attachments: [
      reviewList(unit, own, deps),
      ...(regulation.directory.publish ? [extract(unit, own, regulation, deps)] : []),
    ],
  });
}

/** The unit's own part, ready for its site. */
function extract(unit: Unit, own: readonly Mailbox[], regulation: Regulation, deps: ActDeps): Attachment {
  const today = localTime(deps.clock.now()).date;
  const page = directoryFile('html', [directoryUnit(unit, own, 0)], regulation, today);
  return {
    filename: `danh-ba-${unit.code}.html`,
    mediaType: 'text/html',
    content: Buffer.from(page),
  };
}
