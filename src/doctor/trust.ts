import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { RevocationList } from '../evidence/crl.ts';
import { nameText } from '../evidence/names.ts';
import { loadTrustStore } from '../evidence/trust-store.ts';
import { parseCertificate, type Certificate } from '../evidence/x509.ts';
import { loadSigningKey } from '../notices/sign.ts';
import { keptSources } from '../revocation/cache.ts';
import { AGENCY_DAYS, expiry } from './certificates.ts';
import { failure, ok, plain, skipped, text, warning, type Finding, type Text } from './finding.ts';
import type { Probe } from './probe.ts';

export const trustStore: Probe = {
  id: 'trust.store',
  title: text('Kho chứng thư tin cậy', 'Trust store'),
  needs: 'nothing',
  look({ config, clock }) {
    const { anchors, intermediates, tsaAnchors } = loadTrustStore(config.trustDirs);
    if (anchors.length === 0) return [noAnchor(config.trustDirs.anchors)];
    const now = clock.now();
    return [
      ok(
        text(
          `${anchors.length} chứng thư gốc, ${intermediates.length} trung gian, ${tsaAnchors.length} gốc dấu thời gian`,
          `${anchors.length} anchors, ${intermediates.length} intermediates, ${tsaAnchors.length} time-stamping anchors`,
        ),
      ),
      ...anchors.map((one) => endOf(text('gốc', 'anchor'), one, now)),
      ...intermediates.map((one) => endOf(text('trung gian', 'intermediate'), one, now)),
      ...tsaAnchors.map((one) => endOf(text('gốc dấu thời gian', 'time-stamping anchor'), one, now)),
    ];
  },
};

/** Signatures made before its end still verify where a time-stamp proves it, so an ended CA is a warning. */
function endOf(kind: Text, certificate: Certificate, now: Date): Finding {
  const name = nameText(certificate.subject);
  const hint = text(
    'Lấy chứng thư mới từ Cục Chứng thực số và Bảo mật thông tin; đối chiếu vân tay bằng "congthu trust list".',
    'Get the new one from the CA (Cục Chứng thực số và Bảo mật thông tin); compare fingerprints with "congthu trust list".',
  );
  const found = expiry(text(`${kind.vi} ${name}`, `${kind.en} ${name}`), certificate, now, AGENCY_DAYS, hint);
  return found.grade === 'failure' ? warning(found.seen, hint) : found;
}

const noAnchor = (folder: string): Finding =>
  failure(
    text(
      `không có chứng thư gốc nào trong ${folder}`,
      `no trust anchor in ${folder}: no signature can be valid`,
    ),
    text(
      'Đặt chứng thư gốc của Ban Cơ yếu Chính phủ (PEM hoặc DER) vào thư mục đó.',
      'Put the government root certificate (PEM or DER) into that folder.',
    ),
  );

export const revocationData: Probe = {
  id: 'trust.revocation',
  title: text('Dữ liệu thu hồi', 'Revocation data'),
  needs: 'nothing',
  async look({ config, clock }) {
    const { hosts } = config.revocation;
    const kept = await keptSources(config.trustDirs.fetched!);
    const where = hosts.join(' ');
    const sources =
      hosts.length === 0
        ? text(
            `không tải về; giữ ${kept.length} danh sách`,
            `off-line: nothing is fetched; ${kept.length} lists and answers kept`,
          )
        : text(
            `tải từ ${where}; giữ ${kept.length} danh sách`,
            `fetched from ${where}; ${kept.length} lists and answers kept`,
          );
    return [ok(sources), ...staleLists(loadTrustStore(config.trustDirs).crls, clock.now())];
  },
};

/** Only the latest list of each issuer counts. */
export function staleLists(lists: readonly RevocationList[], now: Date): Finding[] {
  const latest = new Map<string, RevocationList>();
  for (const list of lists) {
    const known = latest.get(list.issuerText);
    if (known === undefined || known.thisUpdate < list.thisUpdate) latest.set(list.issuerText, list);
  }
  return [...latest.values()].flatMap(({ issuerText, nextUpdate }) => {
    if (nextUpdate === null || nextUpdate >= now) return [];
    const until = nextUpdate.toISOString();
    return [
      warning(
        text(
          `danh sách thu hồi của ${issuerText} hết hạn từ ${until}`,
          `the revocation list of ${issuerText} ended on ${until}`,
        ),
        text(
          'Chạy "congthu trust fetch", hoặc đặt danh sách mới vào CONGTHU_CRLS_DIR: chữ ký của đơn vị đang phải chờ.',
          'Run "congthu trust fetch", or put a new list into CONGTHU_CRLS_DIR: signatures wait meanwhile.',
        ),
      ),
    ];
  });
}

export const signingKey: Probe = {
  id: 'signing-key',
  title: text('Khóa ký thông báo', 'Signing key for notices'),
  needs: 'nothing',
  look: ({ config, clock }) =>
    config.signing === undefined
      ? [
          skipped(
            text(
              'chưa đặt CONGTHU_SIGNING_P12: thông báo không được ký',
              'CONGTHU_SIGNING_P12 is not set: notices go out unsigned',
            ),
            text(
              'Đặt CONGTHU_SIGNING_P12 và CONGTHU_SIGNING_PASS (chứng thư số của cơ quan vận hành) để ký thông báo.',
              'Set CONGTHU_SIGNING_P12 and CONGTHU_SIGNING_PASS, the operator’s own certificate, to sign them.',
            ),
          ),
        ]
      : signingFindings(config.signing, config, clock),
};

function signingFindings(
  { p12, passphrase }: NonNullable<Config['signing']>,
  { noticeFrom }: Config,
  clock: Clock,
): Finding[] {
  const { certificate: der } = loadSigningKey(p12, passphrase);
  const certificate = parseCertificate(der);
  const name = nameText(certificate.subject);
  const findings = [
    expiry(
      plain(name),
      certificate,
      clock.now(),
      AGENCY_DAYS,
      text(
        'Đề nghị gia hạn chứng thư số của cơ quan (mất nhiều ngày làm việc), rồi thay CONGTHU_SIGNING_P12.',
        'Apply for the agency’s new certificate (it takes working days), then replace CONGTHU_SIGNING_P12.',
      ),
    ),
  ];
  const emails = certificate.emails.map((email) => email.toLowerCase());
  // RFC 8550 §3: a receiver compares the From address with those in the certificate.
  if (noticeFrom !== undefined && !emails.includes(noticeFrom))
    findings.push(
      warning(
        text(
          `chứng thư ghi ${emails.join(', ') || 'không có địa chỉ thư'}, thông báo gửi từ ${noticeFrom}`,
          `the certificate names ${emails.join(', ') || 'no address'}, notices come from ${noticeFrom}`,
        ),
        text(
          'Dùng chứng thư ghi đúng CONGTHU_NOTICE_FROM: phần mềm thư của đơn vị sẽ báo sai người ký.',
          'Use a certificate that names CONGTHU_NOTICE_FROM: mail programs will show a wrong signer.',
        ),
      ),
    );
  return findings;
}
