import { html } from 'hono/html';
import type { CheckedRow } from '../../rules/check-rows.ts';
import type { RowState } from '../../rules/dossier.ts';
import type { ListEntry } from '../../rules/mailbox-list.ts';
import type { CellReading, ScanReading } from '../../rules/scan-facts.ts';
import type { DossierRow } from '../../store/dossiers.ts';
import { tag, type Tone } from '../format.ts';
import type { Markup } from '../web.ts';
import type { Say } from '../words.ts';

const STATE: Readonly<Record<RowState, readonly [Tone, string, string]>> = {
  valid: ['good', 'Hợp lệ', 'Valid'],
  faulty: ['wrong', 'Trả lại đơn vị', 'Goes back'],
  officer: ['wait', 'Chờ cán bộ', 'With an officer'],
  waiting: ['plain', 'Chờ đến ngày', 'Waits for its day'],
  ordered: ['plain', 'Đã chuyển thực hiện', 'Ordered'],
  done: ['good', 'Đã thực hiện', 'Done'],
  failed: ['wrong', 'Chưa thực hiện được', 'Failed'],
  refused: ['wrong', 'Không giải quyết', 'Refused'],
  replaced: ['plain', 'Đã thay bằng dòng sửa', 'Replaced'],
};

export interface RowsShown {
  readonly rows: readonly DossierRow[];
  /** The list as it was read, while no row has been checked yet. */
  readonly entries: readonly ListEntry[];
  readonly reading: ScanReading | null;
  /** Forms under a row that waits for an officer. */
  readonly forms: (row: DossierRow) => Markup | string;
}

/** The list's rows with their problems; before the request is approved, the list as it was read beside the scan. */
export function rowsView({ rows, entries, reading, forms }: RowsShown, say: Say): Markup | string {
  if (rows.length === 0 && entries.length === 0) return '';
  return html`<section class="card" aria-labelledby="rows">
    <h2 id="rows">${say('Danh sách', 'List')}</h2>
    ${reading?.recognition === 'missing' ? html`<p>${tag('plain', say('Máy chủ chưa cài phần nhận dạng chữ: cán bộ tự đối chiếu danh sách với bản quét', 'No text recognition is installed: compare by eye'))}</p>` : ''}
    ${reading?.recognition === 'partial' ? html`<p>${tag('wait', say('Chỉ nhận dạng được một phần bản quét', 'Only part of the scan was read'))}</p>` : ''}
    <div class="scroll" tabindex="0" role="group" aria-labelledby="rows">
      ${rows.length > 0 ? checkedTable(rows, forms, say) : readTable(entries, reading, say)}
    </div>
  </section>`;
}

function checkedTable(rows: readonly DossierRow[], forms: RowsShown['forms'], say: Say): Markup {
  const labels = [
    say('Họ và tên', 'Name'),
    say('Chức vụ', 'Position'),
    say('Hộp thư', 'Mailbox'),
    say('Trạng thái', 'State'),
  ] as const;
  return html`<table class="stack">
    <thead>
      <tr>
        <th scope="col">${say('STT', 'No.')}</th>
        ${labels.map((label) => html`<th scope="col">${label}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map((row) => {
        const checked = row.row as CheckedRow;
        const [tone, vi, en] = STATE[row.state];
        const below = forms(row);
        const problems = checked.problems.map(({ text, fix }) => `${text}. ${fix}.`);
        return html`<tr class="${tone === 'wrong' ? 'problem' : ''}" id="dong-${row.id}">
            <th scope="row">${checked.no ?? checked.line}</th>
            <td data-label="${labels[0]}">${checked.fullName}</td>
            <td data-label="${labels[1]}">${checked.position ?? '–'}</td>
            <td data-label="${labels[2]}">
              ${row.address ?? '–'}${checked.newAddress === null ? '' : html` → ${checked.newAddress}`}
            </td>
            <td data-label="${labels[3]}">
              ${tag(tone, say(vi, en))} ${row.result ?? ''}
              ${
                problems.length === 0
                  ? ''
                  : html`<ul class="small">
                      ${problems.map((text) => html`<li>${text}</li>`)}
                    </ul>`
              }
              ${besides([...(checked.remark === null ? [] : [checked.remark]), ...(checked.aside ?? [])], say)}
            </td>
          </tr>
          ${
            below === ''
              ? ''
              : html`<tr class="below">
                  <td colspan="5">${below}</td>
                </tr>`
          }`;
      })}
    </tbody>
  </table>`;
}

function readTable(entries: readonly ListEntry[], reading: ScanReading | null, say: Say): Markup {
  const labels = [
    say('Họ và tên', 'Name'),
    say('Chức vụ', 'Position'),
    say('Hộp thư', 'Mailbox'),
    say('Trên bản quét', 'In the scan'),
  ] as const;
  return html`<table class="stack">
    <thead>
      <tr>
        <th scope="col">${say('STT', 'No.')}</th>
        ${labels.map((label) => html`<th scope="col">${label}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${entries.map((entry, i) => {
        const { values } = entry;
        const found = reading?.rows[i];
        return html`<tr>
          <th scope="row">${entry.no ?? entry.line}</th>
          <td data-label="${labels[0]}">${values.fullName ?? '–'}</td>
          <td data-label="${labels[1]}">${values.position ?? '–'}</td>
          <td data-label="${labels[2]}">${values.currentAddress ?? values.proposedAddress ?? '–'}</td>
          <td data-label="${labels[3]}">
            ${found === undefined ? '–' : html`${hit(found.name, say)} ${hit(found.address, say)}`}
            ${besides([...entry.doubts.map(({ text }) => text), ...(entry.aside ?? [])], say)}
          </td>
        </tr>`;
      })}
    </tbody>
  </table>`;
}

/** What a row says that nothing is decided by, and how a doubtful cell was understood: for whoever decides. */
function besides(texts: readonly string[], say: Say): Markup | string {
  if (texts.length === 0) return '';
  return html`<ul class="small" aria-label="${say('Lưu ý thêm của dòng', 'Also in this row')}">
    ${texts.map((text) => html`<li>${text}</li>`)}
  </ul>`;
}

/** Where a cell was found in the picture; a help for the eyes, never evidence. */
function hit(cell: CellReading | null, say: Say): Markup | string {
  if (cell === null) return '';
  const where = cell.place === null ? '' : ` (${say('trang', 'page')} ${cell.place.page})`;
  if (cell.found === 'no') return tag('wait', say('không tìm thấy', 'not found'));
  if (cell.found === 'near')
    return tag('wait', `${say('gần giống', 'similar')}: “${cell.text ?? ''}”${where}`);
  return tag('good', say('có', 'found') + where);
}
