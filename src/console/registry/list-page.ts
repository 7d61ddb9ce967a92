import { html } from 'hono/html';
import type { Unit } from '../../rules/registry.ts';
import { foldKey } from '../../rules/text/normalise.ts';
import { allUnits } from '../../store/registry.ts';
import type { Inside } from '../deps.ts';
import { tag } from '../format.ts';
import { shell } from '../shell.ts';
import type { Markup, Page } from '../web.ts';
import type { Say } from '../words.ts';

/** More than anybody reads through: words narrow it down. */
const MOST_SHOWN = 200;

export const unitPath = (code: string): string => `/don-vi/${encodeURIComponent(code)}`;

/** The registered units; words are looked for with or without accents in code, name and mailbox. */
export async function unitListPage(c: Page, { db, regulations }: Inside): Promise<Markup> {
  const { say } = c.get('visit');
  const words = (c.req.query('q') ?? '').normalize('NFC').trim().slice(0, 200);
  const state = c.req.query('trang-thai') ?? '';
  const all = await db.transaction((tx) => allUnits(tx.orm));
  const found = all
    .filter((unit) => matches(unit, words) && (state === '' || unit.active === (state === 'hoat-dong')))
    .toSorted((a, b) => a.name.localeCompare(b.name, 'vi'));
  const labels = {
    mailbox: say('Hộp thư của đơn vị', 'Mailbox'),
    level: say('Cấp', 'Level'),
    above: say('Đơn vị quản lý', 'Managing unit'),
    state: say('Trạng thái', 'State'),
  };
  const names = new Map(all.map(({ code, name }) => [code, name]));
  const row = (unit: Unit): Markup =>
    html`<tr>
      <th scope="row">
        <a href="${unitPath(unit.code)}">${unit.name}</a>
        <div class="small">${unit.code}</div>
      </th>
      <td data-label="${labels.mailbox}">${unit.mailbox ?? say('chưa có', 'none yet')}</td>
      <td data-label="${labels.level}">${levelName(unit, regulations)}</td>
      <td data-label="${labels.above}">
        ${unit.parent === null ? '–' : (names.get(unit.parent) ?? unit.parent)}
      </td>
      <td data-label="${labels.state}">${activeTag(unit, say)}</td>
    </tr>`;
  const none = say('Không có đơn vị nào phù hợp.', 'No unit matches.');
  return shell(c, {
    title: say('Sổ đăng ký đơn vị', 'Registered units'),
    wide: true,
    body: html`<form class="card filters" method="get" action="/don-vi" role="search">
        <div class="long">
          <label for="q">${say('Tìm: tên, mã, hộp thư', 'Name, code, mailbox')}</label>
          <input id="q" name="q" type="search" value="${words}" data-search />
        </div>
        <div>
          <label for="state">${labels.state}</label>
          <select id="state" name="trang-thai">
            <option value="">${say('Tất cả', 'All')}</option>
            <option value="hoat-dong" ${state === 'hoat-dong' ? html`selected` : ''}>
              ${say('Đang hoạt động', 'Active')}
            </option>
            <option value="ngung" ${state === 'ngung' ? html`selected` : ''}>
              ${say('Ngừng hoạt động', 'Not active')}
            </option>
          </select>
        </div>
        <button class="primary">${say('Tìm', 'Find')}</button>
      </form>
      <p>
        ${say(`${found.length} đơn vị`, `${found.length} units`)}${
          found.length > MOST_SHOWN
            ? say(`, hiện ${MOST_SHOWN} đơn vị đầu; ghi thêm từ để tìm`, `, the first ${MOST_SHOWN} shown`)
            : ''
        }
        · <a href="/don-vi/moi">${say('Thêm đơn vị', 'Register a unit')}</a>
      </p>
      ${
        found.length === 0
          ? html`<div class="card"><p>${none}</p></div>`
          : html`<div
              class="scroll card"
              tabindex="0"
              role="region"
              aria-label="${say('Danh sách đơn vị', 'Units')}"
            >
              <table class="stack" data-walk>
                <thead>
                  <tr>
                    <th scope="col">${say('Đơn vị', 'Unit')}</th>
                    ${Object.values(labels).map((label) => html`<th scope="col">${label}</th>`)}
                  </tr>
                </thead>
                <tbody>
                  ${found.slice(0, MOST_SHOWN).map(row)}
                </tbody>
              </table>
            </div>`
      }`,
  });
}

function matches({ code, name, mailbox }: Unit, words: string): boolean {
  const text = foldKey(`${code} ${name} ${mailbox ?? ''}`);
  return words.split(/\s+/).every((word) => text.includes(foldKey(word)));
}

export const activeTag = ({ active }: Pick<Unit, 'active'>, say: Say) =>
  active ? tag('good', say('Đang hoạt động', 'Active')) : tag('plain', say('Ngừng hoạt động', 'Not active'));

export const levelName = (
  { regulation, level }: Pick<Unit, 'regulation' | 'level'>,
  regulations: Inside['regulations'],
): string => {
  const levels = regulations.find(({ id }) => id === regulation)?.unitLevels ?? [];
  return levels.find(({ code }) => code === level)?.nameVi ?? level;
};
