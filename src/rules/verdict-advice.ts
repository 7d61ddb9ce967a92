import type { SubIndication, Verdict } from './verdict.ts';

/** What to do next, for whoever holds the letter: a clerk (Vietnamese), an operator at the command line (English). */
export interface Advice {
  readonly vi: string;
  readonly en: string;
}

const ADVICE: Readonly<Record<SubIndication, Advice>> = {
  FORMAT_FAILURE: {
    vi: 'đề nghị đơn vị ký lại bằng phần mềm ký số của cơ quan cấp chứng thư rồi gửi lại',
    en: 'ask the unit to sign again with its CA’s program and to send anew',
  },
  HASH_FAILURE: {
    vi: 'không dùng nội dung này; đề nghị đơn vị gửi lại đúng tệp đã ký, không sửa, không lưu lại sau khi ký',
    en: 'do not use this content; ask for the file as it was signed, neither edited nor saved again',
  },
  SIG_CRYPTO_FAILURE: {
    vi: 'không dùng nội dung này; đề nghị đơn vị ký lại rồi gửi lại',
    en: 'do not use this content; ask the unit to sign again',
  },
  REVOKED: {
    vi: 'không dùng nội dung này; liên hệ đơn vị qua điện thoại đã đăng ký và đề nghị ký lại bằng chứng thư còn hiệu lực',
    en: 'do not use this content; call the unit at its registered number and ask for a signature by a valid certificate',
  },
  EXPIRED: {
    vi: 'đề nghị đơn vị gia hạn chứng thư hoặc ký lại bằng chứng thư còn hiệu lực',
    en: 'ask the unit to renew its certificate, or to sign with a valid one',
  },
  NOT_YET_VALID: {
    vi: 'đề nghị đơn vị ký lại bằng chứng thư đang có hiệu lực',
    en: 'ask the unit to sign with a certificate that is valid today',
  },
  NO_SIGNING_CERTIFICATE_FOUND: {
    vi: 'đề nghị đơn vị ký lại, chọn gửi kèm chứng thư của người ký',
    en: 'ask the unit to sign again with the signer’s certificate included',
  },
  NO_CERTIFICATE_CHAIN_FOUND: {
    vi: 'xem cơ quan cấp chứng thư: nếu được công nhận, quản trị viên bổ sung chứng thư của cơ quan đó vào danh sách tin cậy; nếu không, đề nghị đơn vị ký lại bằng chứng thư được công nhận',
    en: 'look at the issuer: if it is recognised, add its certificates to the trust store (congthu trust list); if not, ask for a signature by a recognised certificate',
  },
  CHAIN_CONSTRAINTS_FAILURE: {
    vi: 'đề nghị đơn vị ký lại bằng chứng thư được cấp để ký thư, văn bản',
    en: 'ask for a signature by a certificate that is issued for signing mail or documents',
  },
  CRYPTO_CONSTRAINTS_FAILURE: {
    vi: 'đề nghị đơn vị ký lại với SHA-256 trở lên và khóa RSA từ 2048 bit hoặc ECDSA từ 256 bit',
    en: 'ask the unit to sign again with SHA-256 or better and RSA from 2048 bits or ECDSA from 256',
  },
  SIG_CONSTRAINTS_FAILURE: {
    vi: 'xem phần nào nằm ngoài chữ ký hoặc chưa khớp với người ký; đề nghị đơn vị ký lại toàn bộ rồi gửi lại',
    en: 'look at what lies outside the signature or does not fit its signer; ask the unit to sign all of it again',
  },
  CERTIFICATE_CHAIN_GENERAL_FAILURE: {
    vi: 'quản trị viên kiểm tra danh sách chứng thư tin cậy',
    en: 'check the trust store (congthu trust list)',
  },
  POLICY_PROCESSING_ERROR: {
    vi: 'đề nghị đơn vị ký lại bằng chứng thư khác được công nhận; báo quản trị viên nếu nhiều đơn vị cùng gặp',
    en: 'ask for a signature by another recognised certificate; when many units are met, look at the CA’s policies',
  },
  SIGNED_DATA_NOT_FOUND: {
    vi: 'đề nghị đơn vị gửi tệp được ký và tệp chữ ký cùng trong một thư',
    en: 'ask for the signed file and its signature in one letter',
  },
  OUT_OF_BOUNDS_NO_POE: {
    vi: 'đề nghị đơn vị ký lại bằng chứng thư do cơ quan cấp đang có hiệu lực phát hành',
    en: 'ask for a signature by a certificate whose CA is valid today',
  },
  OUT_OF_BOUNDS_NOT_REVOKED: {
    vi: 'đề nghị đơn vị ký lại bằng chứng thư còn hiệu lực',
    en: 'ask for a signature by a valid certificate',
  },
  REVOKED_NO_POE: {
    vi: 'không dùng nội dung này; đề nghị đơn vị ký lại bằng chứng thư còn hiệu lực',
    en: 'do not use this content; ask for a signature by a valid certificate',
  },
  REVOKED_CA_NO_POE: {
    vi: 'báo quản trị viên ngay; đề nghị đơn vị ký lại bằng chứng thư của cơ quan cấp khác còn hiệu lực',
    en: 'tell the administrator at once; ask for a signature by a certificate of another, valid CA',
  },
  TRY_LATER: {
    vi: 'chưa cần làm gì, hệ thống tự kiểm tra lại; nếu kéo dài, quản trị viên nạp danh sách thu hồi (CRL) hoặc kiểm tra đường truyền tới nơi công bố',
    en: 'nothing yet, it is asked again; if it lasts, put a current CRL into the folder or check CONGTHU_REVOCATION_HOSTS',
  },
  SIGNATURE_POLICY_NOT_AVAILABLE: {
    vi: 'đề nghị đơn vị ký lại theo mẫu ký thông thường, không kèm chính sách ký riêng',
    en: 'ask the unit to sign without a signature policy of its own',
  },
  TIMESTAMP_ORDER_FAILURE: {
    vi: 'đề nghị đơn vị ký và gắn dấu thời gian lại',
    en: 'ask the unit to sign and time-stamp anew',
  },
  GENERIC: {
    vi: 'cán bộ xem xét thư trực tiếp; không mở tệp lạ trên máy làm việc',
    en: 'a person looks at it; do not open unknown files on a working machine',
  },
};

/** Null where nothing needs to be done: the signature is valid, or there is none. */
export const adviceOn = (verdict: Verdict): Advice | null =>
  'subIndication' in verdict ? ADVICE[verdict.subIndication] : null;
