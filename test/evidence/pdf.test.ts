import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examinePdf } from '../../src/evidence/pdf.ts';
import { loadTrustStore } from '../../src/evidence/trust-store.ts';
import { buildPki, type Leaf, type Pki } from '../harness/openssl-pki.ts';
import { ownToken, TSA_USAGES } from '../harness/openssl-tsa.ts';
import { cadesCms, signPdf, type Signing } from '../harness/pdf-signer.ts';
import { appendRevision, basePdf, BASE_OBJECTS, pageBody } from '../harness/pdf-writer.ts';

const at = new Date('2026-01-05T01:15:00Z');
let dir: string;
let pki: Pki;
let rsa: Leaf;
let ec: Leaf;
let tsa: Leaf;
let signing: Signing;

beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-pdf-'));
  pki = buildPki(dir);
  rsa = pki.leaf('rsa', { email: 'snv@quangbinh.gov.vn', commonName: 'So Noi vu' });
  ec = pki.leaf('ec', { email: 'gd@quangbinh.gov.vn', commonName: 'Nguyen Van A', ec: true });
  tsa = pki.leaf('tsa', { email: 'tsa@example.vn', commonName: 'TSA', usages: TSA_USAGES });
  signing = { leaf: rsa, pki, field: 7 };
}, 60_000);
afterAll(() => {
  fs.rmSync(dir, { recursive: true, force: true });
});

const examine = (pdf: Buffer) =>
  examinePdf(pdf, { at, trust: loadTrustStore({ ...pki, tsaAnchors: pki.anchors }) });
const verdict = (pdf: Buffer): string => examine(pdf).evidence.verdict.verdict;

