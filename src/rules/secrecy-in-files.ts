import { textGrid, type TextRow } from './list-cells.ts';
import type { ListGrid } from './list-grid.ts';
import { secrecyMark, type SecrecyMark } from './secrecy.ts';

/**
 * The secrecy mark a file carries in its cells and lines (HCM-8.1, QB-13.2, ST-6.1), legacy encodings included; null
 * where there is none. A person called "MẬT" stands in a numbered row of data and is no stamp.
 */
export function secrecyMarkInGrids(grids: readonly ListGrid[]): SecrecyMark | null {
  for (const grid of grids)
    for (const row of textGrid(grid).rows) {
      const mark = markInRow(row);
      if (mark !== null) return mark;
    }
  return null;
}

function markInRow({ cells }: TextRow): SecrecyMark | null {
  const texts = cells.filter((cell) => cell !== null).map(({ text, source }) => [text, source.text]);
  const data = texts.length >= 3 && /^\d{1,5}\s*[.)]?$/u.test(texts[0]?.[0] ?? '');
  for (const written of new Set(texts.flat())) {
    const mark = secrecyMark(written);
    if (mark !== null && !(data && written.trim() === 'MẬT')) return mark;
  }
  return null;
}
