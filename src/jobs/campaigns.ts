import type { LogEvent } from '../mail-log/event.ts';
import { decision, MACHINE } from '../mail-log/events.ts';
import { longDate, shortDate } from '../notices/dates.ts';
import { articleOf, cite } from '../rules/articles.ts';
import { addDays, localTime } from '../rules/calendar.ts';
import {
  ASKED_BEFORE,
  periodOfReport,
  REMINDED_BEFORE,
  reportsDue,
  upkeepDue,
  type DueReport,
} from '../rules/campaigns.ts';
import type { Unit } from '../rules/registry.ts';
import type { Regulation } from '../rules/regulation.ts';
import { governs } from '../rules/regulations.ts';
import { answeredUnits, openCampaign } from '../store/campaigns.ts';
import type { Tx } from '../store/database.ts';
import { allUnits, mailboxesOf } from '../store/registry.ts';
import { queue } from '../work/queue-notice.ts';
import { reportCsv, reportDraft } from '../work/report-draft.ts';
import { reportFigures } from '../work/report-figures.ts';
import { startPeriod } from '../store/jobs.ts';
import type { Attachment } from '../store/notices.ts';
import { isReview } from '../work/record-report.ts';
import { reviewList } from '../work/review-list.ts';
import type { ActDeps } from '../work/step.ts';
import { eachMorning, type Job } from './job.ts';
import { officeHoles, tellOfficers } from './tell-officers.ts';

/** After the last day the officers are told who is missing, also when no gateway ran on the very next day. */
const LATE_FOR = 7;

/**
 * Reports: units are asked and reminded, the officers are told what they owe and who has not answered (HCM-15.2,
 * QB-14.6, BH-10.2, ST-10.3). Letters answer a campaign in work/record-report.ts.
 */
export const campaigns: Job = {
  name: 'campaigns',
  period: eachMorning,
  async run(tx: Tx, regulation: Regulation, deps: ActDeps): Promise<LogEvent[]> {
    const today = localTime(deps.clock.now()).date;
    const near = reportsDue(
      regulation,
      addDays(today, -LATE_FOR),
      addDays(today, ASKED_BEFORE),
      deps.calendar,
    );
    const log: LogEvent[] = [];
    for (const due of near) {
      if (due.report.from === 'units') log.push(...(await ofUnits(tx, due, regulation, today, deps)));
      else if (due.dueDate >= today) log.push(...(await ofOperator(tx, due, regulation, deps)));
    }
    for (const due of upkeepDue(regulation, today, addDays(today, ASKED_BEFORE), deps.calendar))
      log.push(
        ...(await tellOfficers(tx, regulation, deps, {
          event: `upkeep/${due.id}`,
          template: 'upkeep',
          holes: {
            duty: due.duty,
            due: shortDate(due.dueDate),
            ground: ground(regulation, due.source),
          },
        })),
      );
    return log;
  },
};

async function ofUnits(
  tx: Tx,
  due: DueReport,
  regulation: Regulation,
  today: string,
  deps: ActDeps,
): Promise<LogEvent[]> {
  const row = { id: due.id, regulation: regulation.id, report: due.report.id, dueDate: due.dueDate };
  const opened = await openCampaign(tx, { ...row, openedAt: deps.clock.now() });
  const answered = await answeredUnits(tx.orm, due.id);
  const missing = (await unitsAsked(tx, regulation, today, deps)).filter(({ code }) => !answered.has(code));
  const log = opened ? [decision({ outcome: 'campaign opened', detail: due.id, actor: MACHINE })] : [];
  if (due.dueDate < today) return [...log, ...(await tellMissing(tx, due, missing, regulation, deps))];
  const turn = due.dueDate <= addDays(today, REMINDED_BEFORE) ? 'reminded' : 'asked';
  for (const unit of missing) log.push(...(await askUnit(tx, due, unit, turn, regulation, deps)));
  return log;
}

/** Units that speak for themselves; rooms inside them report through them. */
async function unitsAsked(tx: Tx, regulation: Regulation, today: string, deps: ActDeps): Promise<Unit[]> {
  const own = new Set(
    regulation.unitLevels.flatMap(({ code, subordinate }) => (subordinate === true ? [] : [code])),
  );
  return (await allUnits(tx.orm)).filter(
    (unit) =>
      governs(regulation, unit.regulation, today, deps.regulations) &&
      unit.active &&
      unit.mailbox !== null &&
      own.has(unit.level),
  );
}

