import { createHash } from 'node:crypto';
import { failed, indeterminate, type Verdict } from '../rules/verdict.ts';
import { digestName, holds, isWeakDigest, keyWeakness, signatureAlgorithm } from './algorithms.ts';
import {
  children,
  context as tagged,
  DerError,
  expect,
  hex,
  octets,
  oid,
  readAll,
  reading,
  same,
  small,
  TAG,
  time,
  type Node,
} from './der.ts';
import { parseCertificate, type Certificate } from './x509.ts';

/** The signature of a CMS SignedData (RFC 5652) by itself: who made it and does it hold. Trust is asked elsewhere. */

const OID = {
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
} as const;

/** More certificates than any real signature carries; a bound on path building. */
const MAX_CERTIFICATES = 32;
/** Revocation archives and timestamps of a real signature are about four unsigned attributes. */
const MAX_UNSIGNED_ATTRIBUTES = 32;

export interface SignedDataForm {
  /** The eContentType there must be, inside and in the attribute. */
  readonly contentType: string;
  /** The content that lies beside the signature; null = it must be inside. */
  readonly detached: readonly Uint8Array[] | null;
  /** RFC 3161 §2.4.2 wants the signing certificate named; S/MIME only asks that a named one is the right one. */
  readonly namesCertificate: boolean;
}

/** What could be read, up to the first fault. */
export interface CheckedSigner {
  readonly signer: Certificate | null;
  /** The signer's claim. */
  readonly signedAt: Date | null;
  readonly digest: string | null;
  readonly signature: string | null;
  readonly content: Uint8Array | null;
  readonly certificates: readonly Certificate[];
  /** The signature value: what a signature timestamp is over (RFC 3161 appendix A). */
  readonly value: Uint8Array | null;
  /** Unsigned attributes by type, in order; a type may occur several times. */
  readonly unsigned: readonly { readonly id: string; readonly values: readonly Node[] }[];
  readonly fault: { readonly verdict: Verdict; readonly reason: string; readonly intact: boolean } | null;
}

type State = { -readonly [K in keyof CheckedSigner]: CheckedSigner[K] };

/** A step of the check that failed, with its verdict. */
class Failure extends Error {
  override name = 'Failure';
  readonly verdict: Verdict;
  readonly intact: boolean;
  constructor(verdict: Verdict, message: string, intact = false) {
    super(message);
    this.verdict = verdict;
    this.intact = intact;
  }
}

const malformed = (message: string): Failure => new Failure(failed('FORMAT_FAILURE'), message);

/**
 * Strict where forgeries were seen (evidence.md): exactly one SignerInfo, signed attributes present, unique and
 * DER-sorted, no content inside beside detached content, nothing after the end. Never throws on hostile input.
 * @param pool certificates that may have signed when the structure carries none
 */
export function checkSigner(
  bytes: Uint8Array,
  form: SignedDataForm,
  pool: readonly Certificate[],
): CheckedSigner {
  const state: State = {
    signer: null,
    signedAt: null,
    digest: null,
    signature: null,
    content: null,
    certificates: [],
    value: null,
    unsigned: [],
    fault: null,
  };
  try {
    reading('SignedData', () => {
      readSignedData(bytes, form, pool, state);
    });
  } catch (error) {
    if (error instanceof Failure) {
      state.fault = { verdict: error.verdict, reason: error.message, intact: error.intact };
    } else if (error instanceof DerError) {
      state.fault = { verdict: failed('FORMAT_FAILURE'), reason: error.message, intact: false };
    } else throw error;
  }
  return state;
}

function readSignedData(
  bytes: Uint8Array,
  form: SignedDataForm,
  pool: readonly Certificate[],
  state: State,
): void {
  const [type, wrapped] = children(expect(readAll(bytes), TAG.sequence, 'ContentInfo'));
  if (oid(type) !== OID.signedData) throw malformed('not a SignedData');
  const parts = children(children(expect(wrapped, tagged(0), 'content'))[0]!);
  const [version, digests, encapsulated, ...rest] = parts;
  small(version);
  const announced = children(expect(digests, TAG.set, 'digestAlgorithms')).map((one) =>
    oid(children(one)[0]),
  );
  const [contentType, explicit, ...more] = children(expect(encapsulated, TAG.sequence, 'encapContentInfo'));
  if (more.length > 0 || oid(contentType) !== form.contentType)
    throw malformed(`the content is not of type ${form.contentType}`);
  const inside = explicit === undefined ? null : octets(children(explicit)[0]);
  if (form.detached !== null && inside !== null) throw malformed('content inside a detached signature');
  if (form.detached === null && inside === null)
    throw new Failure(indeterminate('SIGNED_DATA_NOT_FOUND'), 'no content to check');
  state.content = inside;
  state.certificates = readCertificates(rest.find((part) => part.tag === tagged(0)));
  const signers = children(expect(rest.at(-1), TAG.set, 'signerInfos'));
  if (signers.length !== 1) throw malformed(`${signers.length} SignerInfos instead of one`);
  readSignerInfo(signers[0]!, form.detached ?? [inside!], form, pool, state);
  // RFC 5652 §5.1: one-pass readers hash with these only.
  if (!announced.some((id) => digestName(id) === state.digest))
    throw malformed('the digest algorithm is not announced');
}

function readCertificates(set: Node | undefined): Certificate[] {
  if (set === undefined) return [];
  const nodes = children(set).filter((node) => node.tag === TAG.sequence);
  if (nodes.length > MAX_CERTIFICATES) throw malformed(`${nodes.length} certificates`);
  return nodes.map((node) => parseCertificate(node.whole));
}

