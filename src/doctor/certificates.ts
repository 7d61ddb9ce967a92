import { failure, ok, text, warning, type Finding, type Text } from './finding.ts';

const DAY_MS = 86_400_000;
/** Renewing takes an order, a visit to the CA and a token; a week before the end it has to be under way. */
export interface ExpiryLimits {
  readonly warning: number;
  readonly failure: number;
}
/** Certificates of servers, which renew themselves. */
export const SERVER_DAYS: ExpiryLimits = { warning: 21, failure: 7 };
/** Certificates of agencies and their CAs, which people order on paper. */
export const AGENCY_DAYS: ExpiryLimits = { warning: 60, failure: 14 };

/** @param what "máy chủ SMTP", "the SMTP listener": what carries the certificate */
export function expiry(
  what: Text,
  { notBefore, notAfter }: { readonly notBefore: Date; readonly notAfter: Date },
  now: Date,
  limits: ExpiryLimits,
  hint: Text,
): Finding {
  const until = notAfter.toISOString().slice(0, 10);
  const days = Math.floor((notAfter.getTime() - now.getTime()) / DAY_MS);
  if (days < 0)
    return failure(text(`${what.vi}: hết hạn từ ${until}`, `${what.en}: expired on ${until}`), hint);
  if (notBefore > now) {
    const from = notBefore.toISOString().slice(0, 10);
    return failure(
      text(`${what.vi}: chỉ có hiệu lực từ ${from}`, `${what.en}: not valid before ${from}`),
      hint,
    );
  }
  const seen = text(`${what.vi}: còn ${days} ngày (${until})`, `${what.en}: ${days} days left (${until})`);
  if (days < limits.failure) return failure(seen, hint);
  return days < limits.warning ? warning(seen, hint) : ok(seen);
}
