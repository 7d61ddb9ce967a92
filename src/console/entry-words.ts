import type { RefusalReason } from '../rules/admission-replies.ts';
import type { EventName } from '../mail-log/event.ts';
import type { LoggedFields } from '../mail-log/search.ts';
import { LETTER_STATES } from '../rules/letter.ts';
import { stateWords } from './format.ts';
import type { Say } from './words.ts';

type Words = readonly [vi: string, en: string];

/** The log's event names as people read them; a name that is not here stands as it is. */
export function eventWords(event: string, say: Say): string {
  const words = EVENT_WORDS[event];
  return words === undefined ? event : say(...words);
}

export const EVENT_WORDS: Readonly<Record<string, readonly [string, string]>> = {
  'connection.refused': ['Từ chối kết nối', 'Connection refused'],
  'sender.refused': ['Từ chối người gửi', 'Sender refused'],
  'letter.received': ['Nhận thư', 'Letter received'],
  'letter.duplicate': ['Thư trùng', 'Duplicate'],
  'letter.quarantined': ['Niêm phong', 'Quarantined'],
  'letter.ignored': ['Bỏ qua thư tự động', 'Automatic mail ignored'],
  'evidence.found': ['Kiểm tra chữ ký số', 'Signatures examined'],
  decision: ['Quyết định', 'Decision'],
  'row.provisioned': ['Thực hiện hộp thư', 'Mailbox carried out'],
  'row.failed': ['Chưa thực hiện được hộp thư', 'Mailbox failed'],
  'notice.queued': ['Soạn thông báo', 'Notice written'],
  'notice.sent': ['Đã gửi thông báo', 'Notice sent'],
  'notice.deferred': ['Thông báo gửi lại sau', 'Notice deferred'],
  'notice.bounced': ['Thông báo bị trả lại', 'Notice bounced'],
  'notice.failed': ['Không gửi được thông báo', 'Notice failed'],
  'deadline.met': ['Đúng hạn', 'In time'],
  'deadline.missed': ['Quá hạn', 'Overdue'],
  'job.run': ['Việc định kỳ', 'Job'],
  'mailbox.activated': ['Chủ hộp thư đặt mật khẩu', 'Owner set a password'],
  'mailbox.changed': ['Thay đổi hộp thư', 'Mailbox changed'],
  'registry.imported': ['Nhập sổ đăng ký', 'Registry imported'],
  'configuration.loaded': ['Khởi động', 'Started'],
  'configuration.changed': ['Thay đổi cấu hình, tài khoản', 'Configuration changed'],
  'regulation.changed': ['Thay đổi quy định', 'Regulation changed'],
  'log.read': ['Tra cứu nhật ký', 'Log read'],
  'log.exported': ['Kết xuất nhật ký', 'Log exported'],
  'log.prune': ['Hủy nhật ký hết hạn lưu', 'Log pruned'],
  'log.anchored': ['Gửi mốc kiểm chứng', 'Checkpoint anchored'],
  'login.ok': ['Đăng nhập', 'Login'],
  'login.failed': ['Đăng nhập không thành công', 'Login failed'],
  'key.rotated': ['Thay khóa', 'Key rotated'],
  'mail.transferred': ['Thư qua hệ thống', 'Mail transferred'],
  heartbeat: ['Nhịp kiểm tra', 'Heartbeat'],
  failure: ['Trục trặc', 'Trouble'],
};

/** Every reason a letter is refused for: one that is added without its words does not compile. */
const REASON_WORDS: Readonly<Record<RefusalReason, Words>> = {
  unknown_recipient: ['Không có hộp thư nhận này', 'No such intake mailbox'],
  malformed_author: ['Dòng From không hợp lệ', 'Malformed From'],
  public_mail: ['Thư công cộng (Gmail, Yahoo …)', 'Public mail service'],
  lookalike_domain: ['Tên miền giống để đánh lừa', 'Look-alike domain'],
  unregistered: ['Chưa có trong sổ đăng ký', 'Not in the registry'],
  foreign_domain: ['Tên miền ngoài hệ thống', 'Foreign domain'],
  not_in_force: ['Quy chế không còn hiệu lực', 'Regulation not in force'],
  domain_expired: ['Tên miền đã thôi sử dụng', 'Domain given up'],
  other_system: ['Đơn vị của hệ thống khác', 'Unit of another system'],
  unit_inactive: ['Đơn vị ngừng hoạt động', 'Unit inactive'],
  unproven_sender: ['Không xác thực được người gửi', 'Sender not proven'],
  personal_mailbox: ['Gửi từ hộp thư cá nhân', 'Personal mailbox'],
  level_may_not_request: ['Cấp này không được đề nghị', 'Level may not request'],
  not_an_authority: ['Không phải cơ quan có thẩm quyền', 'Not an authority'],
  auto_forwarded: ['Thư chuyển tiếp tự động', 'Auto-forwarded'],
  attachments_too_large: ['Tệp đính kèm quá lớn', 'Attachments too large'],
};

