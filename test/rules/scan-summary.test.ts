import { expect, test } from 'vitest';
import { scanSummary } from '../../src/rules/scan.ts';
import type { ScanFact, ScanPage } from '../../src/rules/scan-facts.ts';

const box = { x: 0, y: 0, width: 1, height: 1 };
const page: ScanPage = {
  page: 1,
  widthMm: 210,
  heightMm: 297,
  scale: 'placement',
  dpi: 199.8,
  imageCoverage: 1,
  colour: 'colour',
  blank: false,
  visibleText: 0,
  hiddenText: 0,
  overlays: [],
  seals: [{ grade: 'strong', weaknesses: [], diameterMm: 35.04, box }],
  strokes: [{ colour: 'blue', overSeal: true, sizeMm: 40, box }],
};
const fact: ScanFact = {
  pageCount: 1,
  pages: [page],
  images: [],
  seenBefore: [],
  renderer: 'pdftoppm',
  limit: null,
};

test('what was seen of a scan, in one line of the log', () => {
  expect(scanSummary(fact)).toBe(
    'scan of 1 pages, 1 seen, colour 200 dpi, red stamps: p1 strong 35.0 mm, ink near a stamp: over it',
  );
});

test('what was not seen is said, never that it is absent', () => {
  const doubtful: ScanFact = {
    ...fact,
    pageCount: null,
    pages: [
      {
        ...page,
        dpi: null,
        colour: 'grey',
        blank: true,
        seals: [],
        strokes: [],
        overlays: [{ kind: 'text', box }],
      },
    ],
    seenBefore: ['ab'],
    limit: 'timeout',
  };
  expect(scanSummary(doubtful)).toBe(
    'scan of unknown pages, 1 seen, grey, red stamps: none, ink near a stamp: none, something lies over the scan, ' +
      'a page was drawn blank, a picture came in an earlier letter, not wholly seen: timeout',
  );
});
