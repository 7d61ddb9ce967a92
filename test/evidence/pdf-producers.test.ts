import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examinePdf, type PdfFinding } from '../../src/evidence/pdf.ts';
import { loadTrustStore } from '../../src/evidence/trust-store.ts';
import { componentMissing } from '../harness/component.ts';
import { buildPki, type Leaf, type Pki } from '../harness/openssl-pki.ts';
import { ownToken, TSA_USAGES } from '../harness/openssl-tsa.ts';
import { rewritten, signAnyPdf, withValidationData } from '../harness/pdf-any-signer.ts';
import { cadesCms, signPdf } from '../harness/pdf-signer.ts';
import { basePdf, BASE_OBJECTS, startxrefOf } from '../harness/pdf-writer.ts';

/** Files as offices have them must pass: LibreOffice's, scans, and each written anew by qpdf, signed as tools sign. */
const FILES = [
  'fixtures/lists/01-title-block.pdf',
  'fixtures/lists/02-word-title-block.pdf',
  'fixtures/scans/jpx.pdf',
];
const WRITINGS: Readonly<Record<string, readonly string[]>> = {
  'as it is': [],
  linearised: ['--linearize'],
  'with object streams': ['--object-streams=generate'],
  'linearised with object streams': ['--linearize', '--object-streams=generate'],
  'as readable text': ['--qdf'],
};

let dir: string;
let pki: Pki;
let leader: Leaf;
let seal: Leaf;
let tsa: Leaf;

beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-producers-'));
  pki = buildPki(dir);
  leader = pki.leaf('leader', { email: 'gd@quangbinh.gov.vn', commonName: 'Nguyen Van A', ec: true });
  seal = pki.leaf('seal', { email: 'snv@quangbinh.gov.vn', commonName: 'So Noi vu' });
  tsa = pki.leaf('tsa', { email: 'tsa@example.vn', commonName: 'TSA', usages: TSA_USAGES });
}, 60_000);
afterAll(() => {
  fs.rmSync(dir, { recursive: true, force: true });
});

const examine = (pdf: Buffer): PdfFinding =>
  examinePdf(pdf, {
    at: new Date('2026-01-05T01:15:00Z'),
    trust: loadTrustStore({ ...pki, tsaAnchors: pki.anchors }),
  });

const der = (pem: string): Buffer =>
  Buffer.from(fs.readFileSync(pem, 'utf8').replace(/-----[A-Z ]+-----|\s/g, ''), 'base64');

/** A leader signs, the organisation seals, validation data and a document timestamp follow (PAdES-B-LTA). */
function signedLikeAnOffice(pdf: Buffer): { once: Buffer; twice: Buffer; kept: Buffer } {
  const once = signAnyPdf(pdf, {
    leaf: leader,
    pki,
    field: 'LanhDao',
    visible: true,
    cms: cadesCms,
    subFilter: 'ETSI.CAdES.detached',
  });
  const twice = signAnyPdf(once, { leaf: seal, pki, field: 'CoQuan', visible: true });
  const kept = signAnyPdf(withValidationData(twice, [der(pki.issuing)], []), {
    leaf: tsa,
    pki,
    field: 'DauThoiGian',
    subFilter: 'ETSI.RFC3161',
    cms: (data) => ownToken(data, tsa, pki, { genTime: new Date('2025-12-30T02:00:00Z') }),
  });
  return { once, twice, kept };
}

/** How many signatures poppler finds valid; it also exits with an error for a chain it does not know. */
function validForPdfsig(pdf: Buffer): number {
  const file = path.join(dir, 'check.pdf');
  fs.writeFileSync(file, pdf);
  const out = ((): string => {
    try {
      return execFileSync('pdfsig', ['-nocert', file], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  })();
  return out.split('Signature is Valid').length - 1;
}

describe.skipIf(componentMissing('qpdf') || componentMissing('pdfsig'))(
  'files of real producers pass',
  () => {
    const cases = FILES.flatMap((file) => Object.keys(WRITINGS).map((writing) => [file, writing] as const));

    test.each(cases)(
      '%s %s',
      (file, writing) => {
        const source = fs.readFileSync(file);
        const options = WRITINGS[writing]!;
        const pdf = options.length === 0 ? source : rewritten(source, ...options);
        const { once, twice, kept } = signedLikeAnOffice(pdf);
        for (const [signed, signatures] of [
          [once, ['gd@quangbinh.gov.vn']],
          [twice, ['gd@quangbinh.gov.vn', 'snv@quangbinh.gov.vn']],
          [kept, ['gd@quangbinh.gov.vn', 'snv@quangbinh.gov.vn']],
        ] as const) {
          const { evidence } = examine(signed);
          expect(evidence.reason).toBe('path valid');
          expect(evidence.verdict.verdict).toBe('TOTAL-PASSED');
          expect(evidence.signatures.map((one) => one.signer?.email)).toEqual(signatures);
          expect(evidence.signatures.every((one) => one.intact && one.coversAll)).toBe(true);
          expect(validForPdfsig(signed)).toBeGreaterThanOrEqual(signatures.length);
        }
        expect(examine(kept).signedRevision).toHaveLength(twice.length);
        expect(examine(kept).evidence.signatures.map((one) => one.timestamp)).toEqual(
          Array(2).fill('2025-12-30T02:00:00.000Z'),
        );
      },
      30_000,
    );
  },
);

/**
 * Word writes a table, and behind it an empty one that names a stream: the structure tree, packed into object streams,
 * is free for the table and there for the stream.
 */
function likeWord(): Buffer {
  const base = basePdf({
    ...BASE_OBJECTS,
    1: '<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R /StructTreeRoot 20 0 R /MarkInfo << /Marked true >> >>',
  });
  const index = '20 0 ';
  const packed = `${index}<< /Type /StructTreeRoot /K [] >>`;
  const container = `97 0 obj\n<< /Type /ObjStm /N 1 /First ${index.length} /Length ${packed.length} >>\nstream\n${packed}\nendstream\nendobj\n`;
  const streamAt = base.length + container.length;
  const rows = Buffer.alloc(14, 0);
  rows.writeUInt8(2, 0);
  rows.writeUInt32BE(97, 1);
  rows.writeUInt8(1, 7);
  rows.writeUInt32BE(base.length, 8);
  const stream = `98 0 obj\n<< /Type /XRef /W [1 4 2] /Index [20 1 97 1] /Size 100 /Root 1 0 R /Length 14 >>\nstream\n${rows.toString('latin1')}\nendstream\nendobj\n`;
  const first = streamAt + stream.length;
  const prev = startxrefOf(base)!;
  const table = `xref\n20 1\n0000000021 65535 f \ntrailer\n<< /Size 100 /Root 1 0 R /Prev ${prev} >>\nstartxref\n${first}\n%%EOF\n`;
  const second = first + table.length;
  const tail = `xref\n0 0\ntrailer\n<< /Size 100 /Root 1 0 R /Prev ${first} /XRefStm ${streamAt} >>\nstartxref\n${second}\n%%EOF\n`;
  return Buffer.concat([base, Buffer.from(container + stream + table + tail, 'latin1')]);
}

test('a hybrid as Word writes it passes', () => {
  const { evidence } = examine(signPdf(likeWord(), { leaf: seal, pki, field: 7 }));
  expect(evidence.reason).toBe('path valid');
  expect(evidence.verdict.verdict).toBe('TOTAL-PASSED');
});
