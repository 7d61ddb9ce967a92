import type { LogEvent } from '../mail-log/event.ts';
import { decision, MACHINE } from '../mail-log/events.ts';
import { clockTime, longDate, shortDate } from '../notices/dates.ts';
import type { Hole } from '../notices/render.ts';
import type { OfficerFindings } from '../rules/approval.ts';
import { cite } from '../rules/articles.ts';
import { CONFIRMATIONS, CONFIRMATIONS_PER_HOUR } from '../rules/automatic-answers.ts';
import { termWords } from '../rules/deadlines.ts';
import type { RequestKind } from '../rules/regulation.ts';
import type { Tx } from '../store/database.ts';
import type { Dossier } from '../store/dossiers.ts';
import type { Attachment } from '../store/notices.ts';
import { writtenSince } from '../store/notices.ts';
import { unitByCode } from '../store/registry.ts';
import { queue } from './queue-notice.ts';
import { supportText } from './result-tables.ts';
import type { ActDeps, Case } from './step.ts';

export type NoticeTemplate =
  | 'received'
  | 'refused'
  | 'correction'
  | 'completed'
  | 'officer'
  | 'paper'
  | 'ordered'
  | 'scheduled'
  | 'recorded'
  | 'incident'
  | 'abuse'
  | 'handover'
  | 'authority'
  | 'declined'
  | 'rescan'
  | 'settled'
  | 'duplicate';

export interface NoticeWords {
  readonly template: NoticeTemplate;
  readonly dossier: Dossier;
  readonly holes: Readonly<Record<string, Hole>>;
  /** Where a letter has several notices of one template: what tells them apart. */
  readonly key?: string;
  /** Where it must not go to whoever wrote: an address of the registry. */
  readonly recipient?: string;
  readonly attachments?: readonly Attachment[];
  /** What the log says beside it. */
  readonly detail?: string | null;
}

const SUBJECT: Readonly<Record<RequestKind, string>> = {
  CREATE_PERSON: 'cấp mới hộp thư điện tử công vụ',
  CREATE_UNIT: 'cấp mới hộp thư điện tử của đơn vị',
  CHANGE: 'thay đổi thông tin hộp thư điện tử công vụ',
  TRANSFER: 'chuyển đơn vị quản lý hộp thư điện tử công vụ',
  CANCEL: 'hủy hộp thư điện tử công vụ',
  PASSWORD_RESET: 'cấp lại mật khẩu hộp thư điện tử công vụ',
  REOPEN: 'mở lại hộp thư điện tử công vụ',
  ABSENCE_REASON: 'thông báo lý do không sử dụng hộp thư',
  HANDOVER: 'bàn giao hộp thư điện tử của đơn vị',
  DELEGATION: 'giao người quản lý hộp thư điện tử của đơn vị',
  QUARTERLY_DECLARATION: 'báo cáo thay đổi hộp thư hằng quý',
  USAGE_REPORT: 'báo cáo tình hình sử dụng thư điện tử',
  INCIDENT: 'báo sự cố thư điện tử',
  ABUSE_REPORT: 'báo thư rác, nội dung xấu',
  AUTHORITY_DECISION: 'cập nhật theo quyết định của cấp có thẩm quyền',
};

/**
 * Queues one notice of a letter, to the registry's address only. One event has one notice, however often a step is
 * repeated.
 */
export async function writeNotice(
  tx: Tx,
  work: Case,
  deps: ActDeps,
  words: NoticeWords,
): Promise<LogEvent[]> {
  const { letter, regulation } = work;
  const { dossier, template } = words;
  const unit = await unitByCode(tx.orm, letter.unit!);
  const recipient = words.recipient ?? letter.person ?? unit?.mailbox ?? null;
  if (recipient === null) return [];
  if (await saidEnough(tx, template, recipient, deps)) {
    const detail = `${template}: ${CONFIRMATIONS_PER_HOUR} confirmations to ${recipient} within the hour`;
    const about = { letter: letter.id, dossier: dossier.number, unit: letter.unit, actor: MACHINE };
    return [decision({ ...about, outcome: 'not answered', detail })];
  }
  const { operatorName } = regulation.identity;
  const key = words.key ?? template;
  const inReplyTo = letter.messageId;
  return queue(tx, deps, {
    event: `${letter.id}/${key}`,
    stem: `${dossier.number}.${key.replaceAll('/', '.')}.${letter.id}`,
    folder: regulation.templates,
    template,
    recipient,
    letter: letter.id,
    dossier: dossier.number,
    unit: letter.unit,
    inReplyTo,
    references: inReplyTo === null ? [] : [...letter.facts.inReplyTo.slice(-10), inReplyTo],
    attachments: words.attachments ?? [],
    detail: words.detail ?? null,
    holes: {
      number: dossier.number,
      serial: String(Number(dossier.number.slice(-6))),
      unit: letter.person === null ? (unit?.name ?? '') : `Ông/Bà sử dụng hộp thư ${letter.person}`,
      operator: operatorName,
      operator_signature: operatorName.toUpperCase(),
      ...originOf(letter),
      sender: letter.sender,
      received_time: clockTime(letter.receivedAt),
      received_date: longDate(letter.receivedAt),
      subject_kind: subjectOf(dossier.kinds),
      deadline: deadlineText(work, dossier, deps),
      article: cite(regulation, regulation.verification.article),
      support: supportText(regulation),
      ...words.holes,
    },
  });
}

/** Confirmations are bound, so that two programs do not confirm each other's mail for ever. */
async function saidEnough(tx: Tx, template: string, recipient: string, { clock }: ActDeps): Promise<boolean> {
  if (!CONFIRMATIONS.includes(template)) return false;
  const hourAgo = new Date(clock.now().getTime() - 3_600_000);
  return (await writtenSince(tx.orm, recipient, CONFIRMATIONS, hourAgo)) >= CONFIRMATIONS_PER_HOUR;
}

/** What a request is called by how it came, and where it stands: the mailbox it was sent from, or the paper's number. */
export function originOf({ facts, findings, sender, receivedAt }: Case['letter']): {
  readonly letter: string;
  readonly origin: string;
} {
  const { paper } = (findings['officer'] ?? {}) as OfficerFindings;
  if (facts.proof.method === 'paper' && paper !== undefined) {
    const { number, date } = paper;
    const origin = `theo văn bản giấy số ${number} ngày ${shortDate(date)}, nhận ${longDate(receivedAt)}`;
    return { letter: 'đề nghị', origin };
  }
  const when = `lúc ${clockTime(receivedAt)} ${longDate(receivedAt)}`;
  return { letter: 'thư', origin: `gửi từ hộp thư ${sender} ${when}` };
}

/** "cấp mới hộp thư điện tử công vụ": what a notice's subject calls the request. */
export function subjectOf(kinds: readonly RequestKind[]): string {
  const [kind] = kinds;
  return kind === undefined ? 'hộp thư điện tử công vụ' : SUBJECT[kind];
}

function deadlineText({ regulation }: Case, dossier: Dossier, { calendar }: ActDeps): string {
  return (
    termWords(regulation, dossier.kinds, dossier, calendar) ??
    'Đề nghị được giải quyết kịp thời theo quy định; kết quả được thông báo đến hộp thư của Quý cơ quan.'
  );
}
