import { actionsOf, exactAction, isTick, type Action } from './list-actions.ts';
import { mergeAt, type TextGrid, type TextRow } from './list-cells.ts';
import { headingOf, type ColumnPart, type Heading } from './list-headings.ts';

/** What one column of a table holds. */
export type Column = {
  readonly at: number;
  /** The whole heading: "Đơn vị công tác Mới". */
  readonly heading: string;
  /** What stands over `own` in a heading of several rows, else empty. */
  readonly group: string;
  readonly own: string;
} & ColumnMeaning;

type ColumnMeaning =
  | {
      readonly parts: readonly ColumnPart[];
      readonly sure: boolean;
    }
  /** A column of crosses: a mark asks for `tick`. */
  | { readonly tick: Action };

export interface Header {
  readonly columns: readonly Column[];
  /** How many rows of the grid it takes: one to three. */
  readonly height: 1 | 2 | 3;
}

/** More columns than any list has; wider sheets carry stray cells far to the right. */
const MOST_COLUMNS = 64;
/** Less of a row recognised than this and it is data or a title. */
const LEAST_RECOGNISED = 0.5;

/** The header that begins in row `index` of the grid, or null. More rows where each divides the one above it. */
export function headerAt(grid: TextGrid, index: number): Header | null {
  const upper = grid.rows[index];
  if (upper === undefined || filled(upper) < 2 || holdsData(upper)) return null;
  const lower = grid.rows[index + 1];
  const two =
    lower !== undefined && divides(grid, upper, lower) ? lowerRow(grid, spread(grid, upper), lower) : null;
  const one = columnsOf(spread(grid, upper).map((heading, at) => ({ at, group: '', heading })));
  const pair = two === null ? [] : columnsOf(two);
  if (two !== null && isHeader(pair) && pair.length >= one.length) {
    const three = recognised(one, upper) ? thirdRow(grid, two, index) : null;
    return three === null ? { columns: pair, height: 2 } : { columns: three, height: 3 };
  }
  return isHeader(one) && recognised(one, upper) ? { columns: one, height: 1 } : null;
}

/** The columns where a third row divides the second one once more; null where it does not. */
function thirdRow(grid: TextGrid, two: readonly RawColumn[], index: number): Column[] | null {
  const middle = grid.rows[index + 1];
  const lowest = grid.rows[index + 2];
  if (middle === undefined || lowest === undefined || !divides(grid, middle, lowest)) return null;
  const columns = columnsOf(lowerRow(grid, headingsOf(two), lowest));
  return isHeader(columns) && columns.length >= two.length ? columns : null;
}

const filled = (row: TextRow): number => row.cells.filter((cell) => cell !== null).length;

/** Addresses, long texts and long numbers stand in rows of data, never in a heading. */
const holdsData = (row: TextRow): boolean =>
  row.cells.some((cell) => cell !== null && (/@|\d{5}/u.test(cell.text) || cell.text.length > 160));

/** Heading texts by column; a text merged over several columns stands over each of them. */
function spread(grid: TextGrid, row: TextRow): string[] {
  const width = Math.min(row.cells.length, MOST_COLUMNS);
  return Array.from({ length: width }, (_, at) => {
    const merge = mergeAt(grid, row.line, at);
    const origin = merge === undefined || merge.top < row.line ? at : merge.left;
    return row.cells[origin]?.text ?? '';
  });
}

/** The lower row divides the upper: headings below a group or an empty cell, nothing where the upper stands alone. */
function divides(grid: TextGrid, upper: TextRow, lower: TextRow): boolean {
  if (holdsData(lower) || filled(lower) === 0) return false;
  const groups = spread(grid, upper);
  const texts = lower.cells.map((cell) => cell?.text ?? '');
  if (texts.every((text) => text === '' || /^\(?\d+\)?$/u.test(text))) return false;
  const free = freeTicks(texts, groups);
  return texts.every((text, at) => text === '' || free.has(at) || isSubheading(text, groups[at] ?? ''));
}

/** Columns whose words are the office's own ("Nâng dung lượng"), two or more below "Nội dung đề nghị". */
function freeTicks(texts: readonly string[], groups: readonly string[]): ReadonlySet<number> {
  const below = new Map<string, number[]>();
  let carried = '';
  texts.forEach((text, at) => {
    // Without merges (csv, pdf) the group's text stands over its first column only.
    if ((groups[at] ?? '') !== '') carried = groups[at]!;
    const words = text !== '' && text.length <= LONGEST_TICK && !isTick(text, undefined);
    if (words && text !== carried && isAsking(carried))
      below.set(carried, [...(below.get(carried) ?? []), at]);
  });
  return new Set([...below.values()].filter((columns) => columns.length > 1).flat());
}

