import { createPublicKey } from 'node:crypto';
import { failure, ok, plain, text, warning, type Finding } from './finding.ts';

/** What the records of a mail domain say, without asking anybody. */

export interface MailExchanger {
  readonly exchange: string;
  readonly priority: number;
}

/** @param dead exchangers without an address */
export function mxFinding(domain: string, found: readonly MailExchanger[], dead: readonly string[]): Finding {
  const hint = text(
    `Thêm bản ghi MX của ${domain} trỏ tới máy chủ nhận thư có địa chỉ IP.`,
    `Give ${domain} an MX record that names a mail server with an address.`,
  );
  if (found.length === 0)
    return failure(text(`${domain} không có bản ghi MX`, `${domain} has no MX record`), hint);
  // RFC 7505: a lone "." says that the domain takes no mail.
  if (found.some(({ exchange }) => exchange === '' || exchange === '.'))
    return failure(
      text(`${domain} khai báo không nhận thư (MX rỗng)`, `${domain} says it takes no mail (null MX)`),
      hint,
    );
  const list = found
    .toSorted((a, b) => a.priority - b.priority)
    .map(({ exchange, priority }) => `${priority} ${exchange}`)
    .join(', ');
  if (dead.length === found.length)
    return failure(
      text(`${domain}: ${list}, không máy chủ nào có địa chỉ`, `${domain}: ${list}, none has an address`),
      hint,
    );
  if (dead.length > 0)
    return warning(
      text(`${domain}: ${dead.join(', ')} không có địa chỉ`, `${domain}: ${dead.join(', ')} has no address`),
      hint,
    );
  return ok(plain(`${domain}: ${list}`));
}

export function spfFinding(domain: string, records: readonly string[]): Finding {
  const [record] = records;
  if (record === undefined)
    return warning(
      text(`${domain} không có SPF`, `${domain} has no SPF record`),
      text(
        `Thêm bản ghi TXT của ${domain}: "v=spf1 mx -all" (cùng các máy chủ gửi thư khác của tỉnh).`,
        `Give ${domain} a TXT record "v=spf1 mx -all" (with the province’s other sending servers).`,
      ),
    );
  // RFC 7208 §4.5: two records are a permanent error for every receiver.
  if (records.length > 1)
    return failure(
      text(`${domain} có ${records.length} bản ghi SPF`, `${domain} has ${records.length} SPF records`),
      text('Gộp lại thành một bản ghi.', 'Merge them into one record.'),
    );
  const terms = record.toLowerCase().split(/\s+/);
  const all = terms.find((term) => /^[+?~-]?all$/.test(term));
  const open =
    all === undefined ? !terms.some((term) => term.startsWith('redirect=')) : /^[+?]?all$/.test(all);
  if (open)
    return warning(
      text(
        `${domain}: "${record}" cho phép mọi máy chủ gửi thư`,
        `${domain}: "${record}" lets every server send`,
      ),
      text('Kết thúc bằng "-all" (hoặc "~all").', 'End it with "-all" (or "~all").'),
    );
  return ok(plain(`${domain}: ${record}`));
}

/** RSA keys below are broken or refused (RFC 8301 §3.2); below the second number they are told. */
const RSA_BITS = { failure: 1024, warning: 2048 };

/** @param name selector._domainkey.domain */
export function dkimFinding(name: string, txt: readonly (readonly string[])[]): Finding {
  const publish = text(
    `Công bố khóa DKIM tại ${name} đúng như máy chủ gửi thư đang dùng.`,
    `Publish the DKIM key at ${name} that the relay signs with.`,
  );
  const records = txt.map((parts) => parts.join('')).filter((record) => /(?:^|;)\s*p\s*=/.test(record));
  const [record] = records;
  if (record === undefined) return failure(text(`${name} không có khóa`, `${name} holds no key`), publish);
  if (records.length > 1)
    return failure(
      text(`${name} có ${records.length} khóa`, `${name} holds ${records.length} keys`),
      publish,
    );
  const tags = tagsOf(record);
  const material = (tags.get('p') ?? '').replaceAll(/\s/g, '');
  if (material === '')
    return failure(text(`${name}: khóa đã bị thu hồi`, `${name}: the key is revoked`), publish);
  const strength = tags.get('k') === 'ed25519' ? ed25519Strength(material) : rsaBits(material);
  if (strength === null)
    return failure(text(`${name}: khóa không đọc được`, `${name}: the key is unreadable`), publish);
  const seen = plain(`${name}: ${strength === 'ed25519' ? strength : `RSA ${strength} bit`}`);
  const longer = text('Thay bằng khóa RSA 2048 bit.', 'Replace it by an RSA key of 2048 bits.');
  if (typeof strength === 'number' && strength < RSA_BITS.failure) return failure(seen, longer);
  if (typeof strength === 'number' && strength < RSA_BITS.warning) return warning(seen, longer);
  if ((tags.get('t') ?? '').split(':').includes('y'))
    return warning(
      text(`${name}: đang ở chế độ thử (t=y)`, `${name}: in test mode (t=y)`),
      text(
        'Bỏ t=y: máy nhận có thể coi như không ký.',
        'Remove t=y: receivers may treat letters as unsigned.',
      ),
    );
  return ok(seen);
}

function tagsOf(record: string): Map<string, string> {
  return new Map(
    record.split(';').map((part) => {
      const at = part.indexOf('=');
      return [part.slice(0, Math.max(at, 0)).trim().toLowerCase(), part.slice(at + 1).trim()];
    }),
  );
}

const ed25519Strength = (material: string): 'ed25519' | null =>
  Buffer.from(material, 'base64').length === 32 ? 'ed25519' : null;

function rsaBits(material: string): number | null {
  try {
    const key = createPublicKey({ key: Buffer.from(material, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyDetails?.modulusLength ?? null;
  } catch {
    return null;
  }
}

/** Where the record was found (the domain or a parent), and all that stand there. */
export interface DmarcRecord {
  readonly at: string;
  readonly records: readonly string[];
}

export function dmarcFinding(domain: string, { at, records }: DmarcRecord): Finding {
  const [record] = records;
  const wanted = text(
    `Đặt bản ghi TXT _dmarc.${domain}: "v=DMARC1; p=quarantine; rua=mailto:…", rồi p=reject.`,
    `Set the TXT record _dmarc.${domain}: "v=DMARC1; p=quarantine; rua=mailto:…", later p=reject.`,
  );
  if (record === undefined)
    return warning(text(`${domain} không có DMARC`, `${domain} has no DMARC record`), wanted);
  if (records.length > 1)
    return failure(
      text(`_dmarc.${at} có ${records.length} bản ghi`, `_dmarc.${at} has ${records.length} records`),
      text('Giữ lại một bản ghi: nhiều bản ghi coi như không có.', 'Keep one: several count as none.'),
    );
  const tags = tagsOf(record);
  const policy = ((at === domain ? undefined : tags.get('sp')) ?? tags.get('p') ?? '').toLowerCase();
  const seen = plain(`${domain}: ${at === domain ? '' : `(_dmarc.${at}) `}${record}`);
  if (!['none', 'quarantine', 'reject'].includes(policy)) return failure(seen, wanted);
  return policy === 'none' ? warning(seen, wanted) : ok(seen);
}
