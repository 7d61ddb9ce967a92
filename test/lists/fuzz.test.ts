import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FORMATS, readList } from '../../src/lists/formats.ts';
import { ListError, type ListFile } from '../../src/lists/port.ts';
import { understandLists } from '../../src/rules/list-layout.ts';
import { openZip } from '../../src/zip.ts';
import { storedZip } from '../harness/zip-writer.ts';

/** Whatever a stranger sends, a reader answers with grids or a ListError, soon and of a bounded size. */
const MOST_CELLS = 500_000;

async function holds(file: ListFile): Promise<void> {
  let grids;
  try {
    grids = await readList(file);
  } catch (error) {
    expect(error).toBeInstanceOf(ListError);
    return;
  }
  expect(grids.flatMap(({ rows }) => rows.flatMap(({ cells }) => cells)).length).toBeLessThan(MOST_CELLS);
  understandLists(grids);
}

const FOLDER = 'fixtures/lists';
const fixture = (name: string): Buffer => fs.readFileSync(path.join(FOLDER, name));
const SEEDS: Readonly<Record<string, string>> = {
  xlsx: '04-ticks-in-sheet.xlsx',
  xls: '04-ticks-in-sheet.xls',
  ods: '08-split-names.ods',
  docx: '50-tracked-changes.docx',
  odt: '13-vni-runs.odt',
  'pdf-table': '16-carried-merges.pdf',
  csv: '35-quotes.csv',
  html: '40-outlook-table.html',
  'plain-text': '43-bars.txt',
};

/** Positions are shares of the length, so that they shrink and fit any seed. */
const edits = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    what: fc.oneof(
      fc.record({ put: fc.uint8Array({ minLength: 1, maxLength: 4 }) }),
      fc.record({ cut: fc.integer({ min: 1, max: 200 }) }),
      fc.record({ repeat: fc.integer({ min: 1, max: 400 }) }),
    ),
  }),
  { minLength: 1, maxLength: 6 },
);

type Edits = typeof edits extends fc.Arbitrary<infer T> ? T : never;

function edited(seed: Buffer, changes: Edits): Buffer {
  let bytes = seed;
  for (const { at, what } of changes) {
    const place = Math.floor(at * bytes.length);
    const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
    if ('put' in what) bytes = Buffer.concat([before, what.put, after.subarray(what.put.length)]);
    else if ('cut' in what) bytes = Buffer.concat([before, after.subarray(what.cut)]);
    else bytes = Buffer.concat([before, after.subarray(0, what.repeat), after]);
  }
  return bytes;
}

const mediaTypeOf = (name: string): string => FORMATS.find((format) => format.name === name)!.mediaTypes[0]!;

describe('hostile files', () => {
  test.each(Object.keys(SEEDS))('%s: bytes changed, cut and repeated', { timeout: 60_000 }, async (name) => {
    const seed = fixture(SEEDS[name]!);
    await fc.assert(
      fc.asyncProperty(edits, (changes) =>
        holds({
          bytes: edited(seed, changes),
          filename: 'x',
          mediaType: mediaTypeOf(name),
          encrypted: false,
        }),
      ),
      { numRuns: name === 'pdf-table' ? 40 : 150 },
    );
  });

  /** Behind a sound zip: the parts themselves are changed, as only who packs them anew can. */
  test.each(['xlsx', 'ods', 'docx', 'odt'])(
    '%s: parts changed and packed anew',
    { timeout: 60_000 },
    async (name) => {
      const zip = openZip(fixture(SEEDS[name]!));
      const parts = Object.fromEntries(zip.names.map((part) => [part, Buffer.from(zip.read(part))]));
      const changing = zip.names.filter((part) => part.endsWith('.xml') || part.endsWith('.rels'));
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...changing), edits, (part, changes) =>
          holds({
            bytes: storedZip({ ...parts, [part]: edited(parts[part]!, changes) }),
            filename: 'x',
            mediaType: mediaTypeOf(name),
            encrypted: false,
          }),
        ),
        { numRuns: 200 },
      );
    },
  );

  test('every format has a seed', () => {
    expect(Object.keys(SEEDS).toSorted()).toEqual(FORMATS.map(({ name }) => name).toSorted());
  });
});

/** Well-formed markup with numbers and places chosen by a stranger: what byte changes nearly never reach. */
const number = fc.oneof(
  fc.integer({ min: -2, max: 300 }).map(String),
  fc.constantFrom('1000000000', '-1', '1e9', 'NaN', '', '0x10', '1048577', '99999999999999999999'),
);

