import { html } from 'hono/html';
import {
  approveMonths,
  retentionOf,
  type GoneMonth,
  type PastMonth,
  type Retention,
} from '../../mail-log/approve-forgetting.ts';
import { keptMonths } from '../../mail-log/forget.ts';
import { may } from '../../rules/accounts.ts';
import type { Inside } from '../deps.ts';
import { moment, tag } from '../format.ts';
import { csrfField, noteBox, problemBox, refusedPage, shell } from '../shell.ts';
import { me, type Markup, type Page } from '../web.ts';
import type { Say } from '../words.ts';

/** How long the log is kept and by which rule, which months may go, who said so, what has gone. */
export async function retentionPage(
  c: Page,
  { db, clock, regulations }: Inside,
  problems: readonly string[] = [],
): Promise<Markup> {
  const { say } = c.get('visit');
  const keep = keptMonths(regulations);
  const found = await retentionOf(db.sql, clock.now(), keep);
  return shell(c, {
    title: say('Thời hạn lưu nhật ký', 'How long the log is kept'),
    body: html`${problemBox(problems)} ${period(found, keep, regulations, say)} ${pastMonths(c, found.past)}
    ${goneMonths(found.gone, say)}`,
  });
}

function period({ oldest }: Retention, keep: number, regulations: Inside['regulations'], say: Say): Markup {
  return html`<section class="card" aria-labelledby="period">
    <h2 id="period">${say('Thời hạn', 'Period')}</h2>
    <p>
      ${say(
        `Mỗi tháng được giữ ít nhất ${keep} tháng trọn sau khi kết thúc. Tháng hết hạn chỉ bị hủy khi quản trị duyệt.`,
        `Every month is kept for at least ${keep} whole months after its end; then it goes only when an administrator says so.`,
      )}
      ${oldest === null ? '' : say(`Tháng cũ nhất còn lưu: ${monthName(oldest)}.`, `The oldest month here: ${monthName(oldest)}.`)}
    </p>
    <ul>
      ${regulations.map(
        ({ legal, log }) =>
          html`<li>
            ${legal.number}: ${say(`${log.value.retainMonths} tháng`, `${log.value.retainMonths} months`)}
            <span class="small"
              >(${log.assumed === true ? say('văn bản không nêu thời hạn, áp dụng mức này', 'the text names no period; this one is taken') : log.source})</span
            >
          </li>`,
      )}
    </ul>
  </section>`;
}

function pastMonths(c: Page, past: readonly PastMonth[]): Markup {
  const { say } = c.get('visit');
  const free = past.filter(({ approved }) => approved === null);
  const waiting = past.filter(({ approved }) => approved !== null);
  return html`<section class="card" aria-labelledby="past">
    <h2 id="past">${say('Tháng đã hết hạn lưu', 'Months past their period')}</h2>
    ${past.length === 0 ? html`<p>${say('Chưa có tháng nào hết hạn lưu; không phải làm gì.', 'None yet; there is nothing to do.')}</p>` : ''}
    ${waiting.map(
      ({ month, approved }) =>
        html`<p>
          <strong>${monthName(month)}</strong>
          ${tag('wait', say('đã duyệt, hệ thống hủy trong ít phút', 'approved, goes within minutes'))}
          <span class="small">${approved!.by}, ${moment(new Date(approved!.at))}</span>
        </p>`,
    )}
    ${free.length === 0 ? '' : choiceOf(c, free)}
  </section>`;
}

function choiceOf(c: Page, free: readonly PastMonth[]): Markup {
  const { say } = c.get('visit');
  if (!may(me(c).role, 'retention'))
    return html`<p>
      ${free.map(({ month }) => monthName(month)).join(', ')}:
      ${say('chưa duyệt hủy. Chỉ quản trị được duyệt.', 'not approved. Only an administrator may do that.')}
    </p>`;
  return html`<form method="post" action="/nhat-ky/luu-tru" enctype="multipart/form-data">
    ${csrfField(c)}
    <fieldset>
      <legend>${say('Chọn tháng để duyệt hủy', 'Months to be forgotten')}</legend>
      ${free.map(
        ({ month, entries }) =>
          html`<label class="inline"
            ><input type="checkbox" name="month" value="${month}" />
            <span
              >${monthName(month)}${entries === null ? '' : html` <span class="small">(${about(entries, say)})</span>`}</span
            ></label
          >`,
      )}
    </fieldset>
    <button class="primary">${say('Tiếp tục', 'Continue')}</button>
  </form>`;
}

