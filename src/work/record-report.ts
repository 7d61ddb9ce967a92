import type { LogEvent } from '../mail-log/event.ts';
import { decision, MACHINE } from '../mail-log/events.ts';
import { localTime } from '../rules/calendar.ts';
import { addMonths } from '../rules/calendar.ts';
import type { RequestKind } from '../rules/regulation.ts';
import { addCampaignAnswer, campaignsDueFrom, lastCampaignBefore } from '../store/campaigns.ts';
import type { Tx } from '../store/database.ts';
import type { Dossier } from '../store/dossiers.ts';
import type { ActDeps, Case } from './step.ts';
import { writeNotice } from './write-notice.ts';

/** Reports of units that are collected by period (HCM-11.2, HCM-15.2, QB-14.6, BH-10.2). */
const REPORTS: readonly RequestKind[] = ['QUARTERLY_DECLARATION', 'USAGE_REPORT'];

/** Reports on the mailboxes themselves: the unit gets their list to fill in (HCM-15.2, ST-11.2). */
export const isReview = (report: string): boolean => /quarter|review/u.test(report);

/** What was confirmed, for the unit. */
export const keptText = (kept: number): string =>
  kept === 0 ? '' : `Số hộp thư Quý cơ quan xác nhận tiếp tục sử dụng: ${String(kept).padStart(2, '0')}.`;

/** Which kind answers which campaign: a quarterly one is answered by the declaration, others by the report. */
const answers = (report: string, kinds: readonly RequestKind[]): boolean =>
  isReview(report) ? kinds.includes('QUARTERLY_DECLARATION') : kinds.includes('USAGE_REPORT');

/**
 * Records a report against the campaign it answers: the one that is open, else the last one it is late for; a report
 * outside any campaign ("đột xuất", BH-6.2b) is recorded by its dossier alone.
 */
export async function recordReports(
  tx: Tx,
  work: Case,
  dossier: Dossier,
  { answered, kept }: { readonly answered: boolean; readonly kept: number },
  deps: ActDeps,
): Promise<LogEvent[]> {
  const { letter, regulation } = work;
  const kinds = dossier.kinds.filter((kind) => REPORTS.includes(kind));
  if (kinds.length === 0 || letter.person !== null) return [];
  const on = localTime(letter.receivedAt).date;
  const open = (await campaignsDueFrom(tx.orm, regulation.id, on)).find(({ report }) =>
    answers(report, kinds),
  );
  const late = open === undefined ? await lastCampaignBefore(tx.orm, regulation.id, on) : null;
  const fits = late !== null && answers(late.report, kinds) && late.dueDate >= addMonths(on, -3);
  const campaign = open ?? (fits ? late : null);
  if (campaign !== null)
    await addCampaignAnswer(tx, {
      campaign: campaign.id,
      unit: dossier.unit,
      letter: letter.id,
      at: letter.receivedAt,
    });
  const about = { letter: letter.id, dossier: dossier.number, unit: dossier.unit, actor: MACHINE };
  const log = [
    decision({ ...about, outcome: 'report recorded', detail: campaign?.id ?? 'outside any campaign' }),
  ];
  // Where the report brings changes or faults, their own result is the answer.
  if (answered) return log;
  const lateText = fits ? 'Báo cáo được nhận sau thời hạn quy định.' : '';
  const holes = { late: lateText, kept: keptText(kept) };
  return [...log, ...(await writeNotice(tx, work, deps, { template: 'recorded', dossier, holes }))];
}
