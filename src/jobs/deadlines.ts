import type { LogEvent } from '../mail-log/event.ts';
import { deadlineMissed } from '../mail-log/events.ts';
import { longDate, shortDate } from '../notices/dates.ts';
import { addDays, isWorkingDay, localTime, workingDayFrom } from '../rules/calendar.ts';
import type { Regulation } from '../rules/regulation.ts';
import type { Tx } from '../store/database.ts';
import type { Dossier } from '../store/dossiers.ts';
import { dossiersDueBy, startPeriod } from '../store/jobs.ts';
import type { ActDeps } from '../work/step.ts';
import { eachMorning, type Job } from './job.ts';
import { tellOfficers } from './tell-officers.ts';

type Line = { readonly dossier: Dossier; readonly unit: string };

/** Before due: each working morning the officers are told what is due by the next working day and what is late. */
export const reminders: Job = {
  name: 'reminders',
  period: (now, deps) => {
    const day = eachMorning(now);
    return day !== null && isWorkingDay(day, deps.calendar) ? day : null;
  },
  async run(tx: Tx, regulation: Regulation, deps: ActDeps): Promise<LogEvent[]> {
    const now = deps.clock.now();
    const today = localTime(now).date;
    const next = workingDayFrom(addDays(today, 1), deps.calendar);
    const lines = await dossiersDueBy(tx.orm, regulation.id, next);
    if (lines.length === 0) return [];
    const late = lines.filter(({ dossier }) => isLate(dossier, now));
    const coming = lines.filter((line) => !late.includes(line));
    return tellOfficers(tx, regulation, deps, {
      event: `reminder/${regulation.id}/${today}`,
      template: 'reminder',
      holes: {
        due_count: String(coming.length).padStart(2, '0'),
        late_count: String(late.length).padStart(2, '0'),
        date: shortDate(today),
        due_rows: table(coming),
        late_rows: table(late),
      },
    });
  },
};

const isLate = ({ dueAt }: Dossier, now: Date): boolean => dueAt !== null && dueAt < now;

function table(lines: readonly Line[]) {
  return {
    headings: ['Hồ sơ', 'Đơn vị', 'Thời hạn', 'Tình trạng'],
    rows: lines.map(({ dossier, unit }) => [
      dossier.number,
      unit,
      shortDate(dossier.dueDate ?? ''),
      `${WAITS[dossier.state] ?? ''}${dossier.dueLegal === false ? ' (hạn nội bộ)' : ''}`,
    ]),
  };
}

const WAITS: Readonly<Partial<Record<Dossier['state'], string>>> = {
  open: 'đang xử lý',
  officer: 'chờ cán bộ',
  executor: 'chờ cơ quan thực hiện',
  document: 'chờ ký văn bản phúc đáp',
};

/** The alarm: once for each dossier and due date, in the log and to the officers, as soon as the time is over. */
export const overdue: Job = {
  name: 'overdue',
  async run(tx: Tx, regulation: Regulation, deps: ActDeps): Promise<LogEvent[]> {
    const now = deps.clock.now();
    const lines = await dossiersDueBy(tx.orm, regulation.id, localTime(now).date);
    const events: LogEvent[] = [];
    for (const { dossier, unit } of lines.filter((line) => isLate(line.dossier, now))) {
      const due = dossier.dueAt!;
      if (!(await startPeriod(tx, `overdue ${dossier.number}`, due.toISOString(), now))) continue;
      // An internal target is never "overdue by regulation" (requirements.md §6.7).
      const kind = dossier.dueLegal === false ? 'hạn nội bộ' : 'hạn theo quy định';
      events.push(
        deadlineMissed({ dossier: dossier.number, unit: dossier.unit, due, closed: false, detail: kind }),
        ...(await tellOfficers(tx, regulation, deps, {
          event: `overdue/${dossier.number}/${due.toISOString()}`,
          template: 'overdue',
          dossier: dossier.number,
          holes: {
            number: dossier.number,
            unit,
            deadline: shortDate(dossier.dueDate ?? ''),
            deadline_kind: kind,
            today: longDate(now),
          },
        })),
      );
    }
    return events;
  },
};
