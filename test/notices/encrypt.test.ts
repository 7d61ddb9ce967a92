import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CannotEncrypt, encryptTo } from '../../src/notices/encrypt.ts';
import { buildPki, openssl, type Leaf, type Pki } from '../harness/openssl-pki.ts';

let dir: string;
let pki: Pki;
let unit: Leaf;
beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-encrypt-'));
  pki = buildPki(dir);
  unit = pki.leaf('unit', { email: 'snv@quangbinh.gov.vn', commonName: 'So Noi vu' });
}, 60_000);
afterAll(() => {
  fs.rmSync(dir, { recursive: true, force: true });
});

const pem = (leaf: Leaf): string => fs.readFileSync(leaf.cert, 'utf8');

test('openssl opens with the unit key what was encrypted to its certificate, byte for byte', () => {
  const slip = Buffer.from('Content-Type: text/plain; charset=utf-8\r\n\r\nMật khẩu lần đầu: ệ\u0000\r\n');
  const enveloped = encryptTo(pem(unit), slip);
  expect(enveloped.includes('lần đầu')).toBe(false);
  const open = (leaf: Leaf) =>
    openssl(
      ['cms', '-decrypt', '-binary', '-inform', 'DER', '-recip', leaf.cert, '-inkey', leaf.key],
      enveloped,
    );
  expect(open(unit).equals(slip)).toBe(true);
  const other = pki.leaf('other', { email: 'khac@quangbinh.gov.vn', commonName: 'Khac' });
  expect(() => open(other)).toThrow();
});

test('only AES-256 is used', () => {
  const file = path.join(dir, 'slip.p7m');
  fs.writeFileSync(file, encryptTo(pem(unit), Buffer.from('x')));
  const printed = openssl(['cms', '-cmsout', '-print', '-inform', 'DER', '-in', file]).toString();
  expect(printed).toContain('aes-256-cbc');
});

test('a certificate for signing only, one with an EC key and no certificate at all are told apart from success', () => {
  const key = path.join(dir, 'sign-only.key');
  const signOnly = path.join(dir, 'sign-only.pem');
  openssl(
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      signOnly,
      '-subj',
      '/CN=x',
    ].concat(['-addext', 'keyUsage=critical,digitalSignature']),
  );
  const ec = pki.leaf('ec', { email: 'snv@quangbinh.gov.vn', commonName: 'EC', ec: true });
  for (const certificate of [fs.readFileSync(signOnly, 'utf8'), pem(ec), 'không phải chứng thư'])
    expect(() => encryptTo(certificate, Buffer.from('x'))).toThrow(CannotEncrypt);
});
