import { html } from 'hono/html';
import type { Unit } from '../../rules/registry.ts';
import type { TypedUnit } from '../../rules/unit-entry.ts';
import type { Inside } from '../deps.ts';
import type { Form, Markup } from '../web.ts';
import type { Say } from '../words.ts';

/** The entry's fields; `code` is fixed once it is registered. */
export function entryFields(
  typed: TypedUnit,
  { isNew, units, regulations }: { isNew: boolean; units: readonly Unit[] } & Pick<Inside, 'regulations'>,
  say: Say,
): Markup {
  const input = (name: keyof TypedUnit, label: string, hint = '', attributes: Markup | string = '') =>
    html`<div>
      <label for="unit-${name}">${label}</label>
      <input
        id="unit-${name}"
        name="${name}"
        value="${typed[name]}"
        autocomplete="off"
        ${attributes}
        ${hint === '' ? '' : html`aria-describedby="unit-${name}-hint"`}
      />
      ${hint === '' ? '' : html`<p class="hint" id="unit-${name}-hint">${hint}</p>`}
    </div>`;
  const several = regulations.length > 1;
  return html`<div class="fields">
      ${isNew ? input('code', say('Mã đơn vị', 'Code'), say('Ví dụ: snv, ubnd.xa-an-ninh', ''), html`required`) : ''}
      ${input('name', say('Tên đơn vị', 'Name'), '', html`required`)}
      ${input('mailbox', say('Hộp thư của đơn vị', 'Mailbox of the unit'), say('Chỉ thư gửi từ hộp thư này được tiếp nhận', 'Only letters from here are taken'), html`type="email"`)}
      <div>
        <label for="unit-level">${say('Cấp', 'Level')}</label>
        <select id="unit-level" name="level" required>
          ${regulations.flatMap(({ id, legal, unitLevels }) =>
            unitLevels.map(({ code, nameVi }) => {
              const value = `${id} ${code}`;
              const chosen = typed.regulation === id && typed.level === code;
              return html`<option value="${value}" ${chosen ? html`selected` : ''}>
                ${nameVi}${several ? ` (${legal.number})` : ''}
              </option>`;
            }),
          )}
        </select>
      </div>
      ${input('abbreviation', say('Tên viết tắt trong địa chỉ thư', 'Abbreviation in addresses'))}
      ${input('parent', say('Mã đơn vị quản lý', 'Code of the managing unit'), '', html`list="units"`)}
      ${input('successor', say('Mã đơn vị kế thừa (sau sáp nhập)', 'Code of the successor'), '', html`list="units"`)}
    </div>
    <label class="inline"
      ><input type="checkbox" name="active" value="yes" ${typed.active ? html`checked` : ''} />
      <span
        >${say('Đang hoạt động (thư của đơn vị được tiếp nhận)', 'Active (its letters are taken)')}</span
      ></label
    >
    <datalist id="units">
      ${units.map(({ code, name }) => html`<option value="${code}">${name}</option>`)}
    </datalist>`;
}

/** What was typed; the level's option names its regulation too. */
export function typedUnit(form: Form, code: string): TypedUnit {
  const [regulation = '', level = ''] = form.text('level').split(' ');
  return {
    code,
    name: form.text('name'),
    mailbox: form.text('mailbox'),
    parent: form.text('parent'),
    level,
    abbreviation: form.text('abbreviation'),
    regulation,
    successor: form.text('successor'),
    active: form.checked('active'),
  };
}

export const typedFrom = (unit: Unit): TypedUnit => ({
  code: unit.code,
  name: unit.name,
  mailbox: unit.mailbox ?? '',
  parent: unit.parent ?? '',
  level: unit.level,
  abbreviation: unit.abbreviation,
  regulation: unit.regulation,
  successor: unit.successor ?? '',
  active: unit.active,
});