/** What poppler says of each signature; the tests need the Debian package poppler-utils. */
function pdfsig(pdf: Buffer): { valid: boolean; total: boolean }[] {
  const file = path.join(dir, 'check.pdf');
  fs.writeFileSync(file, pdf);
  // pdfsig exits with an error when the certificate is not in its own trust store; its words are what counts.
  const out = (() => {
    try {
      return execFileSync('pdfsig', ['-nocert', file], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
    } catch (error) {
      return (error as { stdout: string }).stdout;
    }
  })();
  return out
    .split(/Signature #\d+:/)
    .slice(1)
    .map((one) => ({
      valid: one.includes('Signature is Valid'),
      total: one.includes('- Total document signed'),
    }));
}

const hasPdfsig = (() => {
  try {
    execFileSync('pdfsig', ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
const withPdfsig = test.skipIf(!hasPdfsig && process.env.CONGTHU_TEST_ALL === undefined);

const DSS = { 20: '<< /Type /DSS /Certs [21 0 R] >>', 21: { dict: '', data: 'no certificate' } };
const catalogWithDss = '<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R /DSS 20 0 R >>';
const withDss = (pdf: Buffer): Buffer => appendRevision(pdf, { objects: { 1: catalogWithDss, ...DSS } });
const stamped = new Date('2025-12-30T02:00:00Z');
const timestamped = (pdf: Buffer, by = tsa, genTime = stamped, field = 30): Buffer =>
  signPdf(pdf, {
    ...signing,
    field,
    fields: field === 30 ? [7, 30] : [7, 30, field],
    subFilter: 'ETSI.RFC3161',
    cms: (data) => ownToken(data, by, pki, { genTime }),
  });
const twice = (pdf: Buffer, by: Leaf): Buffer =>
  signPdf(pdf, { ...signing, leaf: by, field: 9, fields: [7, 9] });

describe('valid files', () => {
  test.each(['table', 'stream'] as const)('signed over a cross-reference %s', (xref) => {
    const pdf = signPdf(basePdf(BASE_OBJECTS, { xref }), { ...signing, revision: { xref } });
    const found = examine(pdf);
    expect(found.evidence.verdict).toEqual({ verdict: 'TOTAL-PASSED' });
    expect(found.evidence.signatures).toMatchObject([
      { intact: true, coversAll: true, chain: 'trusted', signer: { email: 'snv@quangbinh.gov.vn' } },
    ]);
    expect(Buffer.from(found.signedRevision!).equals(pdf)).toBe(true);
  });

  test('ETSI.CAdES.detached with an EC key', () => {
    const pdf = signPdf(basePdf(), { ...signing, leaf: ec, subFilter: 'ETSI.CAdES.detached', cms: cadesCms });
    expect(verdict(pdf)).toBe('TOTAL-PASSED');
  });

  test('a leader signs, then the organisation seals: both are reported, the last decides', () => {
    const found = examine(twice(signPdf(basePdf(), { ...signing, leaf: ec }), rsa));
    expect(found.evidence.verdict.verdict).toBe('TOTAL-PASSED');
    expect(found.evidence.signatures.map((one) => [one.signer?.email, one.coversAll])).toEqual([
      ['gd@quangbinh.gov.vn', true],
      ['snv@quangbinh.gov.vn', true],
    ]);
  });

  test('a clerk changes the text between two signatures: only the second covers it', () => {
    const first = signPdf(basePdf(), { ...signing, leaf: ec });
    const changed = appendRevision(first, { objects: { 4: { dict: '', data: 'BT (Số 12/SNV) Tj ET' } } });
    const found = examine(twice(changed, rsa));
    expect(found.evidence.verdict.verdict).toBe('TOTAL-PASSED');
    expect(found.evidence.signatures).toMatchObject([
      { intact: true, coversAll: false, verdict: { subIndication: 'SIG_CONSTRAINTS_FAILURE' } },
      { intact: true, coversAll: true },
    ]);
  });

  test.each([
    ['DSS', withDss],
    ['a document timestamp', (pdf: Buffer) => timestamped(pdf)],
    ['DSS, document timestamp and the catalog kept', (pdf: Buffer) => timestamped(withDss(pdf))],
  ] as const)('%s behind the signature', (_, add) => {
    const pdf = signPdf(basePdf(), signing);
    const found = examine(add(pdf));
    expect(found.evidence.reason).toBe('path valid');
    expect(found.evidence.verdict.verdict).toBe('TOTAL-PASSED');
    expect(found.evidence.signatures).toHaveLength(1);
    expect(found.signedRevision).toHaveLength(pdf.length);
  });

  test('certified, then validation data; certified for signing, then signed', () => {
    const closed = signPdf(basePdf(), { ...signing, certify: 1 });
    expect(verdict(closed)).toBe('TOTAL-PASSED');
    expect(verdict(timestamped(closed))).toBe('TOTAL-PASSED');
    expect(verdict(twice(signPdf(basePdf(), { ...signing, certify: 2 }), ec))).toBe('TOTAL-PASSED');
  });

  test('an unsigned file is unsigned, damaged or not', () => {
    const plain = basePdf();
    expect(examine(plain).evidence.verdict).toEqual({ verdict: 'NONE' });
    expect(examine(plain.subarray(0, 300)).evidence.verdict).toEqual({ verdict: 'NONE' });
    expect(examine(Buffer.from('%PDF-')).evidence.verdict).toEqual({ verdict: 'NONE' });
  });

  test('validation data in the file helps to build the path', () => {
    const der = Buffer.from(
      fs.readFileSync(pki.issuing, 'utf8').replace(/-----[A-Z ]+-----|\s/g, ''),
      'base64',
    );
    const bare = { ...signing, pki: { ...pki, issuing: ec.cert } };
    const signed = signPdf(basePdf(), bare);
    const trust = loadTrustStore({ anchors: pki.anchors, crls: pki.crls });
    const material = appendRevision(signed, {
      objects: { 1: catalogWithDss, 20: DSS[20], 21: { dict: '', data: der } },
    });
    expect(examinePdf(signed, { at, trust }).evidence.verdict).toMatchObject({
      subIndication: 'NO_CERTIFICATE_CHAIN_FOUND',
    });
    expect(examinePdf(material, { at, trust }).evidence.verdict.verdict).toBe('TOTAL-PASSED');
  });
});

describe('document timestamps', () => {
  const leaf = (name: string, until: string, usages?: string): Leaf =>
    pki.leaf(name, {
      email: 'snv@quangbinh.gov.vn',
      commonName: name,
      until,
      ...(usages === undefined ? {} : { usages }),
    });
  const signedByEnded = (): Buffer =>
    signPdf(basePdf(), { ...signing, leaf: leaf('ended', '20260101000000Z') });

  test('prove that what they cover existed: the signer’s certificate has ended since', () => {
    const pdf = signedByEnded();
    expect(examine(pdf).evidence.verdict).toMatchObject({ subIndication: 'EXPIRED' });
    expect(examine(timestamped(pdf)).evidence).toMatchObject({
      verdict: { verdict: 'TOTAL-PASSED' },
      signatures: [{ timestamp: stamped.toISOString(), decidedAt: stamped.toISOString() }],
    });
  });

  test('of the wrong moment or over other bytes are told and prove nothing', () => {
    const late = timestamped(signedByEnded(), tsa, new Date('2026-01-02T00:00:00Z'));
    expect(examine(late).evidence.verdict).toMatchObject({ subIndication: 'EXPIRED' });
    const foreign = signPdf(signedByEnded(), {
      ...signing,
      field: 30,
      fields: [7, 30],
      subFilter: 'ETSI.RFC3161',
      cms: (data) => ownToken(data.subarray(1), tsa, pki, { genTime: stamped }),
    });
    const { verdict: other, signatures } = examine(foreign).evidence;
    expect(other).toMatchObject({ subIndication: 'EXPIRED' });
    expect(signatures[0]).toMatchObject({
      timestamp: null,
      timestamps: [{ verdict: { subIndication: 'HASH_FAILURE' } }],
    });
  });

  test('do not reach the signature that stands behind them', () => {
    const first = timestamped(signPdf(basePdf(), signing));
    const second = signPdf(first, {
      ...signing,
      leaf: leaf('ended later', '20260101000000Z'),
      field: 40,
      fields: [7, 30, 40],
    });
    const [inner, outer] = examine(second).evidence.signatures;
    expect(inner).toMatchObject({ timestamp: stamped.toISOString() });
    expect(outer).toMatchObject({ timestamp: null, verdict: { subIndication: 'EXPIRED' } });
  });

  test('a later one keeps an earlier one good whose authority has ended', () => {
    const old = leaf('old tsa', '20260102000000Z', TSA_USAGES);
    const once = timestamped(signedByEnded(), old);
    expect(examine(once).evidence.verdict).toMatchObject({ subIndication: 'EXPIRED' });
    const renewed = timestamped(once, tsa, new Date('2026-01-01T12:00:00Z'), 50);
    expect(examine(renewed).evidence).toMatchObject({
      verdict: { verdict: 'TOTAL-PASSED' },
      signatures: [{ timestamp: stamped.toISOString() }],
    });
  });
});

describe('pdfsig agrees', () => {
  withPdfsig('on intact files', () => {
    const pdf = signPdf(basePdf(), signing);
    expect(pdfsig(pdf)).toEqual([{ valid: true, total: true }]);
    expect(pdfsig(twice(pdf, ec)).map((one) => one.valid)).toEqual([true, true]);
    const stream = signPdf(basePdf(BASE_OBJECTS, { xref: 'stream' }), {
      ...signing,
      revision: { xref: 'stream' },
    });
    expect(pdfsig(stream)).toEqual([{ valid: true, total: true }]);
  });

  withPdfsig('on changed text, changed range and appended pages', () => {
    const pdf = signPdf(basePdf(), signing);
    const changed = Buffer.from(pdf.toString('latin1').replace('danh', 'DANH'), 'latin1');
    const grown = appendRevision(pdf, { objects: { 3: pageBody('', '/Rotate 90') } });
    for (const broken of [changed, grown]) {
      const [theirs] = pdfsig(broken);
      const [ours] = examine(broken).evidence.signatures;
      expect(ours?.intact).toBe(theirs?.valid);
      expect(ours?.intact === true && ours.coversAll).toBe(theirs?.valid === true && theirs.total);
      expect(verdict(broken)).not.toBe('TOTAL-PASSED');
    }
  });
});
