import { indeterminate, type Verdict } from '../rules/verdict.ts';
import { moment } from './explain.ts';
import { validatePath, type PathFinding, type ValidationContext } from './path.ts';
import type { SignatureFact, TimestampFact } from './port.ts';
import { checkTimestamp, type TimestampFinding } from './timestamp.ts';
import type { Certificate } from './x509.ts';

/** Since when a signature is known to exist, by trusted timestamps; null = only since it was received. */
export interface Existence {
  readonly existedAt: Date | null;
  readonly facts: readonly TimestampFact[];
  /** Addresses that would settle tokens whose authority's revocation is not known. */
  readonly wanted: readonly string[];
}

export const NOT_PROVEN: Existence = { existedAt: null, facts: [], wanted: [] };

/** More tokens than a signature with yearly renewals has; each costs a path. */
const MAX_TOKENS = 8;

/**
 * The proof that `tokens` (DER) give for a signature whose stamped bytes are `stamped`: for CMS the signature value, for
 * XAdES the canonical ds:SignatureValue. The earliest trusted moment wins. Broken and untrusted tokens are told among
 * the facts and prove nothing. Never throws on hostile bytes.
 * @param beside certificates that may help to build an authority's path, and timestamps round the whole signature
 */
export function existenceBy(
  tokens: readonly Uint8Array[],
  stamped: readonly Uint8Array[],
  context: ValidationContext,
  beside: {
    readonly certificates?: readonly Certificate[];
    readonly around?: readonly TimestampFinding[];
  } = {},
): Existence {
  const { certificates = [], around = [] } = beside;
  const outside = joined(around);
  const asked = outside.existedAt === null ? context : { ...context, existedAt: outside.existedAt };
  const found = tokens
    .slice(0, MAX_TOKENS)
    .map((token) => checkTimestamp(token, stamped, asked, certificates));
  return joined([...around, ...found]);
}

function joined(found: readonly TimestampFinding[]): Existence {
  const proven = found.flatMap(({ provenAt }) => (provenAt === null ? [] : [provenAt.getTime()]));
  return {
    existedAt: proven.length === 0 ? null : new Date(Math.min(...proven)),
    facts: found.map(({ fact }) => fact),
    wanted: [...new Set(found.flatMap(({ wanted }) => wanted))],
  };
}

/**
 * The signer's path at the proven moment, else at receipt. Where it fails for its time only and a token still waits for
 * revocation data, the answer is TRY_LATER: that token may prove an earlier moment, and a refusal would be final.
 */
export function validateInTime(
  signer: Certificate,
  others: readonly Certificate[],
  context: ValidationContext,
  existence: Existence,
): PathFinding {
  const { existedAt } = existence;
  const path = validatePath(
    signer,
    others,
    existedAt === null ? context : { ...context, existedAt },
    'signing',
  );
  const waiting = existence.facts.some(({ verdict }) => isTryLater(verdict));
  if (!waiting || (path.chain !== 'expired' && path.chain !== 'revoked')) return path;
  return {
    ...path,
    verdict: indeterminate('TRY_LATER'),
    reason: `${path.reason}; the revocation of a time-stamping authority is not known yet`,
    explanation: 'chưa kiểm tra được tình trạng thu hồi của tổ chức cấp dấu thời gian',
    wanted: [...new Set([...path.wanted, ...existence.wanted])],
  };
}

const isTryLater = (verdict: Verdict): boolean =>
  verdict.verdict === 'INDETERMINATE' && verdict.subIndication === 'TRY_LATER';

/** The time entries of a signature's facts. */
export const timeFacts = (
  { at }: ValidationContext,
  { existedAt, facts }: Existence,
): Pick<SignatureFact, 'timestamp' | 'timestamps' | 'decidedAt'> => ({
  timestamp: existedAt?.toISOString() ?? null,
  timestamps: facts,
  decidedAt: (existedAt ?? at).toISOString(),
});

/** Adds to reason and explanation which moment was proven, and why tokens were not counted: never silently. */
export function withTimeRemarks(
  told: { readonly reason: string; readonly explanation: string },
  { existedAt, facts }: Existence,
): { reason: string; explanation: string } {
  const ignored = facts.filter(({ verdict }) => verdict.verdict !== 'TOTAL-PASSED');
  const proven = existedAt === null ? '' : ` (theo dấu thời gian lúc ${moment(existedAt.toISOString())})`;
  return {
    reason: [told.reason, ...ignored.map(({ reason }) => `a timestamp is not counted: ${reason}`)].join('; '),
    explanation: [
      `${told.explanation}${proven}`,
      ...ignored.map(({ explanation }) => `dấu thời gian không được tính vì ${explanation}`),
    ].join('; '),
  };
}
