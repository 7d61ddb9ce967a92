import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { validateSigner } from '../../src/evidence/path.ts';
import { derBlocks, trustStoreFrom } from '../../src/evidence/trust-store.ts';
import { buildPki, openssl, type Leaf, type Pki } from '../harness/openssl-pki.ts';

/** Both old answers say "good" and are within their time; the newest list says "revoked". */
let dir: string;
let pki: Pki;
let leaf: Leaf;
let lists: { readonly root: Buffer; readonly old: Buffer; readonly newest: Buffer };
let oldAnswer: Buffer;

beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-revocation-'));
  pki = buildPki(dir);
  leaf = pki.leaf('so-noi-vu', { email: 'snv@dongthap.gov.vn', commonName: 'So Noi vu' });
  const old = fs.readFileSync(path.join(pki.crls, 'issuing.crl'));
  oldAnswer = goodAnswer();
  pki.revoke(leaf);
  fs.rmSync(path.join(pki.crls, 'issuing.crl'));
  openssl([
    'ca',
    '-gencrl',
    '-config',
    path.join(dir, 'ca-issuing', 'ca.cnf'),
    '-crl_lastupdate',
    '20200201000000Z',
    '-crl_nextupdate',
    '20500101000000Z',
    '-out',
    path.join(pki.crls, 'issuing.crl'),
  ]);
  const newest = fs.readFileSync(path.join(pki.crls, 'issuing.crl'));
  lists = { root: fs.readFileSync(path.join(pki.crls, 'root.crl')), old, newest };
});
afterAll(() => {
  fs.rmSync(dir, { recursive: true, force: true });
});

/** The issuing CA's own OCSP answer of before the revocation, good for ten years. */
function goodAnswer(): Buffer {
  const ca = path.join(dir, 'ca-issuing');
  const out = path.join(dir, 'old.ors');
  openssl([
    'ocsp',
    '-index',
    path.join(ca, 'index.txt'),
    '-CA',
    path.join(ca, 'ca.pem'),
    '-rsigner',
    path.join(ca, 'ca.pem'),
    '-rkey',
    path.join(ca, 'ca.key'),
    '-issuer',
    path.join(ca, 'ca.pem'),
    '-cert',
    leaf.cert,
    '-ndays',
    '3650',
    '-respout',
    out,
  ]);
  return fs.readFileSync(out);
}

function judged(crls: readonly Buffer[], ocsp: readonly Buffer[]) {
  const trust = trustStoreFrom({
    anchors: [fs.readFileSync(path.join(pki.anchors, 'root.pem'))],
    intermediates: [fs.readFileSync(pki.issuing)],
    crls: [lists.root, ...crls],
    ocsp,
  });
  // openssl stamps revocations and OCSP answers with the present: a receipt the day after knows of both.
  const at = new Date(Date.now() + 24 * 3600_000);
  return validateSigner(derBlocks(fs.readFileSync(leaf.cert))[0]!, [], { trust, at }, 'signing');
}

test('the old answers alone are usable: without the newest list the certificate passes', () => {
  expect(judged([lists.old], []).verdict).toEqual({ verdict: 'TOTAL-PASSED' });
  const byOcsp = judged([], [oldAnswer]);
  expect(byOcsp.verdict).toEqual({ verdict: 'TOTAL-PASSED' });
  expect(byOcsp.revocation[0]?.source).toBe('ocsp');
});

test.each([
  ['an OCSP answer the sender kept from before', () => judged([lists.newest], [oldAnswer])],
  ['an older list read first', () => judged([lists.old, lists.newest], [])],
  ['an older list read last', () => judged([lists.newest, lists.old], [])],
])('%s does not hide a revocation', (_, judge) => {
  const { verdict, chain } = judge();
  expect(verdict).toEqual({ verdict: 'TOTAL-FAILED', subIndication: 'REVOKED' });
  expect(chain).toBe('revoked');
});
