import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { loadSigningKey, signMessage } from '../../src/notices/sign.ts';
import { buildPki, openssl, type Leaf, type Pki } from '../harness/openssl-pki.ts';

const at = new Date('2026-01-05T01:15:00Z');
const notice = Buffer.from(
  [
    'From: stttt@quangbinh.gov.vn',
    'Subject: =?utf-8?Q?K=E1=BA=BFt_qu=E1=BA=A3?=',
    'MIME-Version: 1.0',
    'Content-Type: text/plain;',
    ' charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    'Đã tạo 05 hộp thư công vụ.',
    '',
  ].join('\r\n'),
);
let dir: string;
let pki: Pki;
beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-sign-'));
  pki = buildPki(dir);
}, 60_000);
afterAll(() => {
  fs.rmSync(dir, { recursive: true, force: true });
});

function keyStore(leaf: Leaf, name: string, passphrase: string): string {
  const file = path.join(dir, `${name}.p12`);
  const chain = path.join(dir, `${name}-chain.pem`);
  fs.writeFileSync(chain, fs.readFileSync(pki.issuing));
  openssl(
    ['pkcs12', '-export', '-in', leaf.cert, '-inkey', leaf.key, '-certfile', chain].concat([
      '-passout',
      `pass:${passphrase}`,
      '-out',
      file,
    ]),
  );
  return file;
}

/** `openssl cms -verify` with the root alone: the intermediate must come from the letter itself. */
function opensslReads(raw: Buffer): string {
  const file = path.join(dir, 'notice.eml');
  fs.writeFileSync(file, raw);
  const root = path.join(pki.anchors, 'root.pem');
  const when = String(at.getTime() / 1000);
  return openssl(['cms', '-verify', '-in', file, '-CAfile', root, '-attime', when]).toString();
}

describe.each([
  ['RSA', 'secret', false],
  ['EC', 'secret', true],
  ['RSA', 'bí mật', false],
  ['EC', 'bí mật', true],
])('a notice signed with an %s key from a store under "%s"', (name, passphrase, ec) => {
  let signed: Buffer;
  beforeAll(() => {
    const leaf = pki.leaf(name, { email: 'stttt@quangbinh.gov.vn', commonName: 'So TTTT', ec });
    signed = signMessage(notice, loadSigningKey(keyStore(leaf, name, passphrase), passphrase), at);
  });

  test('verifies in openssl, and not after one byte is changed', () => {
    expect(opensslReads(signed)).toContain('Đã tạo 05 hộp thư công vụ.');
    const altered = Buffer.from(signed);
    altered[altered.indexOf('05 hộp')] = 0x39;
    expect(() => opensslReads(altered)).toThrow();
  });

  test('keeps its own fields outside and the MIME fields inside, and states the given time', () => {
    const [outer] = signed.toString().split('\r\n\r\n');
    expect(outer).toContain('Subject: =?utf-8?Q?K=E1=BA=BFt_qu=E1=BA=A3?=');
    expect(outer!.match(/^content-type:/gim)).toHaveLength(1);
    const file = path.join(dir, 'time.eml');
    fs.writeFileSync(file, signed);
    const printed = openssl(['cms', '-cmsout', '-print', '-in', file]).toString();
    expect(printed).toContain('Jan  5 01:15:00 2026 GMT');
  });
});

test('a wrong passphrase and a missing file are told to the operator', () => {
  const leaf = pki.leaf('wrong', { email: 'stttt@quangbinh.gov.vn', commonName: 'So TTTT' });
  for (const wrong of ['sai', 'sài'])
    expect(() => loadSigningKey(keyStore(leaf, 'wrong', 'bí mật'), wrong)).toThrow(UserError);
  expect(() => loadSigningKey(path.join(dir, 'missing.p12'), '')).toThrow(UserError);
});
