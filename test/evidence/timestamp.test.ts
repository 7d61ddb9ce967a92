import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifySignedData } from '../../src/evidence/cms.ts';
import { DerError } from '../../src/evidence/der.ts';
import { checkTimestamp, parseTimestampInfo } from '../../src/evidence/timestamp.ts';
import { loadTrustStore, type TrustStore } from '../../src/evidence/trust-store.ts';
import { generalizedTime, integer, octetString, oid, sequence, tlv } from '../harness/der-writer.ts';
import { buildPki, openssl, type Leaf, type Pki } from '../harness/openssl-pki.ts';
import {
  editSignerInfo,
  opensslAccepts,
  opensslToken,
  ownToken,
  stampCms,
  TSA_USAGES,
} from '../harness/openssl-tsa.ts';

/** Signers and time-stamping authorities have roots of their own, as in the trust store of a gateway. */
let dir: string;
let signers: Pki;
let authorities: Pki;
let tsa: Leaf;
let second: Leaf;
let trust: TrustStore;
const data = Buffer.from('Đề nghị cấp mới 5 hộp thư.');
const stamped = new Date('2025-11-30T03:00:00Z');
const receipt = new Date('2026-01-05T01:15:00Z');
const usual = { email: 'tsa@example.vn', commonName: 'TSA thu nghiem' };

beforeAll(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-tsa-'));
  signers = buildPki(path.join(dir, 'signers'));
  authorities = buildPki(path.join(dir, 'tsa'));
  tsa = authorities.leaf('tsa', { ...usual, usages: TSA_USAGES });
  second = authorities.leaf('second', { ...usual, usages: TSA_USAGES });
  trust = trusted();
}, 60_000);
afterAll(() => {
  fs.rmSync(dir, { recursive: true, force: true });
});

/** Both PKIs as they stand now. */
function trusted(): TrustStore {
  const own = loadTrustStore(signers);
  const times = loadTrustStore({
    anchors: '/nonexistent',
    tsaAnchors: authorities.anchors,
    intermediates: authorities.intermediates,
    crls: authorities.crls,
  });
  return {
    anchors: own.anchors,
    intermediates: [...own.intermediates, ...times.intermediates],
    tsaAnchors: times.tsaAnchors,
    crls: [...own.crls, ...times.crls],
    ocsp: [],
  };
}

const check = (token: Buffer, at = receipt, by = trust) =>
  checkTimestamp(token, [data], { trust: by, at }).fact;
const token = (parts: Partial<Parameters<typeof ownToken>[3]> = {}, by = tsa): Buffer =>
  ownToken(data, by, authorities, { genTime: stamped, ...parts });