function goneMonths(gone: readonly GoneMonth[], say: Say): Markup {
  return html`<section class="card" aria-labelledby="gone">
    <h2 id="gone">${say('Tháng đã hủy', 'Months that are gone')}</h2>
    ${
      gone.length === 0
        ? html`<p>${say('Chưa hủy tháng nào.', 'None.')}</p>`
        : html`<table class="stack">
            <thead>
              <tr>
                <th scope="col">${say('Tháng', 'Month')}</th>
                <th scope="col">${say('Hủy lúc', 'Gone since')}</th>
                <th scope="col">${say('Người duyệt', 'Approved by')}</th>
                <th scope="col" class="number">${say('Số mục', 'Entries')}</th>
              </tr>
            </thead>
            <tbody>
              ${gone.map(
                ({ month, at, by, entries }) =>
                  html`<tr>
                    <th scope="row">${monthName(month)}</th>
                    <td data-label="${say('Hủy lúc', 'Gone since')}">${moment(new Date(at))}</td>
                    <td data-label="${say('Người duyệt', 'Approved by')}">${by}</td>
                    <td class="number" data-label="${say('Số mục', 'Entries')}">
                      ${entries.toLocaleString('vi-VN')}
                    </td>
                  </tr>`,
              )}
            </tbody>
          </table>`
    }
    <p class="hint">
      ${say(
        'Nội dung của các tháng này không còn; số liệu theo ngày vẫn giữ, và phần còn lại của nhật ký vẫn kiểm chứng được.',
        'Their entries are gone; the figures by day stay, and what remains of the log can still be verified.',
      )}
    </p>
  </section>`;
}

/** The first click names the months once more, the second one says so in the log. */
export async function retentionDecided(c: Page, inside: Inside): Promise<Response> {
  const { say } = c.get('visit');
  const { db, clock, regulations } = inside;
  const form = c.get('form');
  const months = [...new Set(form.all('month'))].filter((month) => /^\d{4}-\d{2}$/.test(month)).sort();
  if (months.length === 0)
    return c.html(await retentionPage(c, inside, [say('Chọn ít nhất một tháng.', 'Choose a month.')]), 422);
  if (form.text('step') !== 'approve') return c.html(confirmation(c, months, []));
  if (!form.checked('sure')) {
    const words = say('Đánh dấu xác nhận trước khi duyệt hủy.', 'Tick that you are sure.');
    return c.html(confirmation(c, months, [words]), 422);
  }
  const done = await approveMonths(db.sql, months, {
    now: clock.now(),
    keepMonths: keptMonths(regulations),
    approvedBy: me(c).name,
  });
  if (done !== null) return c.redirect('/nhat-ky/luu-tru', 303);
  const body = html`<p>
      ${say(
        'Trong các tháng đã chọn có tháng vừa được duyệt, đã hủy hoặc chưa hết hạn lưu. Chưa tháng nào được duyệt bởi thao tác này.',
        'One of the months was approved meanwhile, is gone, or must still be kept. Nothing was approved by this.',
      )}
    </p>
    <p><a href="/nhat-ky/luu-tru">${say('Xem lại các tháng', 'See the months')}</a></p>`;
  return c.html(refusedPage(c, say('Chưa duyệt', 'Not approved'), body), 409);
}

function confirmation(c: Page, months: readonly string[], problems: readonly string[]): Markup {
  const { say } = c.get('visit');
  const names = months.map(monthName).join(', ');
  return shell(c, {
    title: say('Duyệt hủy nhật ký hết hạn lưu', 'Forget months of the log'),
    body: html`${problemBox(problems)}
      ${noteBox(
        'wait',
        html`<p>
            ${say('Sẽ hủy nội dung nhật ký của', 'These entries will be forgotten')}:
            <strong>${names}</strong>.
          </p>
          <p>
            ${say(
              'Không khôi phục được. Tháng nào còn cần cho thanh tra, khiếu nại, tố tụng thì không duyệt.',
              'This cannot be undone. Do not approve what an inspection, a complaint or a court still needs.',
            )}
          </p>`,
      )}
      <form class="card" method="post" action="/nhat-ky/luu-tru" enctype="multipart/form-data">
        ${csrfField(c)}<input type="hidden" name="step" value="approve" />
        ${months.map((month) => html`<input type="hidden" name="month" value="${month}" />`)}
        <label class="inline"
          ><input type="checkbox" name="sure" value="yes" />
          <span
            >${say(
              'Đã đối chiếu: các tháng này hết hạn lưu và không còn cần cho việc nào đang giải quyết.',
              'I have checked that these months are past their period and needed by no pending matter.',
            )}</span
          ></label
        >
        <button class="danger">${say(`Duyệt hủy ${names}`, `Forget ${names}`)}</button>
      </form>
      <p><a href="/nhat-ky/luu-tru">${say('Không duyệt, quay lại', 'Go back')}</a></p>`,
  });
}

/** "2025-10" → "10/2025". */
const monthName = (month: string): string => `${month.slice(5)}/${month.slice(0, 4)}`;

const about = (entries: number, say: Say): string =>
  say(`khoảng ${entries.toLocaleString('vi-VN')} mục`, `about ${entries.toLocaleString('en-US')} entries`);
