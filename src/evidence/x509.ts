import { createHash, type KeyObject } from 'node:crypto';
import { holds, publicKeyOf, signatureAlgorithm, type SignatureAlgorithm } from './algorithms.ts';
import { bits, children, context, DerError, expect, hex, readAll, reading, same, TAG, time } from './der.ts';
import { readExtensions, type Extensions } from './extensions.ts';
import { EMAIL_ADDRESS, nameKey, nameParts, nameText } from './names.ts';
import type { SignerFact } from './port.ts';

/** A certificate (RFC 5280 §4) as far as paths and signatures need it. */
export interface Certificate extends Readonly<Extensions> {
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
  /** SAN rfc822Names, else the subject's emailAddress. */
  readonly emails: readonly string[];
  /** Names as comparable text (RFC 5280 §7.1). */
  readonly issuerKey: string;
  readonly subjectKey: string;
  readonly selfIssued: boolean;
  /** The subjectPublicKey bits alone: OCSP and key identifiers hash these. */
  readonly keyBits: Uint8Array;
}

/** Parsing is pure, and the same few CA certificates come with every letter. */
const cache = new Map<string, Certificate>();
const CACHED = 512;

/** @throws DerError when the bytes are no certificate */
export function parseCertificate(der: Uint8Array): Certificate {
  const sha256 = createHash('sha256').update(der).digest('hex');
  const known = cache.get(sha256);
  if (known !== undefined) return known;
  const certificate = reading('certificate', () => read(der, sha256));
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
    emails: mailAddresses(extensions, subject!.whole),
    issuerKey: nameKey(issuer!.whole),
    subjectKey: nameKey(subject!.whole),
    selfIssued: nameKey(issuer!.whole) === nameKey(subject!.whole),
    keyBits: bits(children(spki!)[1]),
  };
}

function mailAddresses(extensions: Extensions, subject: Uint8Array): string[] {
  const named = extensions.alternativeNames.filter((name) => name.tag === context(1, false));
  return named.length > 0
    ? named.map((name) => Buffer.from(name.content).toString('latin1').toLowerCase())
    : (nameParts(subject).get(EMAIL_ADDRESS) ?? []);
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
    certificate: Buffer.from(certificate.der).toString('base64'),
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
  };
}

const signatures = new WeakMap<Certificate, Map<string, boolean>>();

/** True when `issuer`'s key made the signature on `certificate`. */
export function signedBy(certificate: Certificate, issuer: Certificate): boolean {
  const known = signatures.get(certificate) ?? new Map<string, boolean>();
  signatures.set(certificate, known);
  const answer =
    known.get(issuer.sha256) ??
    (certificate.algorithm !== null &&
      issuer.key !== null &&
      holds(certificate.algorithm, issuer.key, certificate.tbs, certificate.signature));
  known.set(issuer.sha256, answer);
  return answer;
}
