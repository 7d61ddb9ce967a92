import { describe, expect, test } from 'vitest';
import { validateSigner } from '../../src/evidence/path.ts';
import { trustStoreFrom } from '../../src/evidence/trust-store.ts';
import { bitString, integer, NULL, octetString, oid, sequence, TRUE, tlv } from '../harness/der-writer.ts';
import { ocspAnswer } from '../harness/ocsp-writer.ts';
import { LEAF_EXTENSIONS } from '../harness/smime-kit.ts';
import {
  certificate,
  EXTENSION,
  revocationList,
  type Holder,
  type ListForm,
} from '../harness/x509-writer.ts';

/** Paths, CRLs and OCSP answers by plain code, so that each rule of RFC 5280 and RFC 6960 can be bent alone. */
const AT = new Date('2026-01-05T01:15:00Z');
const PASSED = 'TOTAL-PASSED';
const LATER = 'INDETERMINATE TRY_LATER';
const REVOKED = 'TOTAL-FAILED REVOKED';

const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
  sequence(oid(id), ...(critical ? [TRUE] : []), octetString(value));
const CA = [EXTENSION.basic(true), EXTENSION.usage(0x06)];
const root = certificate({ commonName: 'Goc', extensions: CA });
const issuing = certificate({ commonName: 'CA cap phat', issuer: root, extensions: CA });
const ca = (commonName: string, issuer: Holder, ...more: Buffer[]): Holder =>
  certificate({ commonName, issuer, extensions: [...CA, ...more] });
const leafOf = (issuer: Holder, ...more: Buffer[]): Holder =>
  certificate({ commonName: 'So Noi vu', issuer, extensions: [...LEAF_EXTENSIONS, ...more] });
const unit = leafOf(issuing);

interface World {
  readonly leaf?: Holder;
  readonly intermediates?: readonly Holder[];
  /** Beside the root's own empty list. */
  readonly crls?: readonly Buffer[];
  readonly ocsp?: readonly Buffer[];
  readonly anchors?: readonly Holder[];
  readonly others?: readonly Holder[];
  readonly at?: Date;
}

function judged({
  leaf = unit,
  intermediates = [issuing],
  crls = [],
  ocsp = [],
  anchors = [root],
  others = [],
  at = AT,
}: World): string {
  const trust = trustStoreFrom({
    anchors: anchors.map((one) => one.certificate),
    intermediates: intermediates.map((one) => one.certificate),
    crls: [...anchors.map((one) => revocationList(one)), ...crls],
    ocsp,
  });
  const { verdict } = validateSigner(
    leaf.certificate,
    others.map((one) => one.certificate),
    { trust, at },
    'signing',
  );
  return 'subIndication' in verdict ? `${verdict.verdict} ${verdict.subIndication}` : verdict.verdict;
}

const list = (form: ListForm = {}, issuer: Holder = issuing): Buffer => revocationList(issuer, form);
const gone = [{ serial: unit.serial, at: '20251201000000Z' }];
/** issuingDistributionPoint (RFC 5280 §5.2.5). */
const scope = (...parts: Buffer[]): Buffer => extension('2.5.29.28', true, sequence(...parts));
const flag = (n: number): Buffer => tlv(0x80 | n, Buffer.of(0xff));
const url = (text: string): Buffer => tlv(0xa0, tlv(0xa0, tlv(0x86, Buffer.from(text))));
const number = (value: number): Buffer => extension('2.5.29.20', false, integer(value));
const deltaOf = (value: number): Buffer => extension('2.5.29.27', true, integer(value));
const points = (...urls: string[]): Buffer =>
  extension('2.5.29.31', false, sequence(...urls.map((text) => sequence(url(text)))));

