import { html } from 'hono/html';
import type { ActionName } from '../../rules/desk-actions.ts';
import { ROW_REFUSALS } from '../../rules/refusals.ts';
import type { DossierRow } from '../../store/dossiers.ts';
import { rowIsNew, rowMoves, rowValues, type RowField } from '../../work/desk/recheck-row.ts';
import { waitsForOfficer } from '../../work/desk/rows.ts';
import type { Choices } from '../../work/desk/row-choices.ts';
import type { Markup, Page } from '../web.ts';
import { actionForm, type FormContext } from './action-forms.ts';

const NONE: Choices = { addresses: [], renamed: [], units: [] };

/** What an officer may do with one row: let it through as it is or put right, give it back, refuse it. */
export function rowForms(
  c: Page,
  context: FormContext,
  choices: ReadonlyMap<string, Choices>,
  row: DossierRow,
): Markup | string {
  if (!waitsForOfficer(row) || context.work.letter.state !== 'officer') return '';
  const { say } = c.get('visit');
  const { before } = context;
  const mine = before?.text('row') === row.id ? before : null;
  const open = mine?.action ?? null;
  const again = row.state === 'failed';
  const part = (name: ActionName, title: string, fields: Markup): Markup =>
    html`<details ${open === name ? html`open` : ''}>
      <summary>${title}</summary>
      ${actionForm(c, context, name, html`<input type="hidden" name="row" value="${row.id}" />${fields}`)}
    </details>`;
  const area = (name: ActionName, field: string, label: string): Markup => {
    const id = `${name}-${field}-${row.id}`;
    return html`<label for="${id}">${label}</label>
      <textarea id="${id}" name="${field}" rows="2">${open === name ? mine!.text(field) : ''}</textarea>`;
  };
  return html`<div class="actions row-actions">
    ${part(
      'accept-row',
      again ? say('Thực hiện lại', 'Try again') : say('Chấp nhận', 'Accept'),
      acceptFields(c, row, choices.get(row.id) ?? NONE, (name) =>
        open === 'accept-row' ? mine!.text(name) : rowValues(row)[name],
      ),
    )}
    ${part(
      'return-row',
      say('Trả lại để sửa', 'Give back'),
      html`${area('return-row', 'words', say('Nội dung chưa đúng (đơn vị đọc được)', 'What is wrong (the unit reads this)'))}
      ${area('return-row', 'fix', say('Đề nghị đơn vị', 'What to do'))}`,
    )}
    ${part(
      'refuse-row',
      say('Không giải quyết', 'Refuse'),
      html`<label for="reason-${row.id}">${say('Lý do', 'Reason')}</label>
        <select id="reason-${row.id}" name="reason" required>
          <option value="">${say('Chọn lý do', 'Choose')}</option>
          ${ROW_REFUSALS.map(
            ([code, text]) =>
              html`<option
                value="${code}"
                ${open === 'refuse-row' && mine!.text('reason') === code ? html`selected` : ''}
              >
                ${text}
              </option>`,
          )}
        </select>
        ${area('refuse-row', 'words', say('Ghi rõ (đơn vị đọc được)', 'In words (the unit reads this)'))}`,
    )}
  </div>`;
}

function acceptFields(c: Page, row: DossierRow, choices: Choices, value: (name: RowField) => string): Markup {
  const { say } = c.get('visit');
  const isNew = rowIsNew(row);
  const { addresses, renamed, units } = choices;
  const input = (name: RowField, label: string, from: readonly Option[] = []): Markup => {
    const id = `${name}-${row.id}`;
    const list = from.length === 0 ? '' : html`list="${id}-list"`;
    return html`<div>
      <label for="${id}">${label}</label>
      <input id="${id}" name="${name}" value="${value(name)}" autocomplete="off" ${list} />
      ${from.length === 0 ? '' : optionList(`${id}-list`, from)}
    </div>`;
  };
  const hidden = (name: RowField): Markup =>
    html`<input type="hidden" name="${name}" value="${value(name)}" />`;
  const shown = [...(isNew ? addresses : addresses.length > 1 ? addresses : []), ...renamed].slice(
    0,
    MOST_SHOWN,
  );
  const newAddress = input(
    'newAddress',
    say('Đổi thành (nếu có)', 'Renamed to (if so)'),
    plainOptions(renamed),
  );
  return html`<div class="fields">
      ${input('fullName', say('Họ và tên', 'Name'))} ${input('position', say('Chức vụ', 'Position'))}
      ${input('phone', say('Số điện thoại', 'Telephone'))} ${input('birthDate', say('Ngày sinh', 'Born on'))}
      ${input('address', isNew ? say('Hộp thư sẽ cấp', 'New mailbox') : say('Hộp thư hiện có', 'Mailbox'), plainOptions(addresses))}
      ${isNew ? hidden('newAddress') : newAddress}
      ${
        rowMoves(row)
          ? input(
              'unit',
              say('Mã đơn vị tiếp nhận', 'Code of the unit that takes it over'),
              units.map(({ code, name }) => ({ value: code, label: name })),
            )
          : hidden('unit')
      }
    </div>
    ${shown.length === 0 ? '' : html`<p class="hint">${say('Có thể chọn', 'To choose from')}: ${shown.join(', ')}</p>`}`;
}

const MOST_SHOWN = 4;

interface Option {
  readonly value: string;
  readonly label: string;
}
const plainOptions = (values: readonly string[]): Option[] => values.map((value) => ({ value, label: '' }));

const optionList = (id: string, options: readonly Option[]): Markup =>
  html`<datalist id="${id}">
    ${options.map(({ value, label }) => html`<option value="${value}">${label}</option>`)}
  </datalist>`;
