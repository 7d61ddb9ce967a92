import type { EventName } from '../../mail-log/event.ts';
import type { LoggedFields } from '../../mail-log/search.ts';
import type { Tone } from '../format.ts';

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