describe('revocation lists', () => {
  const atPoint = leafOf(issuing, points('http://ca.vn/a.crl'));
  test.each<[string, string, World]>([
    ['an empty list of the issuer', PASSED, { crls: [list()] }],
    ['no list at all', LATER, {}],
    ['a list that names the certificate', REVOKED, { crls: [list({ revoked: gone })] }],
    [
      'a list that names it from tomorrow on',
      PASSED,
      { crls: [list({ revoked: [{ serial: unit.serial, at: '20260106000000Z' }] })] },
    ],
    [
      'a list that names another',
      PASSED,
      { crls: [list({ revoked: [{ serial: unit.serial + 1000, at: '20251201000000Z' }] })] },
    ],
    ['a list that has ended', LATER, { crls: [list({ nextUpdate: '20260104000000Z' })] }],
    [
      'a list that has ended and names the certificate',
      REVOKED,
      { crls: [list({ nextUpdate: '20260104000000Z', revoked: gone })] },
    ],
    ['a list that is not yet', LATER, { crls: [list({ thisUpdate: '20260106000000Z' })] }],
    ['a list signed by another key', LATER, { crls: [list({ key: root.key })] }],
    ['a list of another CA', LATER, { crls: [list({}, root)] }],
    ['a list of certificates of CAs only', LATER, { crls: [list({ extensions: [scope(flag(2))] })] }],
    ['a list of certificates of users only', PASSED, { crls: [list({ extensions: [scope(flag(1))] })] }],
    ['a list of attribute certificates only', LATER, { crls: [list({ extensions: [scope(flag(5))] })] }],
    [
      'a list of some reasons only',
      LATER,
      { crls: [list({ extensions: [scope(tlv(0x83, Buffer.of(5, 0x60)))] })] },
    ],
    [
      'a list of some reasons that names the certificate',
      REVOKED,
      { crls: [list({ revoked: gone, extensions: [scope(tlv(0x83, Buffer.of(5, 0x60)))] })] },
    ],
    [
      'a list of another distribution point',
      LATER,
      { leaf: atPoint, crls: [list({ extensions: [scope(url('http://ca.vn/b.crl'))] })] },
    ],
    [
      'a list of the distribution point',
      PASSED,
      { leaf: atPoint, crls: [list({ extensions: [scope(url('http://ca.vn/a.crl'))] })] },
    ],
    [
      'a critical extension nobody knows',
      LATER,
      { crls: [list({ extensions: [extension('1.2.3.4', true, NULL)] })] },
    ],
    ['a delta without its base', LATER, { crls: [list({ extensions: [number(5), deltaOf(4)] })] }],
    [
      'a base and a delta that takes the certificate back',
      REVOKED,
      {
        crls: [
          list({ extensions: [number(4)] }),
          list({ revoked: gone, extensions: [number(5), deltaOf(4)] }),
        ],
      },
    ],
    [
      'a delta of a newer base than ours',
      PASSED,
      {
        crls: [
          list({ extensions: [number(3)] }),
          list({ revoked: gone, extensions: [number(5), deltaOf(4)] }),
        ],
      },
    ],
    [
      'an indirect list of a stranger',
      LATER,
      {
        crls: [
          revocationList(certificate({ commonName: 'La', extensions: CA }), { extensions: [scope(flag(4))] }),
        ],
      },
    ],
  ])('%s: %s', (_name, expected, world) => {
    expect(judged(world)).toBe(expected);
  });

  test('an indirect list by the issuer its distribution point appoints', () => {
    const appointed = ca('Noi cong bo', root);
    const point = extension(
      '2.5.29.31',
      false,
      sequence(sequence(url('http://ca.vn/i.crl'), tlv(0xa2, tlv(0xa4, appointed.name)))),
    );
    const leaf = leafOf(issuing, point);
    const indirect = (form: ListForm = {}): Buffer =>
      revocationList(appointed, { ...form, extensions: [scope(url('http://ca.vn/i.crl'), flag(4))] });
    const world = { leaf, intermediates: [issuing, appointed] };
    expect(judged({ ...world, crls: [indirect()] })).toBe(PASSED);
    // Not indirect by its own word: it speaks for its own certificates alone.
    expect(
      judged({
        ...world,
        crls: [revocationList(appointed, { extensions: [scope(url('http://ca.vn/i.crl'))] })],
      }),
    ).toBe(LATER);
  });
});

