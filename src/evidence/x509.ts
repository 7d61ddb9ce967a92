import { createHash, type KeyObject } from 'node:crypto';
import { holds, publicKeyOf, signatureAlgorithm, type SignatureAlgorithm } from './algorithms.ts';
import {
  bits,
  children,
  context,
  DerError,
  expect,
  hex,
  oid,
  readAll,
  same,
  small,
  TAG,
  text,
  time,
  type Node,
} from './der.ts';
import type { SignerFact } from './port.ts';

/** A certificate (RFC 5280 §4) as far as paths and signatures need it. */
export interface Certificate {
  readonly der: Uint8Array;
  readonly sha256: string;
  readonly tbs: Uint8Array;
  readonly serial: string;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly key: KeyObject | null;
  readonly algorithm: SignatureAlgorithm | null;
  readonly signature: Uint8Array;
  readonly ca: boolean;
  readonly pathLength: number | null;
  /** null = no keyUsage extension: every use is allowed. */
  readonly keyUsage: ReadonlySet<KeyUsage> | null;
  /** null = no extendedKeyUsage extension. */
  readonly extendedKeyUsage: ReadonlySet<string> | null;
  readonly keyId: string | null;
  readonly authorityKeyId: string | null;
  readonly emails: readonly string[];
  /** Critical extensions this reader does not process: such a certificate never passes. */
  readonly unknownCritical: readonly string[];
}

const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
] as const;
export type KeyUsage = (typeof KEY_USAGES)[number];

const OID = {
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  certificatePolicies: '2.5.29.32',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  emailAddress: '1.2.840.113549.1.9.1',
} as const;

/** Parsing is pure, and the same few CA certificates come with every letter. */
const cache = new Map<string, Certificate>();
const CACHED = 512;

/** @throws DerError when the bytes are no certificate */
export function parseCertificate(der: Uint8Array): Certificate {
  const sha256 = createHash('sha256').update(der).digest('hex');
  const known = cache.get(sha256);
  if (known !== undefined) return known;
  const certificate = read(der, sha256);
  if (cache.size >= CACHED) cache.clear();
  cache.set(sha256, certificate);
  return certificate;
}

function read(der: Uint8Array, sha256: string): Certificate {
  const [tbs, outer, value] = children(expect(readAll(der), TAG.sequence, 'certificate'));
  const parts = children(expect(tbs, TAG.sequence, 'tbsCertificate'));
  if (parts[0]?.tag === context(0)) parts.shift();
  const [serial, inner, issuer, validity, subject, spki, ...rest] = parts;
  if (!same(inner!.whole, outer!.whole)) throw new DerError('the two signature algorithms differ');
  const [notBefore, notAfter] = children(expect(validity, TAG.sequence, 'validity'));
  const extensions = readExtensions(rest.find((part) => part.tag === context(3)));
  return {
    der,
    sha256,
    tbs: tbs!.whole,
    serial: hex(expect(serial, TAG.integer, 'serial').content),
    issuer: expect(issuer, TAG.sequence, 'issuer').whole,
    subject: expect(subject, TAG.sequence, 'subject').whole,
    notBefore: time(notBefore),
    notAfter: time(notAfter),
    key: publicKeyOf(spki!.whole),
    algorithm: signatureAlgorithm(outer, null),
    signature: bits(value),
    ...extensions,
    emails:
      extensions.emails.length > 0
        ? extensions.emails
        : (nameParts(subject!.whole).get(OID.emailAddress) ?? []),
  };
}

interface Extensions {
  ca: boolean;
  pathLength: number | null;
  keyUsage: ReadonlySet<KeyUsage> | null;
  extendedKeyUsage: ReadonlySet<string> | null;
  keyId: string | null;
  authorityKeyId: string | null;
  emails: string[];
  unknownCritical: string[];
}

