import { html } from 'hono/html';
import { openDrafts } from '../../store/documents.ts';
import { openDeletionCandidates, type DeletionCandidate } from '../../store/jobs.ts';
import { openManualOrders, type ManualOrder } from '../../store/manual-orders.ts';
import { undelivered, type Notice } from '../../store/notices.ts';
import { openWorkOrders, type WorkOrder } from '../../store/work-orders.ts';
import { shortDate } from '../../notices/dates.ts';
import { openLines, waitingForList, type OrderLine } from '../../work/desk/other-work.ts';
import type { Inside } from '../deps.ts';
import { moment, tag } from '../format.ts';
import { csrfField, problemBox, shell } from '../shell.ts';
import type { Form, Markup, Page } from '../web.ts';
import { documentView } from './documents-view.ts';

/** What waits for officers besides letters; empty parts are left out. */
export async function otherWorkPage(
  c: Page,
  { db, desk }: Inside,
  problems: readonly string[] = [],
): Promise<Markup> {
  const { say } = c.get('visit');
  const found = await db.transaction(async (tx) => ({
    drafts: await openDrafts(tx.orm),
    manual: await openManualOrders(tx.orm),
    deletions: await openDeletionCandidates(tx.orm),
    lists: await waitingForList(tx, desk),
    orders: await openWorkOrders(tx.orm),
    notices: await undelivered(tx.orm),
  }));
  const waiting = found.lists.filter(({ rows }) => rows > 0);
  const parts = [
    part('ky', say('Văn bản chờ ký số', 'Documents to be signed'), found.drafts, (one) =>
      documentView(c, one),
    ),
    part(
      'thu-cong',
      say('Việc thực hiện trên hệ thống thư', 'To be done on the mail server'),
      found.manual,
      (one) => manualOrder(c, one),
    ),
    part('xoa', say('Hộp thư đến hạn xóa', 'Mailboxes due for deletion'), found.deletions, (one) =>
      deletion(c, one),
    ),
    part('tong-hop', say('Danh sách tổng hợp', 'Consolidated lists'), waiting, ({ regulation, rows }) =>
      consolidated(c, regulation, rows),
    ),
    part(
      'lenh',
      say('Lệnh chờ kết quả của cơ quan thực hiện', 'Orders the executor has not answered'),
      found.orders,
      (one) => order(c, one),
    ),
    part('thu-bao', say('Thư báo chưa đến nơi', 'Notices that did not arrive'), found.notices, (one) =>
      notice(c, one),
    ),
  ].filter((markup) => markup !== null);
  return shell(c, {
    title: say('Việc khác', 'Other work'),
    body: html`${problemBox(problems)}
    ${parts.length === 0 ? html`<div class="card"><p>${say('Không có việc nào đang chờ.', 'Nothing waits.')}</p></div>` : parts}`,
  });
}

function part<T>(id: string, title: string, things: readonly T[], view: (thing: T) => Markup): Markup | null {
  if (things.length === 0) return null;
  return html`<section class="card tasks" aria-labelledby="${id}">
    <h2 id="${id}">${title} <span class="small">(${things.length})</span></h2>
    ${things.map(view)}
  </section>`;
}

const form = (c: Page, path: string, fields: Readonly<Record<string, string>>, body: Markup): Markup =>
  html`<form method="post" action="/viec-khac/${path}" enctype="multipart/form-data">
    ${csrfField(c)}
    ${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
    ${body}
  </form>`;

const MANUAL: Readonly<Record<string, readonly [vi: string, en: string]>> = {
  create: ['Tạo hộp thư', 'Create'],
  rename: ['Đổi địa chỉ', 'Rename'],
  describe: ['Đổi họ tên hiển thị', 'Change the name'],
  lock: ['Khóa đăng nhập', 'Lock'],
  unlock: ['Mở khóa', 'Unlock'],
  cancel: ['Chấm dứt hộp thư', 'Close'],
  'reset-password': ['Đặt lại mật khẩu và bàn giao cho chủ hộp thư', 'Reset the password and hand it over'],
};

