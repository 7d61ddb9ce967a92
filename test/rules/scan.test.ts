import { describe, expect, test } from 'vitest';
import type { ScanFact, ScanPage } from '../../src/rules/scan-facts.ts';
import { possibleScans, SCAN_DOUBTS, scanDoubts } from '../../src/rules/scan.ts';
import { failed, NO_SIGNATURE } from '../../src/rules/verdict.ts';

const box = { x: 0.5, y: 0.6, width: 0.17, height: 0.12 };
const PAGE: ScanPage = {
  page: 1,
  widthMm: 210,
  heightMm: 297,
  scale: 'placement',
  dpi: 200,
  imageCoverage: 1,
  colour: 'colour',
  blank: false,
  visibleText: 0,
  hiddenText: 900,
  overlays: [],
  seals: [{ grade: 'strong', weaknesses: [], diameterMm: 36, box }],
  strokes: [{ colour: 'blue', overSeal: true, sizeMm: 30, box }],
};
const bare = { ...PAGE, seals: [], strokes: [] };
const fact = (pages: readonly ScanPage[], more: Partial<ScanFact> = {}): ScanFact => ({
  pageCount: pages.length,
  pages,
  images: [],
  seenBefore: [],
  renderer: 'pdftoppm',
  limit: null,
  ...more,
});
const codes = (of: ScanFact): string[] => scanDoubts(of).map(({ code }) => code);

describe('what makes an officer look twice', () => {
  test('nothing, when every fact is strong; hidden text and pages without a seal are usual', () => {
    expect(codes(fact([bare, PAGE]))).toEqual([]);
  });

  const weak = {
    ...PAGE,
    seals: [{ ...PAGE.seals[0]!, grade: 'weak' as const, weaknesses: ['faint' as const] }],
  };
  test.each<[(typeof SCAN_DOUBTS)[number], ScanFact]>([
    ['not_seen', fact([PAGE], { limit: 'only 20 of 50 pages were looked at' })],
    ['blank', fact([{ ...bare, blank: true }, PAGE])],
    ['not_colour', fact([{ ...bare, colour: 'grey' }])],
    ['no_seal', fact([bare])],
    ['weak_seal', fact([weak])],
    ['several_seals', fact([{ ...PAGE, seals: [...PAGE.seals, ...PAGE.seals] }])],
    ['no_strokes', fact([{ ...PAGE, strokes: [] }])],
    ['low_resolution', fact([{ ...PAGE, dpi: 150 }])],
    ['overlay', fact([{ ...PAGE, overlays: [{ kind: 'transparent_picture', box }] }])],
    ['born_digital', fact([{ ...PAGE, visibleText: 1 }])],
    ['born_digital', fact([{ ...PAGE, imageCoverage: 0.3 }])],
    ['seen_before', fact([PAGE], { seenBefore: ['00'] })],
  ])('%s', (code, of) => {
    expect(codes(of)).toEqual([code]);
  });

  test('nothing drawn and nothing known is not "no seal"', () => {
    expect(codes(fact([], { limit: 'the parsing child reached its time limit' }))).toEqual(['not_seen']);
    expect(codes(fact([{ ...bare, blank: true, colour: 'bilevel' }]))).toContain('blank');
  });

  test('no text ever says what no picture can tell', () => {
    const all = scanDoubts(
      fact([weak, { ...bare, blank: true, dpi: 90 }], { limit: 'x', seenBefore: ['0'] }),
    );
    for (const { text } of all)
      expect(text).not.toMatch(/bản gốc|dấu thật|giả|hợp lệ|của đơn vị|chữ ký tay/iu);
  });
});

test('the signature route goes first: only what no signature speaks for may be a scan', () => {
  const none = { verdict: NO_SIGNATURE };
  const document = (index: number, more: object) => ({
    index,
    sha256: String(index),
    mediaType: 'application/pdf',
    evidence: none,
    coveredByLetter: false,
    encrypted: false,
    ...more,
  });
  const documents = [
    document(0, {}),
    document(1, { evidence: { verdict: failed('HASH_FAILURE') } }),
    document(2, { encrypted: true }),
    document(3, { mediaType: 'text/csv' }),
    document(4, { mediaType: 'image/jpeg' }),
    document(5, { coveredByLetter: true }),
  ];
  expect(possibleScans({ letter: none, documents }).map(({ index }) => index)).toEqual([0, 4, 5]);
  const signed = { verdict: failed('REVOKED') };
  expect(possibleScans({ letter: signed, documents }).map(({ index }) => index)).toEqual([0, 4]);
});
