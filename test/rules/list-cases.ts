import fs from 'node:fs';
import path from 'node:path';
import type { ListCell, ListGrid, ListMerge } from '../../src/rules/list-grid.ts';
import type { ListEntry, MailboxList } from '../../src/rules/mailbox-list.ts';

/**
 * A case is one file: lines of why, "---", grids, "---", what is understood.
 *
 *     == danh-sach.xlsx › Sheet1      a grid; "(hidden)" behind it hides the sheet
 *     STT | Họ và tên | <              cells; "<" is merged with the cell to its left, "^" with the one above
 *     ~ 1 | #905123456                 "~" hides the row, "#" stores a number
 *
 *     6 CREATE_PERSON | no=1 | fullName=Nguyễn Văn An | !phone_zero_restored:0905123456
 *     … | ~Giới tính: Nam              what is told beside the row and decides nothing
 *     ! count_mismatch                 a problem of the whole list
 *
 * A cell may begin with a font in braces: "{.VnTime}NguyÔn".
 */
export interface ListCase {
  readonly name: string;
  readonly grids: readonly ListGrid[];
  readonly expected: readonly string[];
}

export function readCases(folder: string): ListCase[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.list'))
    .sort()
    .map((name) => readCase(name, fs.readFileSync(path.join(folder, name), 'utf8')));
}

function readCase(name: string, text: string): ListCase {
  const [why, grids, expected] = text.split(/^---\n/mu);
  if (why === undefined || grids === undefined || expected === undefined)
    throw new Error(`${name}: three parts divided by --- are needed`);
  return { name, grids: readGrids(grids), expected: expected.split('\n').filter((line) => line !== '') };
}

function readGrids(text: string): ListGrid[] {
  return text
    .split(/^== /mu)
    .slice(1)
    .map((part) => {
      const [head, ...lines] = part.replace(/\n+$/u, '').split('\n');
      return gridOf(head!.replace(' (hidden)', ''), head!.includes('(hidden)'), lines);
    });
}

export function gridOf(source: string, hidden: boolean, lines: readonly string[]): ListGrid {
  const texts = lines.map((line) =>
    line
      .replace(/^~ /u, '')
      .split('|')
      .map((cell) => cell.trim()),
  );
  const rows = lines.map((line, i) => ({
    line: i + 1,
    hidden: line.startsWith('~ '),
    cells: texts[i]!.map(cellOf),
  }));
  return { source, hidden, rows, merges: mergesOf(texts) };
}

function cellOf(written: string): ListCell | null {
  if (written === '' || written === '<' || written === '^') return null;
  const [, font, text] = /^(?:\{([^}]*)\})?(.*)$/u.exec(written)!;
  const number = /^#(\d+)$/u.exec(text!)?.[1];
  if (number !== undefined) return { text: number, number: Number(number) };
  return font === undefined ? { text: text! } : { text: text!, font };
}

function mergesOf(texts: readonly (readonly string[])[]): ListMerge[] {
  const joins = (r: number, c: number): boolean => texts[r]?.[c] === '<' || texts[r]?.[c] === '^';
  return texts.flatMap((cells, r) =>
    cells.flatMap((_, c) => {
      if (joins(r, c)) return [];
      let right = c;
      while (texts[r]?.[right + 1] === '<') right++;
      let bottom = r;
      while (texts[bottom + 1]?.[c] === '^') bottom++;
      return right > c || bottom > r ? [{ top: r + 1, left: c, bottom: bottom + 1, right }] : [];
    }),
  );
}

/** What was understood, in the words of the case files. */
export function tell(
  { entries, problems }: MailboxList,
  several = new Set(entries.map(({ source }) => source)).size > 1,
): string[] {
  return [...entries.map((entry) => tellEntry(entry, several)), ...problems.map(({ code }) => `! ${code}`)];
}

function tellEntry({ line, kind, values, aside = [], doubts, source }: ListEntry, several: boolean): string {
  const where = several ? `${source.split(' › ').at(-1)!} ${line}` : String(line);
  const told = Object.entries(values).map(([column, text]) => `${column}=${text}`);
  const doubted = doubts.map(({ code, column, proposal }) => {
    const at = column === null || code.startsWith(column) ? '' : `(${column})`;
    return `!${code}${at}${proposal === undefined ? '' : `:${proposal}`}`;
  });
  const beside = aside.map((text) => `~${text}`);
  return [`${where} ${kind ?? '-'}`, ...told, ...beside, ...doubted].join(' | ');
}