function manualOrder(c: Page, { id, action, address, detail, orderedAt }: ManualOrder): Markup {
  const { say } = c.get('visit');
  const known = MANUAL[action];
  const facts: readonly (readonly [string, unknown])[] = [
    [say('họ tên', 'name'), detail['fullName']],
    [say('địa chỉ mới', 'new address'), detail['newAddress']],
    [say('lý do', 'reason'), detail['reason']],
    [say('dung lượng', 'quota'), quotaWords(detail['quota'])],
  ];
  const told = facts.flatMap(([label, value]) =>
    typeof value === 'string' && value !== '' ? [`${label}: ${value}`] : [],
  );
  const field = `why-${action}-${id}`;
  return html`<article>
    <h3>${known === undefined ? action : say(...known)}: <span class="address">${address}</span></h3>
    <p class="small">
      ${told.join('; ')}${told.length > 0 ? '; ' : ''}${say('yêu cầu lúc', 'ordered')} ${moment(orderedAt)}
    </p>
    ${form(c, 'thu-cong', { id, action, decision: 'done' }, html`<button class="primary">${say('Đã thực hiện', 'Done')}</button>`)}
    <details>
      <summary>${say('Không thực hiện được', 'Cannot be done')}</summary>
      ${form(
        c,
        'thu-cong',
        { id, action, decision: 'refused' },
        html`<label for="${field}">${say('Lý do', 'Reason')}</label>
          <input id="${field}" name="reason" required minlength="3" maxlength="500" autocomplete="off" />
          <button class="danger">${say('Ghi nhận không thực hiện được', 'Record')}</button>`,
      )}
    </details>
  </article>`;
}

const quotaWords = (quota: unknown): string =>
  typeof quota === 'number' ? `${Math.round(quota / (1024 * 1024))} MB` : '';

function deletion(c: Page, { address, since, holdsOn, source }: DeletionCandidate): Markup {
  const { say } = c.get('visit');
  const button = (decision: string, tone: string, words: string): Markup =>
    form(c, 'xoa', { address, decision }, html`<button class="${tone}">${words}</button>`);
  return html`<article>
    <h3 class="address">${address}</h3>
    <p class="small">
      ${say('không sử dụng từ', 'not used since')} ${shortDate(since)};
      ${say('đủ điều kiện xóa từ', 'may be deleted from')} ${shortDate(holdsOn)} (${source})
    </p>
    <div class="choices">
      ${button('keep', '', say('Giữ lại', 'Keep'))}
      ${button('delete', 'danger', say('Xóa hộp thư', 'Delete'))}
    </div>
  </article>`;
}

function consolidated(
  c: Page,
  { id, identity }: Awaited<ReturnType<typeof waitingForList>>[number]['regulation'],
  rows: number,
): Markup {
  const { say } = c.get('visit');
  return html`<article>
    <p>
      ${say(
        `${rows} trường hợp đã được chấp nhận đang chờ tổng hợp gửi ${identity.executor?.name ?? ''}.`,
        `${rows} accepted rows wait to be sent to ${identity.executor?.name ?? ''}.`,
      )}
    </p>
    ${form(c, 'tong-hop', { regulation: id }, html`<button class="primary">${say('Lập danh sách tổng hợp', 'Draft the list now')}</button>`)}
  </article>`;
}

function order(c: Page, { number, executor, state, createdAt, sentAt }: WorkOrder): Markup {
  const { say } = c.get('visit');
  return html`<article>
    <h3><a href="/viec-khac/lenh/${number}">${number}</a></h3>
    <p>
      ${
        state === 'draft'
          ? tag('wait', say('Chờ ký công văn', 'Covering letter to be signed'))
          : tag('plain', say('Đã gửi, chờ kết quả', 'Sent, not answered'))
      }
      <span class="small">${executor}, ${moment(sentAt ?? createdAt)}</span>
    </p>
  </article>`;
}

