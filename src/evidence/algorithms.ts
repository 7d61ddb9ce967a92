import { constants, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { children, expect, oid, small, TAG, type Node } from './der.ts';

/** Digests that may prove something. SHA-1 and MD5 are named so that a refusal can say what it refused. */
const DIGESTS: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
  '1.3.14.3.2.26': 'sha1',
  '1.2.840.113549.2.5': 'md5',
  '2.16.840.1.101.3.4.2.4': 'sha224',
};

/** Collisions are practical (sha1, md5) or the margin is too small (sha224): they never pass. */
const WEAK = new Set(['sha1', 'md5', 'sha224']);

export const digestName = (algorithm: string): string | null => DIGESTS[algorithm] ?? null;
export const isWeakDigest = (name: string): boolean => WEAK.has(name);

type Scheme = 'rsa' | 'pss' | 'ecdsa' | 'ed25519';

const SIGNATURES: Readonly<Record<string, { scheme: Scheme; digest: string | null }>> = {
  '1.2.840.113549.1.1.1': { scheme: 'rsa', digest: null },
  '1.2.840.113549.1.1.4': { scheme: 'rsa', digest: 'md5' },
  '1.2.840.113549.1.1.5': { scheme: 'rsa', digest: 'sha1' },
  '1.2.840.113549.1.1.11': { scheme: 'rsa', digest: 'sha256' },
  '1.2.840.113549.1.1.12': { scheme: 'rsa', digest: 'sha384' },
  '1.2.840.113549.1.1.13': { scheme: 'rsa', digest: 'sha512' },
  '1.2.840.113549.1.1.10': { scheme: 'pss', digest: null },
  '1.2.840.10045.2.1': { scheme: 'ecdsa', digest: null },
  '1.2.840.10045.4.1': { scheme: 'ecdsa', digest: 'sha1' },
  '1.2.840.10045.4.3.2': { scheme: 'ecdsa', digest: 'sha256' },
  '1.2.840.10045.4.3.3': { scheme: 'ecdsa', digest: 'sha384' },
  '1.2.840.10045.4.3.4': { scheme: 'ecdsa', digest: 'sha512' },
  '1.3.101.112': { scheme: 'ed25519', digest: 'sha512' },
};

export interface SignatureAlgorithm {
  readonly scheme: Scheme;
  readonly digest: string;
  readonly saltLength: number;
  /** "rsa-sha256" */
  readonly name: string;
}

/** Reads an AlgorithmIdentifier of a signature. `implied` is the digest named elsewhere (CMS digestAlgorithm). */
export function signatureAlgorithm(
  node: Node | undefined,
  implied: string | null,
): SignatureAlgorithm | null {
  const [id, parameters] = children(expect(node, TAG.sequence, 'algorithm identifier'));
  const known = SIGNATURES[oid(id)];
  if (known === undefined) return null;
  if (known.scheme === 'pss') return pss(parameters);
  const digest = known.digest ?? implied;
  return digest === null
    ? null
    : { scheme: known.scheme, digest, saltLength: 0, name: `${known.scheme}-${digest}` };
}

/** RFC 4055 §3.1: the mask generation function must use the same digest, trailer 1. */
function pss(parameters: Node | undefined): SignatureAlgorithm | null {
  let digest = 'sha1';
  let mask = 'sha1';
  let saltLength = 20;
  for (const part of children(expect(parameters, TAG.sequence, 'PSS parameters'))) {
    const [value] = children(part);
    if (part.tag === 0xa0) digest = digestName(oid(children(value!)[0])) ?? '';
    else if (part.tag === 0xa1) mask = maskDigest(value!);
    else if (part.tag === 0xa2) saltLength = small(value);
    else if (part.tag !== 0xa3 || small(value) !== 1) return null;
  }
  return digest === mask && digest !== ''
    ? { scheme: 'pss', digest, saltLength, name: `rsa-pss-${digest}` }
    : null;
}

/** The digest of MGF1, the only mask generation function there is (RFC 8017 §B.2); '' for another. */
function maskDigest(mask: Node): string {
  const [id, parameters] = children(mask);
  return oid(id) === '1.2.840.113549.1.1.8' ? (digestName(oid(children(parameters!)[0])) ?? '') : '';
}

/** Keys that are strong enough: RSA from `minimumRsaBits`, P-256/384/521, Ed25519. */
export function keyWeakness(key: KeyObject, minimumRsaBits = 2048): string | null {
  const details = key.asymmetricKeyDetails;
  switch (key.asymmetricKeyType) {
    case 'rsa':
    case 'rsa-pss':
      return (details?.modulusLength ?? 0) >= minimumRsaBits
        ? null
        : `RSA key of ${details?.modulusLength ?? 0} bits`;
    case 'ec':
      return ['prime256v1', 'secp384r1', 'secp521r1'].includes(details?.namedCurve ?? '')
        ? null
        : 'unsupported curve';
    case 'ed25519':
      return null;
    default:
      return `unsupported key type ${String(key.asymmetricKeyType)}`;
  }
}

export function publicKeyOf(spki: Uint8Array): KeyObject | null {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch {
    return null;
  }
}

/** True when the signature holds; every kind of trouble is false. */
export function holds(
  algorithm: SignatureAlgorithm,
  key: KeyObject,
  data: Uint8Array,
  signature: Uint8Array,
): boolean {
  const kind = key.asymmetricKeyType;
  try {
    switch (algorithm.scheme) {
      case 'rsa':
        return (
          kind === 'rsa' &&
          verify(algorithm.digest, data, { key, padding: constants.RSA_PKCS1_PADDING }, signature)
        );
      case 'pss':
        return (
          (kind === 'rsa' || kind === 'rsa-pss') &&
          verify(
            algorithm.digest,
            data,
            { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: algorithm.saltLength },
            signature,
          )
        );
      case 'ecdsa':
        return kind === 'ec' && verify(algorithm.digest, data, { key, dsaEncoding: 'der' }, signature);
      case 'ed25519':
        return kind === 'ed25519' && verify(null, data, key, signature);
    }
  } catch {
    return false;
  }
}
