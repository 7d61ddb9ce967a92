import { failed, indeterminate, PASSED, type Verdict } from '../rules/verdict.ts';
import { DerError } from './der.ts';
import { explain } from './explain.ts';
import { nameText } from './names.ts';
import { ocspRequest } from './ocsp-request.ts';
import { askResponders } from './ocsp.ts';
import { strengthFault, structureFault, WEAK_DIGESTS, type Purpose } from './path-constraints.ts';
import { ANY_POLICIES, policyFault, type PolicyInputs } from './policies.ts';
import type { ChainState, RevocationFact } from './port.ts';
import { askLists, type RevocationQuestion } from './revocation-lists.ts';
import type { TrustStore } from './trust-store.ts';
import { parseCertificate, signedBy, signerFact, type Certificate } from './x509.ts';

/** What a path must hold to; letters are judged by `STRICT`, conformance suites bring their own. */
export interface PathPolicy {
  readonly minimumRsaBits: number;
  readonly weakDigests: ReadonlySet<string>;
  /** 'answered' asks only of certificates that some OCSP response at hand is about (conformance suites). */
  readonly revocation: 'always' | 'answered' | 'never';
  readonly policies: PolicyInputs;
  /** Believe OCSP responders whose own revocation nothing tells (RFC 6960 §4.2.2.2.1 leaves it to local policy). */
  readonly uncheckedResponders: boolean;
}

export const STRICT: PathPolicy = Object.freeze({
  minimumRsaBits: 2048,
  weakDigests: WEAK_DIGESTS,
  revocation: 'always',
  policies: ANY_POLICIES,
  uncheckedResponders: false,
});

export interface ValidationContext {
  readonly trust: TrustStore;
  /** When the letter was received: the moment certificates are judged at. */
  readonly at: Date;
  /** When this is asked, if later than `at`: lists and answers made since receipt count too. */
  readonly now?: Date;
  /** genTime of a trusted timestamp over the signature: proves that it existed then already. */
  readonly existedAt?: Date;
  readonly policy?: PathPolicy;
}

export interface PathFinding {
  readonly chain: ChainState;
  readonly verdict: Verdict;
  readonly path: readonly { readonly subject: string; readonly sha256: string }[];
  readonly revocation: readonly RevocationFact[];
  readonly reason: string;
  readonly explanation: string;
  /** Addresses of CRLs, and of responders with "#ocsp=" and the question in base64url, that would settle TRY_LATER. */
  readonly wanted: readonly string[];
}

/** Longer chains do not exist in practice; cross-certified meshes could otherwise be searched for ever. */
const MAX_PATH = 8;
const MAX_CANDIDATES = 64;
/** CRL issuers have paths of their own, whose CRLs may have issuers of their own …: real ones need one level. */
const MAX_NESTING = 3;

/**
 * Is this certificate (DER) good for the purpose (RFC 5280 §6)? All candidate paths are tried; the first that passes
 * decides, otherwise the first reason is told. Pure and without network; never throws on hostile bytes.
 */
export function validateSigner(
  leaf: Uint8Array,
  others: readonly Uint8Array[],
  context: ValidationContext,
  purpose: Purpose,
): PathFinding {
  try {
    return validatePath(parseCertificate(leaf), others.map(parseCertificate), context, purpose);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return finding([], 'unknown', failed('FORMAT_FAILURE'), error.message);
  }
}

/** The same for certificates that were read before. */
export function validatePath(
  leaf: Certificate,
  others: readonly Certificate[],
  context: ValidationContext,
  purpose: Purpose,
  pending: readonly string[] = [],
): PathFinding {
  const { trust } = context;
  const anchors = purpose === 'timestamping' ? trust.tsaAnchors : trust.anchors;
  const pool = [...trust.intermediates, ...others];
  const paths = candidatePaths(leaf, pool, anchors);
  const none = (): PathFinding =>
    finding(
      [leaf],
      'untrusted',
      indeterminate('NO_CERTIFICATE_CHAIN_FOUND'),
      `no path to a trust anchor from "${nameText(leaf.issuer)}"`,
    );
  let best: PathFinding | null = null;
  for (const path of paths) {
    const judged = judge(path, pool, context, purpose, pending);
    if (judged.verdict.verdict === 'TOTAL-PASSED') return judged;
    best ??= judged;
  }
  return best ?? none();
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
      if (issuer.subjectKey !== last.issuerKey || path.some((seen) => seen.sha256 === issuer.sha256))
        continue;
      if (signedBy(last, issuer)) extend([...path, issuer]);
    }
  };
  extend([leaf]);
  return found;
}

