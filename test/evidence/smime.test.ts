import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DerError, readAll, children } from '../../src/evidence/der.ts';
import { examineLetter as examineAll } from '../../src/evidence/examine.ts';
import type { ValidationContext } from '../../src/evidence/path.ts';
import { DOCUMENT_FORMATS } from '../../src/evidence/formats.ts';
import { loadTrustStore } from '../../src/evidence/trust-store.ts';
import { buildPki, openssl, signedLetter, type Leaf, type Pki } from '../harness/openssl-pki.ts';

const at = new Date('2026-01-05T01:15:00Z');
const entity = 'Content-Type: text/plain; charset=utf-8\n\nĐề nghị cấp mới hộp thư.\n';
const headers = { From: 'snv@quangbinh.gov.vn', To: 'stttt@quangbinh.gov.vn', Subject: 'V/v cap moi' };
let dir: string;
let pki: Pki;
let rsa: Leaf;
let ec: Leaf;

beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-pki-'));
  pki = buildPki(dir);
  rsa = pki.leaf('rsa', { email: 'snv@quangbinh.gov.vn', commonName: 'So Noi vu' });
  ec = pki.leaf('ec', { email: 'snv@quangbinh.gov.vn', commonName: 'So Noi vu', ec: true });
}, 60_000);
afterAll(() => {
  fs.rmSync(dir, { recursive: true, force: true });
});

const context = (when = at) => ({
  at: when,
  trust: loadTrustStore({ anchors: pki.anchors, intermediates: pki.intermediates, crls: pki.crls }),
});
const examineLetter = (raw: Buffer, validation: ValidationContext) =>
  examineAll(raw, validation, DOCUMENT_FORMATS).letter;
const examine = (raw: Buffer, when = at) => examineLetter(raw, context(when));
const opensslAgrees = (raw: Buffer): boolean => {
  const file = path.join(dir, 'check.eml');
  fs.writeFileSync(file, raw);
  try {
    openssl([
      'cms',
      '-verify',
      '-in',
      file,
      '-CAfile',
      path.join(pki.anchors, 'root.pem'),
      '-certfile',
      pki.issuing,
      '-out',
      '/dev/null',
    ]);
    return true;
  } catch {
    return false;
  }
};

describe('valid letters, as openssl signs them', () => {
  test.each([
    ['RSA detached', () => rsa, false],
    ['RSA opaque', () => rsa, true],
    ['ECDSA detached', () => ec, false],
    ['ECDSA opaque', () => ec, true],
  ])('%s', (_name, leaf, opaque) => {
    const raw = signedLetter(entity, leaf(), pki, headers, opaque);
    expect(opensslAgrees(raw)).toBe(true);
    const examined = examine(raw);
    expect(examined.letter.verdict, examined.letter.reason).toEqual({ verdict: 'TOTAL-PASSED' });
    expect(examined.letter.signatures[0]).toMatchObject({
      intact: true,
      chain: 'trusted',
      signer: { email: 'snv@quangbinh.gov.vn' },
    });
    expect(examined.bodyText).toContain('Đề nghị cấp mới hộp thư.');
  });
});

