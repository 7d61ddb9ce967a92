import type { EventName } from '../../mail-log/event.ts';
import type { LoggedFields } from '../../mail-log/search.ts';
import { LETTER_STATES } from '../../rules/letter.ts';
import { eventWords } from '../desk/history.ts';
import { stateWords, type Tone } from '../format.ts';
import type { Say } from '../words.ts';

type Words = readonly [vi: string, en: string];

/** What an auditor asks for as "outcome", and the events it stands for. The key is what stands in the address bar. */
export const OUTCOMES: Readonly<Record<string, { words: Words; events: readonly EventName[] }>> = {
  'tiep-nhan': { words: ['Đã tiếp nhận', 'Received'], events: ['letter.received'] },
  'tu-choi': { words: ['Bị từ chối', 'Refused'], events: ['sender.refused', 'connection.refused'] },
  'niem-phong': { words: ['Niêm phong', 'Quarantined'], events: ['letter.quarantined'] },
  trung: { words: ['Thư trùng', 'Duplicate'], events: ['letter.duplicate'] },
  'tu-dong': { words: ['Thư tự động, không trả lời', 'Automatic, not answered'], events: ['letter.ignored'] },
  'quyet-dinh': { words: ['Quyết định', 'Decided'], events: ['decision'] },
  'da-thuc-hien': { words: ['Đã thực hiện hộp thư', 'Mailbox carried out'], events: ['row.provisioned'] },
  'chua-thuc-hien': { words: ['Chưa thực hiện được hộp thư', 'Mailbox failed'], events: ['row.failed'] },
  'da-tra-loi': { words: ['Đã gửi trả lời', 'Reply sent'], events: ['notice.sent'] },
  'tra-loi-cham': { words: ['Trả lời phải gửi lại', 'Reply deferred'], events: ['notice.deferred'] },
  'khong-den': {
    words: ['Trả lời không đến', 'Reply not delivered'],
    events: ['notice.bounced', 'notice.failed'],
  },
  'dung-han': { words: ['Đúng hạn', 'In time'], events: ['deadline.met'] },
  'qua-han': { words: ['Quá hạn', 'Overdue'], events: ['deadline.missed'] },
  'truc-trac': { words: ['Trục trặc', 'Trouble'], events: ['failure', 'row.failed'] },
  'he-thong-thu': { words: ['Nhật ký hệ thống thư', 'Mail system’s own log'], events: ['mail.transferred'] },
};

/** Of no letter and no person's mail: a search of letters leaves them out unless they are asked for. */
export const MACHINERY: readonly EventName[] = [
  'heartbeat',
  'log.read',
  'log.exported',
  'log.anchored',
  'job.run',
  'configuration.loaded',
  'login.ok',
];

const TONES: Readonly<Partial<Record<EventName, Tone>>> = {
  'connection.refused': 'wrong',
  'sender.refused': 'wrong',
  'letter.received': 'good',
  'letter.quarantined': 'wrong',
  'row.provisioned': 'good',
  'row.failed': 'wrong',
  'notice.queued': 'wait',
  'notice.sent': 'good',
  'notice.deferred': 'wait',
  'notice.bounced': 'wrong',
  'notice.failed': 'wrong',
  'deadline.met': 'good',
  'deadline.missed': 'wrong',
  'login.failed': 'wrong',
  failure: 'wrong',
};

const OUTCOME_TONES: Readonly<Record<string, Tone>> = {
  completed: 'good',
  approved: 'good',
  answered: 'good',
  refused: 'wrong',
  refuse: 'wrong',
  quarantine: 'wrong',
  correction: 'wait',
  officer: 'wait',
  awaiting_paper: 'wait',
};

/** How an entry strikes the eye; for a decision it is what was decided. */
export function toneOf({ event, ...entry }: LoggedFields): Tone {
  if (event === 'decision') return OUTCOME_TONES[String(entry['outcome'] ?? '')] ?? 'plain';
  if (event === 'mail.transferred') return entry['outcome'] === 'sent' ? 'good' : 'wait';
  return TONES[event as EventName] ?? 'plain';
}

const REASONS: Readonly<Record<string, Words>> = {
  unknown_recipient: ['Không có hộp thư nhận này', 'No such intake mailbox'],
  malformed_author: ['Dòng From không hợp lệ', 'Malformed From'],
  public_mail: ['Thư công cộng (Gmail, Yahoo …)', 'Public mail service'],
  lookalike_domain: ['Tên miền giống để đánh lừa', 'Look-alike domain'],
  unregistered: ['Chưa có trong sổ đăng ký', 'Not in the registry'],
  foreign_domain: ['Tên miền ngoài hệ thống', 'Foreign domain'],
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

/** Of other events, by their codes. */
const CODES: Readonly<Record<string, Words>> = {
  PASSED: ['hợp lệ', 'valid'],
  INDETERMINATE: ['chưa kết luận được', 'cannot tell'],
  FAILED: ['không hợp lệ', 'not valid'],
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

const DECISIONS: Readonly<Record<string, Words>> = {
  registered: ['Vào sổ', 'Registered'],
  approved: ['Chấp thuận', 'Approved'],
  refuse: ['Từ chối', 'Refused'],
  officer: ['Chuyển cán bộ', 'To an officer'],
  'list read': ['Đọc danh sách', 'List read'],
  'rows checked': ['Kiểm tra từng dòng', 'Rows checked'],
  'clock started': ['Bắt đầu tính thời hạn', 'Clock started'],
  'clock stopped': ['Dừng tính thời hạn', 'Clock stopped'],
  ordered: ['Giao đơn vị thực hiện', 'Ordered from the executor'],
  collected: ['Gom chờ chuyển', 'Collected'],
  'reply signed': ['Ký văn bản trả lời', 'Reply signed'],
  'deletion proposed': ['Đề xuất xóa hộp thư', 'Deletion proposed'],
  'not answered': ['Không trả lời', 'Not answered'],
};

/** The outcome in words; codes that have none (SMTP replies, templates, states of other systems) as they stand. */
export function outcomeWords(entry: LoggedFields, say: Say): string {
  const outcome = String(entry['outcome'] ?? '');
  const words = entry.event === 'decision' ? DECISIONS[outcome] : (REASONS[outcome] ?? CODES[outcome]);
  if (words !== undefined) return say(...words);
  const state = LETTER_STATES.find((known) => known === outcome);
  return state !== undefined && entry.event === 'decision' ? stateWords(state, say) : outcome;
}

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
