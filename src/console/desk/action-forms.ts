import { html } from 'hono/html';
import type { ActionName } from '../../rules/desk-actions.ts';
import { WAYS } from '../../rules/desk-actions.ts';
import type { LetterState } from '../../rules/letter.ts';
import { REFUSALS } from '../../rules/refusals.ts';
import { SCAN_FAULTS } from '../../work/desk/ask-new-scan.ts';
import type { DeskCase } from '../../work/desk/action.ts';
import { DESK_ACTIONS } from '../../work/desk/actions.ts';
import { IDENTITY_MEANS } from '../../work/desk/confirm-identity.ts';
import { SCAN_TICKS } from '../../work/desk/confirm-scan.ts';
import { signatureTicks } from '../../work/desk/confirm-signature.ts';
import { ACTION_WORDS } from '../../work/desk/words.ts';
import { csrfField } from '../shell.ts';
import type { Form, Markup, Page } from '../web.ts';

/** Other officers a letter can be handed to. */
export interface Colleague {
  readonly name: string;
  readonly fullName: string;
}

export interface FormContext {
  readonly work: DeskCase;
  readonly colleagues: readonly Colleague[];
  /** What was typed before and came back with problems; empty on a fresh page. */
  readonly before: (Pick<Form, 'text' | 'all'> & { readonly action: ActionName }) | null;
}

/** The forms of everything an officer may do with this letter now; the likeliest stands open. */
export function actionForms(c: Page, context: FormContext): Markup {
  const { say } = c.get('visit');
  const offered = WHOLE_LETTER.filter((name) => isOffered(name, context.work));
  if (offered.length === 0)
    return html`<p>${say('Không có việc gì cần cán bộ thực hiện.', 'Nothing to be done here.')}</p>`;
  const open = context.before?.action ?? offered[0];
  return html`<div class="actions">
    ${offered.map(
      (name) =>
        html`<details ${name === open ? html`open` : ''}>
          <summary>${say(...ACTION_WORDS[name])}</summary>
          ${actionForm(c, context, name, FIELDS[name](c, context))}
        </details>`,
    )}
  </div>`;
}

export function isOffered(name: ActionName, work: DeskCase): boolean {
  return (
    (WAYS[name].from as readonly LetterState[]).includes(work.letter.state) &&
    DESK_ACTIONS[name].offered(work)
  );
}

const DANGER: readonly ActionName[] = ['refuse', 'refuse-row', 'keep-sealed'];

/** A form of one action: the version that was seen travels with it. */
export function actionForm(c: Page, { work }: FormContext, name: ActionName, fields: Markup): Markup {
  const { say } = c.get('visit');
  const tone = DANGER.includes(name) ? 'danger' : 'primary';
  return html`<form method="post" action="/ho-so/${work.letter.id}/${name}" enctype="multipart/form-data">
    ${csrfField(c)}<input type="hidden" name="version" value="${work.letter.version}" />
    ${fields}
    <button class="${tone}">${say(...ACTION_WORDS[name])}</button>
  </form>`;
}

type Fields = (c: Page, context: FormContext) => Markup;
const typed = ({ before }: FormContext, name: string): string => before?.text(name) ?? '';

const tick = (context: FormContext, name: string, value: string, label: string): Markup =>
  html`<label class="inline"
    ><input
      type="checkbox"
      name="${name}"
      value="${value}"
      ${context.before?.all(name).includes(value) === true ? html`checked` : ''}
    />
    <span>${label}</span></label
  >`;

function words(context: FormContext, id: string, name: string, label: string): Markup {
  return html`<label for="${id}">${label}</label
    ><textarea id="${id}" name="${name}">${typed(context, name)}</textarea>`;
}

const WHOLE_LETTER = [
  'confirm-scan',
  'confirm-signature',
  'confirm-identity',
  'record-paper',
  'release',
  'ask-new-scan',
  'finish',
  'retry',
  'refuse',
  'keep-sealed',
  'hand-over',
] as const satisfies readonly ActionName[];

