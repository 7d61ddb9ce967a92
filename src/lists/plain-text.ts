import { GridBuilder, ListBudget } from './grid-builder.ts';
import { ListError, type Grid, type GridRow, type ListFormat } from './port.ts';
import { decodeText } from './text-encoding.ts';

/** A letter of 20,000 lines of 100 letters. */
const MOST_LETTERS = 2_000_000;
const MOST_LINES = 20_000;

/** A list typed as text: columns divided by tabs, bars, semicolons or by standing below each other. */
export const plainText: ListFormat = {
  name: 'plain-text',
  mediaTypes: ['text/plain'],
  read({ bytes, filename }): Grid[] {
    const text = decodeText(bytes);
    if (text.length > MOST_LETTERS) throw new ListError('too_large', `more than ${MOST_LETTERS} letters`);
    const lines = text.split(/\r\n|\n|\r/u);
    if (lines.length > MOST_LINES) throw new ListError('too_large', `more than ${MOST_LINES} lines`);
    return [gridOf(lines, filename)];
  },
};

/** Lines that are no part of a table are rows with line 0. */
function gridOf(lines: readonly string[], filename: string): Grid {
  const budget = new ListBudget();
  const builder = new GridBuilder(budget);
  const texts = new Map<number, GridRow>();
  for (const block of blocksOf(lines)) {
    const divide = dividerOf(block.map(({ text }) => text));
    for (const { line, text } of block) {
      if (isRule(text)) continue;
      const cells = divide?.(text) ?? [text];
      if (cells.length > 1) {
        cells.forEach((cell, column) => {
          if (cell !== '') builder.put(line, column, { text: cell });
        });
      } else {
        const cell = { text: text.trim() };
        budget.spend(cell);
        texts.set(line, { line: 0, hidden: false, cells: [cell] });
      }
    }
  }
  const grid = builder.build(filename, false);
  const placed = [...grid.rows.map((row) => [row.line, row] as const), ...texts];
  return { ...grid, rows: placed.sort(([a], [b]) => a - b).map(([, row]) => row) };
}

interface Line {
  readonly line: number;
  readonly text: string;
}

/** Lines between empty ones; what was quoted from another letter keeps its ">" out of the way. */
function blocksOf(lines: readonly string[]): Line[][] {
  const blocks: Line[][] = [[]];
  lines.forEach((raw, at) => {
    const text = raw.replace(/^(?:> ?)+/u, '').trimEnd();
    if (text.trim() !== '') blocks.at(-1)!.push({ line: at + 1, text });
    else if (blocks.at(-1)!.length > 0) blocks.push([]);
  });
  return blocks.filter((block) => block.length > 0);
}

/** "+----+----+", "|---|:--|", "=====". */
const isRule = (text: string): boolean => /^[\s|+\-=_:─│┼]{3,}$/u.test(text);

type Divide = (line: string) => string[];

const MARKS: readonly (readonly [mark: string, least: number])[] = [
  ['\t', 1],
  ['|', 1],
  [';', 2],
];

/** How the lines of a block are divided; null for running text. Two lines at least must be divided. */
function dividerOf(block: readonly string[]): Divide | null {
  for (const [mark, least] of MARKS) {
    const divided = block.filter((line) => line.split(mark).length > least);
    if (divided.length >= 2) return (line) => fieldsOf(line, mark);
  }
  return alignedColumns(block);
}

function fieldsOf(line: string, mark: string): string[] {
  const bared = mark === '|' ? line.trim().replaceAll(/^\||\|$/gu, '') : line;
  return bared.split(mark).map((field) => field.trim());
}

/** Gaps narrower than this stand between words. */
const LEAST_GAP = 2;

/**
 * Columns that stand below each other: places where all lines with gaps have a space. Lines whose columns do not
 * stand below each other are divided at their own gaps.
 */
function alignedColumns(block: readonly string[]): Divide | null {
  const gapped = block.filter((line) => (line.trim().match(/\S {2,}(?=\S)/gu) ?? []).length >= 2);
  if (gapped.length < 2) return null;
  const width = Math.max(...gapped.map((line) => line.length));
  const gaps: number[] = [];
  let run = 0;
  for (let at = 0; at <= width; at++) {
    const empty = gapped.every((line) => (line[at] ?? ' ') === ' ');
    if (empty) run++;
    else {
      if (run >= LEAST_GAP && at > run) gaps.push(at);
      run = 0;
    }
  }
  if (gaps.length < 2) return (line) => line.trim().split(/ {2,}/u);
  const rows = new Set(gapped);
  return (line) => {
    if (!rows.has(line)) return [line];
    return [0, ...gaps].map((from, i) => line.slice(from, gaps[i] ?? line.length).trim());
  };
}
