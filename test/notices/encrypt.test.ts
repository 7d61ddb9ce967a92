import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkRecipient } from '../../src/evidence/recipient.ts';
import { derBlocks, loadTrustStore } from '../../src/evidence/trust-store.ts';
import { encryptTo, type Recipient } from '../../src/notices/encrypt.ts';
import { buildPki, openssl, type Leaf, type Pki } from '../harness/openssl-pki.ts';

let dir: string;
let pki: Pki;
beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-encrypt-'));
  pki = buildPki(dir);
}, 60_000);
afterAll(() => {
  fs.rmSync(dir, { recursive: true, force: true });
});

const usual = { email: 'snv@quangbinh.gov.vn', commonName: 'Sở Nội vụ' };
const usages = (keyUsage: string, purpose = 'emailProtection'): string =>
  `keyUsage=critical,${keyUsage}\nextendedKeyUsage=${purpose}`;
const derOf = (leaf: Leaf): Buffer => derBlocks(fs.readFileSync(leaf.cert))[0]!;
const check = (der: Uint8Array, at = '2026-01-05T01:15:00Z') =>
  checkRecipient(der, { trust: loadTrustStore(pki), at: new Date(at) });
const usable = (leaf: Leaf): Recipient => {
  const checked = check(derOf(leaf));
  if (!checked.usable) throw new Error(checked.reason);
  return checked;
};
const SLIP = Buffer.from('Content-Type: text/plain; charset=utf-8\r\n\r\nĐịa chỉ: ệ\u0000\r\n');
/** With -recip openssl looks for the recipient by issuer and serial number, so those must be right too. */
const open = (enveloped: Buffer, leaf: Leaf): Buffer =>
  openssl(
    ['cms', '-decrypt', '-binary', '-inform', 'DER', '-recip', leaf.cert, '-inkey', leaf.key],
    enveloped,
  );

describe.each([
  ['RSA', 'digitalSignature,nonRepudiation,keyEncipherment', {}],
  ['P-256', 'digitalSignature,keyAgreement', { ec: true }],
])('encrypted to an %s certificate', (name, keyUsage, kind) => {
  test('openssl opens it with that key byte for byte, and with no other', () => {
    const leaf = pki.leaf(`to-${name}`, { ...usual, ...kind, usages: usages(keyUsage) });
    const other = pki.leaf(`not-${name}`, { ...usual, ...kind, usages: usages(keyUsage) });
    const enveloped = encryptTo(usable(leaf), SLIP);
    expect(enveloped.includes('Địa chỉ')).toBe(false);
    expect(open(enveloped, leaf).equals(SLIP)).toBe(true);
    expect(() => open(enveloped, other)).toThrow();
  });
});

test.each(['secp384r1', 'secp521r1'])('openssl opens what goes to a key on %s', (curve) => {
  const at = (name: string): string => path.join(dir, `${curve}.${name}`);
  const made = [
    '-newkey',
    'ec',
    '-pkeyopt',
    `ec_paramgen_curve:${curve}`,
    '-nodes',
    '-subj',
    '/CN=Sở Nội vụ',
  ];
  const files = ['-keyout', at('key'), '-out', at('pem'), '-addext', 'keyUsage=critical,keyAgreement'];
  openssl(['req', '-x509', '-utf8', ...made, ...files]);
  const leaf = { key: at('key'), cert: at('pem') };
  const [der] = derBlocks(fs.readFileSync(leaf.cert));
  // Its own anchor, which nobody revokes: only the encryption is looked at here.
  const self = checkRecipient(der!, {
    trust: { ...loadTrustStore(pki), anchors: [], intermediates: [] },
    at: new Date(),
  });
  expect(self.usable).toBe(false);
  const read = loadTrustStore({ anchors: dirOf(leaf.cert) }).anchors[0]!;
  const to = { issuer: read.issuer, serial: Buffer.from(read.serial, 'hex'), key: read.key! };
  expect(open(encryptTo(to, SLIP), leaf).equals(SLIP)).toBe(true);
});

function dirOf(certificate: string): string {
  const folder = fs.mkdtempSync(path.join(dir, 'one-'));
  fs.copyFileSync(certificate, path.join(folder, 'it.pem'));
  return folder;
}

test('two slips of the same words share nothing', () => {
  const leaf = usable(pki.leaf('twice', usual));
  const [one, two] = [encryptTo(leaf, SLIP), encryptTo(leaf, SLIP)];
  expect(one.subarray(-SLIP.length).equals(two.subarray(-SLIP.length))).toBe(false);
});

test('only AES-256 is used', () => {
  const file = path.join(dir, 'slip.p7m');
  fs.writeFileSync(file, encryptTo(usable(pki.leaf('aes', usual)), Buffer.from('x')));
  const printed = openssl(['cms', '-cmsout', '-print', '-inform', 'DER', '-in', file]).toString();
  expect(printed).toContain('aes-256-cbc');
});

describe('a certificate nothing is encrypted to', () => {
  test.each<[string, () => Uint8Array, string, string?]>([
    [
      'for signing only',
      () => derOf(pki.leaf('sign', { ...usual, usages: usages('digitalSignature') })),
      'keyUsage',
    ],
    [
      'without keyUsage',
      () => derOf(pki.leaf('mute', { ...usual, usages: 'extendedKeyUsage=emailProtection' })),
      'keyUsage',
    ],
    ['EC with the usage of RSA', () => derOf(pki.leaf('ec', { ...usual, ec: true })), 'keyUsage'],
    [
      'RSA with the usage of EC',
      () => derOf(pki.leaf('agree', { ...usual, usages: usages('keyAgreement') })),
      'keyUsage',
    ],
    [
      'for web servers',
      () => derOf(pki.leaf('web', { ...usual, usages: usages('keyEncipherment', 'serverAuth') })),
      'extendedKeyUsage',
    ],
    [
      'expired',
      () => derOf(pki.leaf('old', { ...usual, until: '20251201000000Z' })),
      'expired at 2025-12-01',
    ],
    [
      'not yet valid',
      () => derOf(pki.leaf('young', { ...usual, from: '20260201000000Z' })),
      'not valid before',
    ],
    [
      'revoked',
      () => {
        const leaf = pki.leaf('revoked', usual);
        pki.revoke(leaf);
        return derOf(leaf);
      },
      'revoked at',
      '2040-01-05T01:15:00Z',
    ],
    ['that is none', () => Buffer.from('không phải chứng thư'), ''],
  ])('%s', (_name, certificate, reason, at) => {
    const made = certificate();
    const checked = check(made, at);
    if (checked.usable) throw new Error('usable');
    expect(checked.reason).toContain(reason);
  });

  test.each([
    ['of an unknown CA', { anchors: [] }, 'no path to a trust anchor'],
    ['whose revocation nobody tells', { crls: [] }, 'no fresh revocation information'],
  ])('%s', (name, missing, reason) => {
    const der = derOf(pki.leaf(`of ${name}`, usual));
    const trust = { ...loadTrustStore(pki), ...missing };
    expect(checkRecipient(der, { trust, at: new Date('2026-01-05') })).toMatchObject({
      usable: false,
      reason: expect.stringContaining(reason) as string,
    });
  });
});
