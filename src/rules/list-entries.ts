import { actionsOf, isBody, isPosition, isTick, type Action } from './list-actions.ts';
import { asideOf, preferred } from './list-aside.ts';
import { mergeAt, type TextCell, type TextGrid, type TextRow } from './list-cells.ts';
import type { Column, Header } from './list-header.ts';
import type { ColumnPart } from './list-headings.ts';
import { addressOf, birthDateOf, doubt, idNumberOf, nameDoubts, phoneOf, type Value } from './list-values.ts';
import { writtenCells } from './list-written.ts';
import type { Doubt, ListEntry } from './mailbox-list.ts';
import type { ColumnKey, RequestKind } from './regulation.ts';
import { tidy } from './text/normalise.ts';

/** What stands above a row: the table's title and the group it belongs to. */
export interface Above {
  readonly asked: Action | null;
  /** A room or unit whose rows follow. */
  readonly body: string | null;
}

/** A cell with the part of it that belongs to one column. */
interface Piece {
  readonly cell: TextCell;
  readonly written: string;
  readonly text: string;
  readonly heading: string;
  readonly sure: boolean;
}

/** Columns of running text: several cells of one kind are joined. Of all others the first filled cell counts. */
const JOINED: readonly ColumnKey[] = [
  'position',
  'unit',
  'department',
  'action',
  'reason',
  'decision',
  'note',
];
/** Columns that clerks merge over several rows to say "the same". */
const CARRIED: readonly ColumnPart[] = [
  'unit',
  'department',
  'action',
  'reason',
  'decision',
  'note',
  'position',
];

/** A row of a list, and whether it only confirms what is there ("Giữ nguyên"). */
export interface ReadEntry {
  readonly entry: ListEntry;
  readonly keeps: boolean;
}

export function entryOf(grid: TextGrid, row: TextRow, header: Header, above: Above): ReadEntry {
  const pieces = collect(grid, row, header);
  const aside = asideOf(row, header, superseded(header.columns));
  const values: Partial<Record<ColumnKey, string>> = {};
  const doubts: Doubt[] = [];
  for (const [column, found] of pieces) {
    const value = valueOf(column, found);
    if (value.text !== '') values[column] = value.text;
    doubts.push(...value.doubts, ...doubtsOf(column, found));
  }
  const asked = askedBy(row, header, pieces.get('action') ?? [], above);
  const name = (pieces.get('fullName') ?? []).map(({ text }) => text).join(' ');
  doubts.push(...nameDoubts(name, isBody(name)), ...severalNames(pieces.get('fullName') ?? [], header));
  doubts.push(...exampleDoubts(values.no, name), ...asked.doubts, ...hiddenDoubts(grid, row, header));
  const kind =
    asked.kind === 'CREATE_PERSON' && isBody(name || (values.unit ?? '')) && !hasPerson(name)
      ? 'CREATE_UNIT'
      : asked.kind;
  const cells = writtenCells(header, values, (column) =>
    'tick' in column ? (row.cells[column.at] ?? null) : cellAt(grid, row, column),
  );
  complete(values, kind, above, pieces.get('currentAddress') ?? [], header);
  const entry = { source: grid.source, line: row.line, no: values.no ?? null, values, kind, doubts, cells };
  return { entry: aside.length === 0 ? entry : { ...entry, aside }, keeps: asked.keeps };
}

const hasPerson = (name: string): boolean => name !== '' && !isBody(name);

/** What only follows from elsewhere: the room from the group's heading, what an address in a new row is for. */
function complete(
  values: Partial<Record<ColumnKey, string>>,
  kind: RequestKind | null,
  { body }: Above,
  addresses: readonly Piece[],
  header: Header,
): void {
  const has = (part: ColumnPart): boolean =>
    header.columns.some((column) => !('tick' in column) && column.parts.includes(part));
  if (body !== null && !has('unit') && !has('department')) values.department = body;
  if (kind === 'CREATE_UNIT' && values.fullName === undefined && values.unit !== undefined)
    values.fullName = values.unit;
  wantedIsPresent(values, kind);
  const address = values.currentAddress;
  // Nobody has an official address before it is given: in a list of new mailboxes it is the one wanted.
  const creates = kind === 'CREATE_PERSON' || kind === 'CREATE_UNIT';
  if (!creates || address === undefined || values.proposedAddress !== undefined) return;
  delete values.currentAddress;
  if (!address.includes('@') || address.endsWith('.gov.vn')) values.proposedAddress = address;
  else {
    // A private address beside a new mailbox is only where to write meanwhile.
    const told = `${addresses[0]?.heading ?? 'Thư điện tử'}: ${address}`;
    values.note = values.note === undefined ? told : `${values.note}; ${told}`;
  }
}

