import { html } from 'hono/html';
import type { Mailbox, Unit } from '../../rules/registry.ts';
import type { TypedUnit } from '../../rules/unit-entry.ts';
import { allUnits, mailboxesOf } from '../../store/registry.ts';
import { unitFile, unitStamp, type UnitFile } from '../../work/desk/unit-changes.ts';
import type { Inside } from '../deps.ts';
import { day, moment, tag, type Tone } from '../format.ts';
import { csrfField, noteBox, problemBox, shell } from '../shell.ts';
import type { Markup, Page } from '../web.ts';
import type { Say } from '../words.ts';
import { activeTag, levelName, unitPath } from './list-page.ts';
import { entryFields, typedFrom } from './unit-form.ts';

/** What stands above the page: what was just done, or what is wrong with what was sent. */
export interface UnitNews {
  readonly done: boolean;
  readonly problems: readonly string[];
  /** The entry as it was typed, to be mended. */
  readonly typed: TypedUnit | null;
}

/** Everything the registry holds about one unit, and the forms that change it. */
export async function unitPage(
  c: Page,
  { db, regulations }: Inside,
  code: string,
  news: UnitNews,
): Promise<Markup | null> {
  const { say } = c.get('visit');
  const seen = await db.transaction(async (tx) => {
    const file = await unitFile(tx, code);
    return file && { file, units: await allUnits(tx.orm), boxes: await mailboxesOf(tx.orm, [code]) };
  });
  if (seen === null) return null;
  const { file, units } = seen;
  const boxes = seen.boxes.toSorted((a, b) => a.address.localeCompare(b.address));
  const { unit } = file;
  const form = (what: string, fields: Markup, button: string, tone = 'primary'): Markup =>
    html`<form method="post" action="${unitPath(code)}/${what}" enctype="multipart/form-data">
      ${csrfField(c)}<input type="hidden" name="stamp" value="${unitStamp(file)}" /> ${fields}
      <button class="${tone}">${button}</button>
    </form>`;
  const typed = news.typed ?? typedFrom(unit);
  return shell(c, {
    title: unit.name,
    wide: true,
    body: html`${problemBox(news.problems)}
      ${news.done ? noteBox('good', html`<p>${say('Đã ghi vào sổ đăng ký.', 'Recorded.')}</p>`) : ''}
      <p><a href="/don-vi">${say('Về sổ đăng ký đơn vị', 'All units')}</a></p>
      <div class="two">
        <div>
          ${facts(unit, units, regulations, say)} ${certificates(file, form, say)} ${seal(file, form, say)}
          ${inCharge(file, form, say)}
        </div>
        <section class="card" aria-labelledby="entry">
          <h2 id="entry">${say('Sửa thông tin', 'Change the entry')}</h2>
          ${form(
            'thong-tin',
            html`${entryFields(typed, { isNew: false, units, regulations }, say)}
              <div>
                <label for="former-until"
                  >${say('Khi đổi hộp thư: địa chỉ cũ còn được dùng đến hết ngày', 'When the mailbox changes: the former one is known until')}</label
                >
                <input id="former-until" name="formerUntil" type="date" />
              </div>`,
            say('Ghi thay đổi', 'Record'),
          )}
        </section>
      </div>
      ${mailboxTable(boxes, say)}`,
  });
}

type FormOf = (what: string, fields: Markup, button: string, tone?: string) => Markup;

