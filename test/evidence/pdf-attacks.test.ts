import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examinePdf } from '../../src/evidence/pdf.ts';
import type { PdfFinding } from '../../src/evidence/pdf.ts';
import { loadTrustStore, type TrustStore } from '../../src/evidence/trust-store.ts';
import { buildPki } from '../harness/openssl-pki.ts';
import { attackKit, ATTACKS as FILE_ATTACKS, type AttackKit } from '../harness/pdf-attacks.ts';
import { READER_ATTACKS } from '../harness/pdf-attacks-readers.ts';
import { UPDATE_ATTACKS } from '../harness/pdf-attacks-updates.ts';
import { basePdf } from '../harness/pdf-writer.ts';

const ATTACKS = { ...FILE_ATTACKS, ...READER_ATTACKS, ...UPDATE_ATTACKS };

interface Case {
  readonly name: string;
  /** Sub-indication of the whole file's verdict. */
  readonly expect: string;
  readonly why: string;
}
const CASES = JSON.parse(
  fs.readFileSync(new URL('../cases/pdf/attacks.json', import.meta.url), 'utf8'),
) as readonly Case[];

const at = new Date('2026-01-05T01:15:00Z');
let dir: string;
let kit: AttackKit;
let trust: TrustStore;

beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-pdf-attacks-'));
  const pki = buildPki(dir);
  const leaf = pki.leaf('rsa', { email: 'snv@quangbinh.gov.vn', commonName: 'So Noi vu' });
  trust = loadTrustStore({ anchors: pki.anchors, intermediates: pki.intermediates, crls: pki.crls });
  kit = attackKit({ leaf, pki, field: 7 });
}, 60_000);
afterAll(() => {
  fs.rmSync(dir, { recursive: true, force: true });
});

const examine = (pdf: Uint8Array): PdfFinding => examinePdf(pdf, { at, trust });
const verdict = (pdf: Uint8Array): string => examine(pdf).evidence.verdict.verdict;

describe('forgeries', () => {
  test('every case has its forgery, every forgery its case', () => {
    expect(CASES.map((one) => one.name).toSorted()).toEqual(Object.keys(ATTACKS).toSorted());
  });

  test('the file they are made from passes', () => {
    expect(verdict(kit.signed)).toBe('TOTAL-PASSED');
  });

  test.each(CASES)('$name', ({ name, expect: subIndication }) => {
    const { verdict: found, reason, explanation } = examine(ATTACKS[name]!(kit)).evidence;
    expect(found, reason).toMatchObject({ subIndication });
    expect(explanation).not.toBe('');
  });
});

describe('any change', () => {
  test('of any signed byte never passes', () => {
    const { signed } = kit;
    const gap = {
      from: signed.indexOf('/Contents <') + 11,
      to: signed.indexOf('>', signed.indexOf('/Contents <')),
    };
    const signedByte = fc
      .integer({ min: 0, max: signed.length - 1 })
      .filter((at) => at < gap.from || at >= gap.to);
    fc.assert(
      fc.property(signedByte, fc.integer({ min: 1, max: 255 }), (place, mask) => {
        const changed = Buffer.from(signed);
        changed[place] = changed[place]! ^ mask;
        return verdict(changed) !== 'TOTAL-PASSED';
      }),
      { numRuns: 2_000 },
    );
  });

  test('cuts, insertions and repeats never pass and never throw', () => {
    const { signed } = kit;
    const place = fc.integer({ min: 0, max: signed.length });
    fc.assert(
      fc.property(place, place, place, (from, to, into) => {
        const piece = signed.subarray(Math.min(from, to), Math.max(from, to));
        const changed = Buffer.concat([signed.subarray(0, into), piece, signed.subarray(into)]);
        return changed.equals(signed) || verdict(changed) !== 'TOTAL-PASSED';
      }),
      { numRuns: 500 },
    );
  });

  test('structure is scrambled without hanging or throwing', () => {
    const words = [
      '/Prev 9',
      '/XRefStm 9',
      'endobj',
      'stream',
      '<<',
      '>>',
      '[',
      ']',
      '(',
      '8 0 R',
      '/Kids',
      '%',
      '\0',
    ];
    const { signed } = kit;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(signed.length), fc.constantFrom(...words)), { minLength: 1 }),
        (edits) => {
          const changed = Buffer.from(signed);
          for (const [place, word] of edits)
            changed.write(word, Math.min(place, changed.length - word.length), 'latin1');
          return changed.equals(signed) || verdict(changed) !== 'TOTAL-PASSED';
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('bombs end early', () => {
  const timed = (pdf: Buffer): number => {
    const start = process.cpuUsage();
    expect(verdict(pdf)).not.toBe('TOTAL-PASSED');
    return process.cpuUsage(start).user / 1000;
  };

  test.each([
    ['nested arrays', `1 0 obj\n${'['.repeat(1_000_000)}\nendobj\n`],
    ['nested dictionaries', `1 0 obj\n${'<</A'.repeat(500_000)}\nendobj\n`],
    ['an open string', `1 0 obj\n(${'('.repeat(2_000_000)}\nendobj\n`],
    ['one long word', `1 0 obj\n${'1'.repeat(3_000_000)}\nendobj\n`],
  ])('%s', (_, text) => {
    const head = Buffer.from('%PDF-1.7\n');
    const tail = `xref\n1 1\n0000000009 00000 n \ntrailer\n<< /Root 1 0 R /ByteRange 1 >>\nstartxref\n${9 + text.length}\n%%EOF\n`;
    expect(timed(Buffer.concat([head, Buffer.from(text + tail)]))).toBeLessThan(2_000);
  });

  test('a form whose fields contain each other', () => {
    const objects = {
      1: '<< /AcroForm 6 0 R >>',
      6: '<< /Fields [7 0 R] >>',
      7: '<< /FT /Sig /Kids [7 0 R /ByteRange] >>',
    };
    expect(timed(basePdf(objects))).toBeLessThan(1_000);
  });

  test('a form that doubles at every level', () => {
    const kids = (num: number): string => `<< /Kids [${num + 1} 0 R ${num + 1} 0 R] /ByteRange [] >>`;
    const levels = Object.fromEntries(Array.from({ length: 40 }, (_, level) => [level + 7, kids(level + 7)]));
    expect(
      timed(basePdf({ 1: '<< /AcroForm 6 0 R >>', 6: '<< /Fields [7 0 R] >>', ...levels })),
    ).toBeLessThan(1_000);
  });
});
