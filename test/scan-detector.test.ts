import { describe, expect, test } from 'vitest';
import { lookAt } from '../src/scan/look.ts';
import { drawColourless, drawPage } from './scans/page.ts';

/**
 * A few pages of the tuning seeds, so that a change that breaks the detector is seen at once. How good it is on pages
 * it was not tuned on is told by `npm run bench -- seal`.
 */
const some = (first: number, count: number): number[] =>
  Array.from({ length: count }, (_, n) => first + 2 * n);

describe('round red seals', () => {
  test.each(some(1002, 8))('page %i carries one, and it is measured', (seed) => {
    const page = drawPage(seed);
    const { seals } = lookAt(page, page.pxPerMm);
    expect(seals, page.truth.description).toHaveLength(1);
    const tolerance = page.pxPerMm === null ? 3 : 0.6;
    expect(Math.abs(seals[0]!.diameterMm - page.truth.seal!.diameter)).toBeLessThan(tolerance);
    if (page.pxPerMm === null) expect(seals[0]!.weaknesses).toContain('scale_assumed');
  });

  test.each(some(1001, 12))('page %i carries none', (seed) => {
    const page = drawPage(seed);
    expect(lookAt(page, page.pxPerMm).seals, page.truth.description).toEqual([]);
  });

  test.each(['grey', 'bilevel'] as const)('a %s page never holds one', (tint) => {
    for (const seed of some(1000, 3)) {
      const page = drawColourless(seed, tint);
      expect(lookAt(page, page.pxPerMm)).toMatchObject({ colour: tint, seals: [], strokes: [] });
    }
  });

  test('ink over it is seen, print is not', () => {
    const signed = drawPage(1006);
    const [stroke] = lookAt(signed, signed.pxPerMm).strokes;
    expect(stroke).toMatchObject({ colour: 'blue', overSeal: true });
    const bare = drawPage(some(1000, 60).find((seed) => !drawPage(seed).truth.signed)!);
    expect(lookAt(bare, bare.pxPerMm).strokes, bare.truth.description).toEqual([]);
  });
});

test('white paper is blank, whatever its tint', () => {
  for (const level of [255, 230]) {
    const data = new Uint8Array(400 * 600 * 3).fill(level);
    expect(lookAt({ width: 400, height: 600, data }, 4).blank).toBe(true);
  }
});