const REASONS: Readonly<Record<string, Words>> = REASON_WORDS;

/** Of other events, by their codes. */
const CODES: Readonly<Record<string, Words>> = {
  'TOTAL-PASSED': ['hợp lệ', 'valid'],
  INDETERMINATE: ['chưa kết luận được', 'cannot tell'],
  'TOTAL-FAILED': ['không hợp lệ', 'not valid'],
  NONE: ['không có chữ ký', 'no signature'],
  CREATE_PERSON: ['cấp mới hộp thư cá nhân', 'personal mailbox created'],
  CREATE_UNIT: ['cấp mới hộp thư đơn vị', 'unit mailbox created'],
  CHANGE: ['thay đổi thông tin', 'changed'],
  TRANSFER: ['chuyển đơn vị', 'transferred'],
  CANCEL: ['thu hồi', 'cancelled'],
  PASSWORD_RESET: ['cấp lại mật khẩu', 'password reset'],
  REOPEN: ['mở lại', 'reopened'],
  HANDOVER: ['bàn giao', 'handed over'],
  open: ['chưa xong', 'still open'],
  closed: ['xong sau hạn', 'closed late'],
  null_path: ['thư báo tự động', 'null path'],
  automatic: ['thư tự động', 'automatic'],
  own_mail: ['thư của chính hệ thống', 'own mail'],
};

export const DECISION_WORDS: Readonly<Record<string, Words>> = {
  registered: ['Vào sổ', 'Registered'],
  approved: ['Chấp thuận', 'Approved'],
  approve: ['Chấp thuận', 'Approved'],
  refuse: ['Từ chối', 'Refused'],
  officer: ['Chuyển cán bộ', 'To an officer'],
  correction: ['Trả lại để bổ sung', 'Given back'],
  await_paper: ['Chờ văn bản giấy', 'Paper awaited'],
  'list read': ['Đọc danh sách', 'List read'],
  'rows checked': ['Kiểm tra từng dòng', 'Rows checked'],
  'clock started': ['Bắt đầu tính thời hạn', 'Clock started'],
  'clock stopped': ['Dừng tính thời hạn', 'Clock stopped'],
  ordered: ['Giao đơn vị thực hiện', 'Ordered from the executor'],
  'no executor': ['Chưa cấu hình đơn vị thực hiện', 'No executor is configured'],
  'order answered': ['Đơn vị thực hiện đã trả lời', 'The executor answered'],
  'order answered in part': ['Đơn vị thực hiện đã trả lời một phần', 'The executor answered in part'],
  collected: ['Gom chờ chuyển', 'Collected'],
  consolidated: ['Lập danh sách tổng hợp', 'Consolidated'],
  'covering letter signed': ['Ký công văn kèm danh sách', 'Covering letter signed'],
  'reply signed': ['Ký văn bản trả lời', 'Reply signed'],
  'deletion proposed': ['Đề xuất xóa hộp thư', 'Deletion proposed'],
  'deletion approved': ['Đồng ý xóa hộp thư', 'Deletion approved'],
  'deletion refused': ['Giữ lại hộp thư', 'Mailbox kept'],
  'manual order done': ['Đã thực hiện trên hệ thống thư', 'Done on the mail server'],
  'manual order refused': ['Không thực hiện được trên hệ thống thư', 'Not done on the mail server'],
  'paper entered': ['Nhập văn bản giấy', 'Paper entered'],
  'notice sent again': ['Gửi lại thông báo', 'Notice sent again'],
  'notice closed': ['Đóng thông báo không đến nơi', 'Notice closed'],
  'campaign opened': ['Mở đợt báo cáo', 'Campaign opened'],
  'report recorded': ['Ghi nhận báo cáo', 'Report recorded'],
  broadcast: ['Thông báo toàn hệ thống', 'Broadcast'],
  'not answered': ['Không trả lời', 'Not answered'],
  'answered template': ['Gửi mẫu danh sách', 'Template sent'],
  'answered state': ['Trả lời tra cứu', 'Question answered'],
  // What officers do at the desk; their own words stand beside it.
  'scan confirmed': ['Xác nhận bản quét', 'Scan confirmed'],
  'signature confirmed': ['Xác nhận chữ ký số', 'Signature confirmed'],
  'identity confirmed': ['Xác thực người đề nghị', 'Identity confirmed'],
  'new scan asked for': ['Đề nghị gửi lại bản quét', 'New scan asked for'],
  'paper recorded': ['Ghi nhận văn bản giấy', 'Paper recorded'],
  'row accepted': ['Chấp nhận dòng', 'Row accepted'],
  'row given back': ['Trả lại dòng để sửa', 'Row given back'],
  'row refused': ['Không giải quyết dòng', 'Row refused'],
  'handed over': ['Chuyển người xử lý', 'Handed over'],
  released: ['Mở niêm phong', 'Released'],
  'tried again': ['Xử lý lại', 'Tried again'],
};

