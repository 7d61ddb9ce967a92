import { html } from 'hono/html';
import { localTime } from '../../rules/calendar.ts';
import { tallyWaiting } from '../../store/desk.ts';
import { allUnits } from '../../store/registry.ts';
import { enterPaper, paperKinds, unitLabel } from '../../work/desk/enter-paper.ts';
import type { Inside } from '../deps.ts';
import { endOfDay } from '../format.ts';
import { csrfField, noteBox, problemBox, refusedPage, shell } from '../shell.ts';
import { fieldsOf } from '../uploads.ts';
import { me, type Form, type Markup, type Page } from '../web.ts';

type Typed = Pick<Form, 'text' | 'all'>;
const NOTHING: Typed = { text: () => '', all: () => [] };

/** A request that came on paper is entered here (QB-4.1b, HCM-8.4b). */
export async function paperPage(
  c: Page,
  inside: Inside,
  typed: Typed = NOTHING,
  problems: readonly string[] = [],
): Promise<Markup> {
  const { db, clock, regulations } = inside;
  const { say } = c.get('visit');
  const now = clock.now();
  const { units, waiting } = await db.transaction(async (tx) => ({
    units: (await allUnits(tx.orm)).filter(({ active }) => active),
    waiting: (await tallyWaiting(tx, now, endOfDay(now))).paper,
  }));
  const today = localTime(now).date;
  return shell(c, {
    title: say('Nhập văn bản giấy', 'Enter a paper request'),
    body: html`${problemBox(problems)}
      ${
        problems.length === 0
          ? ''
          : noteBox(
              'wait',
              say(
                'Trình duyệt không giữ lại tệp đã chọn: đề nghị chọn lại bản quét và tệp danh sách trước khi gửi.',
                'The browser does not keep chosen files: please choose scan and list again.',
              ),
            )
      }
      ${
        waiting === 0
          ? ''
          : noteBox(
              'plain',
              html`<p>
                ${say(
                  `Có ${waiting} hồ sơ đang chờ bản giấy. Nếu văn bản này là bản gốc của một hồ sơ đã gửi qua thư, đề nghị ghi nhận tại hồ sơ đó, không nhập mới:`,
                  `${waiting} letters await their paper. If this is the original of one of them, record it there:`,
                )}
                <a href="/ho-so?trang-thai=awaiting_paper">${say('xem các hồ sơ chờ bản giấy', 'see them')}</a
                >.
              </p>`,
            )
      }
      <form class="card" method="post" action="/van-ban-giay" enctype="multipart/form-data">
        ${csrfField(c)} ${documentFields(c, typed, today, units.map(unitLabel))}
        ${kindFields(c, typed, paperKinds(regulations))} ${listFields(c, typed)}
        <button class="primary">${say('Vào sổ và xử lý', 'Register')}</button>
      </form>`,
  });
}

function documentFields(c: Page, typed: Typed, today: string, units: readonly string[]): Markup {
  const { say } = c.get('visit');
  const received = typed.text('received') === '' ? today : typed.text('received');
  return html`<label for="unit">${say('Đơn vị gửi văn bản', 'Unit')}</label>
    <input
      id="unit"
      name="unit"
      list="units"
      required
      autocomplete="off"
      value="${typed.text('unit')}"
      aria-describedby="unit-hint"
    />
    <p class="hint" id="unit-hint">
      ${say('Gõ tên hoặc mã đơn vị rồi chọn trong danh sách gợi ý.', 'Type the name or code and pick from the list.')}
    </p>
    <datalist id="units">${units.map((label) => html`<option value="${label}"></option>`)}</datalist>
    <div class="fields">
      <div>
        <label for="number">${say('Số, ký hiệu văn bản', 'Document number')}</label>
        <input
          id="number"
          name="number"
          required
          maxlength="60"
          autocomplete="off"
          placeholder="12/SNV-VP"
          value="${typed.text('number')}"
        />
      </div>
      <div>
        <label for="date">${say('Ngày văn bản', 'Date of the document')}</label>
        <input id="date" name="date" type="date" required max="${today}" value="${typed.text('date')}" />
      </div>
      <div>
        <label for="received">${say('Ngày nhận', 'Received on')}</label>
        <input id="received" name="received" type="date" required max="${today}" value="${received}" />
      </div>
    </div>`;
}

