import { localTime } from '../../rules/calendar.ts';
import { shortDate } from '../../notices/dates.ts';
import { problemsIf, type DeskAction } from './action.ts';
import { decided } from './judge-again.ts';
import { takeUpAgain } from './dossier-turn.ts';

/** "12/SNV-VP" with its date: how a paper document is named (NĐ 30/2020 Đ8). */
export const isDocumentNumber = (text: string): boolean => /^[\p{L}\d][\p{L}\d./&() -]{0,60}$/u.test(text);

export const isIsoDate = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) &&
  !Number.isNaN(Date.parse(text)) &&
  new Date(text).toISOString().startsWith(text);

/** The paper original has come (HCM-8.4b, BH-4.4b): the request is judged with it, its clock starts now. */
export const recordPaper: DeskAction<{ number: string; date: string }> = {
  name: 'record-paper',
  offered: ({ letter, dossier, regulation, rows }) =>
    dossier !== null &&
    rows.length === 0 &&
    letter.person === null &&
    regulation.verification.routes.some(({ route, enabled }) => route === 'paper' && enabled),
  read(fields) {
    const number = fields.text('number');
    const date = fields.text('date');
    return (
      problemsIf(
        [!isDocumentNumber(number), 'Ghi số, ký hiệu của văn bản giấy (ví dụ: 12/SNV-VP)'],
        [!isIsoDate(date), 'Ghi ngày của văn bản giấy'],
      ) ?? { number, date }
    );
  },
  async act(tx, work, { number, date }, officer, deps) {
    const now = deps.clock.now();
    const clock = await takeUpAgain(tx, work, deps);
    const words = `số ${number} ngày ${shortDate(date)}, nhận ngày ${shortDate(localTime(now).date)}`;
    return {
      to: 'registered',
      detail: { number, date },
      findings: { paper: { number, date } },
      log: [decided(work, officer, 'record-paper', 'paper recorded', words), ...clock],
    };
  },
};
