import { actionsOf, exactAction, isBody, isPosition, type Action } from './list-actions.ts';
import { textGrid, type TextGrid, type TextRow } from './list-cells.ts';
import { flagDuplicates, withoutCopies, type FileEntries } from './list-copies.ts';
import { entryOf, type ReadEntry } from './list-entries.ts';
import type { ListGrid } from './list-grid.ts';
import { headerAt, type Header } from './list-header.ts';
import { sideBySide } from './list-beside.ts';
import { isContact, isNameLike, isNumbered, meaningOf, nameText, textOf } from './list-rows.ts';
import { entriesFromSentences } from './list-sentences.ts';
import { summaryLength } from './list-summary.ts';
import { tableOf } from './list-written.ts';
import type { ListEntry, ListTable, MailboxList, Problem } from './mailbox-list.ts';
import { detectKinds } from './request-kinds.ts';
import { foldKey } from './text/normalise.ts';

export type { ListGrid } from './list-grid.ts';

/**
 * The layout of a list, top to bottom:
 *
 *   title → header (one or two rows) → rows, groups, totals → end (signatures) → title → header → …
 *
 * A header in the middle of a table is a repeated one, or begins the next table when a title stood before it. What a row
 * means is decided in `list-rows.ts`, what its cells mean in `list-entries.ts`.
 */
interface Reading {
  readonly grid: TextGrid;
  /** Every row in its order; totals count those that only confirm too. */
  readonly entries: ReadEntry[];
  readonly problems: Problem[];
  /** Headings, one for each header met. */
  readonly tables: ListTable[];
  header: Header | null;
  /** Header of a table that has ended: rows that still fit it are told. */
  ended: Header | null;
  titles: string[];
  /** Groups with no row below them yet: where a header follows, they are its title. */
  groups: string[];
  asked: Action | null;
  group: Action | null;
  body: string | null;
  /** Entries before this table, and before this group: totals may count either. */
  tableStart: number;
  groupStart: number;
  strays: number;
  summaries: number;
  /** Rows that look like a list before any header was found. */
  headless: number;
}

/** Understands every table of a letter. What cannot be understood is a named problem, never dropped in silence. */
export function understandLists(grids: readonly ListGrid[]): MailboxList {
  const read = grids.map((grid) => understandSheet(textGrid(grid)));
  const { entries: rows, tables } = together(read);
  const files = new Map<string, ListEntry[]>();
  for (const { entry, keeps } of rows) {
    if (keeps) continue;
    const file = fileOf(entry.source);
    const entries = files.get(file);
    // A new array for each row would cost the square of a long list.
    if (entries === undefined) files.set(file, [entry]);
    else entries.push(entry);
  }
  const kept = rows.filter(({ keeps }) => keeps).map(({ entry }) => entry);
  const each: FileEntries[] = [...files].map(([file, entries]) => ({
    file,
    entries: flagDuplicates(entries),
  }));
  const { entries, problems } = withoutCopies(each);
  const all = [...read.flatMap((part) => part.problems), ...problems];
  if (entries.length + kept.length + all.length > 0) return { entries, problems: all, kept, tables };
  const told = entriesFromSentences(grids);
  if (told.length > 0) return { entries: told, problems: [] };
  if (read.some(({ summaries }) => summaries > 0)) return { entries: [], problems: [ONLY_COUNTS] };
  return { entries: [], problems: grids.some(isSheet) ? [NO_TABLE] : [] };
}

/**
 * The list of a letter. Its own words count where the files hold no list, or hold a table as well: then the same rows
 * are one and others are told.
 */
export function listOf({
  grids,
  body,
}: {
  grids: readonly ListGrid[];
  body: readonly ListGrid[];
}): MailboxList {
  const files = understandLists(grids);
  const words = understandLists(body);
  const rows = ({ entries, kept = [] }: MailboxList): number => entries.length + kept.length;
  if (rows(words) === 0) return files;
  return rows(files) === 0 ? words : understandLists([...grids, ...body]);
}

/** A letter without a table may be no list at all; a sheet that is none was meant to be one. */
const isSheet = ({ rows }: ListGrid): boolean => rows.length > 0 && rows.every(({ line }) => line > 0);

