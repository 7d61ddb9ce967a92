import { createHash } from 'node:crypto';
import { xmlDigest } from './ooxml-algorithms.ts';
import type { XmlSignature } from './ooxml-signature.ts';
import { algorithmOf, DSIG } from './ooxml-transforms.ts';
import {
  attribute,
  childrenNamed,
  descendants,
  elements,
  requiredChild,
  textOf,
  XmlError,
  type XmlElement,
} from './xml.ts';

/** XAdES (ETSI EN 319 132-1) properties of an Office signature, and Office's own signature time. */

export const XADES = 'http://uri.etsi.org/01903/v1.3.2#';
const PACKAGE_SIGNATURE = 'http://schemas.openxmlformats.org/package/2006/digital-signature';

/** True when `element` is signed: it, or an element around it, was digested. */
export function isSigned(signature: XmlSignature, element: XmlElement): boolean {
  for (let one: XmlElement | null = element; one !== null; one = one.parent) {
    if (signature.signed.some((signed) => signed.element === one)) return true;
  }
  return false;
}

const all = (signature: XmlSignature, uri: string, local: string): XmlElement[] =>
  [...descendants(signature.root)].filter((one) => one.uri === uri && one.local === local);

/**
 * Null when the signed properties are in order, else why not: properties that are not under the signature, that belong to
 * another one, or that name another certificate (which would make the certificate in KeyInfo exchangeable).
 */
export function propertiesFault(signature: XmlSignature): string | null {
  for (const properties of all(signature, XADES, 'SignedProperties')) {
    if (!isSigned(signature, properties)) return 'the XAdES properties are not signed';
    const target = properties.parent === null ? null : attribute(properties.parent, 'Target');
    if (target !== `#${attribute(signature.root, 'Id') ?? ''}`)
      return 'the XAdES properties are about another signature';
    const fault = certificateFault(signature, properties);
    if (fault !== null) return fault;
  }
  return null;
}

function certificateFault(signature: XmlSignature, properties: XmlElement): string | null {
  const named = childrenNamed(properties, XADES, 'SignedSignatureProperties')
    .flatMap(elements)
    .filter(({ uri, local }) => uri === XADES && /^SigningCertificate(V2)?$/.test(local));
  for (const list of named) {
    const [first] = childrenNamed(list, XADES, 'Cert');
    if (first === undefined) throw new XmlError('SigningCertificate names no certificate');
    const digest = requiredChild(first, XADES, 'CertDigest');
    const name = xmlDigest(algorithmOf(requiredChild(digest, DSIG, 'DigestMethod')));
    const value = Buffer.from(textOf(requiredChild(digest, DSIG, 'DigestValue')), 'base64');
    if (name === null || signature.signer === null)
      return 'the signature names its certificate by an unknown digest';
    if (!createHash(name).update(signature.signer.der).digest().equals(value)) {
      return 'the signature names another certificate';
    }
  }
  return null;
}

/** The signer's claim of time, ISO: XAdES SigningTime, else Office's SignatureTime; only from what is signed. */
export function claimedTime(signature: XmlSignature): string | null {
  const xades = all(signature, XADES, 'SigningTime');
  const office = all(signature, PACKAGE_SIGNATURE, 'SignatureTime').flatMap((time) =>
    childrenNamed(time, PACKAGE_SIGNATURE, 'Value'),
  );
  const claim = [...xades, ...office].find((element) => isSigned(signature, element));
  const at = claim === undefined ? NaN : Date.parse(textOf(claim).trim());
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}