/** The outcome in words; codes that have none (SMTP replies, templates, states of other systems) as they stand. */
export function outcomeWords(entry: LoggedFields, say: Say): string {
  const outcome = String(entry['outcome'] ?? '');
  const words =
    entry.event === 'decision'
      ? DECISION_WORDS[outcome]
      : entry.event.startsWith('notice.')
        ? TEMPLATES[outcome]
        : (REASONS[outcome] ?? CODES[outcome]);
  if (words !== undefined) return say(...words);
  const state = LETTER_STATES.find((known) => known === outcome);
  return state !== undefined && entry.event === 'decision' ? stateWords(state, say) : outcome;
}

/** What our notices are about, by the template they are written with. */
const TEMPLATES: Readonly<Record<string, Words>> = {
  received: ['đã tiếp nhận', 'received'],
  completed: ['hoàn tất', 'completed'],
  settled: ['kết quả từng phần', 'settled in part'],
  correction: ['đề nghị bổ sung', 'correction asked for'],
  refused: ['không giải quyết', 'refused'],
  declined: ['không tiếp nhận', 'declined'],
  rescan: ['đề nghị gửi lại bản quét', 'new scan asked for'],
  paper: ['đề nghị gửi bản giấy', 'paper asked for'],
  officer: ['đang được cán bộ xem xét', 'with an officer'],
  ordered: ['đã giao đơn vị thực hiện', 'ordered'],
  'work-order': ['lệnh thực hiện', 'work order'],
  duplicate: ['thư trùng', 'duplicate'],
  state: ['trả lời tra cứu', 'answer'],
  reminder: ['nhắc hạn', 'reminder'],
  overdue: ['quá hạn', 'overdue'],
};

type Turn = readonly [pattern: RegExp, vi: (...parts: string[]) => string];
const date = (iso = ''): string => iso.split('-').toReversed().join('/');
const kindWords = (codes = ''): string =>
  codes
    .split(' ')
    .map((code) => CODES[code]?.[0] ?? code)
    .join(', ');

/** Details as the machine writes them. What stands in the log is English and stays as it was hashed. */
const DETAILS: readonly Turn[] = [
  [/^(\d+) rows$/, (rows) => `${rows} dòng`],
  [
    /^(\d+) rows, (\d+) faulty, (\d+) in place of earlier ones, (\d+) problems of the list, (\d+) kept$/,
    (rows, faulty, again, problems, kept) =>
      `${rows} dòng, ${faulty} chưa đúng, ${again} thay dòng trước, ${problems} lỗi chung, ${kept} giữ nguyên`,
  ],
  [
    /^(\d+) done, (\d+) back, (\d+) with an officer$/,
    (done, back, officer) => `${done} đã thực hiện, ${back} trả lại, ${officer} chờ cán bộ`,
  ],
  [/^due (\d{4}-\d\d-\d\d)$/, (due) => `hạn ${date(due)}`],
  [/^((?:[A-Z_]+ ?)+) due (\d{4}-\d\d-\d\d|-)$/, (kinds, due) => `${kindWords(kinds)}; hạn ${date(due)}`],
  [/^digital_signature (.+)$/, (signer) => `chữ ký số của ${signer}`],
  [/^activation links$/, () => 'kèm đường dẫn đặt mật khẩu'],
  [/^path valid; (.+): NONE$/, (file) => `chứng thư tin cậy; ${file} không ký riêng`],
];

/** The detail of an entry in words; as it stands where the machine did not write it. */
export function detailWords(entry: LoggedFields, say: Say): string {
  const detail = String(entry['detail'] ?? '');
  if (say('vi', 'en') === 'en') return detail;
  const state = LETTER_STATES.find((known) => known === detail);
  if (state !== undefined) return stateWords(state, say);
  for (const [pattern, vi] of DETAILS) {
    const match = pattern.exec(detail);
    if (match !== null) return vi(...match.slice(1));
  }
  return detail;
}

/** Who acted, for people. */
export const actorWords = (actor: string, say: Say): string =>
  actor === 'machine' ? say('hệ thống', 'the machine') : actor;

export const reasonWords = (reason: string, say: Say): string =>
  say(...(REASONS[reason] ?? [reason, reason]));

/** What the event's name does not say already. */
const SAYS_MORE: ReadonlySet<string> = new Set<EventName>([
  'decision',
  'sender.refused',
  'connection.refused',
  'letter.ignored',
  'evidence.found',
  'row.provisioned',
  'notice.queued',
  'mailbox.changed',
  'registry.imported',
  'configuration.changed',
  'regulation.changed',
  'deadline.missed',
  'mail.transferred',
  'job.run',
  'log.anchored',
  'log.prune',
]);

/** "Từ chối người gửi: thư công cộng" – the one line a result list has room for. */
export function headline(entry: LoggedFields, say: Say): string {
  const name = eventWords(entry.event, say);
  const outcome = SAYS_MORE.has(entry.event) ? outcomeWords(entry, say) : '';
  return outcome === '' ? name : `${name}: ${outcome}`;
}
