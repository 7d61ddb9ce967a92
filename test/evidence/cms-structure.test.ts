import { createHash, createPrivateKey, sign } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifySignedData } from '../../src/evidence/cms.ts';
import { validateSigner } from '../../src/evidence/path.ts';
import { derBlocks, loadTrustStore, trustStoreFrom } from '../../src/evidence/trust-store.ts';
import { octetString, oid, pieces, sequence, set, tlv } from '../harness/der-writer.ts';
import { buildPki, openssl, type Leaf, type Pki } from '../harness/openssl-pki.ts';
import { editSignerInfo } from '../harness/openssl-tsa.ts';

/** Signatures whose value is right over attributes that are wrong: built here, signed with the honest key. */
let dir: string;
let pki: Pki;
let leaf: Leaf;
let other: Leaf;
let honest: Buffer;
const data = Buffer.from('Đề nghị cấp mới hộp thư.');
const at = new Date('2026-01-05T01:15:00Z');

beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-cms-'));
  pki = buildPki(path.join(dir, 'pki'));
  leaf = pki.leaf('snv', { email: 'snv@quangbinh.gov.vn', commonName: 'So Noi vu' });
  other = pki.leaf('khac', { email: 'khac@quangbinh.gov.vn', commonName: 'Khac' });
  const file = path.join(dir, 'data');
  fs.writeFileSync(file, data);
  honest = openssl([
    ...['cms', '-sign', '-binary', '-md', 'sha256', '-outform', 'DER', '-in', file],
    ...['-signer', leaf.cert, '-inkey', leaf.key, '-certfile', pki.issuing],
  ]);
}, 60_000);
afterAll(() => {
  fs.rmSync(dir, { recursive: true, force: true });
});

const judge = (cms: Buffer) => verifySignedData(cms, [data], { trust: loadTrustStore(pki), at }).fact;

const ID_DATA = '1.2.840.113549.1.7.1';
const digest = createHash('sha256').update(data).digest();
const contentType = (type = ID_DATA): Buffer => sequence(oid('1.2.840.113549.1.9.3'), set(oid(type)));
const messageDigest = (...values: Buffer[]): Buffer =>
  sequence(oid('1.2.840.113549.1.9.4'), set(...(values.length === 0 ? [digest] : values).map(octetString)));
/** ESS signing-certificate-v2 (SHA-256). */
const names = (by: Leaf): Buffer => {
  const hash = createHash('sha256')
    .update(derBlocks(fs.readFileSync(by.cert))[0]!)
    .digest();
  return sequence(oid('1.2.840.113549.1.9.16.2.47'), set(sequence(sequence(sequence(octetString(hash))))));
};

/** The honest signature with these attributes, in this order, signed anew. */
const withAttributes = (...attributes: Buffer[]): Buffer =>
  editSignerInfo(honest, (parts) => {
    const key = createPrivateKey(fs.readFileSync(leaf.key));
    const value = sign('sha256', set(...attributes), key);
    return parts.map(({ whole }, i) =>
      i === 3 ? tlv(0xa0, ...attributes) : i === 5 ? octetString(value) : whole,
    );
  });

test('the construction itself passes, with and without its certificate named', () => {
  expect(judge(withAttributes(contentType(), messageDigest())).verdict).toEqual({ verdict: 'TOTAL-PASSED' });
  const named = withAttributes(contentType(), messageDigest(), names(leaf));
  expect(judge(named).verdict).toEqual({ verdict: 'TOTAL-PASSED' });
});

test.each<[string, () => Buffer, string]>([
  [
    'two message digests',
    () => withAttributes(contentType(), messageDigest(), messageDigest()),
    'FORMAT_FAILURE',
  ],
  [
    'a message digest of two values',
    () => withAttributes(contentType(), messageDigest(digest, Buffer.alloc(32))),
    'FORMAT_FAILURE',
  ],
  ['attributes out of order', () => withAttributes(messageDigest(), contentType()), 'FORMAT_FAILURE'],
  ['no message digest', () => withAttributes(contentType()), 'FORMAT_FAILURE'],
  ['no content type', () => withAttributes(messageDigest()), 'FORMAT_FAILURE'],
  [
    'another content type',
    () => withAttributes(contentType('1.2.840.113549.1.9.16.1.4'), messageDigest()),
    'FORMAT_FAILURE',
  ],
  [
    'another certificate named (ESS)',
    () => withAttributes(contentType(), messageDigest(), names(other)),
    'SIG_CONSTRAINTS_FAILURE',
  ],
  ['a byte behind the end', () => Buffer.concat([honest, Buffer.of(0)]), 'FORMAT_FAILURE'],
  [
    'something behind the unsigned attributes',
    () => editSignerInfo(honest, (parts) => [...parts.map(({ whole }) => whole), tlv(0xa1), tlv(0xa2)]),
    'FORMAT_FAILURE',
  ],
  [
    'no SignerInfo',
    () => {
      const [type, explicit] = pieces(pieces(honest)[0]!.content);
      const signedData = pieces(pieces(explicit!.content)[0]!.content);
      const rest = signedData.slice(0, -1).map(({ whole }) => whole);
      return sequence(type!.whole, tlv(0xa0, sequence(...rest, set())));
    },
    'FORMAT_FAILURE',
  ],
])('%s is refused', (_, make, subIndication) => {
  expect(judge(make())).toMatchObject({ verdict: { subIndication } });
});

test('a CA of the same name under another root cannot vouch for a certificate by its list', () => {
  const twin = buildPki(path.join(dir, 'twin'));
  const all = (folder: 'anchors' | 'intermediates'): Buffer[] =>
    [pki, twin].flatMap((one) =>
      fs.readdirSync(one[folder]).map((name) => fs.readFileSync(path.join(one[folder], name))),
    );
  const list = (of: Pki, name: string): Buffer => fs.readFileSync(path.join(of.crls, name));
  const judged = (crls: Buffer[]) => {
    const trust = trustStoreFrom({ anchors: all('anchors'), intermediates: all('intermediates'), crls });
    return validateSigner(derBlocks(fs.readFileSync(leaf.cert))[0]!, [], { trust, at }, 'signing').verdict;
  };
  expect(judged([list(pki, 'root.crl'), list(pki, 'issuing.crl')])).toEqual({ verdict: 'TOTAL-PASSED' });
  expect(judged([list(pki, 'root.crl'), list(twin, 'root.crl'), list(twin, 'issuing.crl')])).toMatchObject({
    subIndication: 'TRY_LATER',
  });
});
