import { isBody } from './list-actions.ts';
import type { ListGrid } from './list-grid.ts';
import { headingOf } from './list-headings.ts';
import { birthDateOf, doubt, phoneOf, addressOf, type Value } from './list-values.ts';
import { textCell, type TextCell } from './list-cells.ts';
import type { Doubt, ListEntry } from './mailbox-list.ts';
import type { ColumnKey } from './regulation.ts';

/**
 * Persons listed in running text instead of a table: "1. Nguyễn Văn An – Chuyên viên – 0905 123 456". What each piece
 * means is a guess, so every row carries a doubt and goes back to the unit with our reading of it.
 */
export function entriesFromSentences(grids: readonly ListGrid[]): ListEntry[] {
  return grids.flatMap(({ source, rows }) => {
    const file = source.split(' › ')[0] ?? source;
    return rows
      .filter(({ line }) => line === 0)
      .flatMap(({ cells }, i) => entryOf(textCell(cells[0] ?? null)?.text ?? '', file, i + 1) ?? []);
  });
}

const NUMBERED = /^\(?(\d{1,3})\s*[.)/-]\s*(\S.*)$/u;
const BETWEEN = /\s+[-–—]\s+|\s*[;,|–—]\s*|\t+| {3,}/u;
const TITLE = /^(?:ông|bà|đ\/c|đồng chí|anh|chị)[\s.:]+/iu;
const NAME = /^\p{Lu}[\p{L}’']*(?: \p{Lu}[\p{L}’']*){1,6}$/u;

function entryOf(text: string, source: string, line: number): ListEntry | null {
  const [, no, rest] = NUMBERED.exec(text) ?? [];
  if (no === undefined || rest === undefined || rest.length > 400) return null;
  const [first = '', ...pieces] = rest.split(BETWEEN).filter((piece) => piece !== '');
  const fullName = first.replace(TITLE, '');
  if (!NAME.test(fullName) || pieces.length === 0) return null;
  const values: Partial<Record<ColumnKey, string>> = { no, fullName };
  const doubts: Doubt[] = [
    doubt(
      'from_sentence',
      null,
      'Thông tin ghi thành câu, không lập thành bảng',
      'Lập danh sách thành bảng có tiêu đề cột theo mẫu',
    ),
  ];
  for (const piece of pieces) {
    const [column, value] = meaningOf(piece.replace(/[.\s]+$/u, ''), values);
    values[column] ??= value.text;
    doubts.push(...value.doubts);
  }
  return { source, line, no, values, kind: null, doubts };
}

const LABELLED = /^([^:]{2,40}):\s*(\S.*)$/u;

/** "Chức vụ: Văn thư" says what it is; else digits are a phone, bodies a unit, and the first words the position. */
function meaningOf(piece: string, known: Partial<Record<ColumnKey, string>>): [ColumnKey, Value] {
  const [, label, labelled] = LABELLED.exec(piece) ?? [];
  const [told] = label === undefined ? [] : headingOf(label).parts;
  const column = told === undefined || told === 'surname' || told === 'given' ? null : told;
  const cell = cellOf(column === null ? piece : labelled!);
  const digits = cell.text.replaceAll(/\D/gu, '').length;
  if (column === 'phone' || (column === null && digits >= 9 && !cell.text.includes('@')))
    return ['phone', phoneOf(cell)];
  if (column === null && cell.text.includes('@'))
    return ['currentAddress', addressOf('currentAddress', cell)];
  if (column === 'birthDate' || (column === null && /^(?:ngày sinh|sinh|\d{1,2}[/.-])/iu.test(cell.text)))
    return [
      'birthDate',
      birthDateOf(cellOf(cell.text.replace(/^(?:ngày sinh|sinh (?:ngày|năm)?)\s*/iu, ''))),
    ];
  const plain = { text: cell.text, doubts: [] };
  if (column !== null) return [column, plain];
  if (isBody(cell.text)) return ['unit', plain];
  return [known.position === undefined ? 'position' : 'note', plain];
}

const cellOf = (text: string): TextCell => ({ written: text, text, legacy: [], source: { text } });