function facts(unit: Unit, units: readonly Unit[], regulations: Inside['regulations'], say: Say): Markup {
  const link = (code: string | null | undefined): Markup | string => {
    if (code === null || code === undefined) return '–';
    const found = units.find((one) => one.code === code);
    return html`<a href="${unitPath(code)}">${found?.name ?? code}</a>`;
  };
  const below = units.filter(({ parent, successor }) => parent === unit.code || successor === unit.code);
  const legal = regulations.find(({ id }) => id === unit.regulation)?.legal;
  const former = unit.formerMailboxes ?? [];
  return html`<section class="card" aria-labelledby="facts">
    <h2 id="facts">${say('Đơn vị', 'Unit')} <code>${unit.code}</code> ${activeTag(unit, say)}</h2>
    <dl class="facts">
      <dt>${say('Hộp thư', 'Mailbox')}</dt>
      <dd>${unit.mailbox ?? say('chưa có', 'none yet')}</dd>
      ${
        former.length === 0
          ? ''
          : html`<dt>${say('Địa chỉ cũ', 'Former addresses')}</dt>
              <dd>${former.join(', ')}</dd>`
      }
      <dt>${say('Cấp', 'Level')}</dt>
      <dd>${levelName(unit, regulations)}</dd>
      <dt>${say('Quy chế', 'Regulation')}</dt>
      <dd>${legal === undefined ? unit.regulation : legal.number}</dd>
      <dt>${say('Đơn vị quản lý', 'Managing unit')}</dt>
      <dd>${link(unit.parent)}</dd>
      ${
        unit.successor === null || unit.successor === undefined
          ? ''
          : html`<dt>${say('Đơn vị kế thừa', 'Successor')}</dt>
              <dd>${link(unit.successor)}</dd>`
      }
      <dt>${say('Đơn vị trực thuộc', 'Units below')}</dt>
      <dd>
        ${below.length === 0 ? '–' : below.slice(0, 30).map((one, i) => html`${i === 0 ? '' : ', '}${link(one.code)}`)}
        ${below.length > 30 ? say(`và ${below.length - 30} đơn vị khác`, `and ${below.length - 30} more`) : ''}
      </dd>
    </dl>
  </section>`;
}

function certificates({ unit }: UnitFile, form: FormOf, say: Say): Markup {
  return html`<section class="card" aria-labelledby="certificates">
    <h2 id="certificates">${say('Chứng thư số', 'Certificates')}</h2>
    <p class="hint">
      ${say(
        'Chứng thư ghi ở đây chứng minh đơn vị kể cả khi trong chứng thư không có địa chỉ hộp thư.',
        'A certificate named here speaks for the unit even when the mailbox does not stand in it.',
      )}
    </p>
    ${unit.certificates.map(
      (fingerprint) =>
        html`<p class="small"><code class="long">${fingerprint}</code></p>
          ${form(
            'bo-chung-thu',
            html`<input type="hidden" name="fingerprint" value="${fingerprint}" />`,
            say('Bỏ chứng thư này', 'Remove it'),
            'plain',
          )}`,
    )}
    <details>
      <summary>${say('Thêm chứng thư', 'Add a certificate')}</summary>
      ${form(
        'chung-thu',
        html`<label for="certificate"
            >${say('Tệp chứng thư (.cer, .crt, .pem)', 'File (.cer, .crt, .pem)')}</label
          >
          <input id="certificate" name="file" type="file" accept=".cer,.crt,.pem,.der" required />`,
        say('Ghi chứng thư', 'Record'),
      )}
    </details>
  </section>`;
}

function seal({ unit, seal: enrolled }: UnitFile, form: FormOf, say: Say): Markup {
  const alt = say('Mẫu dấu đã đăng ký', 'The enrolled seal');
  return html`<section class="card" aria-labelledby="seal">
    <h2 id="seal">${say('Mẫu dấu', 'Seal')}</h2>
    ${
      enrolled === null
        ? html`<p>${tag('plain', say('Chưa đăng ký mẫu dấu', 'None enrolled'))}</p>`
        : html`<div class="seals">
            <figure>
              <img src="${unitPath(unit.code)}/mau-dau" alt="${alt}" />
              <figcaption>${enrolled.enrolledBy}, ${moment(enrolled.enrolledAt)}</figcaption>
            </figure>
          </div>`
    }
    <details>
      <summary>
        ${enrolled === null ? say('Đăng ký mẫu dấu', 'Enrol it') : say('Thay mẫu dấu', 'Replace it')}
      </summary>
      ${form(
        'mau-dau',
        html`<label for="seal-file"
            >${say('Tệp hình PNG hoặc JPEG, cắt sát con dấu', 'PNG or JPEG, cropped to the seal')}</label
          >
          <input id="seal-file" name="file" type="file" accept="image/png,image/jpeg" required />`,
        say('Ghi mẫu dấu', 'Record'),
      )}
    </details>
  </section>`;
}

