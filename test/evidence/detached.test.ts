import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { examineLetter } from '../../src/evidence/examine.ts';
import { loadTrustStore } from '../../src/evidence/trust-store.ts';
import { DOCUMENT_FORMATS } from '../../src/evidence/formats.ts';
import { buildPki, openssl, type Leaf, type Pki } from '../harness/openssl-pki.ts';

const FROM = 'snv@quangbinh.gov.vn';
let dir: string;
let pki: Pki;
let leaf: Leaf;
beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-detached-'));
  pki = buildPki(dir);
  leaf = pki.leaf('snv', { email: FROM, commonName: 'So Noi vu' });
}, 60_000);
afterAll(() => {
  fs.rmSync(dir, { recursive: true, force: true });
});

const examine = (raw: string) => {
  const trust = loadTrustStore({ anchors: pki.anchors, intermediates: pki.intermediates, crls: pki.crls });
  const context = { trust, at: new Date('2026-01-05T01:15:00Z') };
  return examineLetter(Buffer.from(raw, 'latin1'), context, DOCUMENT_FORMATS).letter;
};

/** A CMS structure in base64, as openssl makes it over `content`. */
function cms(content: string, ...options: string[]): string {
  const file = path.join(dir, 'content');
  fs.writeFileSync(file, content.replaceAll('\n', '\r\n'));
  const signer = ['-signer', leaf.cert, '-inkey', leaf.key, '-md', 'sha256', '-binary'];
  return openssl(['cms', '-sign', '-in', file, ...signer, '-outform', 'DER', ...options]).toString('base64');
}

describe('files beside their signatures', () => {
  const list = 'STT,Ho ten\n1,Nguyen Van An\n';
  const letter = (body: string, name: string, signature: string): string =>
    [
      `From: ${FROM}`,
      'Content-Type: multipart/mixed; boundary=m',
      '',
      ...(body === '' ? [] : ['--m', 'Content-Disposition: attachment; filename="ds.csv"', '']),
      ...(body === '' ? [] : ['Content-Type: text/csv', '', body.replaceAll('\n', '\r\n')].slice(2)),
      '--m',
      'Content-Type: application/octet-stream',
      `Content-Disposition: attachment; filename="${name}"`,
      'Content-Transfer-Encoding: base64',
      '',
      signature,
      '--m--',
      '',
    ].join('\r\n');

  test.each(['ds.csv.p7s', 'ds.p7s'])('%s proves ds.csv, and nothing after a change', (name) => {
    const sound = examine(letter(list, name, cms(list)));
    expect(sound.documents).toMatchObject([
      {
        filename: 'ds.csv',
        coveredByLetter: false,
        evidence: { format: 'cms', verdict: { verdict: 'TOTAL-PASSED' } },
      },
    ]);
    const changed = examine(letter(list.replace('An', 'Em'), name, cms(list)));
    expect(changed.documents).toMatchObject([
      { evidence: { verdict: { verdict: 'TOTAL-FAILED', subIndication: 'HASH_FAILURE' } } },
    ]);
  });

  test('the file inside a .p7m takes its place, and proves nothing about the letter', () => {
    const { letter: own, documents } = examine(letter('', 'ds.csv.p7m', cms(list, '-nodetach')));
    expect(own.verdict.verdict).toBe('NONE');
    expect(documents).toMatchObject([
      { filename: 'ds.csv', mediaType: 'text/csv', evidence: { verdict: { verdict: 'TOTAL-PASSED' } } },
    ]);
  });

  test('a signature whose file is missing is for an officer', () => {
    const { documents } = examine(letter('', 'ds.csv.p7s', cms(list)));
    expect(documents).toMatchObject([{ evidence: { verdict: { subIndication: 'SIGNED_DATA_NOT_FOUND' } } }]);
  });
});
