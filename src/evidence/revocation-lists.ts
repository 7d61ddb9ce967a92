import { entryKey, listSignedBy, type RevocationList, type RevokedEntry } from './crl.ts';
import { ALL_REASONS, pointNames, type DistributionPoint } from './distribution-points.ts';
import { directoryKey } from './names.ts';
import type { RevocationFact } from './port.ts';
import type { Certificate } from './x509.ts';

/** The moments revocation is judged at, and who may sign lists. */
export interface RevocationQuestion {
  /** The moment the certificate must not have been revoked at. */
  readonly at: Date;
  /** Receipt: what is known then may be newer than `at` when a timestamp proves an earlier signature. */
  readonly now: Date;
  readonly weakDigests: ReadonlySet<string>;
  /** Certificates that may sign lists of this name, with a valid path to the same trust. */
  readonly signers: (name: string) => readonly Certificate[];
}

/** CRL validation (RFC 5280 §6.3.3): good only when the usable lists together cover every reason. */
export function askLists(
  certificate: Certificate,
  lists: readonly RevocationList[],
  question: RevocationQuestion,
): RevocationFact | null {
  // The default point comes last: lists of the issuer itself that no distribution point names.
  const points: DistributionPoint[] = [
    ...certificate.distributionPoints,
    { name: null, reasons: ALL_REASONS, issuers: [], urls: [] },
  ];
  // Newest first: an older list that is still within its time would hide a revocation made since.
  const newest = lists.toSorted((a, b) => b.thisUpdate.getTime() - a.thisUpdate.getTime());
  let covered = 0;
  let good: RevocationList | null = null;
  for (const point of points) {
    for (const list of newest) {
      const reasons = point.reasons & list.scope.reasons;
      if (list.base !== null || (reasons & ~covered) === 0 || !inScope(list, point, certificate)) continue;
      const delta = newest.find((one) => changes(one, list) && usable(one, question));
      const entry = entryOf(certificate, list, delta);
      const revoked = entry !== null && entry.at <= question.at;
      // A revocation that is already known counts even when the list is out of date.
      if (!revoked && !fresh(list, certificate, question) && !(delta && fresh(delta, certificate, question)))
        continue;
      if (!usable(list, question)) continue;
      if (revoked) return fact(certificate, list, entry);
      covered |= reasons;
      good ??= list;
    }
  }
  return good !== null && covered === ALL_REASONS ? fact(certificate, good, null) : null;
}

function inScope(list: RevocationList, point: DistributionPoint, certificate: Certificate): boolean {
  const { scope } = list;
  const authorities = point.issuers.length > 0 ? point.issuers : [certificate.issuerKey];
  if (!authorities.includes(list.issuer)) return false;
  if (list.issuer !== certificate.issuerKey && !scope.indirect) return false;
  if (scope.attributes || (scope.users && certificate.ca) || (scope.cas && !certificate.ca)) return false;
  if (scope.point === null) return true;
  const names = point.name === null ? authorities.map(directoryKey) : pointNames(point.name, authorities[0]!);
  return pointNames(scope.point, list.issuer).some((name) => names.includes(name));
}

/** §5.2.4: same issuer and scope; the base is not older than the delta asks, and not newer than the delta. */
function changes(delta: RevocationList, list: RevocationList): boolean {
  return (
    delta.base !== null &&
    delta.issuer === list.issuer &&
    delta.scope.raw === list.scope.raw &&
    list.number !== null &&
    delta.number !== null &&
    list.number >= delta.base &&
    list.number <= delta.number
  );
}

function entryOf(
  certificate: Certificate,
  list: RevocationList,
  delta: RevocationList | undefined,
): RevokedEntry | null {
  const key = entryKey(certificate.issuerKey, certificate.serial);
  const changed = delta?.revoked.get(key);
  if (changed !== undefined) return changed.reason === 'removeFromCRL' ? null : changed;
  return list.revoked.get(key) ?? null;
}

/**
 * Between a proven moment and receipt the certificate may have been revoked with effect from before that moment, so
 * information that ended by receipt counts only when it was made after the proven moment.
 */
export const outdated = (
  thisUpdate: Date,
  nextUpdate: Date,
  { at, now }: Pick<RevocationQuestion, 'at' | 'now'>,
): boolean => nextUpdate < now && thisUpdate < at;

function fresh(list: RevocationList, certificate: Certificate, { at, now }: RevocationQuestion): boolean {
  if (list.nextUpdate === null || list.thisUpdate > now || list.nextUpdate < at) return false;
  if (outdated(list.thisUpdate, list.nextUpdate, { at, now })) return false;
  // A list made after the certificate expired may have dropped it (§3.3).
  return list.thisUpdate <= at || list.thisUpdate <= certificate.notAfter;
}

function usable(list: RevocationList, question: RevocationQuestion): boolean {
  if (list.unusable || list.algorithm === null || question.weakDigests.has(list.algorithm.digest))
    return false;
  return question.signers(list.issuer).some((signer) => listSignedBy(list, signer));
}

const fact = (
  certificate: Certificate,
  list: RevocationList,
  entry: RevokedEntry | null,
): RevocationFact => ({
  certificate: certificate.sha256,
  source: 'crl',
  status: entry === null ? 'good' : 'revoked',
  thisUpdate: list.thisUpdate.toISOString(),
  nextUpdate: list.nextUpdate?.toISOString() ?? null,
  revokedAt: entry?.at.toISOString() ?? null,
  reason: entry?.reason ?? null,
});