const fileOf = (source: string): string => source.split(' › ')[0] ?? source;

const NO_TABLE: Problem = Object.freeze({
  code: 'no_table',
  column: null,
  text: 'Không tìm thấy bảng danh sách trong tệp kèm theo',
  fix: 'Lập danh sách theo mẫu, có cột “Họ và tên”',
});

const ONLY_COUNTS: Problem = Object.freeze({
  code: 'only_counts',
  column: null,
  text: 'Tệp kèm theo chỉ có bảng tổng hợp số lượng theo đơn vị, không có danh sách từng hộp thư',
  fix: 'Gửi kèm danh sách, mỗi hộp thư một dòng, theo mẫu',
});

/** Tables that stand beside each other are read one after the other. */
function understandSheet(grid: TextGrid): Understood {
  const read = sideBySide(grid).map(understandGrid);
  return {
    ...together(read),
    problems: read.flatMap(({ problems }) => problems),
    summaries: read.reduce((sum, { summaries }) => sum + summaries, 0),
  };
}

/** Rows of several readings, each naming its table by its place among all of them. */
function together(read: readonly Pick<Understood, 'entries' | 'tables'>[]): {
  entries: ReadEntry[];
  tables: ListTable[];
} {
  const entries: ReadEntry[] = [];
  const tables: ListTable[] = [];
  for (const one of read) {
    const before = tables.length;
    for (const { entry, keeps } of one.entries)
      entries.push({ entry: { ...entry, table: entry.table! + before }, keeps });
    tables.push(...one.tables);
  }
  return { entries, tables };
}

interface Understood {
  readonly entries: readonly ReadEntry[];
  readonly problems: readonly Problem[];
  readonly tables: readonly ListTable[];
  /** Tables that only count. */
  readonly summaries: number;
}

function understandGrid(grid: TextGrid): Understood {
  const reading: Reading = {
    grid,
    entries: [],
    problems: [],
    tables: [],
    header: null,
    ended: null,
    titles: [],
    groups: [],
    asked: null,
    group: null,
    body: null,
    tableStart: 0,
    groupStart: 0,
    strays: 0,
    summaries: 0,
    headless: 0,
  };
  for (let index = 0; index < grid.rows.length; index++) {
    const summary = summaryLength(grid, index);
    const header = summary > 0 ? null : headerAt(grid, index);
    if (summary > 0) {
      endTable(reading);
      reading.summaries++;
      index += summary - 1;
    } else if (header === null) readRow(reading, grid.rows[index]!);
    else {
      beginTable(reading, header);
      index += header.height - 1;
    }
  }
  if (reading.strays > 0) reading.problems.push(strayRows(grid.source, reading.strays));
  if (reading.headless > 0) reading.problems.push(noHeader(grid.source, reading.headless));
  if (grid.revised) reading.problems.push(trackedTable(grid.source));
  return reading;
}

function beginTable(reading: Reading, header: Header): void {
  const titles = [...reading.titles, ...reading.groups.filter(isOwnTitle)];
  // The same header again on the next printed page has no title before it and changes nothing.
  if (reading.header === null || titles.length > 0) {
    // "2. Phòng B" goes on with what was asked above it, "2. Các trường hợp khác" does not.
    const goesOn = (reading.ended ?? reading.header) !== null && !titles.some(isOwnTitle);
    const asked = askedByTitle(titles, reading.grid.source) ?? askedByHeading(header);
    reading.asked = asked ?? (goesOn ? reading.asked : null);
    reading.group = null;
    reading.body = null;
    reading.tableStart = reading.entries.length;
    reading.groupStart = reading.entries.length;
  }
  reading.header = header;
  reading.tables.push(tableOf(header));
  reading.ended = null;
  reading.titles = [];
  reading.groups = [];
}

const NUMBERED_TITLE = /^(?:[IVX]{1,5}|\d{1,2}|[A-H])\s*[.)/:-]\s*(?=\p{L})/u;
const LIST_TITLE = /^(?:\w{1,4} )?(?:danh sach|phu luc|bieu)\b/u;

