import { csvLine, inert } from '../mail-log/export-view.ts';
import { shortDate } from '../notices/dates.ts';
import { escapeHtml } from '../notices/render.ts';
import type { Mailbox, Unit } from '../rules/registry.ts';
import type { Regulation } from '../rules/regulation.ts';
import { governs } from '../rules/regulations.ts';
import type { Orm } from '../store/database.ts';
import { allMailboxes, allUnits } from '../store/registry.ts';

/** A unit of the public directory with the people in it; sub-units follow their unit. */
export interface DirectoryUnit {
  readonly code: string;
  readonly name: string;
  readonly mailbox: string | null;
  /** 0 for a unit that is below no other of this system. */
  readonly depth: number;
  readonly people: readonly Pick<Mailbox, 'fullName' | 'position' | 'address'>[];
}

export const DIRECTORY_FORMATS = ['html', 'csv', 'json'] as const;
export type DirectoryFormat = (typeof DIRECTORY_FORMATS)[number];

const vietnamese = new Intl.Collator('vi');

/**
 * Official mailboxes for everybody (HCM-6.2, QB-11.1, QB-14.4, TH-4c): units and persons, name, position and address;
 * never phones, logins or states. Mailboxes nobody can open (locked, ended) would only swallow mail and are left out.
 */
export async function publicDirectory(
  orm: Orm,
  regulation: Regulation,
  today: string,
  regulations: readonly Regulation[],
): Promise<DirectoryUnit[]> {
  const units = (await allUnits(orm)).filter(
    (unit) => unit.active && governs(regulation, unit.regulation, today, regulations),
  );
  const own = Map.groupBy(await allMailboxes(orm), ({ unit }) => unit);
  return inOrder(units).map(({ unit, depth }) => directoryUnit(unit, own.get(unit.code) ?? [], depth));
}

/** What the public sees of one unit and its mailboxes. */
export function directoryUnit(unit: Unit, own: readonly Mailbox[], depth: number): DirectoryUnit {
  const open = own.filter(
    ({ kind, state }) => kind === 'person' && (state === 'active' || state === 'pending'),
  );
  return {
    code: unit.code,
    name: unit.name,
    mailbox: unit.mailbox,
    depth,
    people: open
      .map(({ fullName, position, address }) => ({ fullName, position, address }))
      .sort((a, b) => vietnamese.compare(lastWord(a.fullName), lastWord(b.fullName))),
  };
}

/** Vietnamese directories go by the given name, which stands last. */
const lastWord = (name: string): string => `${name.split(' ').at(-1) ?? ''} ${name}`;

/** Each unit, then the units below it; by name. A unit above itself by mistake is not lost. */
function inOrder(units: readonly Unit[]): { unit: Unit; depth: number }[] {
  const known = new Set(units.map(({ code }) => code));
  const children = Map.groupBy(
    [...units].sort((a, b) => vietnamese.compare(a.name, b.name)),
    ({ parent }) => (parent !== null && known.has(parent) ? parent : ''),
  );
  const placed = new Set<string>();
  const below = (parent: string, depth: number): { unit: Unit; depth: number }[] =>
    (children.get(parent) ?? []).flatMap((unit) => {
      if (placed.has(unit.code)) return [];
      placed.add(unit.code);
      return [{ unit, depth }, ...below(unit.code, depth + 1)];
    });
  const tree = below('', 0);
  const rest = units.filter(({ code }) => !placed.has(code)).map((unit) => ({ unit, depth: 0 }));
  return [...tree, ...rest];
}

/** One file of the directory. `today`: ISO date it shows. */
export function directoryFile(
  format: DirectoryFormat,
  units: readonly DirectoryUnit[],
  { identity }: Regulation,
  today: string,
): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify({ province: identity.provinceName, date: today, units }, null, 2)}\n`;
    case 'csv':
      return csv(units);
    case 'html':
      return html(units, `Danh bạ thư điện tử công vụ ${identity.provinceName}`, today);
  }
}

/** With a byte order mark: spreadsheets would read UTF-8 as an old code page otherwise. */
function csv(units: readonly DirectoryUnit[]): string {
  const lines = units.flatMap(({ name, mailbox, people }) => [
    ...(mailbox === null ? [] : [[name, '', '', mailbox]]),
    ...people.map(({ fullName, position, address }) => [name, fullName, position ?? '', address]),
  ]);
  const heading = ['Đơn vị', 'Họ và tên', 'Chức vụ', 'Hộp thư'];
  return `\ufeff${[heading, ...lines].map((line) => csvLine(line.map(inert))).join('')}`;
}

function html(units: readonly DirectoryUnit[], title: string, today: string): string {
  const mail = (address: string): string =>
    `<a href="mailto:${escapeHtml(address)}">${escapeHtml(address)}</a>`;
  const section = ({ name, mailbox, depth, people }: DirectoryUnit): string => {
    const level = Math.min(depth + 2, 6);
    const rows = people.map(
      ({ fullName, position, address }) =>
        `<tr><td>${escapeHtml(fullName)}</td><td>${escapeHtml(position ?? '')}</td><td>${mail(address)}</td></tr>`,
    );
    return [
      `<h${level}>${escapeHtml(name)}</h${level}>`,
      mailbox === null ? '' : `<p>Hộp thư đơn vị: ${mail(mailbox)}</p>`,
      rows.length === 0
        ? ''
        : `<table><thead><tr><th scope="col">Họ và tên</th><th scope="col">Chức vụ</th><th scope="col">Hộp thư</th></tr></thead><tbody>\n${rows.join('\n')}\n</tbody></table>`,
    ]
      .filter((part) => part !== '')
      .join('\n');
  };
  return `<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title></head><body>
<h1>${escapeHtml(title)}</h1>
<p>Cập nhật ngày ${shortDate(today)}</p>
${units.map(section).join('\n')}
</body></html>
`;
}
