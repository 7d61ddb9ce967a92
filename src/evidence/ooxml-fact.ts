import { failed, indeterminate, type Verdict } from '../rules/verdict.ts';
import { DerError } from './der.ts';
import { NOT_PROVEN, timeFacts, validateInTime, withTimeRemarks, type Existence } from './existence.ts';
import { readCoverage, type Coverage } from './ooxml-coverage.ts';
import { uncovered } from './ooxml-gaps.ts';
import type { SignatureOrigin } from './ooxml-origin.ts';
import type { OfficePackage } from './ooxml-package.ts';
import { claimedTime, propertiesFault } from './ooxml-properties.ts';
import { checkXmlSignature, weakness, type XmlFault, type XmlSignature } from './ooxml-signature.ts';
import { DSIG } from './ooxml-transforms.ts';
import { officeExistence } from './ooxml-timestamps.ts';
import type { PathFinding, ValidationContext } from './path.ts';
import type { SignatureFact } from './port.ts';
import { signerFact } from './x509.ts';
import { childrenNamed, parseXml, XmlError, type XmlElement } from './xml.ts';

/** One signature part of a package, judged in the order of ETSI EN 319 102-1: format, digests, coverage, path. */

interface Judgement {
  readonly verdict: Verdict;
  readonly intact: boolean;
  readonly coversAll: boolean;
  readonly reason: string;
  readonly explanation: string;
}

const OF_FAULT: Readonly<Record<XmlFault, readonly [Verdict, string]>> = {
  digest: [failed('HASH_FAILURE'), 'phần được ký trong chữ ký số đã bị thay đổi'],
  value: [failed('SIG_CRYPTO_FAILURE'), 'giá trị chữ ký số không khớp với nội dung đã ký'],
  algorithm: [indeterminate('CRYPTO_CONSTRAINTS_FAILURE'), 'chữ ký số dùng thuật toán không được hỗ trợ'],
  certificate: [indeterminate('NO_SIGNING_CERTIFICATE_FOUND'), 'chữ ký số không kèm chứng thư của người ký'],
};

const broken = (verdict: Verdict, reason: string, explanation: string): Judgement => ({
  verdict,
  intact: false,
  coversAll: false,
  reason,
  explanation,
});

export function checkOfficeSignature(
  office: OfficePackage,
  origin: SignatureOrigin,
  part: string,
  context: ValidationContext,
): { readonly fact: SignatureFact; readonly wanted: readonly string[] } {
  try {
    const beside = (origin.certificates.get(part) ?? []).map((name) => office.read(name));
    const signature = checkXmlSignature(parseXml(office.read(part)), beside);
    const coverage = readCoverage(office, signedManifests(signature));
    const existence = officeExistence(signature, context);
    const path =
      signature.signer === null
        ? null
        : validateInTime(signature.signer, signature.certificates, context, existence);
    const judgement = judge(office, origin, signature, coverage, path);
    return { fact: factOf(signature, judgement, path, context, existence), wanted: path?.wanted ?? [] };
  } catch (error) {
    if (!(error instanceof XmlError || error instanceof DerError)) throw error;
    const explanation = 'chữ ký số trong tệp văn phòng không đúng chuẩn, không kiểm tra được';
    return { fact: unreadableSignature(error.message, explanation, context), wanted: [] };
  }
}

/** The fact about a signature that could not even be read. */
export function unreadableSignature(
  reason: string,
  explanation: string,
  context: ValidationContext,
): SignatureFact {
  return factOf(null, broken(failed('FORMAT_FAILURE'), reason, explanation), null, context, NOT_PROVEN);
}

/** ECMA-376 part 2 §10.5.6: manifests count only inside an object that SignedInfo itself digests. */
function signedManifests(signature: XmlSignature): XmlElement[] {
  return signature.signed
    .map(({ element }) => element)
    .filter(
      (element) => element.uri === DSIG && element.local === 'Object' && element.parent === signature.root,
    )
    .flatMap((object) => childrenNamed(object, DSIG, 'Manifest'));
}

function judge(
  office: OfficePackage,
  origin: SignatureOrigin,
  signature: XmlSignature,
  coverage: Coverage,
  path: PathFinding | null,
): Judgement {
  const { fault } = signature;
  if (fault !== null) return broken(OF_FAULT[fault.kind][0], fault.reason, OF_FAULT[fault.kind][1]);
  const [changed] = coverage.changed;
  if (changed !== undefined)
    return broken(failed('HASH_FAILURE'), changed, 'nội dung tệp đã thay đổi sau khi ký');
  const gap = uncovered(office, coverage, origin.parts);
  const intact = { intact: true, coversAll: gap === null };
  if (gap !== null) {
    const explanation = 'chữ ký số không bao trùm toàn bộ tệp';
    return { ...intact, verdict: indeterminate('SIG_CONSTRAINTS_FAILURE'), reason: gap, explanation };
  }
  const properties = propertiesFault(signature);
  if (properties !== null) {
    const explanation = 'thông tin về người ký trong chữ ký số không nhất quán';
    return { ...intact, verdict: indeterminate('SIG_CONSTRAINTS_FAILURE'), reason: properties, explanation };
  }
  const weak = weakness(signature, coverage.digests);
  if (weak !== null) {
    const explanation = 'chữ ký số dùng thuật toán hoặc độ dài khóa không còn an toàn';
    return { ...intact, verdict: indeterminate('CRYPTO_CONSTRAINTS_FAILURE'), reason: weak, explanation };
  }
  const { verdict, reason, explanation } = path!;
  return { ...intact, verdict, reason, explanation };
}

function factOf(
  signature: XmlSignature | null,
  judgement: Judgement,
  path: PathFinding | null,
  context: ValidationContext,
  existence: Existence,
): SignatureFact {
  const signer = signature?.signer ?? null;
  return {
    intact: judgement.intact,
    coversAll: judgement.coversAll,
    chain: path?.chain ?? 'unknown',
    signer: signer === null ? null : signerFact(signer),
    signedAt: signature === null ? null : claimedTime(signature),
    ...timeFacts(context, existence),
    digestAlgorithm: signature === null ? null : ([...signature.digests][0] ?? null),
    signatureAlgorithm: signature?.algorithm?.name ?? null,
    path: path?.path ?? [],
    revocation: path?.revocation ?? [],
    verdict: judgement.verdict,
    ...withTimeRemarks(judgement, existence),
  };
}
