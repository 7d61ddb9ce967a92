import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { documentBytes, examineLetter } from '../../src/evidence/examine.ts';
import { DOCUMENT_FORMATS } from '../../src/evidence/formats.ts';
import { loadTrustStore } from '../../src/evidence/trust-store.ts';
import { buildPki, type Pki } from '../harness/openssl-pki.ts';
import { signPdf } from '../harness/pdf-signer.ts';
import { appendRevision, BASE_OBJECTS, basePdf, textStream } from '../harness/pdf-writer.ts';

let dir: string;
let pki: Pki;
beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-revision-'));
  pki = buildPki(dir);
}, 60_000);
afterAll(() => {
  fs.rmSync(dir, { recursive: true, force: true });
});

test('the list is read from the signed revision, whatever was appended behind it', () => {
  const leaf = pki.leaf('snv', { email: 'snv@quangbinh.gov.vn', commonName: 'So Noi vu' });
  const text = textStream('1 Tran Thi Binh');
  const signed = signPdf(basePdf({ ...BASE_OBJECTS, 4: text }), { leaf, pki, field: 7 });
  const forged = appendRevision(signed, { objects: { 4: textStream('1 Ke Mao Danh') } });
  expect(forged.includes('Ke Mao Danh')).toBe(true);
  const raw = Buffer.from(
    `From: snv@quangbinh.gov.vn\r\nMIME-Version: 1.0\r\nContent-Type: application/pdf; name=ds.pdf\r\n` +
      `Content-Disposition: attachment; filename=ds.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n` +
      `${forged.toString('base64').replaceAll(/.{76}/g, '$&\r\n')}\r\n`,
  );
  const trust = loadTrustStore(pki);
  const at = new Date('2026-01-05T01:15:00Z');
  const [document] = examineLetter(raw, { trust, at }, DOCUMENT_FORMATS).letter.documents;
  // A person may look at it; the machine does not go on with it, and nobody is shown the forger's bytes as the list.
  expect(document!.evidence.verdict).toEqual({
    verdict: 'INDETERMINATE',
    subIndication: 'SIG_CONSTRAINTS_FAILURE',
  });
  const bytes = documentBytes(raw, 0, document!.sha256)!;
  expect(bytes.equals(signed)).toBe(true);
  expect(document!.size).toBe(signed.length);
});