/** Longer words are a row's own text, no name of a column of crosses. */
const LONGEST_TICK = 60;

/** "Nội dung đề nghị", "Yêu cầu xử lý (đánh dấu x)". */
const isAsking = (group: string): boolean => {
  const [first] = headingOf(group).parts;
  return first === 'action' || /đánh dấu|tích (?:chọn|vào)/iu.test(group);
};

const SUBHEADING =
  /^(?:số|ngày|số, ngày|ngày, tháng|cũ|mới|nam|nữ|hiện tại|chuyển đến|chuyển đi|tháng|năm|cơ quan ban hành)$/iu;

function isSubheading(text: string, group: string): boolean {
  const known = headingOf(text).parts.length > 0 || exactAction(text) !== null || SUBHEADING.test(text);
  // Under a heading that is complete by itself only words that divide it may stand.
  return known && (group === '' || group !== text);
}

/** "Thông tin thay đổi Đơn vị công tác": what stands over a third row. */
const headingsOf = (raw: readonly RawColumn[]): string[] =>
  raw.map(({ group, heading }) => (group === '' ? heading : `${group} ${heading}`));

/** A row of headings below `groups`; where it has none, the group itself is the heading. */
function lowerRow(grid: TextGrid, groups: readonly string[], lower: TextRow): RawColumn[] {
  const width = Math.min(Math.max(groups.length, lower.cells.length), MOST_COLUMNS);
  const texts = spread(grid, lower);
  let carried = '';
  return Array.from({ length: width }, (_, at) => {
    const text = texts[at] ?? '';
    const group = groups[at] ?? '';
    // Without merges (csv, pdf) the group's text stands over its first column only.
    if (group !== '') carried = group;
    return text === ''
      ? { at, group: '', heading: group }
      : { at, group: group === '' ? carried : group, heading: text };
  });
}

interface RawColumn {
  readonly at: number;
  readonly group: string;
  readonly heading: string;
}

function columnsOf(raw: readonly RawColumn[]): Column[] {
  // "Nội dung đề nghị {Cũ | Mới}" says what changes, no cross stands there.
  const compared = new Set(
    raw.filter(({ group, heading }) => group !== '' && OLD.test(heading)).map(({ group }) => group),
  );
  return raw
    .filter(({ heading }) => heading !== '')
    .map((column) => columnFor(column, compared.has(column.group)));
}

const OLD = /(?<!\p{L})(?:cũ|hiện tại|hiện nay)(?!\p{L})/iu;

function columnFor({ at, group, heading }: RawColumn, compared: boolean): Column {
  const own = headingOf(heading);
  const grouped = group === '' ? null : headingOf(`${group} ${heading}`);
  const parent = group === '' ? null : headingOf(group);
  const title = group === '' ? heading : `${group} ${heading}`;
  const asking = group !== '' && !compared && isAsking(group);
  const tick = compared
    ? null
    : (exactAction(heading) ?? (asking ? (actionsOf(heading)[0] ?? 'other') : null));
  const divided = parent !== null && parent.parts.length > 0 && !asking;
  const place = { at, heading: title, group, own: heading };
  if (tick !== null && !divided && !isColumn(own)) return { ...place, tick };
  return { ...place, ...choose(own, grouped, parent) };
}

const isColumn = ({ parts }: Heading): boolean => parts.length > 0;

/** A sub-heading that says little by itself ("Số", "cũ", "Nam") takes its meaning from its group. */
function choose(own: Heading, grouped: Heading | null, parent: Heading | null): Heading {
  const alone = isColumn(own) && own.parts[0] !== 'no';
  if (grouped === null || parent === null) return own;
  if (isColumn(parent) && !alone) return isColumn(grouped) ? grouped : parent;
  return alone || !isColumn(grouped) ? own : grouped;
}

const partsOf = (column: Column): readonly ColumnPart[] => ('tick' in column ? [] : column.parts);

/** A list names persons, bodies or mailboxes and says something about them. */
function isHeader(columns: readonly Column[]): boolean {
  const parts = new Set(columns.flatMap(partsOf));
  const subject = ['fullName', 'given', 'currentAddress', 'proposedAddress'] as const;
  const named =
    subject.some((part) => parts.has(part)) || (parts.has('unit') && parts.has('no') && parts.size > 2);
  const ticks = columns.filter((column) => 'tick' in column).length;
  return named && parts.size + ticks >= 2;
}

function recognised(columns: readonly Column[], row: TextRow): boolean {
  const known = columns.filter((column) => 'tick' in column || column.parts.length > 0).length;
  return known >= columns.length * LEAST_RECOGNISED && filled(row) >= 2;
}