/** A heading of the clerk's own over a table, not the name of a room. */
function isOwnTitle(title: string): boolean {
  const words = title.replace(NUMBERED_TITLE, '');
  return !isBody(words) && (words !== title || LIST_TITLE.test(foldKey(title)));
}

/** The title nearest to the table that names one kind; several kinds name none. Then the sheet's own name. */
function askedByTitle(titles: readonly string[], source: string): Action | null {
  const near = titles.slice(-12).toReversed();
  const lists = near.filter((title) => LIST_TITLE.test(foldKey(title)));
  for (const title of [...lists, ...near]) {
    const kinds = detectKinds(title);
    if (kinds.length > 0) return kinds.length === 1 ? kinds[0]! : oneOfTitle(title);
    const act = isOwnTitle(title) ? actOfTitle(title) : null;
    if (act !== null) return act;
  }
  const sheet = source.split(' › ')[1];
  return sheet === undefined ? null : (actionsOf(sheet)[0] ?? null);
}

/** The title of the list we give back: what its rows ask for stands in them or in a title below. */
const OF_CORRECTION = /^danh sach de nghi chinh sua ho so\b/u;

/** "2. Danh sách đề nghị thu hồi" names no mailbox: what stands behind "đề nghị" or "danh sách" is an act or nothing. */
function actOfTitle(title: string): Action | null {
  if (OF_CORRECTION.test(foldKey(title))) return null;
  const words = title.replace(NUMBERED_TITLE, '').replaceAll(/\([^)]*\)?/gu, ' ');
  const asked = /^.*(?:đề nghị|de nghi)\s+(.+)$/isu.exec(words)?.[1];
  if (asked !== undefined && LIST_TITLE.test(foldKey(title))) return actionsOf(asked)[0] ?? null;
  const listed = /^(?:danh sách |danh sach )?(?:các |cac )?(?:trường hợp |truong hop )?(.+)$/isu.exec(
    words,
  )?.[1];
  return exactAction(asked ?? listed ?? words);
}

/** "Tài khoản đề nghị thu hồi": a heading that says what its mailboxes are listed for. Two that differ say nothing. */
function askedByHeading({ columns }: Header): Action | null {
  const acts = columns.flatMap((column) => {
    const named = !('tick' in column) && column.parts.some((part) => part.endsWith('Address'));
    const behind = named ? /(?:đề nghị|de nghi)\s+(.+)$/iu.exec(column.heading)?.[1] : undefined;
    return behind === undefined ? [] : (exactAction(behind.replace(/\([^)]*\)?/gu, '').trim()) ?? []);
  });
  return new Set(acts).size === 1 ? acts[0]! : null;
}

/** "Cấp mới, hủy" asks for two things; "cấp lại mật khẩu hộp thư" only for the surer one. */
const oneOfTitle = (title: string): Action | null => {
  const several = actionsOf(title.replace(/^.*?đề nghị/iu, ''));
  return several.length > 1 || /,| và /iu.test(title.replace(/\(.*\)/u, ''))
    ? null
    : (detectKinds(title)[0] ?? null);
};

function readRow(reading: Reading, row: TextRow): void {
  const { grid, header } = reading;
  if (header === null) {
    readOutside(reading, row);
    return;
  }
  if (row.line === 0) {
    readText(reading, row);
    return;
  }
  const meaning = meaningOf(grid, row, header);
  switch (meaning.is) {
    case 'nothing':
      return;
    case 'total':
      checkTotal(reading, meaning.said);
      return;
    case 'end':
      endTable(reading);
      return;
    case 'title':
      endTable(reading);
      reading.titles.push(meaning.text);
      return;
    case 'group':
      reading.groups.push(meaning.text);
      reading.group = meaning.action ?? (meaning.body === null ? null : reading.group);
      reading.body = meaning.body;
      reading.groupStart = reading.entries.length;
      return;
    case 'entry': {
      reading.groups = [];
      const { entry, keeps } = entryOf(grid, row, header, {
        asked: reading.group ?? reading.asked,
        body: reading.body,
      });
      reading.entries.push({ entry: { ...entry, table: reading.tables.length - 1 }, keeps });
    }
  }
}