function kindFields(
  c: Page,
  typed: Typed,
  kinds: readonly (readonly [kind: string, words: string])[],
): Markup {
  const { say } = c.get('visit');
  return html`<fieldset>
      <legend>${say('Nội dung đề nghị', 'What is asked for')}</legend>
      <div class="fields">
        ${kinds.map(
          ([kind, words]) =>
            html`<label class="inline"
              ><input
                type="checkbox"
                name="kind"
                value="${kind}"
                ${typed.all('kind').includes(kind) ? html`checked` : ''}
              />
              <span>${words}</span></label
            >`,
        )}
      </div>
    </fieldset>
    <label for="about">${say('Trích yếu (không bắt buộc)', 'Subject (optional)')}</label>
    <input id="about" name="about" maxlength="300" autocomplete="off" value="${typed.text('about')}" />
    <label for="dossier">${say('Bổ sung cho hồ sơ (nếu có)', 'Completes dossier (if any)')}</label>
    <input
      id="dossier"
      name="dossier"
      autocomplete="off"
      placeholder="TN-2026-000012"
      value="${typed.text('dossier')}"
    />`;
}

const LIST_TYPES = '.xlsx,.xls,.ods,.docx,.odt,.csv,.pdf';
const SCAN_TYPES = '.pdf,.jpg,.jpeg,.png,.tif,.tiff';

function listFields(c: Page, typed: Typed): Markup {
  const { say } = c.get('visit');
  return html`<div class="fields">
      <div>
        <label for="list">${say('Tệp danh sách', 'List file')}</label>
        <input id="list" name="list" type="file" accept="${LIST_TYPES}" aria-describedby="list-hint" />
        <p class="hint" id="list-hint">
          ${say('xlsx, xls, ods, docx, odt, csv hoặc pdf có chữ', 'xlsx, xls, ods, docx, odt, csv or a PDF with text')}
        </p>
      </div>
      <div>
        <label for="scan">${say('Bản quét (không bắt buộc)', 'Scan (optional)')}</label>
        <input id="scan" name="scan" type="file" accept="${SCAN_TYPES}" />
      </div>
    </div>
    <label for="text"
      >${say('Danh sách gõ tay (khi văn bản không kèm tệp)', 'Typed list (where there is no file)')}</label
    >
    <textarea id="text" name="text" rows="4" aria-describedby="text-hint">${typed.text('text')}</textarea>
    <p class="hint" id="text-hint">
      ${say(
        'Dòng đầu là tiêu đề cột, mỗi người một dòng, các cột cách nhau bằng dấu |, ví dụ:',
        'First line: headings; then one person a line, columns divided by |, as in:',
      )}
      <br /><code>STT | Họ và tên | Chức vụ | Số điện thoại</code><br /><code
        >1 | Nguyễn Văn An | Chuyên viên | 0905123401</code
      >
    </p>`;
}

export async function paperEntered(c: Page, inside: Inside): Promise<Response> {
  const { say } = c.get('visit');
  const form = c.get('form');
  const account = me(c);
  const officer = { name: account.name, fullName: account.fullName };
  const entered = await enterPaper(await fieldsOf(form), officer, inside.desk);
  switch (entered.result) {
    case 'problems':
      return c.html(await paperPage(c, inside, form, entered.problems), 422);
    case 'known':
      return c.html(
        refusedPage(
          c,
          say('Văn bản này đã được nhập', 'This document was entered before'),
          html`<p>
              ${say(
                'Văn bản cùng số, cùng ngày của đơn vị này đã có trong hệ thống; lần nhập vừa rồi không tạo hồ sơ mới.',
                'A document of this number and date of this unit is here already; nothing was created.',
              )}
            </p>
            <p><a href="/ho-so/${entered.letter}">${say('Xem hồ sơ đã có', 'See it')}</a></p>`,
        ),
        409,
      );
    case 'done':
      return c.html(
        shell(c, {
          title: say('Đã nhập văn bản giấy', 'Paper request entered'),
          body: html`${noteBox(
              'good',
              say(
                'Văn bản đã được ghi vào nhật ký; hệ thống đang vào sổ, đọc danh sách và thực hiện. Đơn vị được báo qua hộp thư của mình.',
                'The document is in the log; it is being registered, read and carried out. The unit is told by mail.',
              ),
            )}
            <p>
              <a class="button primary" href="/ho-so/${entered.letter}">${say('Xem hồ sơ', 'See it')}</a>
              <a class="button" href="/van-ban-giay">${say('Nhập văn bản khác', 'Enter another')}</a>
            </p>`,
        }),
      );
  }
}
