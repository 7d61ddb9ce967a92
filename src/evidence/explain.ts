import type { SubIndication, Verdict } from '../rules/verdict.ts';
import type { RevocationFact, SignerFact } from './port.ts';

/** "2025-12-01T…" → "01/12/2025", in Vietnamese time. */
function day(iso: string): string {
  const local = new Date(Date.parse(iso) + 7 * 3600_000).toISOString();
  return `${local.slice(8, 10)}/${local.slice(5, 7)}/${local.slice(0, 4)}`;
}

/** "08:15 ngày 05/01/2026", in Vietnamese time. */
export function moment(iso: string): string {
  const local = new Date(Date.parse(iso) + 7 * 3600_000).toISOString();
  return `${local.slice(11, 16)} ngày ${day(iso)}`;
}

const PLAIN: Readonly<Partial<Record<SubIndication, string>>> = {
  FORMAT_FAILURE: 'chữ ký số không đúng định dạng, không kiểm tra được',
  HASH_FAILURE: 'nội dung đã thay đổi sau khi ký',
  SIG_CRYPTO_FAILURE: 'giá trị chữ ký số không khớp với nội dung đã ký',
  NO_SIGNING_CERTIFICATE_FOUND: 'chữ ký số không kèm chứng thư của người ký',
  NO_CERTIFICATE_CHAIN_FOUND: 'không xác định được cơ quan cấp chứng thư chữ ký số',
  CHAIN_CONSTRAINTS_FAILURE: 'chứng thư chữ ký số không được phép dùng để ký thư, văn bản',
  CRYPTO_CONSTRAINTS_FAILURE: 'chữ ký số dùng thuật toán hoặc độ dài khóa không còn an toàn',
  SIG_CONSTRAINTS_FAILURE: 'chữ ký số không bao trùm toàn bộ nội dung',
  REVOKED_CA_NO_POE: 'chứng thư của cơ quan cấp chữ ký số đã bị thu hồi',
  OUT_OF_BOUNDS_NO_POE: 'chứng thư của cơ quan cấp chữ ký số không còn hiệu lực',
  TRY_LATER: 'chưa kiểm tra được tình trạng thu hồi của chứng thư chữ ký số',
};

/** A verdict in a clerk's words, beginning in lower case so that it fits after "vì". */
export function explain(
  verdict: Verdict,
  signer: SignerFact | null,
  revocation: readonly RevocationFact[],
): string {
  if (verdict.verdict === 'TOTAL-PASSED') return 'chữ ký số hợp lệ';
  if (verdict.verdict === 'NONE') return 'không có chữ ký số';
  const { subIndication } = verdict;
  if (subIndication === 'EXPIRED' && signer !== null)
    return `chứng thư chữ ký số hết hiệu lực ngày ${day(signer.notAfter)}`;
  if (subIndication === 'NOT_YET_VALID' && signer !== null)
    return `chứng thư chữ ký số chỉ có hiệu lực từ ngày ${day(signer.notBefore)}`;
  if (subIndication === 'REVOKED') {
    const at = revocation.find((fact) => fact.revokedAt !== null)?.revokedAt;
    return `chứng thư chữ ký số đã bị thu hồi${at === undefined || at === null ? '' : ` ngày ${day(at)}`}`;
  }
  return PLAIN[subIndication] ?? 'chưa xác minh được chữ ký số';
}

const OF_TIMESTAMP: Readonly<Partial<Record<SubIndication, string>>> = {
  FORMAT_FAILURE: 'dấu thời gian không đúng định dạng',
  HASH_FAILURE: 'dấu thời gian không được cấp cho chữ ký này',
  SIG_CRYPTO_FAILURE: 'chữ ký của tổ chức cấp dấu thời gian không khớp',
  NO_SIGNING_CERTIFICATE_FOUND: 'dấu thời gian không kèm chứng thư của tổ chức cấp',
  NO_CERTIFICATE_CHAIN_FOUND: 'tổ chức cấp dấu thời gian không nằm trong danh sách được tin cậy',
  CHAIN_CONSTRAINTS_FAILURE:
    'chứng thư đã ký dấu thời gian không phải chứng thư chuyên dùng cấp dấu thời gian',
  CRYPTO_CONSTRAINTS_FAILURE: 'dấu thời gian dùng thuật toán hoặc độ dài khóa không còn an toàn',
  SIG_CONSTRAINTS_FAILURE: 'dấu thời gian không xác định rõ tổ chức cấp hoặc thời điểm',
  TIMESTAMP_ORDER_FAILURE: 'thời điểm ghi trong dấu thời gian không phù hợp với thời điểm nhận thư',
  OUT_OF_BOUNDS_NO_POE: 'chứng thư của tổ chức cấp dấu thời gian không còn hiệu lực',
  REVOKED_NO_POE: 'chứng thư của tổ chức cấp dấu thời gian đã bị thu hồi',
  TRY_LATER: 'chưa kiểm tra được tình trạng thu hồi của tổ chức cấp dấu thời gian',
};

/** The same for a timestamp. */
export function explainTimestamp(verdict: Verdict, genTime: string | null): string {
  if (verdict.verdict === 'TOTAL-PASSED') return `dấu thời gian hợp lệ lúc ${moment(genTime!)}`;
  const known = 'subIndication' in verdict ? OF_TIMESTAMP[verdict.subIndication] : undefined;
  return known ?? 'chưa xác minh được dấu thời gian';
}