const REVIEW =
  'Danh sách hộp thư của Quý cơ quan được gửi kèm. Trường hợp tiếp tục sử dụng, đề nghị để nguyên “Giữ nguyên”; trường hợp khác, ghi nội dung đề nghị (thay đổi thông tin, chuyển công tác, chấm dứt) và lý do rồi gửi lại tệp này. Danh sách có đề nghị thay đổi phải có chữ ký như một văn bản đề nghị.';

const ground = (regulation: Regulation, source: string): string =>
  cite(regulation, articleOf(source) ?? regulation.legal.instrument);

async function askUnit(
  tx: Tx,
  due: DueReport,
  unit: Unit,
  turn: 'asked' | 'reminded',
  regulation: Regulation,
  deps: ActDeps,
): Promise<LogEvent[]> {
  const event = `campaign/${due.id}/${turn}/${unit.code}`;
  const review = isReview(due.report.id);
  const quarterly = due.report.schedule === 'quarterly';
  const attachments = review ? [reviewList(unit, await mailboxesOf(tx.orm, [unit.code]), deps)] : [];
  return queue(tx, deps, {
    event,
    stem: event.replaceAll(/[^\w-]+/g, '.'),
    folder: regulation.templates,
    template: 'report-request',
    recipient: unit.mailbox!,
    unit: unit.code,
    holes: officeHoles(regulation, {
      unit: unit.name,
      turn: turn === 'asked' ? 'Đề nghị' : 'Nhắc lại',
      subject: quarterly
        ? 'báo cáo thay đổi hộp thư hằng quý'
        : review
          ? 'rà soát hộp thư điện tử'
          : 'báo cáo tình hình sử dụng thư điện tử',
      due: shortDate(due.dueDate),
      audience: due.report.audience,
      ground: ground(regulation, due.report.source),
      none: [
        ...(review ? [REVIEW] : []),
        ...(quarterly ? ['Nếu không có thay đổi, đề nghị trả lời “Không có thay đổi trong quý”.'] : []),
      ].join(' '),
    }),
    attachments,
  });
}

function tellMissing(
  tx: Tx,
  due: DueReport,
  missing: readonly Unit[],
  regulation: Regulation,
  deps: ActDeps,
): Promise<LogEvent[]> {
  return tellOfficers(tx, regulation, deps, {
    event: `campaign/${due.id}/missing`,
    template: 'report-missing',
    holes: {
      report: due.report.id,
      due: shortDate(due.dueDate),
      missing_count: String(missing.length).padStart(2, '0'),
      missing_rows: { headings: ['Mã', 'Đơn vị'], rows: missing.map(({ code, name }) => [code, name]) },
    },
  });
}

async function ofOperator(
  tx: Tx,
  due: DueReport,
  regulation: Regulation,
  deps: ActDeps,
): Promise<LogEvent[]> {
  if (deps.officers.length === 0) return [];
  // Once for each report: its figures are drawn only then.
  if (!(await startPeriod(tx, `report ${due.id}`, due.dueDate, deps.clock.now()))) return [];
  const draft = await draftOf(tx, due, regulation, deps);
  return tellOfficers(tx, regulation, deps, {
    event: `campaign/${due.id}/operator`,
    template: 'report-due',
    holes: {
      audience: due.report.audience,
      due: shortDate(due.dueDate),
      ground: ground(regulation, due.report.source),
      draft: draft.words,
    },
    attachments: draft.attachments,
  });
}

/** The report with the figures so far, for an officer to complete (HCM-10.4, HCM-15.1b, HCM-16, ST-10.3). */
async function draftOf(
  tx: Tx,
  { report, dueDate }: DueReport,
  regulation: Regulation,
  deps: ActDeps,
): Promise<{ words: string; attachments: Attachment[] }> {
  const period = periodOfReport(report.schedule, dueDate);
  if (period === null) return { words: '', attachments: [] };
  const now = deps.clock.now();
  const figures = await reportFigures(tx, regulation, period, now, deps.regulations);
  const { docx } = await deps.documents.write(reportDraft(figures, regulation, report, now), now);
  const name = `bao-cao-${period.first}-${period.last}`;
  return {
    words: `Dự thảo báo cáo và số liệu theo đơn vị được gửi kèm, tính đến ${longDate(now)}. Lấy lại số liệu khi hết kỳ: congthu report --from ${period.first} --to ${period.last} --regulation ${regulation.id}.`,
    attachments: [
      {
        filename: `${name}.docx`,
        mediaType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
        content: docx,
      },
      { filename: `${name}.csv`, mediaType: 'text/csv', content: Buffer.from(reportCsv(figures)) },
    ],
  };
}
