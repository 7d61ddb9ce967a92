import { createHash } from 'node:crypto';
import { failed, indeterminate, PASSED, type Verdict } from '../rules/verdict.ts';
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
  same,
  small,
  TAG,
  time,
  type Node,
} from './der.ts';
import { explain } from './explain.ts';
import { validatePath, type PathFinding, type ValidationContext } from './path.ts';
import type { SignatureFact } from './port.ts';
import { parseCertificate, signerFact, type Certificate } from './x509.ts';

const OID = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
} as const;

export interface CmsFinding {
  readonly fact: SignatureFact;
  /** The content inside an opaque message, once the signature has been looked at. */
  readonly content: Uint8Array | null;
  /** Every certificate it carries, DER. */
  readonly certificates: readonly Uint8Array[];
  /** Addresses that would have the missing revocation information; nothing is fetched here. */
  readonly wanted: readonly string[];
}

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

/** More certificates than any real signature carries; a bound on path building. */
const MAX_CERTIFICATES = 32;

/**
 * Checks a CMS SignedData (RFC 5652) over `detached` content, or over its own content when `detached` is null.
 * Strict where forgeries were seen (evidence.md): exactly one SignerInfo, signed attributes present, unique and
 * DER-sorted, no content inside beside detached content, nothing after the end. Never throws on hostile input.
 */
export function verifySignedData(
  signedData: Uint8Array,
  detached: readonly Uint8Array[] | null,
  context: ValidationContext,
): CmsFinding {
  const state: State = {
    signer: null,
    signedAt: null,
    digest: null,
    signature: null,
    path: null,
    content: null,
    certificates: [],
  };
  try {
    check(signedData, detached, context, state);
    const path = state.path!;
    return finish(state, context, path.verdict, true, path.reason);
  } catch (error) {
    if (error instanceof Failure) return finish(state, context, error.verdict, error.intact, error.message);
    if (error instanceof DerError)
      return finish(state, context, failed('FORMAT_FAILURE'), false, error.message);
    throw error;
  }
}

interface State {
  signer: Certificate | null;
  signedAt: Date | null;
  digest: string | null;
  signature: string | null;
  path: PathFinding | null;
  content: Uint8Array | null;
  certificates: readonly Certificate[];
}

function check(
  bytes: Uint8Array,
  detached: readonly Uint8Array[] | null,
  context: ValidationContext,
  state: State,
): void {
  const [type, wrapped] = children(expect(readAll(bytes), TAG.sequence, 'ContentInfo'));
  if (oid(type) !== OID.signedData) throw new Failure(failed('FORMAT_FAILURE'), 'not a SignedData');
  const parts = children(children(expect(wrapped, tagged(0), 'content'))[0]!);
  const [version, , encapsulated, ...rest] = parts;
  small(version);
  const [contentType, explicit, ...more] = children(expect(encapsulated, TAG.sequence, 'encapContentInfo'));
  if (more.length > 0 || oid(contentType) !== OID.data)
    throw new Failure(failed('FORMAT_FAILURE'), 'the content is not id-data');
  const inside = explicit === undefined ? null : octets(children(explicit)[0]);
  if (detached !== null && inside !== null)
    throw new Failure(failed('FORMAT_FAILURE'), 'content inside a detached signature');
  if (detached === null && inside === null)
    throw new Failure(indeterminate('SIGNED_DATA_NOT_FOUND'), 'no content to check');
  state.content = inside;
  const certificates = readCertificates(rest.find((part) => part.tag === tagged(0)));
  state.certificates = certificates;
  const signers = children(expect(rest.at(-1), TAG.set, 'signerInfos'));
  if (signers.length !== 1)
    throw new Failure(failed('FORMAT_FAILURE'), `${signers.length} SignerInfos instead of one`);
  checkSigner(signers[0]!, detached ?? [inside!], certificates, context, state);
}

function readCertificates(set: Node | undefined): Certificate[] {
  if (set === undefined) return [];
  const nodes = children(set).filter((node) => node.tag === TAG.sequence);
  if (nodes.length > MAX_CERTIFICATES)
    throw new Failure(failed('FORMAT_FAILURE'), `${nodes.length} certificates`);
  return nodes.map((node) => parseCertificate(node.whole));
}

