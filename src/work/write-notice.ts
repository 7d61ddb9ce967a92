import { randomUUID } from 'node:crypto';
import type { LogEvent } from '../mail-log/event.ts';
import { noticeQueued } from '../mail-log/events.ts';
import { clockTime, longDate, shortDate } from '../notices/dates.ts';
import { render, type Hole } from '../notices/render.ts';
import { cite } from '../rules/articles.ts';
import type { RequestKind } from '../rules/regulation.ts';
import type { Tx } from '../store/database.ts';
import type { Dossier } from '../store/dossiers.ts';
import { queueNotice } from '../store/notices.ts';
import { unitByCode } from '../store/registry.ts';
import type { Case, StepDeps } from './step.ts';

export type NoticeTemplate = 'received' | 'refused' | 'correction' | 'completed' | 'officer' | 'paper';

export interface NoticeWords {
  readonly template: NoticeTemplate;
  readonly dossier: Dossier;
  readonly holes: Readonly<Record<string, Hole>>;
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
  QUARTERLY_DECLARATION: 'báo cáo thay đổi hộp thư hằng quý',
  USAGE_REPORT: 'báo cáo tình hình sử dụng thư điện tử',
  INCIDENT: 'báo sự cố thư điện tử',
  ABUSE_REPORT: 'báo thư rác, nội dung xấu',
  AUTHORITY_DECISION: 'cập nhật theo quyết định của cấp có thẩm quyền',
};

/** Queues one notice of a letter, to the registry's address only. One event has one notice, however often a step is repeated. */
export async function writeNotice(
  tx: Tx,
  work: Case,
  deps: StepDeps,
  words: NoticeWords,
): Promise<LogEvent[]> {
  const { letter, regulation } = work;
  const { dossier, template } = words;
  const unit = await unitByCode(tx.orm, letter.unit!);
  const recipient = letter.person ?? unit?.mailbox ?? null;
  if (recipient === null) return [];
  const kind = dossier.kinds[0];
  const { operatorName } = regulation.identity;
  const rendered = render(regulation.templates, template, {
    number: dossier.number,
    serial: String(Number(dossier.number.slice(-6))),
    unit: letter.person === null ? (unit?.name ?? '') : `Ông/Bà sử dụng hộp thư ${letter.person}`,
    operator: operatorName,
    operator_signature: operatorName.toUpperCase(),
    sender: letter.sender,
    received_time: clockTime(letter.receivedAt),
    received_date: longDate(letter.receivedAt),
    subject_kind: kind === undefined ? 'hộp thư điện tử công vụ' : SUBJECT[kind],
    deadline: deadlineText(work, dossier),
    article: cite(regulation, regulation.verification.article),
    ...words.holes,
  });
  const id = randomUUID();
  const messageId = `<${dossier.number}.${template}.${letter.id}@${deps.notices.hostname}>`;
  const inReplyTo = letter.messageId;
  const queued = await queueNotice(tx, {
    id,
    event: `${letter.id}/${template}`,
    letter: letter.id,
    dossier: dossier.number,
    template,
    recipient,
    ...rendered,
    messageId,
    inReplyTo,
    references: inReplyTo === null ? [] : [...letter.facts.inReplyTo.slice(-10), inReplyTo],
    createdAt: deps.clock.now(),
    state: 'queued',
    dueAt: deps.clock.now(),
  });
  if (!queued) return [];
  return [
    noticeQueued({
      letter: letter.id,
      dossier: dossier.number,
      unit: letter.unit,
      recipient,
      messageId,
      subject: rendered.subject,
      template,
    }),
  ];
}

function deadlineText({ regulation }: Case, dossier: Dossier): string {
  if (dossier.dueDate === null)
    return 'Hồ sơ được xử lý theo quy định; kết quả được thông báo đến hộp thư của Quý cơ quan.';
  const firm = dossier.dueFirm === false ? ' (dự kiến, theo lịch nghỉ chưa công bố chính thức)' : '';
  const ground = dossier.dueLegal === true ? ` (${cite(regulation, regulation.articles.deadline)})` : '';
  return `Thời hạn xử lý: chậm nhất ngày ${shortDate(dossier.dueDate)}${firm}${ground}.`;
}