function judge(
  path: readonly Certificate[],
  pool: readonly Certificate[],
  context: ValidationContext,
  purpose: Purpose,
  pending: readonly string[],
): PathFinding {
  const policy = context.policy ?? STRICT;
  const at = context.existedAt ?? context.at;
  const structure = structureFault(path, purpose);
  if (structure !== null)
    return finding(path, 'untrusted', indeterminate('CHAIN_CONSTRAINTS_FAILURE'), structure);
  const weak = strengthFault(path, policy);
  if (weak !== null) return finding(path, 'untrusted', indeterminate('CRYPTO_CONSTRAINTS_FAILURE'), weak);
  const policies = policyFault(path, policy.policies);
  if (policies !== null)
    return finding(path, 'untrusted', indeterminate('POLICY_PROCESSING_ERROR'), policies);
  // RFC 5280 §6.3.3 (f): a CRL issuer's path must end at the very anchor of the path that is judged, or a CA of the
  // same name under another root could speak for it.
  const asked = { ...context, trust: { ...context.trust, anchors: path.slice(-1), tsaAnchors: [] } };
  const revocation = path
    .slice(0, -1)
    .map((certificate, i) => revocationOf(certificate, path[i + 1]!, pool, asked, pending));
  return (
    revokedFinding(path, revocation) ??
    outOfBounds(path, at, revocation) ??
    unknownFinding(path, revocation, policy, context.trust) ??
    finding(path, 'trusted', PASSED, 'path valid', revocation)
  );
}

/**
 * OCSP and CRLs are both asked and "revoked" wins: a file brings its own OCSP answers, and an old "good" that is
 * still within its time must not outvote the newer CRL that was fetched here.
 */
function revocationOf(
  certificate: Certificate,
  issuer: Certificate,
  pool: readonly Certificate[],
  context: ValidationContext,
  pending: readonly string[],
): RevocationFact {
  const { trust } = context;
  const question: RevocationQuestion = {
    at: context.existedAt ?? context.at,
    now: context.now ?? context.at,
    weakDigests: (context.policy ?? STRICT).weakDigests,
    signers: (name) => listSigners(name, certificate, issuer, pool, context, pending),
  };
  const standing = (responder: Certificate): boolean => {
    const status = askLists(responder, trust.crls, question)?.status;
    return status === 'good' || (status === undefined && (context.policy ?? STRICT).uncheckedResponders);
  };
  const answers = [
    askResponders(certificate, issuer, trust.ocsp, { ...question, standing }),
    askLists(certificate, trust.crls, question),
  ].filter((answer) => answer !== null);
  return (
    answers.find((answer) => answer.status === 'revoked') ??
    answers[0] ?? {
      certificate: certificate.sha256,
      source: 'none',
      status: 'unknown',
      thisUpdate: null,
      nextUpdate: null,
      revokedAt: null,
      reason: null,
    }
  );
}

