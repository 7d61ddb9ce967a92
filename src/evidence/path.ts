import { failed, indeterminate, PASSED, type Verdict } from '../rules/verdict.ts';
import { isWeakDigest, keyWeakness } from './algorithms.ts';
import { revocationOf } from './crl.ts';
import { same } from './der.ts';
import type { ChainState, RevocationFact } from './port.ts';
import type { TrustStore } from './trust-store.ts';
import { nameText, signedBy, type Certificate } from './x509.ts';

export interface ValidationContext {
  readonly trust: TrustStore;
  /** When the letter was received: the moment certificates are judged at. */
  readonly at: Date;
}

export interface PathFinding {
  readonly chain: ChainState;
  readonly verdict: Verdict;
  readonly path: readonly { readonly subject: string; readonly sha256: string }[];
  readonly revocation: readonly RevocationFact[];
  readonly reason: string;
}

/** Longer chains do not exist in practice; cross-certified meshes could otherwise be searched for ever. */
const MAX_PATH = 8;
const MAX_CANDIDATES = 64;
/** id-kp-emailProtection, anyExtendedKeyUsage, id-kp-documentSigning (RFC 9336), Microsoft document signing. */
const SIGNING_PURPOSES = [
  '1.3.6.1.5.5.7.3.4',
  '2.5.29.37.0',
  '1.3.6.1.5.5.7.3.36',
  '1.3.6.1.4.1.311.10.3.12',
];

/**
 * Is this certificate good for signing letters (RFC 5280 §6)? All candidate paths are tried; the first that passes
 * decides, otherwise the best reason is told. Name constraints and policy constraints are not processed: being
 * critical, they make a path fail closed.
 */
export function validateSigner(
  leaf: Certificate,
  others: readonly Certificate[],
  context: ValidationContext,
): PathFinding {
  const paths = candidatePaths(leaf, [...context.trust.intermediates, ...others], context.trust.anchors);
  if (paths.length === 0) {
    const issuer = nameText(leaf.issuer);
    return finding(
      [leaf],
      'untrusted',
      indeterminate('NO_CERTIFICATE_CHAIN_FOUND'),
      `no path to a trust anchor from "${issuer}"`,
    );
  }
  let best: PathFinding | null = null;
  for (const path of paths) {
    const judged = judge(path, context);
    if (judged.verdict.verdict === 'TOTAL-PASSED') return judged;
    best ??= judged;
  }
  return best!;
}

/** Chains leaf → anchor by name and signature, without loops. */
function candidatePaths(
  leaf: Certificate,
  pool: readonly Certificate[],
  anchors: readonly Certificate[],
): Certificate[][] {
  const found: Certificate[][] = [];
  let steps = 0;
  const extend = (path: Certificate[]): void => {
    if (steps++ > MAX_CANDIDATES) return;
    const last = path[path.length - 1]!;
    if (anchors.some((anchor) => anchor.sha256 === last.sha256)) {
      found.push(path);
      return;
    }
    if (path.length >= MAX_PATH) return;
    for (const issuer of [...anchors, ...pool]) {
      if (!same(issuer.subject, last.issuer) || path.some((seen) => seen.sha256 === issuer.sha256)) continue;
      if (signedBy(last, issuer)) extend([...path, issuer]);
    }
  };
  extend([leaf]);
  return found;
}

