import { holds, signatureAlgorithm, type SignatureAlgorithm } from './algorithms.ts';
import {
  bits,
  children,
  context,
  eachChild,
  expect,
  hex,
  readAll,
  reading,
  TAG,
  time,
  type Node,
} from './der.ts';
import { ALL_REASONS, readPointName, reasonMask, type PointName } from './distribution-points.ts';
import { readExtension } from './extensions.ts';
import { nameKey, nameText, rdnKeys } from './names.ts';
import type { Certificate } from './x509.ts';

/** A certificate revocation list (RFC 5280 §5), complete or delta. */
export interface RevocationList {
  readonly tbs: Uint8Array;
  /** `nameKey` */
  readonly issuer: string;
  /** For people to read. */
  readonly issuerText: string;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | null;
  /** By `entryKey`: certificate issuer and serial. */
  readonly revoked: ReadonlyMap<string, RevokedEntry>;
  readonly algorithm: SignatureAlgorithm | null;
  readonly signature: Uint8Array;
  readonly number: bigint | null;
  /** Number of the complete list this delta changes; null = this list is complete. */
  readonly base: bigint | null;
  readonly scope: Scope;
  /** Unknown critical extensions, of the list or an entry: never used, so never believed to say "good". */
  readonly unusable: boolean;
}

export interface RevokedEntry {
  readonly at: Date;
  readonly reason: string | null;
}

/** issuingDistributionPoint (§5.2.5); the default is everything. */
export interface Scope {
  readonly point: PointName | null;
  readonly users: boolean;
  readonly cas: boolean;
  readonly attributes: boolean;
  readonly indirect: boolean;
  readonly reasons: number;
  /** The extension as it is, to compare a delta with its base. */
  readonly raw: string;
}

const EVERYTHING: Scope = {
  point: null,
  users: false,
  cas: false,
  attributes: false,
  indirect: false,
  reasons: ALL_REASONS,
  raw: '',
};

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

export const entryKey = (issuer: string, serial: string): string => `${serial} ${issuer}`;

/** @throws DerError when the bytes are no CRL */
export const parseRevocationList = (der: Uint8Array): RevocationList =>
  reading('certificate list', () => read(der));

function read(der: Uint8Array): RevocationList {
  const [tbs, algorithm, signature] = children(expect(readAll(der), TAG.sequence, 'certificate list'));
  const parts = children(expect(tbs, TAG.sequence, 'tbsCertList'));
  if (parts[0]?.tag === TAG.integer) parts.shift();
  const [, issuer, thisUpdate, ...rest] = parts;
  const isTime = (node: Node | undefined): boolean =>
    node?.tag === TAG.utcTime || node?.tag === TAG.generalizedTime;
  const nextUpdate = isTime(rest[0]) ? time(rest.shift()) : null;
  const entries = rest[0]?.tag === TAG.sequence ? rest.shift() : undefined;
  const extensions = rest.find((part) => part.tag === context(0));
  const issuerKey = nameKey(expect(issuer, TAG.sequence, 'issuer').whole);
  const read = readEntries(entries, issuerKey);
  const own = readListExtensions(extensions === undefined ? [] : children(children(extensions)[0]!));
  return {
    tbs: tbs!.whole,
    issuer: issuerKey,
    issuerText: nameText(issuer!.whole),
    thisUpdate: time(thisUpdate),
    nextUpdate,
    revoked: read.revoked,
    algorithm: signatureAlgorithm(algorithm, null),
    signature: bits(signature),
    ...own,
    unusable: own.unusable || read.unusable,
  };
}

function readEntries(
  entries: Node | undefined,
  listIssuer: string,
): { revoked: Map<string, RevokedEntry>; unusable: boolean } {
  const revoked = new Map<string, RevokedEntry>();
  let unusable = false;
  // §5.3.3: an entry without certificateIssuer has that of the entry before it.
  let issuer = listIssuer;
  for (const entry of entries === undefined ? [] : eachChild(entries)) {
    const [serial, at, extensions] = children(entry);
    let reason: string | null = null;
    for (const extension of extensions === undefined ? [] : children(extensions)) {
      const { id, critical, value } = readExtension(extension);
      if (id === '2.5.29.21') reason = REASONS[readAll(value).content[0] ?? 0] ?? null;
      else if (id === '2.5.29.29') {
        const named = children(readAll(value)).find((name) => name.tag === context(4));
        issuer = JSON.stringify(rdnKeys(children(named!)[0]!));
      } else if (critical) unusable = true;
    }
    const number = hex(expect(serial, TAG.integer, 'serial').content);
    revoked.set(entryKey(issuer, number), { at: time(at), reason });
  }
  return { revoked, unusable };
}

function readListExtensions(
  extensions: readonly Node[],
): Pick<RevocationList, 'number' | 'base' | 'scope' | 'unusable'> {
  const found = {
    number: null as bigint | null,
    base: null as bigint | null,
    scope: EVERYTHING,
    unusable: false,
  };
  for (const extension of extensions) {
    const { id, critical, value } = readExtension(extension);
    if (id === '2.5.29.20') found.number = integer(readAll(value));
    else if (id === '2.5.29.27') found.base = integer(readAll(value));
    else if (id === '2.5.29.28') found.scope = readScope(readAll(value));
    else if (critical) found.unusable = true;
  }
  return found;
}

/** CRL numbers may have up to 20 octets (§5.2.3). */
const integer = (node: Node): bigint => BigInt(`0x${hex(expect(node, TAG.integer, 'CRL number').content)}`);

function readScope(node: Node): Scope {
  const parts = children(node);
  const flag = (n: number): boolean =>
    parts.some((part) => part.tag === context(n, false) && part.content[0] !== 0);
  const point = parts.find((part) => part.tag === context(0));
  const reasons = parts.find((part) => part.tag === context(3, false));
  return {
    point: point === undefined ? null : readPointName(children(point)[0]!),
    users: flag(1),
    cas: flag(2),
    attributes: flag(5),
    indirect: flag(4),
    reasons: reasons === undefined ? ALL_REASONS : reasonMask(reasons),
    raw: hex(node.whole),
  };
}

const signatures = new WeakMap<RevocationList, Map<string, boolean>>();

/** True when `signer`'s key made the signature on the list; remembered, since lists can be megabytes. */
export function listSignedBy(list: RevocationList, signer: Certificate): boolean {
  const known = signatures.get(list) ?? new Map<string, boolean>();
  signatures.set(list, known);
  const answer =
    known.get(signer.sha256) ??
    (list.algorithm !== null &&
      signer.key !== null &&
      holds(list.algorithm, signer.key, list.tbs, list.signature));
  known.set(signer.sha256, answer);
  return answer;
}