/** Running text below a table: its total, else the end of it. It is never a row. */
function readText(reading: Reading, row: TextRow): void {
  const meaning = meaningOf(reading.grid, row, reading.header!);
  if (meaning.is === 'total') checkTotal(reading, meaning.said);
  else if (meaning.is !== 'nothing') {
    endTable(reading);
    reading.titles.push(row.cells.map((cell) => cell?.text ?? '').join(' '));
  }
}

function endTable(reading: Reading): void {
  reading.ended = reading.header;
  reading.header = null;
}

/** Above the first table and between tables: titles, totals, and rows that look as if they belonged to a list. */
function readOutside(reading: Reading, row: TextRow): void {
  const filled = row.cells.filter((cell) => cell !== null);
  if (filled.length === 0) return;
  const { ended } = reading;
  if (ended !== null) {
    const meaning = meaningOf(reading.grid, row, ended);
    if (meaning.is === 'total') {
      checkTotal(reading, meaning.said);
      return;
    }
    if (row.line > 0 && isStray(row, ended)) reading.strays++;
  } else if (looksListed(row)) reading.headless++;
  reading.titles.push(filled.map(({ text }) => text).join(' '));
}

/** Below the signatures: a running number before a name, or a name with what no signature has beside it. */
function isStray(row: TextRow, ended: Header): boolean {
  const name = nameText(row, ended);
  if (isNumbered(row, ended)) return name !== '';
  const position = textOf(row, ended, 'position');
  const contact = row.cells.some((cell) => cell !== null && isContact(cell.text));
  return name !== '' && (contact || (isNameLike(name) && position !== '' && !isNameLike(position)));
}

/** A total may count its group, its table or the whole sheet; one that counts none of them is told. */
function checkTotal(reading: Reading, said: number | null): void {
  const all = reading.entries.length;
  const counts = [all - reading.groupStart, all - reading.tableStart, all];
  if (said === null || counts.includes(said)) return;
  reading.problems.push({
    code: 'count_mismatch',
    column: null,
    text: `${reading.grid.source}: danh sách ghi ${said} trường hợp nhưng bảng có ${all - reading.tableStart} dòng`,
    fix: 'Kiểm tra lại số lượng hoặc bổ sung các dòng còn thiếu',
  });
}

/**
 * In a table that never said what its columns are: a running number and, right behind it, what may be a name; or the
 * name of a person or body beside an address, a number to call or a post.
 */
function looksListed(row: TextRow): boolean {
  const filled = row.cells.filter((cell) => cell !== null);
  const [no, name, ...others] = filled;
  const named = filled.findIndex(({ text }) => isNameLike(text) || isBody(text));
  const told = filled.some(({ text }, at) => at !== named && (isContact(text) || isPost(text)));
  if (row.line > 0 && named >= 0 && told) return true;
  return (
    row.line > 0 &&
    no !== undefined &&
    name !== undefined &&
    others.length > 0 &&
    /^\d{1,4}[.)]?$/u.test(no.text) &&
    isNameLike(name.text)
  );
}

/** "Kế toán", but not the "GIÁM ĐỐC" of a signature, which stands in capitals. */
const isPost = (text: string): boolean => isPosition(text) && text !== text.toUpperCase();

const noHeader = (source: string, count: number): Problem => ({
  code: 'no_header',
  column: null,
  text: `${source}: có ${count} dòng giống danh sách nhưng bảng không có dòng tiêu đề cột, không được tính`,
  fix: 'Ghi dòng tiêu đề cột (STT, Họ và tên, Chức vụ…) ở đầu bảng',
});

const trackedTable = (source: string): Problem => ({
  code: 'tracked_changes',
  column: null,
  text: `${source}: bảng còn sửa đổi chưa được chấp nhận (Track Changes)`,
  fix: 'Chấp nhận hoặc hủy tất cả các sửa đổi rồi gửi lại',
});

const strayRows = (source: string, count: number): Problem => ({
  code: 'rows_after_end',
  column: null,
  text: `${source}: có ${count} dòng nằm sau phần ký, không được tính vào danh sách`,
  fix: 'Đưa các dòng này vào bảng, trước phần ký',
});
