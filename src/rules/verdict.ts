/**
 * Verdicts on a signature in the words of ETSI EN 319 102-1 §5.1.3, so that auditors recognise them.
 * INDETERMINATE never passes by itself: TRY_LATER is asked again, everything else goes to an officer.
 * `NONE` is ours: the file carries no signature at all.
 */
export const FAILED_SUB_INDICATIONS = [
  'FORMAT_FAILURE',
  'HASH_FAILURE',
  'SIG_CRYPTO_FAILURE',
  'REVOKED',
  'EXPIRED',
  'NOT_YET_VALID',
] as const;

export const INDETERMINATE_SUB_INDICATIONS = [
  'NO_SIGNING_CERTIFICATE_FOUND',
  'NO_CERTIFICATE_CHAIN_FOUND',
  'CHAIN_CONSTRAINTS_FAILURE',
  'CRYPTO_CONSTRAINTS_FAILURE',
  'SIG_CONSTRAINTS_FAILURE',
  'CERTIFICATE_CHAIN_GENERAL_FAILURE',
  'POLICY_PROCESSING_ERROR',
  'SIGNED_DATA_NOT_FOUND',
  'OUT_OF_BOUNDS_NO_POE',
  'OUT_OF_BOUNDS_NOT_REVOKED',
  'REVOKED_NO_POE',
  'REVOKED_CA_NO_POE',
  'TRY_LATER',
  'SIGNATURE_POLICY_NOT_AVAILABLE',
  'TIMESTAMP_ORDER_FAILURE',
  'GENERIC',
] as const;

export type FailedSubIndication = (typeof FAILED_SUB_INDICATIONS)[number];
export type IndeterminateSubIndication = (typeof INDETERMINATE_SUB_INDICATIONS)[number];
export type SubIndication = FailedSubIndication | IndeterminateSubIndication;

/** One verdict: the indication fixes which sub-indications can be written beside it. */
export type Verdict =
  | { readonly verdict: 'TOTAL-PASSED' }
  | { readonly verdict: 'TOTAL-FAILED'; readonly subIndication: FailedSubIndication }
  | { readonly verdict: 'INDETERMINATE'; readonly subIndication: IndeterminateSubIndication }
  | { readonly verdict: 'NONE' };

export const PASSED: Verdict = Object.freeze({ verdict: 'TOTAL-PASSED' });
export const NO_SIGNATURE: Verdict = Object.freeze({ verdict: 'NONE' });
export const failed = (subIndication: FailedSubIndication): Verdict => ({
  verdict: 'TOTAL-FAILED',
  subIndication,
});
export const indeterminate = (subIndication: IndeterminateSubIndication): Verdict => ({
  verdict: 'INDETERMINATE',
  subIndication,
});