describe('OCSP answers', () => {
  const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';
  const NO_CHECK = extension('1.3.6.1.5.5.7.48.1.5', false, NULL);
  const responderOf = (issuer: Holder, ...extensions: Buffer[]): Holder =>
    certificate({
      commonName: 'Tra loi',
      issuer,
      extensions: [EXTENSION.basic(false), EXTENSION.usage(0x80), ...extensions],
    });
  const responder = responderOf(issuing, EXTENSION.purposes(OCSP_SIGNING), NO_CHECK);
  const unchecked = responderOf(issuing, EXTENSION.purposes(OCSP_SIGNING));
  const mailer = responderOf(issuing, EXTENSION.purposes('1.3.6.1.5.5.7.3.4'), NO_CHECK);
  const silent = responderOf(issuing, NO_CHECK);
  const foreign = responderOf(root, EXTENSION.purposes(OCSP_SIGNING), NO_CHECK);
  const other = leafOf(issuing);
  const about = { about: unit, issuer: issuing };
  const by = (who: Holder) => ({ ...about, responder: who, certificates: [who.certificate] });
  test.each<[string, string, Buffer]>([
    ['the issuer says good', PASSED, ocspAnswer(about)],
    ['the issuer says revoked', REVOKED, ocspAnswer({ ...about, status: { revokedAt: '20251201000000Z' } })],
    [
      'the issuer says revoked from tomorrow on',
      PASSED,
      ocspAnswer({ ...about, status: { revokedAt: '20260106000000Z' } }),
    ],
    ['the issuer does not know it', LATER, ocspAnswer({ ...about, status: 'unknown' })],
    ['about another certificate', LATER, ocspAnswer({ about: other, issuer: issuing })],
    [
      'about the same number of another CA',
      LATER,
      ocspAnswer({ about: unit, issuer: root, responder: issuing }),
    ],
    ['it has ended', LATER, ocspAnswer({ ...about, nextUpdate: '20260104000000Z' })],
    [
      'it has ended and says revoked',
      REVOKED,
      ocspAnswer({ ...about, nextUpdate: '20260104000000Z', status: { revokedAt: '20251201000000Z' } }),
    ],
    [
      'it has no end and is of last week',
      LATER,
      ocspAnswer({ ...about, thisUpdate: '20251229000000Z', nextUpdate: null }),
    ],
    [
      'it has no end and is of today',
      PASSED,
      ocspAnswer({ ...about, thisUpdate: '20260105000000Z', nextUpdate: null }),
    ],
    ['it is of tomorrow', LATER, ocspAnswer({ ...about, thisUpdate: '20260106000000Z' })],
    ['signed by the certificate itself', LATER, ocspAnswer(by(unit))],
    ['signed by the root in place of the issuer', LATER, ocspAnswer(by(root))],
    ['a responder of the issuer', PASSED, ocspAnswer(by(responder))],
    ['a responder whose own revocation nobody tells', LATER, ocspAnswer(by(unchecked))],
    ['a responder with a certificate for mail', LATER, ocspAnswer(by(mailer))],
    ['a responder without a purpose', LATER, ocspAnswer(by(silent))],
    ['a responder of another CA', LATER, ocspAnswer(by(foreign))],
    ['a responder whose certificate is not sent', LATER, ocspAnswer({ ...about, responder })],
    ['signed with SHA-1', LATER, ocspAnswer({ ...about, digest: 'sha1' })],
    [
      'a critical extension nobody knows',
      LATER,
      ocspAnswer({ ...about, extensions: [extension('1.2.3.4', true, NULL)] }),
    ],
  ])('%s: %s', (_name, expected, answer) => {
    // The root's list speaks for the issuing CA; of the unit only the answer tells.
    expect(judged({ ocsp: [answer] })).toBe(expected);
  });

  test('a responder without nocheck counts once a list knows it; "revoked" wins over "good" from elsewhere', () => {
    expect(judged({ ocsp: [ocspAnswer(by(unchecked))], crls: [list()] })).toBe(PASSED);
    expect(judged({ ocsp: [ocspAnswer(about)], crls: [list({ revoked: gone })] })).toBe(REVOKED);
    const bad = ocspAnswer({ ...about, status: { revokedAt: '20251201000000Z' } });
    expect(judged({ ocsp: [ocspAnswer(about), bad], crls: [list()] })).toBe(REVOKED);
  });
});