/** Kinds for which a mailbox has to exist and gets no other name. */
const OF_WHAT_EXISTS: readonly RequestKind[] = ['CANCEL', 'PASSWORD_RESET', 'REOPEN', 'ABSENCE_REASON'];

/** "Tên tài khoản" over a mailbox that is to be cancelled is the account it has, no wish. */
function wantedIsPresent(values: Partial<Record<ColumnKey, string>>, kind: RequestKind | null): void {
  const wanted = values.proposedAddress;
  if (kind === null || !OF_WHAT_EXISTS.includes(kind)) return;
  if (values.currentAddress !== undefined || wanted?.includes('@') !== true) return;
  values.currentAddress = wanted;
  delete values.proposedAddress;
}

/** Two columns "Họ và tên" filled in one row: whose mailbox it is cannot be told. */
function severalNames(pieces: readonly Piece[], header: Header): Doubt[] {
  const whole = header.columns.filter((column) => !('tick' in column) && column.parts.includes('fullName'));
  const split = header.columns.some(
    (column) => !('tick' in column) && column.parts.some((part) => part === 'surname' || part === 'given'),
  );
  // One heading merged over two columns: a name in two cells.
  const merged = new Set(whole.map(({ heading }) => heading)).size === 1;
  if (whole.length < 2 || split || merged || new Set(pieces.map(({ text }) => text)).size < 2) return [];
  const names = pieces.map(({ text }) => `“${text.slice(0, 80)}”`).join(', ');
  return [
    doubt('name_several', 'fullName', `Dòng có nhiều họ tên: ${names}`, 'Mỗi dòng chỉ ghi một họ và tên'),
  ];
}

/** The example of a blank form that was left in: nobody wants a mailbox for it. */
function exampleDoubts(no: string | undefined, name: string): Doubt[] {
  if (!/^(?:vd|ví dụ|mẫu|example|e\.?g)(?!\p{L})/iu.test(no ?? name)) return [];
  return [
    doubt(
      'example_row',
      null,
      'Dòng này là ví dụ của mẫu danh sách',
      'Xóa dòng ví dụ, chỉ ghi các trường hợp thật',
    ),
  ];
}

function collect(grid: TextGrid, row: TextRow, header: Header): Map<ColumnKey, Piece[]> {
  const found = new Map<ColumnKey, Piece[]>();
  const add = (part: ColumnPart, piece: Piece): void => {
    const column = part === 'surname' || part === 'given' ? 'fullName' : part;
    found.set(column, [...(found.get(column) ?? []), piece]);
  };
  const old = superseded(header.columns);
  for (const column of preferred(header.columns)) {
    if ('tick' in column || old.has(column.at)) continue;
    const cell = cellAt(grid, row, column);
    if (cell === null) continue;
    for (const [part, piece] of shares(cell, column)) add(part, piece);
  }
  return found;
}

const OLD = /(?<!\p{L})(?:cũ|đi|hiện tại|hiện nay|trước)(?!\p{L})/iu;
const NEW = /(?<!\p{L})(?:mới|đến|tiếp nhận|sau)(?!\p{L})/iu;

/** Of "Đơn vị cũ | Đơn vị mới" the new one is what the row asks for; the old one is only told. */
function superseded(columns: readonly Column[]): ReadonlySet<number> {
  const renewed = new Set(
    columns.flatMap((column) => ('tick' in column || !NEW.test(column.heading) ? [] : column.parts)),
  );
  return new Set(
    columns
      .filter(
        (column) =>
          !('tick' in column) && OLD.test(column.heading) && column.parts.every((part) => renewed.has(part)),
      )
      .map(({ at }) => at),
  );
}

function cellAt(grid: TextGrid, row: TextRow, column: Exclude<Column, { tick: Action }>): TextCell | null {
  const own = row.cells[column.at] ?? null;
  if (own !== null || !column.parts.some((part) => CARRIED.includes(part))) return own;
  const merge = mergeAt(grid, row.line, column.at);
  if (merge === undefined || merge.top === row.line || merge.left !== column.at) return null;
  return grid.byLine.get(merge.top)?.cells[column.at] ?? null;
}

const BETWEEN = /\s*[,;]\s*|\s+[-–—]\s+|\s*\n\s*/gu;

/** Shares a cell out among the things its column holds: "Chuyên viên, Sở Nội vụ". */
function shares(cell: TextCell, column: Exclude<Column, { tick: Action }>): [ColumnPart, Piece][] {
  const piece = (written: string, text: string): Piece => ({
    cell,
    written,
    text,
    heading: column.heading,
    sure: column.sure,
  });
  const [first, second] = column.parts;
  if (first === undefined) return [];
  if (second === undefined) return [[first, piece(cell.written, cell.text)]];
  // Line breaks inside a cell separate too; they are gone from the tidy text.
  const raw = cell.legacy.length > 0 ? cell.text : cell.source.text;
  const ofBody = second === 'unit' || second === 'department';
  const [head, tail] = (ofBody ? beforeBody(raw) : atFirst(raw)).map(tidy);
  return [
    ...(head === undefined || head === '' ? [] : [[first, piece(head, head)] as [ColumnPart, Piece]]),
    ...(tail === undefined || tail === '' ? [] : [[second, piece(tail, tail)] as [ColumnPart, Piece]]),
  ];
}

