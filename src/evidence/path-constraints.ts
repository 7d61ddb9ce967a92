import { isWeakDigest, keyWeakness } from './algorithms.ts';
import { nameConstraintFault } from './name-constraints.ts';
import type { KeyUsage } from './extensions.ts';
import { nameText } from './names.ts';
import type { Certificate } from './x509.ts';

/** What a certificate is to be used for; 'any' leaves the leaf's usages alone (conformance suites). */
export type Purpose = 'signing' | 'encryption' | 'timestamping' | 'ocsp' | 'crl' | 'any';

const ANY_PURPOSE = '2.5.29.37.0';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
/** id-kp-emailProtection, anyExtendedKeyUsage, id-kp-documentSigning (RFC 9336), Microsoft document signing. */
const SIGNING_PURPOSES = ['1.3.6.1.5.5.7.3.4', ANY_PURPOSE, '1.3.6.1.5.5.7.3.36', '1.3.6.1.4.1.311.10.3.12'];

const ENCRYPTION_PURPOSES = ['1.3.6.1.5.5.7.3.4', ANY_PURPOSE];
/** RFC 5280 §4.2.1.3: what lets a key of this type receive the key of a message. */
const RECEIVES: Readonly<Record<string, KeyUsage>> = { rsa: 'keyEncipherment', ec: 'keyAgreement' };

/** Where a CA's own extendedKeyUsage limits what it may issue; the others are bound by their leaf. */
const ISSUER_PURPOSES: Readonly<Partial<Record<Purpose, readonly string[]>>> = {
  signing: SIGNING_PURPOSES,
  encryption: ENCRYPTION_PURPOSES,
  timestamping: [TIME_STAMPING, ANY_PURPOSE],
};

/** Constraints that hold whatever the time: CA flags, path lengths, usages, names, critical extensions. */
export function structureFault(path: readonly Certificate[], purpose: Purpose): string | null {
  const unknown = path.find((certificate) => certificate.unknownCritical.length > 0);
  if (unknown !== undefined) return `critical extension ${unknown.unknownCritical.join()} is not processed`;
  return leafFault(path[0]!, purpose) ?? issuerFault(path, purpose) ?? nameConstraintFault(path);
}

function leafFault(leaf: Certificate, purpose: Purpose): string | null {
  const usable = leaf.keyUsage;
  const purposes = leaf.extendedKeyUsage;
  const signs = usable === null || usable.has('digitalSignature') || usable.has('nonRepudiation');
  switch (purpose) {
    case 'any':
      return null;
    case 'crl':
      return usable === null || usable.has('cRLSign') ? null : 'the certificate may not sign CRLs';
    case 'signing':
      if (!signs) return 'the certificate is not for signing (keyUsage)';
      return purposes === null || SIGNING_PURPOSES.some((one) => purposes.has(one))
        ? null
        : 'the certificate is not for mail or documents (extendedKeyUsage)';
    case 'encryption': {
      const needed = RECEIVES[leaf.key?.asymmetricKeyType ?? ''];
      // A certificate without keyUsage may do anything; here a clear word is asked for, because a unit that only signs
      // may have no way to open what it gets.
      if (needed === undefined || usable?.has(needed) !== true)
        return 'the certificate is not for encryption (keyUsage)';
      return purposes === null || ENCRYPTION_PURPOSES.some((one) => purposes.has(one))
        ? null
        : 'the certificate is not for mail (extendedKeyUsage)';
    }
    // RFC 3161 §2.3: the only purpose, and critical, so that no other certificate of that CA can tell the time.
    case 'timestamping':
      return signs &&
        [...(usable ?? [])].every((use) => use === 'digitalSignature' || use === 'nonRepudiation') &&
        leaf.extendedKeyUsageCritical &&
        purposes?.size === 1 &&
        purposes.has(TIME_STAMPING)
        ? null
        : 'the certificate is not for time-stamping alone';
    case 'ocsp':
      return signs && purposes?.has('1.3.6.1.5.5.7.3.9') === true ? null : 'the certificate is not for OCSP';
  }
}

function issuerFault(path: readonly Certificate[], purpose: Purpose): string | null {
  const issuers = path.slice(1);
  for (const [below, issuer] of issuers.entries()) {
    const name = nameText(issuer.subject);
    if (!issuer.ca) return `"${name}" is no CA`;
    if (issuer.keyUsage !== null && !issuer.keyUsage.has('keyCertSign'))
      return `"${name}" may not sign certificates`;
    // Self-issued certificates do not count (RFC 5280 §4.2.1.9).
    const between = issuers.slice(0, below).filter((ca) => !ca.selfIssued).length;
    if (issuer.pathLength !== null && between > issuer.pathLength) return `path longer than "${name}" allows`;
    const purposes = issuer.extendedKeyUsage;
    // A CA that was limited to other purposes (TLS, say) must not reach official letters.
    const wanted = ISSUER_PURPOSES[purpose];
    if (wanted !== undefined && purposes !== null && !wanted.some((one) => purposes.has(one)))
      return `"${name}" may not issue certificates for ${purpose}`;
  }
  return null;
}

/** Keys and signatures too weak to prove anything. */
export function strengthFault(
  path: readonly Certificate[],
  policy: { readonly minimumRsaBits: number; readonly weakDigests: ReadonlySet<string> },
): string | null {
  for (const [i, { key, algorithm }] of path.entries()) {
    if (key === null) return 'unreadable public key';
    const weak = keyWeakness(key, policy.minimumRsaBits);
    if (weak !== null) return weak;
    // An anchor is trusted by configuration, not by the signature it carries on itself.
    if (i === path.length - 1) break;
    if (algorithm === null || policy.weakDigests.has(algorithm.digest))
      return `signed with ${algorithm?.name ?? 'an unknown algorithm'}`;
  }
  return null;
}

export const WEAK_DIGESTS: ReadonlySet<string> = new Set(['sha1', 'md5', 'sha224'].filter(isWeakDigest));
