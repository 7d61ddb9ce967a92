import type { PdfText } from './pdf-glyphs.ts';
import type { Ruling } from './pdf-rulings.ts';

/** A table drawn with lines. Cells in reading order, those merged over several places once. */
export interface RuledTable {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
  /** Edges of columns and rows, ascending. */
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  readonly cells: readonly RuledCell[];
}

/** 0-based, inclusive. */
export interface RuledCell {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/** Lines this near to each other are one: programs draw every cell's own border. */
const NEAR = 2.5;
/** Ends this near to a crossing line touch it. */
const TOUCH = 4;
/** After joining, a page of tables has some dozens; more is a drawing. */
const MOST_LINES = 1_000;
/** Places of one table; no page holds more cells. */
const MOST_PLACES = 20_000;

/** The tables that the ruling lines of a page make, from top to bottom. */
export function ruledTables(rulings: readonly Ruling[]): RuledTable[] {
  const lines = joined(rulings);
  if (lines.length > MOST_LINES) return [];
  return groups(lines)
    .map(tableOf)
    .filter((table) => table !== null)
    .sort((a, b) => a.top - b.top || a.left - b.left);
}

/** Collinear pieces that touch become one line. */
function joined(rulings: readonly Ruling[]): Ruling[] {
  const out: Ruling[] = [];
  for (const upright of [true, false]) {
    const sorted = rulings.filter((line) => line.upright === upright).toSorted((a, b) => a.at - b.at);
    for (let from = 0; from < sorted.length;) {
      let to = from + 1;
      while (to < sorted.length && sorted[to]!.at - sorted[from]!.at <= NEAR) to++;
      out.push(...united(sorted.slice(from, to)));
      from = to;
    }
  }
  return out;
}

function united(lines: readonly Ruling[]): Ruling[] {
  const [first] = lines;
  if (first === undefined) return [];
  const out: Ruling[] = [];
  for (const line of lines.toSorted((a, b) => a.from - b.from)) {
    const last = out.at(-1);
    if (last !== undefined && line.from <= last.to + NEAR)
      out[out.length - 1] = { ...last, to: Math.max(last.to, line.to) };
    else out.push({ ...line, at: first.at });
  }
  return out;
}

const touches = (a: Ruling, b: Ruling): boolean =>
  a.upright !== b.upright &&
  a.at >= b.from - TOUCH &&
  a.at <= b.to + TOUCH &&
  b.at >= a.from - TOUCH &&
  b.at <= a.to + TOUCH;

/** Lines that hang together by crossing each other. */
function groups(lines: readonly Ruling[]): Ruling[][] {
  const left = new Set(lines);
  const found: Ruling[][] = [];
  for (const line of lines) {
    if (!left.delete(line)) continue;
    const group = [line];
    for (let i = 0; i < group.length; i++)
      for (const other of left)
        if (touches(group[i]!, other)) {
          left.delete(other);
          group.push(other);
        }
    found.push(group);
  }
  return found;
}

/** Two rows or two columns at least; a frame round a text is no table. */
function tableOf(lines: readonly Ruling[]): RuledTable | null {
  const xs = edges(lines.filter(({ upright }) => upright));
  const ys = edges(lines.filter(({ upright }) => !upright));
  const places = (xs.length - 1) * (ys.length - 1);
  if (xs.length < 2 || ys.length < 2 || places < 2 || places > MOST_PLACES) return null;
  return {
    top: ys[0]!,
    bottom: ys.at(-1)!,
    left: xs[0]!,
    right: xs.at(-1)!,
    xs,
    ys,
    cells: cellsOf(lines, xs, ys),
  };
}

function edges(lines: readonly Ruling[]): number[] {
  const out: number[] = [];
  for (const { at } of lines.toSorted((a, b) => a.at - b.at))
    if (out.length === 0 || at - out.at(-1)! > NEAR) out.push(at);
  return out;
}

/** A place takes in its neighbours as long as no line stands between them. */
function cellsOf(lines: readonly Ruling[], xs: readonly number[], ys: readonly number[]): RuledCell[] {
  const stands = (upright: boolean, at: number, middle: number): boolean =>
    lines.some(
      (line) =>
        line.upright === upright &&
        Math.abs(line.at - at) <= NEAR &&
        line.from <= middle &&
        line.to >= middle,
    );
  const middle = (list: readonly number[], i: number): number => (list[i]! + list[i + 1]!) / 2;
  const taken = new Set<string>();
  const cells: RuledCell[] = [];
  for (let top = 0; top < ys.length - 1; top++)
    for (let left = 0; left < xs.length - 1; left++) {
      if (taken.has(`${top} ${left}`)) continue;
      let right = left;
      while (
        right + 2 < xs.length &&
        !taken.has(`${top} ${right + 1}`) &&
        !stands(true, xs[right + 1]!, middle(ys, top))
      )
        right++;
      let bottom = top;
      while (bottom + 2 < ys.length && !stands(false, ys[bottom + 1]!, middle(xs, left))) bottom++;
      for (let r = top; r <= bottom; r++) for (let c = left; c <= right; c++) taken.add(`${r} ${c}`);
      cells.push({ top, left, bottom, right });
    }
  return cells;
}

/** The cell a text stands in, by the middle of its first letters; null when it stands outside of the table. */
export function cellAt({ xs, ys, cells }: RuledTable, { x, y, size, width }: PdfText): RuledCell | null {
  const column = place(xs, x + Math.min(width, size) / 2);
  const row = place(ys, y - size / 3);
  if (column < 0 || row < 0) return null;
  return (
    cells.find(
      (cell) => row >= cell.top && row <= cell.bottom && column >= cell.left && column <= cell.right,
    ) ?? null
  );
}

const place = (edgeList: readonly number[], at: number): number =>
  at < edgeList[0]! || at > edgeList.at(-1)!
    ? -1
    : edgeList.findLastIndex((edge, i) => edge <= at && i < edgeList.length - 1);
