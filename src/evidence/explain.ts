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

/**
 * What each sub-indication means where nothing more exact is known; formats that know which bytes lie outside a
 * signature say so themselves.
 */
const PLAIN: Readonly<Record<SubIndication, string>> = {
  FORMAT_FAILURE: 'chữ ký số không đúng định dạng, không kiểm tra được',
  HASH_FAILURE: 'nội dung đã thay đổi sau khi ký',
  SIG_CRYPTO_FAILURE: 'giá trị chữ ký số không khớp với nội dung đã ký',
  REVOKED: 'chứng thư chữ ký số đã bị thu hồi',
  EXPIRED: 'chứng thư chữ ký số đã hết hiệu lực',
  NOT_YET_VALID: 'chứng thư chữ ký số chưa có hiệu lực',
  NO_SIGNING_CERTIFICATE_FOUND: 'chữ ký số không kèm chứng thư của người ký',
  NO_CERTIFICATE_CHAIN_FOUND: 'cơ quan cấp chứng thư chữ ký số không nằm trong danh sách được tin cậy',
  CHAIN_CONSTRAINTS_FAILURE:
    'chứng thư chữ ký số hoặc chứng thư của cơ quan cấp không được phép dùng để ký thư, văn bản',
  CRYPTO_CONSTRAINTS_FAILURE: 'chữ ký số dùng thuật toán hoặc độ dài khóa không còn an toàn',
  SIG_CONSTRAINTS_FAILURE: 'chữ ký số không ghi đúng chứng thư của người ký',
  CERTIFICATE_CHAIN_GENERAL_FAILURE: 'không kiểm tra được chuỗi chứng thư của chữ ký số',
  POLICY_PROCESSING_ERROR: 'chứng thư chữ ký số không theo chính sách chứng thư mà cơ quan cấp đặt ra',
  SIGNED_DATA_NOT_FOUND: 'có chữ ký số nhưng không tìm thấy nội dung được ký',
  OUT_OF_BOUNDS_NO_POE: 'chứng thư của cơ quan cấp chữ ký số không có hiệu lực tại thời điểm kiểm tra',
  OUT_OF_BOUNDS_NOT_REVOKED: 'chứng thư chữ ký số không có hiệu lực tại thời điểm kiểm tra',
  REVOKED_NO_POE: 'chứng thư chữ ký số đã bị thu hồi, không chứng minh được là ký trước khi thu hồi',
  REVOKED_CA_NO_POE: 'chứng thư của cơ quan cấp chữ ký số đã bị thu hồi',
  TRY_LATER: 'chưa kiểm tra được tình trạng thu hồi của chứng thư chữ ký số',
  SIGNATURE_POLICY_NOT_AVAILABLE: 'chữ ký số theo một chính sách ký chưa được biết',
  TIMESTAMP_ORDER_FAILURE: 'thời điểm của dấu thời gian và của chữ ký số không phù hợp với nhau',
  GENERIC: 'chưa kiểm tra được chữ ký số',
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
  const revokedAt = revocation.find((fact) => fact.revokedAt !== null)?.revokedAt;
  if (subIndication === 'REVOKED' && typeof revokedAt === 'string')
    return `${PLAIN.REVOKED} ngày ${day(revokedAt)}`;
  return PLAIN[subIndication];
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
  POLICY_PROCESSING_ERROR:
    'chứng thư của tổ chức cấp dấu thời gian không theo chính sách chứng thư đã đặt ra',
  SIGNED_DATA_NOT_FOUND: 'dấu thời gian không kèm nội dung mà tổ chức cấp đã ký',
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
