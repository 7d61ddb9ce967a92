import { ascii, cite, citeEnglish } from './articles.ts';
import type { Regulation } from './regulation.ts';
import type { Reply } from './reply.ts';

/** Why a letter is refused at the door. Stable codes for log and statistics. */
export const REFUSALS = [
  /** No intake of ours among the recipients. */
  'unknown_recipient',
  /** Not exactly one From header with exactly one plain address. */
  'malformed_author',
  'public_mail',
  'lookalike_domain',
  /** The domain is ours, the address is not in the registry. */
  'unregistered',
  /** An official or other domain that is none of this system's. */
  'foreign_domain',
  /** The domain was given up before the letter came. */
  'domain_expired',
  /** The regulation was not in force on the day of receipt, and nothing stands in its place. */
  'not_in_force',
  /** A registered unit of another system that runs in the same gateway. */
  'other_system',
  'unit_inactive',
  /** The author's domain could not be proven: SPF/DKIM/DMARC said no. */
  'unproven_sender',
  'personal_mailbox',
  /** A unit whose level may not ask (TH-5.2), or a sub-unit where only the unit itself may. */
  'level_may_not_request',
  'not_an_authority',
  'auto_forwarded',
  'attachments_too_large',
] as const;
export type RefusalReason = (typeof REFUSALS)[number];

interface Words {
  readonly code: 550 | 552;
  readonly status: `5.${number}.${number}`;
  readonly vi: string;
  readonly en: string;
  /** Which article is the ground; none where the reason lies in mail itself. */
  readonly topic: 'sender' | 'attachment' | 'forward' | null;
}

const sender = (vi: string, en: string): Words => ({ code: 550, status: '5.7.1', vi, en, topic: 'sender' });

/** {intake} and {limit} are filled in; diacritics are dropped on the wire. */
const WORDS: Readonly<Record<RefusalReason, Words>> = {
  unknown_recipient: {
    code: 550,
    status: '5.1.1',
    vi: 'Địa chỉ nhận không phải là hộp thư tiếp nhận đề nghị',
    en: 'No such intake mailbox here',
    topic: null,
  },
  malformed_author: {
    code: 550,
    status: '5.6.0',
    vi: 'Thư phải có đúng một dòng From với đúng một địa chỉ',
    en: 'Exactly one From header with exactly one address is required (RFC 5322)',
    topic: null,
  },
  public_mail: sender(
    'Không tiếp nhận đề nghị gửi từ hộp thư điện tử công cộng; đề nghị gửi từ hộp thư của đơn vị',
    'Requests from public mail services are not accepted; use the unit mailbox',
  ),
  lookalike_domain: sender(
    'Tên miền người gửi gần giống nhưng không phải tên miền chính thức',
    'The sender domain resembles the official domain but is not it',
  ),
  unregistered: sender(
    'Địa chỉ gửi chưa được đăng ký là hộp thư của đơn vị',
    'The sender is not a registered unit mailbox',
  ),
  foreign_domain: sender(
    'Địa chỉ gửi không thuộc hệ thống thư điện tử công vụ này',
    'The sender does not belong to this official mail system',
  ),
  domain_expired: sender(
    'Tên miền của hộp thư gửi không còn hiệu lực',
    'The sender domain is no longer valid for this system',
  ),
  not_in_force: {
    code: 550,
    status: '5.7.1',
    vi: 'Ngày nhận thư không thuộc thời gian {instrument} có hiệu lực',
    en: 'The regulation of this mailbox is not in force on the day of receipt',
    topic: null,
  },
  other_system: sender(
    'Đơn vị gửi thuộc hệ thống thư điện tử khác',
    'The sending unit belongs to another mail system',
  ),
  unit_inactive: sender('Đơn vị gửi đã ngừng hoạt động', 'The sending unit is no longer active'),
  unproven_sender: {
    code: 550,
    status: '5.7.26',
    vi: 'Không xác thực được tên miền của người gửi',
    en: 'The sender domain could not be authenticated (SPF, DKIM, DMARC)',
    topic: 'sender',
  },
  personal_mailbox: sender(
    'Không tiếp nhận đề nghị gửi từ hộp thư cá nhân; đơn vị trực tiếp quản lý phải gửi từ hộp thư của đơn vị',
    'Requests from personal mailboxes are not accepted; the managing unit must write from its own mailbox',
  ),
  level_may_not_request: sender(
    'Đơn vị gửi không có thẩm quyền đề nghị; đề nghị gửi qua cơ quan cấp trên trực tiếp quản lý',
    'This unit may not request by itself; the superior unit has to',
  ),
  not_an_authority: sender(
    'Hộp thư gửi không phải của cơ quan có thẩm quyền ra quyết định',
    'The sender is not the deciding authority',
  ),
  auto_forwarded: {
    code: 550,
    status: '5.7.1',
    vi: 'Không tiếp nhận thư chuyển tiếp tự động',
    en: 'Automatically forwarded mail is not accepted',
    topic: 'forward',
  },
  attachments_too_large: {
    code: 552,
    status: '5.3.4',
    vi: 'Tệp đính kèm vượt quá {limit}',
    en: 'Attachments exceed {limit}',
    topic: 'attachment',
  },
};

/** Automatic forwarding is forbidden by one regulation only, whose article is not among the common topics. */
const FORWARD_ARTICLE = 'Điều 9';

function ground(topic: Words['topic'], regulation: Regulation): string | null {
  if (topic === null) return null;
  if (topic === 'attachment') return regulation.articles.attachment;
  return topic === 'forward' ? FORWARD_ARTICLE : regulation.senderArticle;
}

/** "20 MB/thư": the figure as the regulation says it. */
function limitText(regulation: Regulation): string {
  const { maxBytes = 0, scope } = regulation.attachment;
  return `${Math.floor(maxBytes / 1024 / 1024)} MB/${scope === 'file' ? 'tệp (file)' : 'thư (message)'}`;
}

/** "Không tiếp nhận đề nghị gửi từ hộp thư cá nhân… (Điều 4 …).": the refusal as a notice says it. */
export function refusalSentence(reason: RefusalReason, regulation: Regulation): string {
  const { vi, topic } = WORDS[reason];
  const article = ground(topic, regulation);
  const because = article === null ? '' : ` (${cite(regulation, article)})`;
  return `${vi}${because}.`
    .replaceAll('{limit}', limitText(regulation))
    .replaceAll('{instrument}', cite(regulation, regulation.legal.instrument));
}

/** The reply for a refusal: one line below the 512 octets of RFC 5321 §4.5.3.1.5, Vietnamese then English. */
export function refusalReply(reason: RefusalReason, regulation: Regulation | null): Reply {
  const { code, status, vi, en, topic } = WORDS[reason];
  const article = regulation === null ? null : ground(topic, regulation);
  const because =
    regulation === null || article === null
      ? { vi: '', en: '' }
      : { vi: ` (${cite(regulation, article)})`, en: ` (${citeEnglish(regulation, article)})` };
  const limit = regulation === null ? '' : limitText(regulation);
  const text = `${vi}${because.vi}. / ${en}${because.en}.`
    .replaceAll('{limit}', limit)
    .replaceAll(
      '{instrument}',
      regulation === null ? 'quy chế' : cite(regulation, regulation.legal.instrument),
    );
  return { code, status, text: ascii(text) };
}