function readSignerInfo(
  info: Node,
  content: readonly Uint8Array[],
  form: SignedDataForm,
  pool: readonly Certificate[],
  state: State,
): void {
  const [version, sid, digestAlgorithm, signed, algorithmNode, value, unsigned, ...more] = children(
    expect(info, TAG.sequence, 'SignerInfo'),
  );
  small(version);
  if (signed?.tag !== tagged(0)) throw malformed('no signed attributes');
  if (more.length > 0) throw malformed('something follows the unsigned attributes');
  const digest = digestName(oid(children(digestAlgorithm!)[0]));
  state.digest = digest;
  if (digest === null)
    throw new Failure(indeterminate('CRYPTO_CONSTRAINTS_FAILURE'), 'unknown digest algorithm');
  const algorithm = signatureAlgorithm(algorithmNode, digest);
  state.signature = algorithm?.name ?? null;
  state.value = octets(value);
  state.unsigned = readUnsigned(unsigned);
  const signer = state.certificates.concat(pool).find((certificate) => identifies(sid!, certificate));
  if (signer === undefined)
    throw new Failure(indeterminate('NO_SIGNING_CERTIFICATE_FOUND'), 'the signing certificate is missing');
  state.signer = signer;
  const attributes = readAttributes(signed);
  const signingTime = attributes.get(OID.signingTime);
  state.signedAt = signingTime === undefined ? null : time(signingTime);
  if (oid(attributes.get(OID.contentType)) !== form.contentType)
    throw malformed('contentType attribute differs');
  const hash = createHash(digest);
  for (const piece of content) hash.update(piece);
  if (!same(hash.digest(), octets(attributes.get(OID.messageDigest))))
    throw new Failure(failed('HASH_FAILURE'), 'the content was changed');
  if (algorithm === null)
    throw new Failure(indeterminate('CRYPTO_CONSTRAINTS_FAILURE'), 'unsupported signature algorithm');
  if (signer.key === null)
    throw new Failure(indeterminate('CRYPTO_CONSTRAINTS_FAILURE'), 'unreadable public key');
  // RFC 5652 §5.4: what is signed is the attributes as an explicit SET OF, not with their [0] tag.
  const signedBytes = Buffer.concat([Buffer.of(TAG.set), signed.whole.subarray(1)]);
  if (algorithm.digest !== digest && algorithm.scheme !== 'ed25519') throw malformed('two digest algorithms');
  if (!holds(algorithm, signer.key, signedBytes, state.value))
    throw new Failure(failed('SIG_CRYPTO_FAILURE'), 'the signature value does not hold');
  const weak = isWeakDigest(digest) ? `digest ${digest}` : keyWeakness(signer.key);
  if (weak !== null) throw new Failure(indeterminate('CRYPTO_CONSTRAINTS_FAILURE'), weak, true);
  checkSigningCertificate(attributes, signer, form.namesCertificate);
}

/** IssuerAndSerialNumber or [0] SubjectKeyIdentifier. */
function identifies(sid: Node, certificate: Certificate): boolean {
  if (sid.tag === tagged(0, false))
    return certificate.keyId !== null && hex(sid.content) === certificate.keyId;
  const [issuer, serial] = children(sid);
  return same(issuer!.whole, certificate.issuer) && hex(serial!.content) === certificate.serial;
}

/** Attributes by type, each once, each with one value, in DER order: otherwise two readers may see two things. */
function readAttributes(set: Node): Map<string, Node> {
  const found = new Map<string, Node>();
  let before: Uint8Array | null = null;
  for (const attribute of children(set)) {
    const [type, values, ...more] = children(expect(attribute, TAG.sequence, 'attribute'));
    const id = oid(type);
    const all = children(expect(values, TAG.set, 'attribute values'));
    if (found.has(id) || all.length !== 1 || more.length > 0)
      throw malformed(`attribute ${id} is not single`);
    if (before !== null && Buffer.compare(before, attribute.whole) > 0)
      throw malformed('attributes out of order');
    before = attribute.whole;
    found.set(id, all[0]!);
  }
  return found;
}

/** Unsigned attributes say nothing for the signer, so only their form is asked here. */
function readUnsigned(set: Node | undefined): CheckedSigner['unsigned'] {
  if (set === undefined) return [];
  const attributes = children(expect(set, tagged(1), 'unsigned attributes'));
  if (attributes.length > MAX_UNSIGNED_ATTRIBUTES)
    throw malformed(`${attributes.length} unsigned attributes`);
  return attributes.map((attribute) => {
    const [type, values] = children(expect(attribute, TAG.sequence, 'attribute'));
    return { id: oid(type), values: children(expect(values, TAG.set, 'attribute values')) };
  });
}

/** ESS signing-certificate (RFC 2634, RFC 5035): if it names a certificate, it must name this one. */
function checkSigningCertificate(
  attributes: ReadonlyMap<string, Node>,
  signer: Certificate,
  required: boolean,
): void {
  let named = false;
  for (const [id, fallback] of [
    [OID.signingCertificate, 'sha1'],
    [OID.signingCertificateV2, 'sha256'],
  ] as const) {
    const attribute = attributes.get(id);
    if (attribute === undefined) continue;
    named = true;
    const [first] = children(children(attribute)[0]!);
    const fields = children(first!);
    const digest = fields[0]?.tag === TAG.sequence ? digestName(oid(children(fields[0])[0])) : fallback;
    const hash = octets(fields.find((field) => field.tag === TAG.octetString));
    if (digest === null || !same(createHash(digest).update(signer.der).digest(), hash)) {
      throw new Failure(
        indeterminate('SIG_CONSTRAINTS_FAILURE'),
        'the signature names another certificate',
        true,
      );
    }
  }
  if (required && !named)
    throw new Failure(
      indeterminate('SIG_CONSTRAINTS_FAILURE'),
      'the signature does not name its certificate',
      true,
    );
}