describe('one token', () => {
  test('as openssl ts makes it: both accept it, and neither accepts it over other bytes', () => {
    const made = opensslToken(data, tsa, authorities);
    const soon = new Date(Date.now() + 60_000);
    expect(opensslAccepts(made, data, authorities)).toBe(true);
    expect(check(made, soon)).toMatchObject({
      verdict: { verdict: 'TOTAL-PASSED' },
      authority: 'TSA thu nghiem',
    });
    const other = Buffer.from('Đề nghị cấp mới 500 hộp thư.');
    expect(opensslAccepts(made, other, authorities)).toBe(false);
    expect(checkTimestamp(made, [other], { trust, at: soon })).toMatchObject({
      provenAt: null,
      fact: { verdict: { subIndication: 'HASH_FAILURE' } },
    });
  });

  test('over bytes in pieces', () => {
    const pieces = [data.subarray(0, 9), data.subarray(9)];
    expect(checkTimestamp(token(), pieces, { trust, at: receipt }).provenAt).toEqual(stamped);
  });

  test.each<[string, () => Buffer, string, 'openssl is content'?]>([
    ['no CMS at all', () => Buffer.from('0123'), 'FORMAT_FAILURE'],
    ['an ordinary signature', () => token({ contentType: '1.2.840.113549.1.7.1' }), 'FORMAT_FAILURE'],
    ['version 2', () => token({ version: 2 }), 'FORMAT_FAILURE'],
    [
      'an imprint by SHA-1',
      () => token({ digest: ['sha1', '1.3.14.3.2.26'] }),
      'CRYPTO_CONSTRAINTS_FAILURE',
      'openssl is content',
    ],
    ['its certificate not named (ESS)', () => token({ options: [] }), 'SIG_CONSTRAINTS_FAILURE'],
    [
      'the name of another authority',
      () => token({ rest: [tlv(0xa0, tlv(0x82, Buffer.from('tsa.example.org')))] }),
      'SIG_CONSTRAINTS_FAILURE',
    ],
    [
      'a critical extension nobody knows',
      () =>
        token({ rest: [tlv(0xa1, sequence(oid('1.2.3.4'), tlv(1, Buffer.of(0xff)), octetString(data)))] }),
      'FORMAT_FAILURE',
      'openssl is content',
    ],
    [
      'accurate to an hour',
      () => token({ rest: [sequence(integer(3600))] }),
      'SIG_CONSTRAINTS_FAILURE',
      'openssl is content',
    ],
    [
      'a moment after receipt',
      () => token({ genTime: new Date('2026-01-05T02:00:00Z') }),
      'TIMESTAMP_ORDER_FAILURE',
      'openssl is content',
    ],
    [
      'a moment before its certificate',
      () => token({ genTime: new Date('2019-06-01T00:00:00Z') }),
      'TIMESTAMP_ORDER_FAILURE',
      'openssl is content',
    ],
    [
      'a changed signature',
      () =>
        editSignerInfo(token(), (parts) =>
          parts.map(({ whole }, i) => {
            if (i !== 5) return whole;
            const changed = Buffer.from(whole);
            changed[changed.length - 1]! ^= 1;
            return changed;
          }),
        ),
      'SIG_CRYPTO_FAILURE',
    ],
    [
      'two signers',
      () => token({ options: ['-cades', '-signer', second.cert, '-inkey', second.key] }),
      'FORMAT_FAILURE',
    ],
  ])('with %s proves nothing', (_, make, subIndication, content) => {
    const made = make();
    expect(opensslAccepts(made, data, authorities)).toBe(content !== undefined);
    expect(check(made)).toMatchObject({ verdict: { subIndication } });
  });

  test('accuracy, ordering and a name that is the certificate’s are in order', () => {
    const rest = [sequence(integer(1), tlv(0x80, Buffer.of(5))), tlv(1, Buffer.of(0xff)), integer(12345)];
    expect(check(token({ rest })).verdict).toEqual({ verdict: 'TOTAL-PASSED' });
  });

  test.each([
    ['a signer’s certificate', 'keyUsage=critical,digitalSignature\nextendedKeyUsage=emailProtection'],
    ['time-stamping not critical', 'keyUsage=critical,digitalSignature\nextendedKeyUsage=timeStamping'],
    [
      'time-stamping among others',
      'keyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping,emailProtection',
    ],
    ['no purpose', 'keyUsage=critical,digitalSignature'],
    [
      'a key for encryption too',
      'keyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=critical,timeStamping',
    ],
  ])('by %s proves nothing, and openssl agrees', (name, usages) => {
    const wrong = authorities.leaf(name.replaceAll(/\W/g, ''), { ...usual, usages });
    const made = token({}, wrong);
    expect(check(made).verdict).toMatchObject({ subIndication: 'CHAIN_CONSTRAINTS_FAILURE' });
    expect(opensslAccepts(made, data, authorities)).toBe(false);
  });

  test('only time-stamping anchors count: a signer’s root gives no time', () => {
    const stranger = signers.leaf('tsa', { ...usual, usages: TSA_USAGES });
    const made = ownToken(data, stranger, signers, { genTime: stamped });
    expect(check(made).verdict).toMatchObject({ subIndication: 'NO_CERTIFICATE_CHAIN_FOUND' });
    expect(check(made).explanation).toContain('không nằm trong danh sách được tin cậy');
  });

  test('without revocation data the answer is "try later" and says where to ask', () => {
    const extensions = 'crlDistributionPoints=URI:http://crl.example.vn/tsa.crl';
    const named = authorities.leaf('named', { ...usual, usages: TSA_USAGES, extensions });
    const found = checkTimestamp(token({}, named), [data], { trust: { ...trust, crls: [] }, at: receipt });
    expect(found).toMatchObject({
      provenAt: null,
      wanted: ['http://crl.example.vn/tsa.crl'],
      fact: { verdict: { subIndication: 'TRY_LATER' } },
    });
  });

  test('an authority whose certificate has ended proves nothing by itself, but inside a later proof', () => {
    const old = authorities.leaf('ended', { ...usual, usages: TSA_USAGES, until: '20251201000000Z' });
    const made = token({}, old);
    expect(check(made).verdict).toMatchObject({ subIndication: 'OUT_OF_BOUNDS_NO_POE' });
    const existedAt = new Date('2025-11-30T04:00:00Z');
    expect(checkTimestamp(made, [data], { trust, at: receipt, existedAt }).provenAt).toEqual(stamped);
  });

  test('a revoked authority: a lost key voids everything, a replaced one leaves the earlier tokens good', () => {
    const [lost, replaced] = ['keyCompromise', 'superseded'].map((reason) => {
      const one = authorities.leaf(`tsa-${reason}`, { ...usual, usages: TSA_USAGES });
      const made = token({}, one);
      authorities.revoke(one, reason);
      return made;
    }) as [Buffer, Buffer];
    const tomorrow = new Date(Date.now() + 86_400_000);
    expect(check(lost, tomorrow, trusted()).verdict).toMatchObject({ subIndication: 'REVOKED_NO_POE' });
    expect(check(replaced, tomorrow, trusted()).verdict).toEqual({ verdict: 'TOTAL-PASSED' });
  });
});

