import { constants, verify, type KeyObject } from 'node:crypto';

/** XML Signature algorithm identifiers (RFC 6931, RFC 9231). SHA-1 is known so that a refusal can say what it refused. */
const DIGESTS: ReadonlyMap<string, string> = new Map([
  ['http://www.w3.org/2000/09/xmldsig#sha1', 'sha1'],
  ['http://www.w3.org/2001/04/xmlenc#sha256', 'sha256'],
  ['http://www.w3.org/2001/04/xmldsig-more#sha384', 'sha384'],
  ['http://www.w3.org/2001/04/xmlenc#sha512', 'sha512'],
]);

export interface XmlSignatureAlgorithm {
  readonly scheme: 'rsa' | 'pss' | 'ecdsa';
  readonly digest: string;
  /** "rsa-sha256" */
  readonly name: string;
}

const algorithm = (scheme: XmlSignatureAlgorithm['scheme'], digest: string): XmlSignatureAlgorithm => ({
  scheme,
  digest,
  name: `${scheme === 'pss' ? 'rsa-pss' : scheme}-${digest}`,
});

const SIGNATURES: ReadonlyMap<string, XmlSignatureAlgorithm> = new Map([
  ['http://www.w3.org/2000/09/xmldsig#rsa-sha1', algorithm('rsa', 'sha1')],
  ...['sha256', 'sha384', 'sha512'].flatMap((digest): [string, XmlSignatureAlgorithm][] => [
    [`http://www.w3.org/2001/04/xmldsig-more#rsa-${digest}`, algorithm('rsa', digest)],
    [`http://www.w3.org/2001/04/xmldsig-more#ecdsa-${digest}`, algorithm('ecdsa', digest)],
    [`http://www.w3.org/2007/05/xmldsig-more#${digest}-rsa-MGF1`, algorithm('pss', digest)],
  ]),
]);

export const xmlDigest = (uri: string): string | null => DIGESTS.get(uri) ?? null;
export const xmlSignatureAlgorithm = (uri: string): XmlSignatureAlgorithm | null =>
  SIGNATURES.get(uri) ?? null;

/** True when the signature value holds; every kind of trouble is false. ECDSA values are r‖s (RFC 6931 §2.3.6). */
export function xmlSignatureHolds(
  { scheme, digest }: XmlSignatureAlgorithm,
  key: KeyObject,
  data: Uint8Array,
  value: Uint8Array,
): boolean {
  const type = key.asymmetricKeyType;
  try {
    switch (scheme) {
      case 'rsa':
        return type === 'rsa' && verify(digest, data, { key, padding: constants.RSA_PKCS1_PADDING }, value);
      case 'pss': {
        const padding = constants.RSA_PKCS1_PSS_PADDING;
        // RFC 6931 §2.3.10: the salt is as long as the digest.
        return (
          type === 'rsa' &&
          verify(digest, data, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }, value)
        );
      }
      case 'ecdsa':
        return type === 'ec' && verify(digest, data, { key, dsaEncoding: 'ieee-p1363' }, value);
    }
  } catch {
    return false;
  }
}
