import { createHash } from 'node:crypto';
import { digestName, holds, signatureAlgorithm, type SignatureAlgorithm } from './algorithms.ts';
import {
  bits,
  children,
  context,
  expect,
  hex,
  octets,
  oid,
  readAll,
  reading,
  TAG,
  time,
  type Node,
} from './der.ts';
import { readExtension } from './extensions.ts';
import { nameKey } from './names.ts';
import type { RevocationFact } from './port.ts';
import { outdated, type RevocationQuestion } from './revocation-lists.ts';
import { parseCertificate, signedBy, type Certificate } from './x509.ts';

/** A successful basic OCSP response (RFC 6960 §4.2.1). */
export interface OcspResponse {
  readonly tbs: Uint8Array;
  readonly responder: { readonly name: string } | { readonly keyHash: string };
  readonly answers: readonly OcspAnswer[];
  readonly algorithm: SignatureAlgorithm | null;
  readonly signature: Uint8Array;
  readonly certificates: readonly Certificate[];
  readonly unknownCritical: boolean;
}

interface OcspAnswer {
  readonly digest: string | null;
  readonly issuerNameHash: string;
  readonly issuerKeyHash: string;
  readonly serial: string;
  readonly status: 'good' | 'revoked' | 'unknown';
  readonly revokedAt: Date | null;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | null;
}

export interface OcspQuestion extends RevocationQuestion {
  /** Is a responder without id-pkix-ocsp-nocheck known not to be revoked? */
  readonly standing: (responder: Certificate) => boolean;
}

const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';
/** Without nextUpdate an answer counts this long: newer information is always available then (RFC 6960 §4.2.2.1). */
const SHELF_LIFE_MS = 24 * 3600_000;
/** Responders send their own certificate and perhaps its chain. */
const MAX_CERTIFICATES = 8;

/** @throws DerError when the bytes are no successful basic response */
export const parseOcspResponse = (der: Uint8Array): OcspResponse => reading('OCSP response', () => read(der));

function read(der: Uint8Array): OcspResponse {
  const [, wrapped] = children(expect(readAll(der), TAG.sequence, 'OCSP response'));
  const [, basic] = children(children(expect(wrapped, context(0), 'response bytes'))[0]!);
  const [tbs, algorithm, signature, certificates] = children(readAll(octets(basic)));
  const parts = children(expect(tbs, TAG.sequence, 'response data'));
  if (parts[0]?.tag === context(0)) parts.shift();
  const [responder, producedAt, responses, extensions] = parts;
  time(producedAt);
  const inner = children(responder!)[0]!;
  const critical = (node: Node | undefined): boolean =>
    node !== undefined && children(children(node)[0]!).some((one) => readExtension(one).critical);
  const singles = children(expect(responses, TAG.sequence, 'responses'));
  return {
    tbs: tbs!.whole,
    responder:
      responder!.tag === context(1) ? { name: nameKey(inner.whole) } : { keyHash: hex(octets(inner)) },
    answers: singles.map(readAnswer),
    algorithm: signatureAlgorithm(algorithm, null),
    signature: bits(signature),
    certificates: (certificates === undefined ? [] : children(children(certificates)[0]!))
      .slice(0, MAX_CERTIFICATES)
      .map((one) => parseCertificate(one.whole)),
    unknownCritical:
      critical(extensions) ||
      singles.some((one) =>
        critical(
          children(one)
            .slice(3)
            .find((part) => part.tag === context(1)),
        ),
      ),
  };
}

function readAnswer(node: Node): OcspAnswer {
  const [id, status, thisUpdate, ...rest] = children(node);
  const [algorithm, nameHash, keyHash, serial] = children(id!);
  const next = rest.find((part) => part.tag === context(0));
  const kind = status!.tag & 0x1f;
  return {
    digest: digestName(oid(children(algorithm!)[0])),
    issuerNameHash: hex(octets(nameHash)),
    issuerKeyHash: hex(octets(keyHash)),
    serial: hex(expect(serial, TAG.integer, 'serial').content),
    status: kind === 0 ? 'good' : kind === 1 ? 'revoked' : 'unknown',
    revokedAt: kind === 1 ? time(children(status!)[0]) : null,
    thisUpdate: time(thisUpdate),
    nextUpdate: next === undefined ? null : time(children(next)[0]),
  };
}