describe('signature timestamps in CMS', () => {
  const sign = (leaf: Leaf): Buffer => {
    const file = path.join(dir, 'content');
    fs.writeFileSync(file, data);
    return openssl([
      ...['cms', '-sign', '-binary', '-md', 'sha256', '-outform', 'DER', '-in', file],
      ...['-signer', leaf.cert, '-inkey', leaf.key, '-certfile', signers.issuing],
    ]);
  };
  const over =
    (genTime = stamped, by = tsa, pki = authorities) =>
    (value: Buffer): Buffer =>
      ownToken(value, by, pki, { genTime });
  const verified = (cms: Buffer, at = receipt, by = trust) =>
    verifySignedData(cms, [data], { trust: by, at });
  const snv = { email: 'snv@quangbinh.gov.vn', commonName: 'So Noi vu' };
  let ended: Leaf;
  let valid: Leaf;
  beforeAll(() => {
    ended = signers.leaf('ended', { ...snv, until: '20251201000000Z' });
    valid = signers.leaf('valid', snv);
  });

  test('the certificate ended after the proven moment: passes, decided at genTime', () => {
    const { fact } = verified(stampCms(sign(ended), over()));
    expect(fact).toMatchObject({
      verdict: { verdict: 'TOTAL-PASSED' },
      timestamp: stamped.toISOString(),
      decidedAt: stamped.toISOString(),
      timestamps: [{ authority: 'TSA thu nghiem', verdict: { verdict: 'TOTAL-PASSED' } }],
    });
    expect(fact.explanation).toBe('chữ ký số hợp lệ (theo dấu thời gian lúc 10:00 ngày 30/11/2025)');
  });

  test('without a token, and with the signer’s own claim only, it has expired', () => {
    const { fact } = verified(sign(ended));
    expect(fact.signedAt).not.toBeNull();
    expect(fact).toMatchObject({
      verdict: { verdict: 'TOTAL-FAILED', subIndication: 'EXPIRED' },
      timestamp: null,
      decidedAt: receipt.toISOString(),
    });
  });

  test.each<[string, () => Buffer]>([
    ['over something else', () => stampCms(sign(ended), () => token())],
    ['of an unknown authority', () => stampCms(sign(ended), over(stamped, valid, signers))],
    ['that is rubbish', () => stampCms(sign(ended), () => tlv(0x30, Buffer.from('rubbish')))],
    ['of after receipt', () => stampCms(sign(ended), over(new Date('2026-02-01T00:00:00Z')))],
  ])('a token %s is told and does not help', (_, make) => {
    const { fact } = verified(make());
    expect(fact).toMatchObject({
      verdict: { subIndication: 'EXPIRED' },
      timestamp: null,
      decidedAt: receipt.toISOString(),
    });
    expect(fact.timestamps).toHaveLength(1);
    expect(fact.reason).toContain('a timestamp is not counted: ');
    expect(fact.explanation).toMatch(/ngày 01\/12\/2025; dấu thời gian không được tính vì /);
  });

  test('a broken token harms nobody whose certificate is good at receipt', () => {
    const { fact } = verified(stampCms(sign(valid), () => token()));
    expect(fact.verdict).toEqual({ verdict: 'TOTAL-PASSED' });
    expect(fact.explanation).toContain('dấu thời gian không được tính vì');
  });

  test('a token of after the end does not turn it back', () => {
    const { fact } = verified(stampCms(sign(ended), over(new Date('2025-12-15T00:00:00Z'))));
    expect(fact.verdict).toMatchObject({ subIndication: 'EXPIRED' });
  });

  test('the earliest of several trusted tokens counts', () => {
    const later = over(new Date('2025-12-15T00:00:00Z'));
    const { fact } = verified(stampCms(sign(ended), later, over()));
    expect(fact.verdict).toEqual({ verdict: 'TOTAL-PASSED' });
    expect(fact.timestamp).toBe(stamped.toISOString());
    expect(fact.timestamps).toHaveLength(2);
  });

  test('revoked after the proven moment passes, before it does not', () => {
    const lost = signers.leaf('lost', snv);
    const cms = sign(lost);
    const before = stampCms(cms, over());
    const after = stampCms(cms, over(new Date(Date.now() + 3600_000)));
    signers.revoke(lost);
    const tomorrow = new Date(Date.now() + 86_400_000);
    expect(verified(cms, tomorrow, trusted()).fact.verdict).toMatchObject({ subIndication: 'REVOKED' });
    expect(verified(before, tomorrow, trusted()).fact.verdict).toEqual({ verdict: 'TOTAL-PASSED' });
    expect(verified(after, tomorrow, trusted()).fact.verdict).toMatchObject({ subIndication: 'REVOKED' });
  });

  test('a list that ended before receipt and was made before the proven moment is no proof', () => {
    const cms = stampCms(sign(valid), over(new Date('2025-11-30T03:00:00Z')));
    const shortened = (from: string, until: string): TrustStore => ({
      ...trust,
      crls: trust.crls.map((list) => ({
        ...list,
        thisUpdate: new Date(from),
        nextUpdate: new Date(until),
      })),
    });
    const stale = verified(cms, receipt, shortened('2025-11-29T00:00:00Z', '2025-12-06T00:00:00Z'));
    expect(stale.fact.verdict).toMatchObject({ subIndication: 'TRY_LATER' });
    const newer = verified(cms, receipt, shortened('2025-12-01T00:00:00Z', '2025-12-08T00:00:00Z'));
    expect(newer.fact.timestamp).toBeNull();
  });

  test('while the authority’s revocation is unknown a refusal waits', () => {
    const extensions = 'crlDistributionPoints=URI:http://crl.example.vn/tsa.crl';
    const named = authorities.leaf('waiting', { ...usual, usages: TSA_USAGES, extensions });
    const cms = stampCms(sign(ended), over(stamped, named));
    const known = { ...trust, crls: loadTrustStore(signers).crls };
    const { fact, wanted } = verified(cms, receipt, known);
    expect(fact.verdict).toEqual({ verdict: 'INDETERMINATE', subIndication: 'TRY_LATER' });
    expect(fact.explanation).toContain('tổ chức cấp dấu thời gian');
    expect(wanted).toEqual(['http://crl.example.vn/tsa.crl']);
  });
});

