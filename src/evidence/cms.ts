import { checkSigner, type CheckedSigner } from './cms-signer.ts';
import {
  existenceBy,
  NOT_PROVEN,
  timeFacts,
  validateInTime,
  withTimeRemarks,
  type Existence,
} from './existence.ts';
import { explain } from './explain.ts';
import type { PathFinding, ValidationContext } from './path.ts';
import type { SignatureFact } from './port.ts';
import type { TimestampFinding } from './timestamp.ts';
import { signerFact } from './x509.ts';

const DATA = '1.2.840.113549.1.7.1';
/** id-aa-timeStampToken (RFC 3161 appendix A) */
const TIMESTAMP_TOKEN = '1.2.840.113549.1.9.16.2.14';

export interface CmsFinding {
  readonly fact: SignatureFact;
  /** The content inside an opaque message, once the signature has been looked at. */
  readonly content: Uint8Array | null;
  /** Every certificate it carries, DER. */
  readonly certificates: readonly Uint8Array[];
  /** Addresses that would have the missing revocation information; nothing is fetched here. */
  readonly wanted: readonly string[];
}

/**
 * Checks a CMS SignedData (RFC 5652) over `detached` content, or over its own content when `detached` is null, and
 * judges its signer's path at the moment a trusted timestamp proves, else at receipt. Never throws on hostile input.
 * @param around timestamps over bytes that the whole structure is among
 */
export function verifySignedData(
  signedData: Uint8Array,
  detached: readonly Uint8Array[] | null,
  context: ValidationContext,
  around: readonly TimestampFinding[] = [],
): CmsFinding {
  const form = { contentType: DATA, detached, namesCertificate: false };
  const signed = checkSigner(signedData, form, context.trust.intermediates);
  const existence = existenceOf(signed, context, around);
  const path =
    signed.fault === null ? validateInTime(signed.signer!, signed.certificates, context, existence) : null;
  return {
    content: signed.content,
    certificates: signed.certificates.map((certificate) => certificate.der),
    wanted: path?.wanted ?? [],
    fact: factOf(signed, path, existence, context),
  };
}

function existenceOf(
  { fault, unsigned, value, certificates }: CheckedSigner,
  context: ValidationContext,
  around: readonly TimestampFinding[],
): Existence {
  // Timestamps over a signature that does not hold would be about nothing.
  if (fault !== null || value === null) return NOT_PROVEN;
  const tokens = unsigned
    .filter(({ id }) => id === TIMESTAMP_TOKEN)
    .flatMap(({ values }) => values.map(({ whole }) => whole));
  return existenceBy(tokens, [value], context, { certificates, around });
}

function factOf(
  signed: CheckedSigner,
  path: PathFinding | null,
  existence: Existence,
  context: ValidationContext,
): SignatureFact {
  const signer = signed.signer === null ? null : signerFact(signed.signer);
  const { verdict, reason } = path ?? signed.fault!;
  const explanation = path?.explanation ?? explain(verdict, signer, []);
  const intact = signed.fault?.intact ?? true;
  return {
    intact,
    coversAll: intact,
    chain: path?.chain ?? 'unknown',
    signer,
    signedAt: signed.signedAt?.toISOString() ?? null,
    ...timeFacts(context, existence),
    digestAlgorithm: signed.digest,
    signatureAlgorithm: signed.signature,
    path: path?.path ?? [],
    revocation: path?.revocation ?? [],
    verdict,
    ...withTimeRemarks({ reason, explanation }, existence),
  };
}