function checkSigner(
  info: Node,
  content: readonly Uint8Array[],
  certificates: readonly Certificate[],
  context: ValidationContext,
  state: State,
): void {
  const [version, sid, digestAlgorithm, signed, algorithmNode, value] = children(
    expect(info, TAG.sequence, 'SignerInfo'),
  );
  small(version);
  if (signed?.tag !== tagged(0)) throw new Failure(failed('FORMAT_FAILURE'), 'no signed attributes');
  const digest = digestName(oid(children(digestAlgorithm!)[0]));
  state.digest = digest;
  if (digest === null)
    throw new Failure(indeterminate('CRYPTO_CONSTRAINTS_FAILURE'), 'unknown digest algorithm');
  const algorithm = signatureAlgorithm(algorithmNode, digest);
  state.signature = algorithm?.name ?? null;
  const signer = certificates
    .concat(context.trust.intermediates)
    .find((certificate) => identifies(sid!, certificate));
  if (signer === undefined)
    throw new Failure(indeterminate('NO_SIGNING_CERTIFICATE_FOUND'), 'the signing certificate is missing');
  state.signer = signer;
  const attributes = readAttributes(signed);
  const signingTime = attributes.get(OID.signingTime);
  state.signedAt = signingTime === undefined ? null : time(signingTime);
  if (oid(attributes.get(OID.contentType)) !== OID.data)
    throw new Failure(failed('FORMAT_FAILURE'), 'contentType attribute differs');
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
  if (algorithm.digest !== digest && algorithm.scheme !== 'ed25519')
    throw new Failure(failed('FORMAT_FAILURE'), 'two digest algorithms');
  if (!holds(algorithm, signer.key, signedBytes, octets(value)))
    throw new Failure(failed('SIG_CRYPTO_FAILURE'), 'the signature value does not hold');
  const weak = isWeakDigest(digest) ? `digest ${digest}` : keyWeakness(signer.key);
  if (weak !== null) throw new Failure(indeterminate('CRYPTO_CONSTRAINTS_FAILURE'), weak, true);
  checkSigningCertificate(attributes, signer);
  state.path = validatePath(signer, certificates, context, 'signing');
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
      throw new Failure(failed('FORMAT_FAILURE'), `attribute ${id} is not single`);
    if (before !== null && Buffer.compare(before, attribute.whole) > 0)
      throw new Failure(failed('FORMAT_FAILURE'), 'attributes out of order');
    before = attribute.whole;
    found.set(id, all[0]!);
  }
  return found;
}

/** ESS signing-certificate (RFC 2634, RFC 5035): if it names a certificate, it must name this one. */
function checkSigningCertificate(attributes: ReadonlyMap<string, Node>, signer: Certificate): void {
  for (const [id, fallback] of [
    [OID.signingCertificate, 'sha1'],
    [OID.signingCertificateV2, 'sha256'],
  ] as const) {
    const attribute = attributes.get(id);
    if (attribute === undefined) continue;
    const [first] = children(children(attribute)[0]!);
    const fields = children(first!);
    const named = fields[0]?.tag === TAG.sequence ? digestName(oid(children(fields[0])[0])) : fallback;
    const hash = octets(fields.find((field) => field.tag === TAG.octetString));
    if (named === null || !same(createHash(named).update(signer.der).digest(), hash)) {
      throw new Failure(
        indeterminate('SIG_CONSTRAINTS_FAILURE'),
        'the signature names another certificate',
        true,
      );
    }
  }
}

function finish(
  state: State,
  context: ValidationContext,
  verdict: Verdict,
  intact: boolean,
  reason: string,
): CmsFinding {
  const signer = state.signer === null ? null : signerFact(state.signer);
  const revocation = state.path?.revocation ?? [];
  const passed = verdict.verdict === 'TOTAL-PASSED' ? PASSED : verdict;
  return {
    content: state.content,
    certificates: state.certificates.map((certificate) => certificate.der),
    wanted: state.path?.wanted ?? [],
    fact: {
      intact,
      coversAll: intact,
      chain: state.path?.chain ?? 'unknown',
      signer,
      signedAt: state.signedAt?.toISOString() ?? null,
      timestamp: null,
      decidedAt: context.at.toISOString(),
      digestAlgorithm: state.digest,
      signatureAlgorithm: state.signature,
      path: state.path?.path ?? [],
      revocation,
      verdict: passed,
      reason,
      explanation: explain(passed, signer, revocation),
    },
  };
}
