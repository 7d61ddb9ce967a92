import { html } from 'hono/html';
import { shortDate } from '../notices/dates.ts';
import { localTime } from '../rules/calendar.ts';
import type { LetterState } from '../rules/letter.ts';
import type { Markup } from './web.ts';
import type { Say } from './words.ts';

const two = (n: number): string => String(n).padStart(2, '0');

/** "25/11/2026" in Viet Nam. */
export const day = (at: Date): string => shortDate(localTime(at).date);

/** "09:15 25/11/2026" in Viet Nam; machines read the moment from the attribute. */
export function moment(at: Date): Markup {
  const { date, minutes } = localTime(at);
  const clock = `${two(Math.floor(minutes / 60))}:${two(Math.floor(minutes % 60))}`;
  return html`<time class="when" datetime="${at.toISOString()}">${clock} ${shortDate(date)}</time>`;
}

export type Tone = 'good' | 'wait' | 'wrong' | 'plain';
const SIGNS: Readonly<Record<Tone, string>> = { good: '✓', wait: '●', wrong: '▲', plain: '○' };

/** A word with a colour and a sign, so that it reads without the colour. */
export const tag = (tone: Tone, text: string): Markup =>
  html`<span class="tag ${tone}"><span aria-hidden="true">${SIGNS[tone]}</span> ${text}</span>`;

/** How a due date stands now. Only a deadline of the regulation is ever called overdue (requirements.md §6.7). */
export function dueTag(due: { at: Date | null; legal: boolean | null }, now: Date, say: Say): Markup {
  if (due.at === null) return tag('plain', say('Không có thời hạn', 'No due date'));
  const { date, minutes } = localTime(due.at);
  const clock = `${two(Math.floor(minutes / 60))}:${two(Math.floor(minutes % 60))}`;
  const until = `${clock} ${shortDate(date)}`;
  if (due.at < now) {
    return due.legal === true
      ? tag('wrong', say(`Quá hạn từ ${until}`, `Overdue since ${until}`))
      : tag('wait', say(`Quá mục tiêu ${until}`, `Past target ${until}`));
  }
  if (localTime(now).date === date) return tag('wait', say(`Hạn hôm nay ${clock}`, `Due today ${clock}`));
  return tag('plain', say(`Hạn ${until}`, `Due ${until}`));
}

export const endOfDay = (now: Date): Date => {
  const { minutes } = localTime(now);
  return new Date(now.getTime() + (24 * 60 - minutes) * 60_000);
};

export function stateTag(state: LetterState, say: Say): Markup {
  const [tone, vi, en] = STATE_WORDS[state];
  return tag(tone, say(vi, en));
}

const STATE_WORDS: Readonly<Record<LetterState, readonly [Tone, string, string]>> = {
  received: ['plain', 'Đã nhận, đang xử lý', 'Received'],
  examined: ['plain', 'Đang vào sổ', 'Examined'],
  registered: ['plain', 'Đang xét chữ ký', 'Registered'],
  approved: ['plain', 'Đang đọc danh sách', 'Approved'],
  listed: ['plain', 'Đang kiểm tra danh sách', 'Listed'],
  checked: ['plain', 'Đang thực hiện', 'Checked'],
  officer: ['wait', 'Chờ cán bộ', 'With an officer'],
  awaiting_paper: ['wait', 'Chờ bản giấy', 'Awaiting paper'],
  quarantine: ['wrong', 'Niêm phong', 'Sealed'],
  executor: ['plain', 'Chờ đơn vị thực hiện', 'With the executor'],
  scheduled: ['plain', 'Chờ đến ngày thực hiện', 'Scheduled'],
  completed: ['good', 'Đã hoàn tất', 'Completed'],
  correction: ['wait', 'Đã trả lại để sửa', 'Sent back'],
  refused: ['wrong', 'Đã từ chối', 'Refused'],
  answered: ['good', 'Đã trả lời', 'Answered'],
  sealed: ['plain', 'Giữ niêm phong', 'Kept sealed'],
  ignored: ['plain', 'Thư tự động', 'Automatic mail'],
  duplicate: ['plain', 'Thư trùng', 'Duplicate'],
};
export const stateWords = (state: LetterState, say: Say): string =>
  say(STATE_WORDS[state][1], STATE_WORDS[state][2]);
