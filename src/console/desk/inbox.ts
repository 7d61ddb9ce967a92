import { html } from 'hono/html';
import { WAITING_STATES, type LetterState } from '../../rules/letter.ts';
import {
  tallyWaiting,
  waitingLetters,
  type Tally,
  type WaitingFilter,
  type WaitingLetter,
} from '../../store/desk.ts';
import type { Inside } from '../deps.ts';
import { dueTag, endOfDay, moment, stateTag, stateWords } from '../format.ts';
import { shell } from '../shell.ts';
import { me, type Markup, type Page } from '../web.ts';

/** What an officer has to act on; the executor's and the calendar's are shown when asked for. */
const MINE_TO_ACT: readonly LetterState[] = ['officer', 'awaiting_paper', 'quarantine'];

/** The day's work: every letter that waits, the most urgent first. */
export async function inboxPage(c: Page, { db, clock }: Inside): Promise<Markup> {
  const { say } = c.get('visit');
  const now = clock.now();
  const filter = filterOf(c, now);
  const { letters, tally } = await db.transaction(async (tx) => ({
    letters: await waitingLetters(tx, filter),
    tally: await tallyWaiting(tx, now, filter.endOfDay),
  }));
  return shell(c, {
    title: say('Hồ sơ chờ xử lý', 'Letters that wait'),
    wide: true,
    body: html`${counters(c, tally)} ${filters(c)} ${list(c, letters, now)}`,
  });
}

function filterOf(c: Page, now: Date): WaitingFilter {
  const state = WAITING_STATES.find((known) => known === c.req.query('trang-thai'));
  const due = c.req.query('han');
  return {
    states: state === undefined ? MINE_TO_ACT : [state],
    due: due === 'qua-han' ? 'late' : due === 'hom-nay' ? 'today' : null,
    assignee: c.req.query('cua') === 'toi' ? me(c).name : null,
    unit: null,
    words: (c.req.query('q') ?? '').normalize('NFC').trim().slice(0, 200),
    now,
    endOfDay: endOfDay(now),
  };
}

function counters(c: Page, tally: Tally): Markup {
  const { say } = c.get('visit');
  const here = new URL(c.req.url).search;
  const counter = (tone: string, query: string, count: number, words: string): Markup =>
    html`<li class="${tone}">
      <a href="/ho-so${query}" ${here === query ? html`aria-current="true"` : ''}
        ><strong>${count}</strong> ${words}</a
      >
    </li>`;
  return html`<ul class="tally">
    ${counter('', '', tally.waiting, say('đang chờ', 'waiting'))}
    ${counter('wrong', '?han=qua-han', tally.late, say('đã quá hạn', 'overdue'))}
    ${counter('wait', '?han=hom-nay', tally.today, say('đến hạn hôm nay', 'due today'))}
    ${counter('', '?trang-thai=awaiting_paper', tally.paper, say('chờ bản giấy', 'awaiting paper'))}
    ${counter('wrong', '?trang-thai=quarantine', tally.sealed, say('niêm phong', 'sealed'))}
  </ul>`;
}

function filters(c: Page): Markup {
  const { say } = c.get('visit');
  const chosen = (name: string, value: string) => (c.req.query(name) === value ? html`selected` : '');
  return html`<form class="card filters" method="get" action="/ho-so" role="search">
    <div class="long">
      <label for="q"
        >${say('Tìm: số hồ sơ, đơn vị, hộp thư, trích yếu', 'Number, unit, sender, subject')}</label
      >
      <input id="q" name="q" type="search" value="${c.req.query('q') ?? ''}" data-search />
    </div>
    <div>
      <label for="state">${say('Trạng thái', 'State')}</label>
      <select id="state" name="trang-thai">
        <option value="">${say('Cần cán bộ xử lý', 'To be acted on')}</option>
        ${WAITING_STATES.map(
          (state) =>
            html`<option value="${state}" ${chosen('trang-thai', state)}>${stateWords(state, say)}</option>`,
        )}
      </select>
    </div>
    <div>
      <label for="due">${say('Thời hạn', 'Due')}</label>
      <select id="due" name="han">
        <option value="">${say('Tất cả', 'All')}</option>
        <option value="qua-han" ${chosen('han', 'qua-han')}>${say('Đã quá hạn', 'Overdue')}</option>
        <option value="hom-nay" ${chosen('han', 'hom-nay')}>${say('Hôm nay', 'Today')}</option>
      </select>
    </div>
    <div>
      <label for="whose">${say('Người xử lý', 'Officer')}</label>
      <select id="whose" name="cua">
        <option value="">${say('Tất cả', 'All')}</option>
        <option value="toi" ${chosen('cua', 'toi')}>${say('Được chuyển cho tôi', 'Handed to me')}</option>
      </select>
    </div>
    <button class="primary">${say('Lọc', 'Filter')}</button>
  </form>`;
}

function list(c: Page, letters: readonly WaitingLetter[], now: Date): Markup {
  const { say } = c.get('visit');
  if (letters.length === 0)
    return html`<div class="card">
      <p>${say('Không có hồ sơ nào chờ xử lý.', 'Nothing waits.')}</p>
      <p class="hint">
        ${say(
          'Thư đến được xử lý tự động; hồ sơ cần cán bộ quyết định hiện ở đây. Muốn xem hồ sơ đã xong, nhập số hồ sơ (TN-2026-000012) vào ô tìm.',
          'Letters are dealt with by themselves; what needs an officer shows here. To see a finished dossier, type its number (TN-2026-000012) into the search field.',
        )}
      </p>
    </div>`;
  const labels = {
    due: say('Thời hạn', 'Due'),
    unit: say('Đơn vị', 'Unit'),
    received: say('Nhận lúc', 'Received'),
    state: say('Trạng thái', 'State'),
    why: say('Cần làm gì', 'What is needed'),
  };
  return html`<div
    class="scroll card"
    tabindex="0"
    role="region"
    aria-label="${say('Danh sách hồ sơ', 'Letters')}"
  >
    <table class="stack" data-walk>
      <thead>
        <tr>
          <th scope="col">${say('Hồ sơ', 'Dossier')}</th>
          <th scope="col">${labels.due}</th>
          <th scope="col">${labels.unit}</th>
          <th scope="col">${labels.why}</th>
          <th scope="col">${labels.state}</th>
          <th scope="col">${labels.received}</th>
        </tr>
      </thead>
      <tbody>
        ${letters.map(
          (letter) =>
            html`<tr>
              <th scope="row">
                <a href="/ho-so/${letter.id}"
                  >${letter.dossier ?? say('Thư chưa vào sổ', 'Not registered')}</a
                >
                <div class="small">${letter.subject.slice(0, 120)}</div>
              </th>
              <td data-label="${labels.due}">
                ${dueTag({ at: letter.dueAt, legal: letter.dueLegal }, now, say)}
              </td>
              <td data-label="${labels.unit}">
                ${letter.unit ?? '–'}
                <div class="small">${letter.sender}</div>
              </td>
              <td data-label="${labels.why}">${(letter.reason ?? '').slice(0, 240)}</td>
              <td data-label="${labels.state}">
                ${stateTag(letter.state, say)}
                ${letter.assignee === null ? '' : html`<div class="small">${say('giao', 'with')}: ${letter.assignee}</div>`}
              </td>
              <td data-label="${labels.received}">${moment(letter.receivedAt)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}
