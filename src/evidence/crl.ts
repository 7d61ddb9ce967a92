import { holds, signatureAlgorithm, type SignatureAlgorithm } from './algorithms.ts';
import { bits, children, context, expect, hex, oid, readAll, same, TAG, time, type Node } from './der.ts';
import type { RevocationFact } from './port.ts';
import type { Certificate } from './x509.ts';

/** A complete certificate revocation list (RFC 5280 §5) of one issuer. */
export interface RevocationList {
  readonly tbs: Uint8Array;
  readonly issuer: Uint8Array;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | null;
  readonly revoked: ReadonlyMap<string, { readonly at: Date; readonly reason: string | null }>;
  readonly algorithm: SignatureAlgorithm | null;
  readonly signature: Uint8Array;
  /** Delta lists, partial scopes and unknown critical extensions: never used, so never believed to say "good". */
  readonly limited: boolean;
}

const REASONS = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  '7',
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
] as const;

const HARMLESS = new Set(['2.5.29.20', '2.5.29.35']); // CRL number, authority key identifier
const DELTA = '2.5.29.27';

/** @throws DerError when the bytes are no CRL */
export function parseRevocationList(der: Uint8Array): RevocationList {
  const [tbs, algorithm, signature] = children(expect(readAll(der), TAG.sequence, 'certificate list'));
  const parts = children(expect(tbs, TAG.sequence, 'tbsCertList'));
  if (parts[0]?.tag === TAG.integer) parts.shift();
  const [, issuer, thisUpdate, ...rest] = parts;
  const isTime = (node: Node | undefined): boolean =>
    node?.tag === TAG.utcTime || node?.tag === TAG.generalizedTime;
  const nextUpdate = isTime(rest[0]) ? time(rest.shift()) : null;
  const entries = rest[0]?.tag === TAG.sequence ? rest.shift() : undefined;
  const extensions = rest.find((part) => part.tag === context(0));
  return {
    tbs: tbs!.whole,
    issuer: expect(issuer, TAG.sequence, 'issuer').whole,
    thisUpdate: time(thisUpdate),
    nextUpdate,
    revoked: new Map(entries === undefined ? [] : children(entries).map(readEntry)),
    algorithm: signatureAlgorithm(algorithm, null),
    signature: bits(signature),
    limited: extensions !== undefined && children(children(extensions)[0]!).some(limits),
  };
}

function readEntry(entry: Node): [string, { at: Date; reason: string | null }] {
  const [serial, at, extensions] = children(entry);
  let reason: string | null = null;
  for (const extension of extensions === undefined ? [] : children(extensions)) {
    const fields = children(extension);
    if (oid(fields[0]) === '2.5.29.21')
      reason = REASONS[readAll(fields.at(-1)!.content).content[0] ?? 0] ?? null;
  }
  return [hex(expect(serial, TAG.integer, 'serial').content), { at: time(at), reason }];
}

function limits(extension: Node): boolean {
  const fields = children(extension);
  const id = oid(fields[0]);
  if (HARMLESS.has(id)) return false;
  const critical = fields[1]?.tag === TAG.boolean && fields[1].content[0] !== 0;
  return critical || id === DELTA;
}

/**
 * What the lists say of a certificate at a moment: revoked, good, or unknown when none is usable (right issuer,
 * signature by the issuer's key, whole scope, fresh at that moment).
 */
export function revocationOf(
  certificate: Certificate,
  issuer: Certificate,
  lists: readonly RevocationList[],
  at: Date,
): RevocationFact {
  const fact = {
    certificate: certificate.sha256,
    thisUpdate: null,
    nextUpdate: null,
    revokedAt: null,
    reason: null,
  };
  for (const list of lists) {
    if (list.limited || !same(list.issuer, issuer.subject) || list.algorithm === null || issuer.key === null)
      continue;
    if (issuer.keyUsage !== null && !issuer.keyUsage.has('cRLSign')) continue;
    const fresh = list.thisUpdate <= at && list.nextUpdate !== null && at <= list.nextUpdate;
    const entry = list.revoked.get(certificate.serial);
    // A revocation that is already known counts even when the list is out of date or newer than the moment.
    const revoked = entry !== undefined && entry.at <= at;
    if (!fresh && !revoked) continue;
    if (!holds(list.algorithm, issuer.key, list.tbs, list.signature)) continue;
    return {
      ...fact,
      source: 'crl',
      status: revoked ? 'revoked' : 'good',
      thisUpdate: list.thisUpdate.toISOString(),
      nextUpdate: list.nextUpdate?.toISOString() ?? null,
      revokedAt: revoked ? entry.at.toISOString() : null,
      reason: revoked ? entry.reason : null,
    };
  }
  return { ...fact, source: 'none', status: 'unknown' };
}
