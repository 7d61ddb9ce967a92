import { createHash } from 'node:crypto';
import { isWeakDigest, keyWeakness } from './algorithms.ts';
import { DerError } from './der.ts';
import { xmlDigest, xmlSignatureAlgorithm, xmlSignatureHolds } from './ooxml-algorithms.ts';
import type { XmlSignatureAlgorithm } from './ooxml-algorithms.ts';
import { algorithmOf, canonicalBy, DSIG, transformsOf } from './ooxml-transforms.ts';
import { canonicalizeSimply } from './xml-c14n.ts';
import { parseCertificate, type Certificate } from './x509.ts';
import {
  attribute,
  childrenNamed,
  descendants,
  requiredChild,
  textOf,
  XmlError,
  type XmlElement,
} from './xml.ts';

/**
 * XML Signature (XMLDSig 1.1) as Office packages use it: same-document references by Id, canonicalisation only. What is
 * used later is the very element that was digested, found once, so nothing can be wrapped around it.
 */

/** Office writes 2 to 5 references and a handful of certificates. */
const MAX_REFERENCES = 64;
const MAX_CERTIFICATES = 32;

/** Where a signature breaks, before trust is asked about. */
export type XmlFault = 'digest' | 'value' | 'algorithm' | 'certificate';

export interface XmlSignature {
  readonly root: XmlElement;
  /** The elements whose digests are in SignedInfo and hold, with the reference's Type. */
  readonly signed: readonly { readonly element: XmlElement; readonly type: string | null }[];
  readonly signer: Certificate | null;
  readonly certificates: readonly Certificate[];
  /** The decoded SignatureValue: what a timestamp is over is its element, canonical. */
  readonly value: XmlElement;
  readonly algorithm: XmlSignatureAlgorithm | null;
  readonly digests: ReadonlySet<string>;
  readonly fault: { readonly kind: XmlFault; readonly reason: string } | null;
}

/**
 * Checks references and value of a <Signature>. @throws XmlError, DerError when it cannot be read
 * @param beside certificates (DER) that are kept outside of it
 */
export function checkXmlSignature(root: XmlElement, beside: readonly Uint8Array[] = []): XmlSignature {
  if (root.uri !== DSIG || root.local !== 'Signature') throw new XmlError('the part is no <Signature>');
  const ids = uniqueIds(root);
  const info = requiredChild(root, DSIG, 'SignedInfo');
  const references = childrenNamed(info, DSIG, 'Reference');
  if (references.length === 0 || references.length > MAX_REFERENCES) {
    throw new XmlError(`${references.length} references in SignedInfo`);
  }
  const digests = new Set<string>();
  const checked = references.map((reference) => checkReference(reference, ids, digests));
  const value = requiredChild(root, DSIG, 'SignatureValue');
  const algorithm = xmlSignatureAlgorithm(algorithmOf(requiredChild(info, DSIG, 'SignatureMethod')));
  const certificates = readCertificates(root, beside);
  const signer = algorithm === null ? null : findSigner(info, value, algorithm, certificates);
  const broken = checked.find((one) => one.fault !== null);
  const fault = broken?.fault ?? signatureFault(algorithm, signer, certificates);
  return {
    root,
    signed: checked,
    signer: signer ?? certificates[0] ?? null,
    certificates,
    value,
    algorithm,
    digests,
    fault,
  };
}

/** Two elements of one Id are the ground of signature wrapping; any attribute that some reader takes as an id counts. */
function uniqueIds(root: XmlElement): ReadonlyMap<string, XmlElement> {
  const ids = new Map<string, XmlElement>();
  for (const element of descendants(root)) {
    for (const { local, value } of element.attributes) {
      if (local.toLowerCase() !== 'id') continue;
      if (ids.has(value)) throw new XmlError(`two elements have the Id ${value.slice(0, 60)}`);
      ids.set(value, element);
    }
  }
  return ids;
}

interface Checked {
  readonly element: XmlElement;
  readonly type: string | null;
  readonly fault: XmlSignature['fault'];
}

function checkReference(
  reference: XmlElement,
  ids: ReadonlyMap<string, XmlElement>,
  digests: Set<string>,
): Checked {
  const uri = attribute(reference, 'URI') ?? '';
  const element = uri.startsWith('#') ? ids.get(uri.slice(1)) : undefined;
  if (element === undefined) throw new XmlError(`the reference "${uri.slice(0, 60)}" leads nowhere`);
  const type = attribute(reference, 'Type');
  const name = xmlDigest(algorithmOf(requiredChild(reference, DSIG, 'DigestMethod')));
  if (name === null) {
    return { element, type, fault: { kind: 'algorithm', reason: 'a reference uses an unknown digest' } };
  }
  digests.add(name);
  const bytes = digested(reference, element);
  const expected = Buffer.from(textOf(requiredChild(reference, DSIG, 'DigestValue')), 'base64');
  const same = createHash(name).update(bytes).digest().equals(expected);
  return {
    element,
    type,
    fault: same ? null : { kind: 'digest', reason: `${uri.slice(0, 60)} was changed` },
  };
}

/** XMLDSig §4.4.3.2: without a transform an element is digested in inclusive Canonical XML 1.0 without comments. */
function digested(reference: XmlElement, element: XmlElement): Uint8Array {
  const [first, ...more] = transformsOf(reference);
  if (more.length > 0) throw new XmlError('a reference with several transforms');
  return first === undefined ? canonicalizeSimply(element) : canonicalBy(first, element);
}

function readCertificates(root: XmlElement, beside: readonly Uint8Array[]): Certificate[] {
  const inside = childrenNamed(root, DSIG, 'KeyInfo')
    .flatMap((info) => childrenNamed(info, DSIG, 'X509Data'))
    .flatMap((data) => childrenNamed(data, DSIG, 'X509Certificate'))
    .map((element) => Buffer.from(textOf(element), 'base64'));
  const all = [...inside, ...beside];
  if (all.length > MAX_CERTIFICATES) throw new DerError(`more than ${MAX_CERTIFICATES} certificates`);
  return all.map(parseCertificate);
}

/** The certificate whose key made the value; KeyInfo may list the whole chain in any order. */
function findSigner(
  info: XmlElement,
  value: XmlElement,
  algorithm: XmlSignatureAlgorithm,
  certificates: readonly Certificate[],
): Certificate | null {
  const bytes = canonicalBy(requiredChild(info, DSIG, 'CanonicalizationMethod'), info);
  const signature = Buffer.from(textOf(value), 'base64');
  return (
    certificates.find(({ key }) => key !== null && xmlSignatureHolds(algorithm, key, bytes, signature)) ??
    null
  );
}

function signatureFault(
  algorithm: XmlSignatureAlgorithm | null,
  signer: Certificate | null,
  certificates: readonly Certificate[],
): XmlSignature['fault'] {
  if (algorithm === null) return { kind: 'algorithm', reason: 'unsupported signature algorithm' };
  if (certificates.length === 0) return { kind: 'certificate', reason: 'the signing certificate is missing' };
  if (signer === null) return { kind: 'value', reason: 'the signature value does not hold' };
  return null;
}

/** Why an intact signature proves nothing (SHA-1, short keys), or null. */
export function weakness(signature: XmlSignature, manifestDigests: ReadonlySet<string>): string | null {
  const names = [...signature.digests, ...manifestDigests, signature.algorithm?.digest ?? 'sha1'];
  const weak = names.find(isWeakDigest);
  if (weak !== undefined) return `digest ${weak}`;
  return signature.signer?.key ? keyWeakness(signature.signer.key) : 'unreadable public key';
}