function atFirst(raw: string): [string, string] {
  const parts = raw
    .split(BETWEEN)
    .map(tidy)
    .filter((part) => part !== '');
  return [parts[0] ?? '', parts.slice(1).join(', ')];
}

/**
 * "Công chức, Văn phòng - Thống kê": names of bodies hold dashes and commas themselves, so the text is divided where a
 * body begins, and only else at its first comma.
 */
function beforeBody(raw: string): [string, string] {
  const cuts = [...raw.trim().matchAll(BETWEEN)].map(({ 0: words, index }) => ({
    head: raw.trim().slice(0, index),
    tail: raw.trim().slice(index + words.length),
    dash: /[-–—]/u.test(words),
  }));
  if (isBody(tidy(raw))) {
    const turned = cuts.find(({ tail }) => isPosition(tail));
    return turned === undefined ? ['', raw] : [turned.tail, turned.head];
  }
  const cut = cuts.find(({ tail }) => isBody(tidy(tail))) ?? cuts.find(({ dash }) => !dash);
  return cut === undefined ? [raw, ''] : [cut.head, cut.tail];
}

function valueOf(column: ColumnKey, pieces: readonly Piece[]): Value {
  const [first] = pieces;
  if (first === undefined) return { text: '', doubts: [] };
  switch (column) {
    case 'phone':
      return phoneOf({ ...first.cell, ...first });
    case 'idNumber':
      return idNumberOf({ ...first.cell, ...first });
    case 'birthDate':
      return birthDateOf({ ...first.cell, ...first });
    case 'currentAddress':
    case 'proposedAddress':
      return addressOf(column, { ...first.cell, ...first });
    case 'fullName':
      return { text: withoutStar(tidySpaces(pieces.map(({ written }) => written).join(' '))), doubts: [] };
    default:
      return { text: joined(column, pieces), doubts: [] };
  }
}

/** Written text may hold a soft hyphen that is a letter of TCVN3; only spaces are touched. */
const tidySpaces = (text: string): string => text.replaceAll(/ +/gu, ' ').trim();

/** "Hoàng Hoa Thám (*)": the star points to a remark below the table. */
const withoutStar = (name: string): string => name.replace(/\s*(?:\(\*+\)|\*+)$/u, '');

function joined(column: ColumnKey, pieces: readonly Piece[]): string {
  const texts = [...new Set(pieces.map(({ written }) => written))];
  return JOINED.includes(column) ? texts.join(', ') : (texts[0] ?? '');
}