function readExtensions(node: Node | undefined): Extensions {
  const found: Extensions = {
    ca: false,
    pathLength: null,
    keyUsage: null,
    extendedKeyUsage: null,
    keyId: null,
    authorityKeyId: null,
    emails: [],
    unknownCritical: [],
  };
  if (node === undefined) return found;
  const seen = new Set<string>();
  for (const extension of children(children(node)[0]!)) {
    const fields = children(extension);
    const id = oid(fields[0]);
    if (seen.has(id)) throw new DerError(`extension ${id} occurs twice`);
    seen.add(id);
    const critical = fields[1]?.tag === TAG.boolean && fields[1].content[0] !== 0;
    const value = readAll(expect(fields.at(-1), TAG.octetString, 'extension value').content);
    if (!apply(found, id, value) && critical) found.unknownCritical.push(id);
  }
  return found;
}

/** Takes over one extension; false when it is none that this reader processes. */
function apply(found: Extensions, id: string, value: Node): boolean {
  switch (id) {
    case OID.basicConstraints: {
      const [ca, length] = children(value);
      found.ca = ca?.tag === TAG.boolean && ca.content[0] !== 0;
      found.pathLength = length === undefined ? null : small(length);
      return true;
    }
    case OID.keyUsage: {
      const content = expect(value, TAG.bitString, 'keyUsage').content;
      found.keyUsage = new Set(
        KEY_USAGES.filter((_, i) => ((content[1 + (i >> 3)] ?? 0) & (0x80 >> (i & 7))) !== 0),
      );
      return true;
    }
    case OID.extendedKeyUsage:
      found.extendedKeyUsage = new Set(children(value).map((purpose) => oid(purpose)));
      return true;
    case OID.subjectAltName:
      found.emails = children(value)
        .filter((name) => name.tag === context(1, false))
        .map((name) => Buffer.from(name.content).toString('latin1').toLowerCase());
      return true;
    case OID.subjectKeyId:
      found.keyId = hex(value.content);
      return true;
    case OID.authorityKeyId: {
      const id = children(value).find((part) => part.tag === context(0, false));
      found.authorityKeyId = id === undefined ? null : hex(id.content);
      return true;
    }
    // No policy is asked for, so any policy will do (RFC 5280 §6.1.1: user-initial-policy-set = any-policy).
    case OID.certificatePolicies:
      return true;
    default:
      return false;
  }
}

/** Attribute values of a name by type. */
export function nameParts(name: Uint8Array): Map<string, string[]> {
  const parts = new Map<string, string[]>();
  for (const rdn of children(readAll(name))) {
    for (const attribute of children(rdn)) {
      const [type, value] = children(attribute);
      const id = oid(type);
      parts.set(id, [...(parts.get(id) ?? []), text(value!)]);
    }
  }
  return parts;
}

const SHORT: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '0.9.2342.19200300.100.1.1': 'UID',
  [OID.emailAddress]: 'emailAddress',
};

/** "CN=Sở Nội vụ, O=…": for people to read; comparisons use the bytes. */
export function nameText(name: Uint8Array): string {
  return [...nameParts(name)].map(([id, values]) => `${SHORT[id] ?? id}=${values.join('+')}`).join(', ');
}

export function signerFact(certificate: Certificate): SignerFact {
  const parts = nameParts(certificate.subject);
  const emails = certificate.emails.map((email) => email.toLowerCase());
  return {
    commonName: parts.get('2.5.4.3')?.[0] ?? null,
    organization: parts.get('2.5.4.10')?.[0] ?? null,
    email: emails[0] ?? null,
    emails,
    uid: parts.get('0.9.2342.19200300.100.1.1')?.[0] ?? null,
    subject: nameText(certificate.subject),
    issuer: nameText(certificate.issuer),
    serial: certificate.serial,
    sha256: certificate.sha256,
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
  };
}

/** True when `issuer`'s key made the signature on `certificate`. */
export function signedBy(certificate: Certificate, issuer: Certificate): boolean {
  return (
    certificate.algorithm !== null &&
    issuer.key !== null &&
    holds(certificate.algorithm, issuer.key, certificate.tbs, certificate.signature)
  );
}