function notice(c: Page, { id, recipient, subject, state, lastError, createdAt, dossier }: Notice): Markup {
  const { say } = c.get('visit');
  return html`<article>
    <h3>${subject}</h3>
    <p>
      ${state === 'bounced' ? tag('wrong', say('Bị trả lại', 'Bounced')) : tag('wrong', say('Không gửi được', 'Failed'))}
      ${say('đến', 'to')} <span class="address">${recipient}</span>, ${moment(createdAt)}
      ${dossier === null ? '' : html`· <a href="/ho-so/${dossier}">${dossier}</a>`}
    </p>
    <p class="small mono">${(lastError ?? '').slice(0, 400)}</p>
    ${form(c, 'gui-lai', { notice: id }, html`<button>${say('Gửi lại', 'Send again')}</button>`)}
    <details>
      <summary>${say('Không gửi lại', 'Let it rest')}</summary>
      ${form(
        c,
        'dong-thu',
        { notice: id },
        html`<label for="rest-${id}"
            >${say('Lý do (ví dụ: đã báo đơn vị qua điện thoại)', 'Reason (such as: told by telephone)')}</label
          >
          <input id="rest-${id}" name="reason" required minlength="3" maxlength="500" autocomplete="off" />
          <button class="danger">${say('Đóng, không gửi lại', 'Close it')}</button>`,
      )}
    </details>
  </article>`;
}

/** One order with its open lines: the executor's answer is recorded here when it did not come by mail. */
export async function orderPage(
  c: Page,
  { db }: Inside,
  number: string,
  typed: Pick<Form, 'text'> = { text: () => '' },
  problems: readonly string[] = [],
): Promise<Markup | null> {
  const { say } = c.get('visit');
  const found = await db.transaction(async (tx) => ({
    order: (await openWorkOrders(tx.orm)).find((one) => one.number === number),
    lines: await openLines(tx, number),
  }));
  if (found.order === undefined) return null;
  const { state, executor } = found.order;
  const title = say(`Lệnh ${number}`, `Order ${number}`);
  const back = html`<p><a href="/viec-khac">${say('Các việc khác', 'Other work')}</a></p>`;
  if (state === 'draft') {
    const body = html`<div class="card">
        <p>
          ${say(
            'Danh sách chưa được gửi: ký số công văn kèm theo ở mục “Văn bản chờ ký số”.',
            'Not sent yet: sign its covering letter first.',
          )}
        </p>
      </div>
      ${back}`;
    return shell(c, { title, body });
  }
  return shell(c, {
    title,
    body: html`${problemBox(problems)}
      <form class="card" method="post" action="/viec-khac/lenh/${number}" enctype="multipart/form-data">
        ${csrfField(c)}
        <p>
          ${say(
            `Kết quả do ${executor} trả lời qua thư được tự động ghi nhận. Chỉ ghi tại đây khi kết quả đến bằng cách khác; dòng để trống vẫn tiếp tục chờ.`,
            `Answers from ${executor} by mail are recorded by themselves. Record here what came otherwise.`,
          )}
        </p>
        ${found.lines.map((line) => answerFields(c, line, typed))}
        <button class="primary">${say('Ghi nhận kết quả', 'Record')}</button>
      </form>
      ${back}`,
  });
}

function answerFields(
  c: Page,
  { line, fullName, address, dossier }: OrderLine,
  typed: Pick<Form, 'text'>,
): Markup {
  const { say } = c.get('visit');
  const result = typed.text(`result-${line}`);
  const choice = (value: string, words: string): Markup =>
    html`<label class="inline"
      ><input type="radio" name="result-${line}" value="${value}" ${result === value ? html`checked` : ''} />
      <span>${words}</span></label
    >`;
  return html`<fieldset>
    <legend>${line}. ${fullName} <span class="small">${dossier}</span></legend>
    ${choice('', say('Chưa có kết quả', 'Open'))} ${choice('done', say('Đã thực hiện', 'Done'))}
    ${choice('failed', say('Chưa thực hiện được', 'Not done'))}
    <div class="fields">
      <div>
        <label for="address-${line}">${say('Hộp thư đã cấp', 'Mailbox')}</label>
        <input
          id="address-${line}"
          name="address-${line}"
          type="email"
          autocomplete="off"
          value="${typed.text(`address-${line}`) || (address ?? '')}"
        />
      </div>
      <div>
        <label for="reason-${line}">${say('Lý do chưa thực hiện được', 'Reason')}</label>
        <input
          id="reason-${line}"
          name="reason-${line}"
          maxlength="500"
          autocomplete="off"
          value="${typed.text(`reason-${line}`)}"
        />
      </div>
    </div>
  </fieldset>`;
}