describe('letters that must not pass', () => {
  test('one byte changed', () => {
    const raw = signedLetter(entity, rsa, pki, headers);
    const where = raw.indexOf('hộp');
    raw[where] = raw[where]! ^ 1;
    expect(opensslAgrees(raw)).toBe(false);
    expect(examine(raw).letter.verdict).toEqual({
      verdict: 'TOTAL-FAILED',
      subIndication: 'HASH_FAILURE',
    });
  });

  test('a stranger chain, an expired and a revoked certificate', () => {
    const raw = signedLetter(entity, rsa, pki, headers);
    const nobody = examineLetter(raw, {
      at,
      trust: { anchors: [], intermediates: [], tsaAnchors: [], crls: [], ocsp: [] },
    });
    expect(nobody.letter.verdict).toMatchObject({ subIndication: 'NO_CERTIFICATE_CHAIN_FOUND' });
    const old = pki.leaf('old', {
      email: 'snv@quangbinh.gov.vn',
      commonName: 'Cu',
      until: '20251201000000Z',
    });
    const expired = examine(signedLetter(entity, old, pki, headers));
    expect(expired.letter.verdict).toEqual({ verdict: 'TOTAL-FAILED', subIndication: 'EXPIRED' });
    expect(expired.letter.explanation).toBe('chứng thư chữ ký số hết hiệu lực ngày 01/12/2025');
    const lost = pki.leaf('lost', { email: 'snv@quangbinh.gov.vn', commonName: 'Mat' });
    const before = signedLetter(entity, lost, pki, headers);
    pki.revoke(lost);
    const today = new Date(Date.now() + 60_000); // openssl stamps the revocation with today's time
    expect(examine(before, today).letter.verdict).toEqual({
      verdict: 'TOTAL-FAILED',
      subIndication: 'REVOKED',
    });
  });

  test('without revocation information the answer is "try later", never "valid"', () => {
    const raw = signedLetter(entity, rsa, pki, headers);
    const trust = { ...context().trust, crls: [] };
    expect(examineLetter(raw, { at, trust }).letter.verdict).toEqual({
      verdict: 'INDETERMINATE',
      subIndication: 'TRY_LATER',
    });
  });

  test('wrapped, doubled and garnished structures', () => {
    const raw = signedLetter(entity, rsa, pki, headers).toString('latin1');
    const inner = raw.slice(raw.indexOf('MIME-Version'));
    const wrapped = `From: a@b\r\nContent-Type: multipart/mixed; boundary=w\r\n\r\n--w\r\nContent-Type: text/plain\r\n\r\nkhác\r\n--w\r\n${inner}\r\n--w--\r\n`;
    expect(examine(Buffer.from(wrapped, 'latin1')).letter.verdict.verdict).toBe('INDETERMINATE');
    const twice = signedLetter(inner, rsa, pki, headers);
    expect(examine(twice).letter.verdict).toMatchObject({ verdict: 'INDETERMINATE' });
    const boundary = /boundary="([^"]+)"/.exec(raw)![1]!;
    const third = raw.replace(
      `--${boundary}\r\n`,
      `--${boundary}\r\nContent-Type: text/plain\r\n\r\nthêm\r\n--${boundary}\r\n`,
    );
    expect(examine(Buffer.from(third, 'latin1')).letter.verdict.verdict).not.toBe('TOTAL-PASSED');
    const unclosed = raw.replace(`--${boundary}--`, '');
    expect(examine(Buffer.from(unclosed, 'latin1')).letter.verdict.verdict).not.toBe('TOTAL-PASSED');
    const twoTypes = raw.replace(
      'Content-Type: multipart/signed',
      'Content-Type: text/plain\r\nContent-Type: multipart/signed',
    );
    expect(examine(Buffer.from(twoTypes, 'latin1')).letter.verdict.verdict).not.toBe('TOTAL-PASSED');
  });

  test('no mutation of the signed bytes passes, and none throws', () => {
    const raw = signedLetter(entity, ec, pki, headers);
    const start = raw.indexOf('Content-Type: text/plain');
    const end = raw.indexOf('\r\n------', start);
    fc.assert(
      fc.property(
        fc.integer({ min: start, max: end - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (where, flip) => {
          const mutant = Buffer.from(raw);
          mutant[where] = mutant[where]! ^ flip;
          expect(examine(mutant).letter.verdict.verdict).not.toBe('TOTAL-PASSED');
        },
      ),
      { numRuns: 60, seed: 7 },
    );
  });
});

test('the DER reader throws nothing but DerError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        children(readAll(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(DerError);
      }
    }),
    { numRuns: 2000, seed: 3 },
  );
});