/** What the responses say of a certificate, "revoked" before "good"; null when none is usable. */
export function askResponders(
  certificate: Certificate,
  issuer: Certificate,
  responses: readonly OcspResponse[],
  question: OcspQuestion,
): RevocationFact | null {
  let good: RevocationFact | null = null;
  for (const response of responses) {
    const answer = response.answers.find((one) => about(one, certificate, issuer));
    if (answer === undefined || answer.status === 'unknown' || response.unknownCritical) continue;
    const revoked = answer.revokedAt !== null && answer.revokedAt <= question.at;
    if (!revoked && !fresh(answer, certificate, question)) continue;
    if (!authorised(response, issuer, question)) continue;
    const fact: RevocationFact = {
      certificate: certificate.sha256,
      source: 'ocsp',
      status: revoked ? 'revoked' : 'good',
      thisUpdate: answer.thisUpdate.toISOString(),
      nextUpdate: answer.nextUpdate?.toISOString() ?? null,
      revokedAt: revoked ? answer.revokedAt.toISOString() : null,
      reason: null,
    };
    if (revoked) return fact;
    good ??= fact;
  }
  return good;
}

/** CertID (RFC 6960 §4.1.1); its SHA-1 only finds the certificate, so collisions prove nothing. */
function about(answer: OcspAnswer, certificate: Certificate, issuer: Certificate): boolean {
  if (answer.serial !== certificate.serial || answer.digest === null) return false;
  const hash = (bytes: Uint8Array): string => createHash(answer.digest!).update(bytes).digest('hex');
  return hash(certificate.issuer) === answer.issuerNameHash && hash(issuer.keyBits) === answer.issuerKeyHash;
}

function fresh(answer: OcspAnswer, { notAfter }: Certificate, { at, now }: OcspQuestion): boolean {
  const until = answer.nextUpdate ?? new Date(answer.thisUpdate.getTime() + SHELF_LIFE_MS);
  if (answer.thisUpdate > now || until < at || outdated(answer.thisUpdate, until, { at, now })) return false;
  // A responder may have forgotten certificates that expired (RFC 6960 §4.4.4): its "good" then says nothing.
  return answer.thisUpdate <= at || answer.thisUpdate <= notAfter;
}

/** §4.2.2.2: the issuer itself, or a responder whose certificate that very issuer signed for this purpose. */
function authorised(response: OcspResponse, issuer: Certificate, question: OcspQuestion): boolean {
  const { algorithm } = response;
  if (algorithm === null || question.weakDigests.has(algorithm.digest)) return false;
  return [issuer, ...response.certificates].some(
    (responder) =>
      named(response, responder) &&
      (responder.sha256 === issuer.sha256 || delegated(responder, issuer, question)) &&
      responder.key !== null &&
      holds(algorithm, responder.key, response.tbs, response.signature),
  );
}

function named({ responder }: OcspResponse, certificate: Certificate): boolean {
  return 'name' in responder
    ? responder.name === certificate.subjectKey
    : responder.keyHash === createHash('sha1').update(certificate.keyBits).digest('hex');
}

/** Without id-pkix-ocsp-nocheck CRLs must know the responder: a stolen key could vouch for itself else. */
function delegated(
  responder: Certificate,
  issuer: Certificate,
  { at, now, weakDigests, standing }: OcspQuestion,
): boolean {
  return (
    responder.issuerKey === issuer.subjectKey &&
    responder.extendedKeyUsage?.has(OCSP_SIGNING) === true &&
    (responder.keyUsage === null || responder.keyUsage.has('digitalSignature')) &&
    responder.unknownCritical.length === 0 &&
    (responder.ocspNoCheck || standing(responder)) &&
    responder.notBefore <= now &&
    responder.notAfter >= at &&
    !weakDigests.has(responder.algorithm?.digest ?? '') &&
    signedBy(responder, issuer)
  );
}