/** What a spreadsheet shows where a formula has no value (ECMA-376 part 1 §18.17.3), and LibreOffice's "Err:508". */
const CELL_ERROR = /^(?:#(?:REF|N\/A|VALUE|NAME|DIV\/0|NUM|NULL|SPILL|CALC)[!?]?|Err:\d{3})$/u;

/** Columns whose text is words: numbers and addresses have no encoding to be wrong. */
const WORDS: readonly ColumnKey[] = ['fullName', ...JOINED];

function doubtsOf(column: ColumnKey, pieces: readonly Piece[]): Doubt[] {
  const doubts: Doubt[] = [];
  const legacy = pieces.filter(({ cell }) => cell.legacy.length > 0);
  if (legacy.length > 0 && WORDS.includes(column)) doubts.push(legacyDoubt(column, pieces, legacy));
  const [unsure] = pieces.filter(({ sure }) => !sure);
  if (unsure !== undefined)
    doubts.push(
      doubt(
        'heading_ambiguous',
        column,
        `Chưa rõ nội dung cột “${unsure.heading}”`,
        'Đặt lại tên cột theo mẫu danh sách',
      ),
    );
  if (pieces.some(({ cell }) => cell.source.revised === true))
    doubts.push(
      doubt(
        'tracked_change',
        column,
        'Ô còn nội dung sửa đổi chưa được chấp nhận (Track Changes)',
        'Chấp nhận hoặc hủy các sửa đổi rồi gửi lại',
      ),
    );
  if (pieces.some(({ cell }) => cell.source.concealed === true))
    doubts.push(
      doubt('hidden_text', column, 'Ô có chữ bị ẩn, không hiển thị', 'Bỏ ẩn hoặc xóa phần chữ bị ẩn'),
    );
  if (pieces.some(({ text }) => CELL_ERROR.test(text)))
    doubts.push(
      doubt('cell_error', column, 'Ô báo lỗi công thức, không có giá trị', 'Ghi giá trị thay cho công thức'),
    );
  if (column !== 'no' && pieces.some(({ cell }) => cell.source.formula === true))
    doubts.push(
      doubt(
        'formula',
        column,
        'Ô do công thức tính, giá trị có thể đổi khi mở tệp',
        'Ghi giá trị thay cho công thức',
      ),
    );
  return doubts;
}

function legacyDoubt(column: ColumnKey, pieces: readonly Piece[], legacy: readonly Piece[]): Doubt {
  const encodings = [...new Set(legacy.flatMap(({ cell }) => cell.legacy.map(({ encoding }) => encoding)))];
  const told = `Dùng bảng mã cũ (${encodings.join(' hoặc ')}), không đúng TCVN 6909:2001`;
  const separator = column === 'fullName' ? ' ' : ', ';
  const sure = legacy.every(({ cell }) => cell.legacy.length === 1);
  const proposal = sure ? pieces.map(({ text }) => text).join(separator) : undefined;
  return doubt('legacy_encoding', column, told, 'Gõ lại bằng phông Unicode', proposal);
}

interface Asked {
  readonly kind: RequestKind | null;
  readonly keeps: boolean;
  readonly doubts: readonly Doubt[];
}

/** Crosses speak before words, words of the row before its group, the group before the title. */
function askedBy(row: TextRow, header: Header, words: readonly Piece[], above: Above): Asked {
  const ticks = header.columns.flatMap((column) =>
    'tick' in column && isTicked(row.cells[column.at] ?? null)
      ? [{ tick: column.tick, heading: column.heading, said: row.cells[column.at]!.text }]
      : [],
  );
  const ticked = ticks.flatMap(({ tick, said }) => (tick === 'other' ? tickedInWords(said) : [tick]));
  const stated = ticked.length > 0 ? ticked : words.flatMap(({ text }) => actionsOf(text));
  const actions = [...new Set(stated)];
  if (actions.length > 1)
    return {
      kind: null,
      keeps: false,
      doubts: [
        doubt(
          'action_ambiguous',
          'action',
          'Dòng đề nghị nhiều nội dung cùng lúc',
          'Mỗi dòng chỉ đề nghị một nội dung',
        ),
      ],
    };
  const action = actions[0] ?? above.asked;
  if (action === 'lock')
    return {
      kind: null,
      keeps: false,
      doubts: [
        doubt(
          'lock_requested',
          'action',
          'Đề nghị tạm khóa hộp thư cần cán bộ xem xét',
          'Nêu rõ lý do và thời gian tạm khóa',
        ),
      ],
    };
  if (action === 'keep') return { kind: null, keeps: true, doubts: [] };
  const unread = action === 'other' ? ticks[0]?.heading : action === null ? words[0]?.text : undefined;
  return {
    kind: action === 'other' ? null : action,
    keeps: false,
    doubts:
      unread === undefined
        ? []
        : [
            doubt(
              'action_unclear',
              'action',
              `Chưa rõ nội dung đề nghị “${unread.slice(0, 80)}”`,
              'Ghi rõ: cấp mới, thay đổi, hủy, cấp lại mật khẩu hoặc mở lại',
            ),
          ],
  };
}

/** Below a heading nobody knows, words may still say what a cross does not. */
function tickedInWords(said: string): Action[] {
  const found = actionsOf(said);
  return found.length > 0 ? found : ['other'];
}

const NOT_TICKED = /^(?:không|khong|ko|k|no|0|false|☐|□|◻|▢|❑|❏)$/iu;

/** A cross, or words in place of one. */
const isTicked = (cell: TextCell | null): boolean =>
  cell !== null && (isTick(cell.text, cell.source.font) || !NOT_TICKED.test(cell.text));

function hiddenDoubts(grid: TextGrid, row: TextRow, header: Header): Doubt[] {
  const doubts: Doubt[] = [];
  if (row.hidden || grid.hidden)
    doubts.push(
      doubt(
        'hidden_row',
        null,
        grid.hidden ? 'Trang tính bị ẩn trong tệp' : 'Dòng bị ẩn trong tệp',
        'Bỏ ẩn hoặc xóa khỏi danh sách',
      ),
    );
  const hidden = header.columns.find(
    (column) => grid.hiddenColumns.includes(column.at) && (row.cells[column.at] ?? null) !== null,
  );
  if (hidden !== undefined)
    doubts.push(
      doubt(
        'hidden_column',
        null,
        `Cột “${hidden.heading}” bị ẩn trong tệp`,
        'Bỏ ẩn hoặc xóa cột khỏi danh sách',
      ),
    );
  return doubts;
}