function inCharge({ delegates }: UnitFile, form: FormOf, say: Say): Markup {
  return html`<section class="card" aria-labelledby="delegates">
    <h2 id="delegates">${say('Người phụ trách hộp thư', 'In charge of the mailbox')}</h2>
    <p class="hint">
      ${say('Đơn vị cử người phụ trách bằng văn bản gửi đến cổng thư.', 'Named by a letter of the unit.')}
    </p>
    ${delegates.length === 0 ? html`<p>${tag('plain', say('Chưa có', 'Nobody'))}</p>` : ''}
    ${delegates.map(
      ({ id, fullName, position, phone, since, namedBy }) =>
        html`<p>
            <strong>${fullName}</strong
            >${position === null ? '' : `, ${position}`}${phone === null ? '' : `, ${phone}`}
            <span class="small">${say('từ', 'since')} ${day(since)} (${namedBy})</span>
          </p>
          ${form(
            'thoi-phu-trach',
            html`<input type="hidden" name="delegate" value="${id}" />`,
            say('Thôi phụ trách', 'No longer in charge'),
            'plain',
          )}`,
    )}
  </section>`;
}

const MAILBOX_WORDS: Readonly<Record<Mailbox['state'], readonly [Tone, string, string]>> = {
  pending: ['wait', 'Chờ kích hoạt', 'Not activated yet'],
  active: ['good', 'Đang dùng', 'In use'],
  locked: ['wrong', 'Đang khóa', 'Locked'],
  cancelled: ['plain', 'Đã hủy', 'Cancelled'],
};

function mailboxTable(boxes: readonly Mailbox[], say: Say): Markup {
  const labels = {
    holder: say('Người dùng', 'Holder'),
    position: say('Chức vụ', 'Position'),
    state: say('Trạng thái', 'State'),
    created: say('Ngày cấp', 'Created'),
    login: say('Đăng nhập gần nhất', 'Last login'),
  };
  const stateCell = ({ state, lockedAt }: Mailbox): Markup => {
    const [tone, vi, en] = MAILBOX_WORDS[state];
    return html`${tag(tone, say(vi, en))}${lockedAt === null ? '' : html` <span class="small">${day(lockedAt)}</span>`}`;
  };
  const title = say(`Hộp thư do đơn vị quản lý (${boxes.length})`, `Mailboxes it manages (${boxes.length})`);
  return html`<section class="card" aria-labelledby="mailboxes">
    <h2 id="mailboxes">${title}</h2>
    ${
      boxes.length === 0
        ? html`<p>${say('Chưa có hộp thư nào.', 'None.')}</p>`
        : html`<div class="scroll" tabindex="0" role="group" aria-labelledby="mailboxes">
            <table class="stack">
              <thead>
                <tr>
                  <th scope="col">${say('Địa chỉ', 'Address')}</th>
                  ${Object.values(labels).map((label) => html`<th scope="col">${label}</th>`)}
                </tr>
              </thead>
              <tbody>
                ${boxes.map(
                  (box) =>
                    html`<tr>
                      <th scope="row">${box.address}</th>
                      <td data-label="${labels.holder}">${box.fullName}</td>
                      <td data-label="${labels.position}">${box.position ?? '–'}</td>
                      <td data-label="${labels.state}">${stateCell(box)}</td>
                      <td data-label="${labels.created}">${day(box.createdAt)}</td>
                      <td data-label="${labels.login}">
                        ${box.lastLogin === null ? say('chưa ghi nhận', 'none recorded') : day(box.lastLogin)}
                      </td>
                    </tr>`,
                )}
              </tbody>
            </table>
          </div>`
    }
  </section>`;
}