const FIELDS: Readonly<Record<(typeof WHOLE_LETTER)[number], Fields>> = {
  'confirm-scan': (_c, context) =>
    html`${SCAN_TICKS.map(([name, text]) => tick(context, name, 'yes', text))}`,
  'confirm-signature': (c, context) =>
    html`${signatureTicks(context.work).map(([name, text]) => tick(context, name, 'yes', text))}
    ${words(context, 'grounds', 'grounds', c.get('visit').say('Căn cứ xác minh', 'Grounds'))}`,
  'confirm-identity': (c, context) =>
    html`<fieldset>
        <legend>${c.get('visit').say('Đã xác thực bằng cách', 'Confirmed by')}</legend>
        ${IDENTITY_MEANS.map(
          ([code, text]) =>
            html`<label class="inline"
              ><input
                type="radio"
                name="means"
                value="${code}"
                required
                ${typed(context, 'means') === code ? html`checked` : ''}
              />
              <span>${text}</span></label
            >`,
        )}
      </fieldset>
      ${words(context, 'identity-words', 'words', c.get('visit').say('Với ai, lúc nào, kết quả', 'With whom, when, result'))}`,
  'record-paper': (c, context) => {
    const { say } = c.get('visit');
    return html`<div class="fields">
      <div>
        <label for="paper-number">${say('Số, ký hiệu văn bản', 'Document number')}</label>
        <input
          id="paper-number"
          name="number"
          required
          value="${typed(context, 'number')}"
          placeholder="12/SNV-VP"
        />
      </div>
      <div>
        <label for="paper-date">${say('Ngày văn bản', 'Date')}</label>
        <input id="paper-date" name="date" type="date" required value="${typed(context, 'date')}" />
      </div>
    </div>`;
  },
  'ask-new-scan': (c, context) =>
    html`<fieldset>
        <legend>${c.get('visit').say('Điều cần khắc phục', 'What is wrong')}</legend>
        ${SCAN_FAULTS.map(([code, text]) => tick(context, 'fault', code, text))}
      </fieldset>
      ${words(context, 'scan-words', 'words', c.get('visit').say('Ghi thêm', 'More'))}`,
  refuse: (c, context) => {
    const { say } = c.get('visit');
    return html`<label for="reason">${say('Lý do', 'Reason')}</label>
      <select id="reason" name="reason" required>
        <option value="">${say('Chọn lý do', 'Choose')}</option>
        ${REFUSALS.map(
          ([code, text]) =>
            html`<option value="${code}" ${typed(context, 'reason') === code ? html`selected` : ''}>
              ${text}
            </option>`,
        )}
      </select>
      ${words(context, 'refuse-words', 'words', say('Ghi rõ (đơn vị đọc được nội dung này)', 'In words (the unit reads this)'))}`;
  },
  finish: (c, context) =>
    words(
      context,
      'finish-words',
      'words',
      c.get('visit').say('Kết quả giải quyết (gửi cho đơn vị)', 'Result (sent to the unit)'),
    ),
  retry: (c) =>
    html`<p class="hint">
      ${c.get('visit').say('Hệ thống thực hiện lại bước đã gặp trục trặc.', 'The step that failed is tried again.')}
    </p>`,
  release: (c, context) =>
    words(context, 'release-words', 'words', c.get('visit').say('Căn cứ mở niêm phong', 'Grounds')),
  'keep-sealed': (c, context) =>
    words(context, 'keep-words', 'words', c.get('visit').say('Căn cứ giữ niêm phong', 'Grounds')),
  'hand-over': (c, context) => {
    const { say } = c.get('visit');
    return html`<label for="to">${say('Cán bộ tiếp nhận', 'Officer')}</label>
      <select id="to" name="to" required>
        <option value="">${say('Chọn cán bộ', 'Choose')}</option>
        ${context.colleagues.map(({ name, fullName }) => html`<option value="${name}">${fullName} (${name})</option>`)}
      </select>
      ${words(context, 'hand-note', 'note', say('Ghi chú cho cán bộ tiếp nhận', 'Note'))}`;
  },
};