function judge(path: readonly Certificate[], { trust, at }: ValidationContext): PathFinding {
  const [leaf] = path as [Certificate, ...Certificate[]];
  const structure = structureFault(path);
  if (structure !== null)
    return finding(path, 'untrusted', indeterminate('CHAIN_CONSTRAINTS_FAILURE'), structure);
  const weak = path.map(weakness).find((fault) => fault !== null);
  if (weak !== undefined) {
    return finding(path, 'untrusted', indeterminate('CRYPTO_CONSTRAINTS_FAILURE'), weak);
  }
  const revocation = path
    .slice(0, -1)
    .map((certificate, i) => revocationOf(certificate, path[i + 1]!, trust.crls, at));
  const revoked = revocation.findIndex((fact) => fact.status === 'revoked');
  if (revoked === 0) {
    return finding(
      path,
      'revoked',
      failed('REVOKED'),
      `revoked at ${revocation[0]!.revokedAt ?? ''}`,
      revocation,
    );
  }
  if (revoked > 0)
    return finding(
      path,
      'revoked',
      indeterminate('REVOKED_CA_NO_POE'),
      'a CA of the path is revoked',
      revocation,
    );
  if (at < leaf.notBefore) {
    return finding(
      path,
      'expired',
      failed('NOT_YET_VALID'),
      `not valid before ${leaf.notBefore.toISOString()}`,
      revocation,
    );
  }
  if (at > leaf.notAfter) {
    return finding(
      path,
      'expired',
      failed('EXPIRED'),
      `expired at ${leaf.notAfter.toISOString()}`,
      revocation,
    );
  }
  const stale = path.slice(1).find((certificate) => at < certificate.notBefore || at > certificate.notAfter);
  if (stale !== undefined) {
    const why = `"${nameText(stale.subject)}" is not valid at ${at.toISOString()}`;
    return finding(path, 'expired', indeterminate('OUT_OF_BOUNDS_NO_POE'), why, revocation);
  }
  if (revocation.some((fact) => fact.status === 'unknown')) {
    return finding(
      path,
      'unknown',
      indeterminate('TRY_LATER'),
      'no fresh revocation information',
      revocation,
    );
  }
  return finding(path, 'trusted', PASSED, 'path valid', revocation);
}

/** Constraints that hold whatever the time: CA flags, path lengths, key usages, critical extensions. */
function structureFault(path: readonly Certificate[]): string | null {
  const [leaf, ...issuers] = path as [Certificate, ...Certificate[]];
  for (const certificate of path) {
    if (certificate.unknownCritical.length > 0)
      return `critical extension ${certificate.unknownCritical.join()} is not processed`;
  }
  if (
    leaf.keyUsage !== null &&
    !leaf.keyUsage.has('digitalSignature') &&
    !leaf.keyUsage.has('nonRepudiation')
  ) {
    return 'the certificate is not for signing (keyUsage)';
  }
  const purposes = leaf.extendedKeyUsage;
  if (purposes !== null && !SIGNING_PURPOSES.some((purpose) => purposes.has(purpose))) {
    return 'the certificate is not for mail or documents (extendedKeyUsage)';
  }
  for (const [below, issuer] of issuers.entries()) {
    if (!issuer.ca) return `"${nameText(issuer.subject)}" is no CA`;
    if (issuer.keyUsage !== null && !issuer.keyUsage.has('keyCertSign'))
      return `"${nameText(issuer.subject)}" may not sign certificates`;
    // Self-issued certificates do not count (RFC 5280 §4.2.1.9).
    const between = issuers.slice(0, below).filter((ca) => !same(ca.subject, ca.issuer)).length;
    if (issuer.pathLength !== null && between > issuer.pathLength)
      return `path longer than "${nameText(issuer.subject)}" allows`;
  }
  return null;
}

function weakness(certificate: Certificate, index: number, path: readonly Certificate[]): string | null {
  if (certificate.key === null) return 'unreadable public key';
  const key = keyWeakness(certificate.key);
  if (key !== null) return key;
  // An anchor is trusted by configuration, not by the signature it carries on itself.
  const anchor = index === path.length - 1;
  if (!anchor && isWeakDigest(certificate.algorithm?.digest ?? 'none'))
    return `signed with ${certificate.algorithm?.name ?? 'an unknown algorithm'}`;
  return null;
}

function finding(
  path: readonly Certificate[],
  chain: ChainState,
  verdict: Verdict,
  reason: string,
  revocation: readonly RevocationFact[] = [],
): PathFinding {
  const shown = path.map(({ subject, sha256 }) => ({ subject: nameText(subject), sha256 }));
  return { chain, verdict, path: shown, revocation, reason };
}
