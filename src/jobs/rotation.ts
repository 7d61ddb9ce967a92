import type { LogEvent } from '../mail-log/event.ts';
import { shortDate } from '../notices/dates.ts';
import { articleOf, cite } from '../rules/articles.ts';
import { addDays, addMonths, localTime } from '../rules/calendar.ts';
import type { Regulation } from '../rules/regulation.ts';
import { governs } from '../rules/regulations.ts';
import type { Tx } from '../store/database.ts';
import { allUnits, mailboxesOf, passwordDates } from '../store/registry.ts';
import { queue } from '../work/queue-notice.ts';
import { two, webmailPlace } from '../work/result-tables.ts';
import type { ActDeps } from '../work/step.ts';
import { eachMorning, type Job } from './job.ts';
import { officeHoles } from './tell-officers.ts';

/** Owners are reminded when their password has reached the age the regulation allows (ST-8.2c: 06 months). */
export const rotation: Job = {
  name: 'rotation',
  period: eachMorning,
  async run(tx: Tx, regulation: Regulation, deps: ActDeps): Promise<LogEvent[]> {
    const { rotateEvery } = regulation.passwords.user;
    if (rotateEvery === undefined) return [];
    const today = localTime(deps.clock.now()).date;
    const units = (await allUnits(tx.orm)).filter((unit) =>
      governs(regulation, unit.regulation, today, deps.regulations),
    );
    const codes = units.map(({ code }) => code);
    const active = (await mailboxesOf(tx.orm, codes)).filter(({ state }) => state === 'active');
    const dates = await passwordDates(tx.orm);
    const log: LogEvent[] = [];
    for (const { address, fullName, unit } of active) {
      // Without a date from us there is nothing to count from; a guess would teach people to ignore reminders.
      const set = dates.get(address);
      if (set === undefined) continue;
      const since = localTime(set).date;
      const { n } = rotateEvery;
      const due = rotateEvery.unit === 'month' ? addMonths(since, n) : addDays(since, n);
      if (due > today) continue;
      const event = `rotation/${address}/${due}`;
      log.push(
        ...(await queue(tx, deps, {
          event,
          stem: event.replaceAll(/[^\w-]+/g, '.'),
          folder: regulation.templates,
          template: 'rotation',
          recipient: address,
          unit,
          holes: officeHoles(regulation, {
            full_name: fullName,
            mailbox: address,
            since: shortDate(since),
            interval: `${two(n)} ${rotateEvery.unit === 'month' ? 'tháng' : 'ngày'}`,
            ground: cite(
              regulation,
              articleOf(regulation.passwords.user.source) ?? regulation.articles.password,
            ),
            where: webmailPlace(regulation),
          }),
        })),
      );
    }
    return log;
  },
};