/** RFC 5280 §6.3.3 (f): the certificate's issuer, or a CRL issuer whose own path is valid. */
function listSigners(
  name: string,
  certificate: Certificate,
  issuer: Certificate,
  pool: readonly Certificate[],
  context: ValidationContext,
  pending: readonly string[],
): Certificate[] {
  const signs = (one: Certificate): boolean => one.keyUsage === null || one.keyUsage.has('cRLSign');
  // A CRL issuer may vouch for itself only where its CA's distribution point names it as the one to ask.
  const appointed = certificate.distributionPoints.some((point) => point.issuers.includes(name));
  const own = [issuer, ...(appointed ? [certificate] : [])].filter(
    (one) => one.subjectKey === name && signs(one),
  );
  if (pending.length >= MAX_NESTING) return own;
  const others = [...pool, ...context.trust.anchors].filter(
    (one) =>
      one.subjectKey === name && one.sha256 !== issuer.sha256 && signs(one) && !pending.includes(one.sha256),
  );
  const valid = others.filter((one) => {
    const { verdict } = validatePath(one, pool, context, 'crl', [...pending, one.sha256, certificate.sha256]);
    return verdict.verdict === 'TOTAL-PASSED';
  });
  return [...own, ...valid];
}

function revokedFinding(
  path: readonly Certificate[],
  revocation: readonly RevocationFact[],
): PathFinding | null {
  const revoked = revocation.findIndex((fact) => fact.status === 'revoked');
  if (revoked < 0) return null;
  const when = `revoked at ${revocation[revoked]!.revokedAt ?? ''}`;
  return revoked === 0
    ? finding(path, 'revoked', failed('REVOKED'), when, revocation)
    : finding(path, 'revoked', indeterminate('REVOKED_CA_NO_POE'), `a CA of the path is ${when}`, revocation);
}

function outOfBounds(
  path: readonly Certificate[],
  at: Date,
  revocation: readonly RevocationFact[],
): PathFinding | null {
  const [leaf] = path as [Certificate, ...Certificate[]];
  if (at < leaf.notBefore) {
    const why = `not valid before ${leaf.notBefore.toISOString()}`;
    return finding(path, 'expired', failed('NOT_YET_VALID'), why, revocation);
  }
  if (at > leaf.notAfter)
    return finding(
      path,
      'expired',
      failed('EXPIRED'),
      `expired at ${leaf.notAfter.toISOString()}`,
      revocation,
    );
  const stale = path.slice(1).find((certificate) => at < certificate.notBefore || at > certificate.notAfter);
  if (stale === undefined) return null;
  const why = `"${nameText(stale.subject)}" is not valid at ${at.toISOString()}`;
  return finding(path, 'expired', indeterminate('OUT_OF_BOUNDS_NO_POE'), why, revocation);
}

function unknownFinding(
  path: readonly Certificate[],
  revocation: readonly RevocationFact[],
  policy: PathPolicy,
  trust: TrustStore,
): PathFinding | null {
  if (policy.revocation === 'never') return null;
  const unknown = path.filter(
    (certificate, i) =>
      revocation[i]?.status === 'unknown' && (policy.revocation === 'always' || answered(certificate, trust)),
  );
  if (unknown.length === 0) return null;
  const wanted = unknown.flatMap((one) => [
    ...one.distributionPoints.flatMap((point) => point.urls),
    ...questions(one, path[path.indexOf(one) + 1]!),
  ]);
  return {
    ...finding(path, 'unknown', indeterminate('TRY_LATER'), 'no fresh revocation information', revocation),
    wanted: [...new Set(wanted)],
  };
}

function questions(certificate: Certificate, issuer: Certificate): string[] {
  const request = ocspRequest(certificate, issuer);
  return request === null
    ? []
    : certificate.ocspUrls.map((url) => `${url}#ocsp=${request.toString('base64url')}`);
}

const answered = (certificate: Certificate, trust: TrustStore): boolean =>
  trust.ocsp.some((response) => response.answers.some((answer) => answer.serial === certificate.serial));

function finding(
  path: readonly Certificate[],
  chain: ChainState,
  verdict: Verdict,
  reason: string,
  revocation: readonly RevocationFact[] = [],
): PathFinding {
  const shown = path.map(({ subject, sha256 }) => ({ subject: nameText(subject), sha256 }));
  const leaf = path[0] === undefined ? null : signerFact(path[0]);
  const explanation = explain(verdict, leaf, revocation);
  return { chain, verdict, path: shown, revocation, reason, explanation, wanted: [] };
}