describe('paths', () => {
  const lists = (...issuers: Holder[]): Buffer[] => issuers.map((one) => revocationList(one));
  const policies = (...ids: string[]): Buffer =>
    extension('2.5.29.32', false, sequence(...ids.map((id) => sequence(oid(id)))));
  const explicit = extension('2.5.29.36', true, sequence(tlv(0x80, Buffer.of(0))));

  test('two generations of one CA stand side by side, each with its own key and list', () => {
    const first = ca('CA phuc vu', root);
    const second = certificate({ commonName: 'CA phuc vu', issuer: root, extensions: CA });
    const world = { intermediates: [first, second], crls: lists(first, second) };
    expect(judged({ ...world, leaf: leafOf(first) })).toBe(PASSED);
    expect(judged({ ...world, leaf: leafOf(second) })).toBe(PASSED);
  });

  test('CAs that certified each other in a circle: the search ends', () => {
    const one = ca('Vong 1', root);
    const two = certificate({ commonName: 'Vong 2', issuer: one, extensions: CA });
    const back = certificate({ commonName: 'Vong 1', issuer: two, key: one.key, extensions: CA });
    const world = { leaf: leafOf(one), intermediates: [back, two], crls: lists(one, two) };
    expect(judged(world)).toBe('INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND');
    expect(judged({ ...world, intermediates: [back, two, one] })).toBe(PASSED);
  });

  test('a mesh of CAs that all certified each other: the search is bounded', () => {
    const keys = Array.from({ length: 7 }, (_, i) => ca(`Luoi ${i}`, root));
    const mesh = keys.flatMap((from, i) =>
      keys
        .filter((_, j) => j !== i)
        .map((to, j) =>
          certificate({
            commonName: `Luoi ${keys.indexOf(to)}`,
            key: to.key,
            issuer: from,
            serial: 5000 + i * 10 + j,
            extensions: CA,
          }),
        ),
    );
    expect(judged({ leaf: leafOf(keys[0]!), intermediates: mesh })).toBe(
      'INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND',
    );
  });

  test('more than eight certificates are no path', () => {
    const chain = [root];
    for (let i = 0; i < 8; i++) chain.push(ca(`Tang ${i}`, chain.at(-1)!));
    const below = chain.slice(1);
    const at = (depth: number) =>
      judged({ leaf: leafOf(below[depth - 1]!), intermediates: below, crls: lists(...below) });
    expect(at(6)).toBe(PASSED);
    expect(at(7)).toBe('INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND');
  });

  test('a CA the letter brings along counts only below a configured anchor', () => {
    const world = { intermediates: [], crls: lists(issuing), others: [issuing] };
    expect(judged(world)).toBe(PASSED);
    const own = certificate({ commonName: 'Goc', extensions: CA });
    const forged = ca('CA cap phat', own);
    expect(
      judged({ leaf: leafOf(forged), intermediates: [], others: [forged, own], crls: lists(own, forged) }),
    ).toBe('INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND');
  });

  test('certificate policies: what a CA demands must hold all the way down', () => {
    const strict = ca('CA chinh sach', root, policies('1.2.3.1'), explicit);
    const world = (...ids: string[]): World => ({
      leaf: ids.length === 0 ? leafOf(strict) : leafOf(strict, policies(...ids)),
      intermediates: [strict],
      crls: lists(strict),
    });
    expect(judged(world('1.2.3.1'))).toBe(PASSED);
    expect(judged(world('1.2.3.9'))).toBe('INDETERMINATE POLICY_PROCESSING_ERROR');
    expect(judged(world())).toBe('INDETERMINATE POLICY_PROCESSING_ERROR');
  });

  test('policy mappings are followed, and never to or from any-policy', () => {
    const mapping = (from: string, to: string): Buffer =>
      extension('2.5.29.33', true, sequence(sequence(oid(from), oid(to))));
    const mapped = (from: string, to: string, leafPolicy: string): string => {
      const upper = ca('CA tren', root, policies('1.2.3.1'), explicit, mapping(from, to));
      const lower = ca('CA duoi', upper, policies('1.2.3.2'));
      return judged({
        leaf: leafOf(lower, policies(leafPolicy)),
        intermediates: [upper, lower],
        crls: lists(upper, lower),
      });
    };
    expect(mapped('1.2.3.1', '1.2.3.2', '1.2.3.2')).toBe(PASSED);
    expect(mapped('1.2.3.1', '1.2.3.2', '1.2.3.1')).toBe('INDETERMINATE POLICY_PROCESSING_ERROR');
    expect(mapped('2.5.29.32.0', '1.2.3.2', '1.2.3.2')).toBe('INDETERMINATE POLICY_PROCESSING_ERROR');
  });

  test('keyUsage that is empty or only for encryption signs nothing', () => {
    const only = (bits: number): Holder =>
      certificate({
        commonName: 'So Noi vu',
        issuer: issuing,
        extensions: [EXTENSION.basic(false), extension('2.5.29.15', true, bitString(Buffer.of(bits)))],
      });
    expect(judged({ leaf: only(0x80), crls: [list()] })).toBe(PASSED);
    expect(judged({ leaf: only(0x40), crls: [list()] })).toBe(PASSED);
    expect(judged({ leaf: only(0x20), crls: [list()] })).toBe('INDETERMINATE CHAIN_CONSTRAINTS_FAILURE');
    expect(judged({ leaf: only(0x00), crls: [list()] })).toBe('INDETERMINATE CHAIN_CONSTRAINTS_FAILURE');
  });
});