describe('hostile bytes', () => {
  const info = sequence(
    integer(1),
    oid('1.2.3.4.1'),
    sequence(sequence(oid('2.16.840.1.101.3.4.2.1')), octetString(Buffer.alloc(32))),
    integer(77),
    generalizedTime(stamped),
    sequence(integer(1), tlv(0x80, Buffer.of(5)), tlv(0x81, Buffer.of(7))),
  );
  const quietly = (bytes: Uint8Array): void => {
    try {
      parseTimestampInfo(bytes);
    } catch (error) {
      expect(error).toBeInstanceOf(DerError);
    }
  };

  test('the TSTInfo reader throws nothing but DerError', () => {
    expect(parseTimestampInfo(info)).toMatchObject({
      digest: 'sha256',
      accuracyMs: 1005.007,
      genTime: stamped,
    });
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), quietly), { numRuns: 2000, seed: 5 });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(info.length - 1), fc.nat(255)), { maxLength: 4 }), (edits) => {
        const mutant = Buffer.from(info);
        for (const [at, byte] of edits) mutant[at] = byte;
        quietly(mutant);
      }),
      { numRuns: 3000, seed: 6 },
    );
  });

  test('no mutation of a token is trusted over the same bytes, and none throws', () => {
    const made = token();
    fc.assert(
      fc.property(fc.nat(made.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const mutant = Buffer.from(made);
        mutant[at] = mutant[at]! ^ flip;
        const { provenAt } = checkTimestamp(mutant, [data], { trust, at: receipt });
        // What lies outside the signature (the certificates' order, say) may change, never the moment.
        if (provenAt !== null) expect(provenAt).toEqual(stamped);
      }),
      { numRuns: 400, seed: 9 },
    );
  });
});