describe('well-formed and hostile', () => {
  test('sheets of Excel', { timeout: 60_000 }, async () => {
    const reference = fc.oneof(
      fc.tuple(fc.constantFrom('A', 'B', 'XFD', 'ZZZZ', 'a', ''), number).map((pair) => pair.join('')),
      fc.string({ maxLength: 6 }).map(escaped),
    );
    const cell = fc
      .tuple(reference, fc.constantFrom('s', 'n', 'str', 'inlineStr', 'e', 'b', 'd', 'zz'), number, number)
      .map(([r, t, s, v]) => `<c r="${r}" t="${t}" s="${s}"><f/><v>${v}</v><is><t>${v}</t></is></c>`);
    const row = fc
      .tuple(number, fc.constantFrom('', 'hidden="1"', 'ht="0"'), fc.array(cell, { maxLength: 6 }))
      .map(([r, hidden, cells]) => `<row r="${r}" ${hidden}>${cells.join('')}</row>`);
    const rest = fc
      .tuple(number, number, reference, reference)
      .map(
        ([min, max, a, b]) =>
          `<cols><col min="${min}" max="${max}" hidden="1"/></cols><mergeCells><mergeCell ref="${a}:${b}"/></mergeCells>`,
      );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 6 }), rest, (rows, more) =>
        holds({
          bytes: workbookOf(`<worksheet><sheetData>${rows.join('')}</sheetData>${more}</worksheet>`),
          filename: 'x.xlsx',
          mediaType: mediaTypeOf('xlsx'),
          encrypted: false,
        }),
      ),
      { numRuns: 300 },
    );
  });

  test('tables of HTML and OpenDocument', { timeout: 60_000 }, async () => {
    const attributes = fc
      .tuple(number, number, number)
      .map(
        ([a, b, c]) =>
          `number-columns-spanned="${a}" number-rows-spanned="${b}" number-columns-repeated="${c}" number-rows-repeated="${c}" colspan="${a}" rowspan="${b}"`,
      );
    const tag = fc.constantFrom(
      'table',
      'table-row',
      'tr',
      'table-cell',
      'td',
      'p',
      'covered-table-cell',
      'span',
      's',
    );
    const { markup } = fc.letrec<{ markup: string }>((tie) => ({
      markup: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.constantFrom('STT', 'Họ và tên', '1', 'Lê Thị Hoa', ''),
        fc
          .tuple(tag, attributes, fc.array(tie('markup'), { maxLength: 4 }))
          .map(([name, told, inside]) => `<${name} ${told}>${inside.join('')}</${name}>`),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(markup, fc.constantFrom('ods', 'odt', 'html'), (inside, name) =>
        holds({
          bytes: name === 'html' ? Buffer.from(inside) : storedZip({ 'content.xml': `<x>${inside}</x>` }),
          filename: 'x',
          mediaType: mediaTypeOf(name),
          encrypted: false,
        }),
      ),
      { numRuns: 300 },
    );
  });

  test('text of any kind', async () => {
    const pieces = fc.constantFrom(
      '"',
      ';',
      ',',
      '\t',
      '|',
      '\n',
      '\r',
      '  ',
      '1.',
      'Lê Thị Hoa',
      '–',
      'sep=;',
      '\ufeff',
      '\0',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(pieces, fc.string()), { maxLength: 60 }),
        fc.constantFrom('csv', 'plain-text', 'html'),
        (texts, name) =>
          holds({
            bytes: Buffer.from(texts.join('')),
            filename: 'x',
            mediaType: mediaTypeOf(name),
            encrypted: false,
          }),
      ),
      { numRuns: 500 },
    );
  });
});

const escaped = (text: string): string => text.replaceAll(/[<>&"\0-\x1f\ud800-\udfff\ufffe\uffff]/gu, '');

const RELATION = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

const workbookOf = (sheet: string): Buffer =>
  storedZip({
    '_rels/.rels': `<Relationships><Relationship Id="a" Type="${RELATION}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/_rels/workbook.xml.rels': `<Relationships><Relationship Id="a" Type="${RELATION}/worksheet" Target="s.xml"/></Relationships>`,
    'xl/workbook.xml': '<workbook xmlns:r="r"><sheets><sheet name="A" r:id="a"/></sheets></workbook>',
    'xl/s.xml': sheet,
  });
