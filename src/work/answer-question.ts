import { longDate, shortDate, yearOf } from '../notices/dates.ts';
import type { Hole } from '../notices/render.ts';
import { cite } from '../rules/articles.ts';
import type { DossierState, RowState } from '../rules/dossier.ts';
import { COLUMN_TITLES, templateActions, templateColumns } from '../rules/list-titles.ts';
import { QUESTIONS_PER_HOUR, questionIn, type Question } from '../rules/questions.ts';
import type { Tx } from '../store/database.ts';
import { dossierByNumber, standingRows, type Dossier } from '../store/dossiers.ts';
import { answeredSince } from '../store/letters.ts';
import type { Attachment } from '../store/notices.ts';
import { unitByCode } from '../store/registry.ts';
import { decision, MACHINE } from '../mail-log/events.ts';
import { checkedRow } from './carry-out.ts';
import { XLSX } from './correction-list.ts';
import { queue } from './queue-notice.ts';
import type { ActDeps, Case, StepResult } from './step.ts';
import { subjectOf } from './write-notice.ts';

/** The question a unit's letter asks, or null. Persons are not answered: rows name other people. */
export const questionOf = ({ letter }: Case): Question | null =>
  letter.person === null ? questionIn(letter.facts.subject, yearOf(letter.receivedAt)) : null;

/** Answers MẪU with the template list and TRA CỨU with the state of the unit's own dossier. */
export async function answerQuestion(
  tx: Tx,
  work: Case,
  question: Question,
  deps: ActDeps,
): Promise<StepResult> {
  const { letter, regulation } = work;
  const unit = (await unitByCode(tx.orm, letter.unit!))!;
  const about = { letter: letter.id, unit: unit.code, actor: MACHINE };
  const hourAgo = new Date(deps.clock.now().getTime() - 3_600_000);
  const tooMany = (await answeredSince(tx.orm, unit.code, hourAgo)) >= QUESTIONS_PER_HOUR;
  if (tooMany || unit.mailbox === null) {
    const reason = `Quá ${QUESTIONS_PER_HOUR} câu hỏi trong một giờ: không trả lời`;
    return {
      course: 'answered',
      finding: null,
      reason,
      log: [decision({ ...about, outcome: 'not answered' })],
    };
  }
  const answer =
    question.asks === 'template'
      ? { template: 'template-list', ...templateAnswer(work, deps) }
      : { template: 'state', ...(await stateAnswer(tx, unit.code, question.number, deps)) };
  const { operatorName } = regulation.identity;
  const log = await queue(tx, deps, {
    event: `${letter.id}/${answer.template}`,
    stem: `${answer.template}.${letter.id}`,
    folder: regulation.templates,
    template: answer.template,
    recipient: unit.mailbox,
    letter: letter.id,
    unit: unit.code,
    inReplyTo: letter.messageId,
    references: letter.messageId === null ? [] : [letter.messageId],
    attachments: answer.attachments,
    holes: {
      unit: unit.name,
      operator: operatorName,
      operator_signature: operatorName.toUpperCase(),
      article: cite(regulation, regulation.articles.request),
      ...answer.holes,
    },
  });
  return {
    course: 'answered',
    finding: question,
    log: [decision({ ...about, outcome: `answered ${question.asks}` }), ...log],
  };
}

interface Answer {
  readonly holes: Record<string, Hole>;
  readonly attachments: readonly Attachment[];
}

function templateAnswer({ regulation }: Case, deps: ActDeps): Answer {
  const columns = templateColumns(regulation);
  const heading = columns.map((key) => COLUMN_TITLES[key]);
  const attachment = {
    filename: 'mau-danh-sach.xlsx',
    mediaType: XLSX,
    content: deps.writeWorkbook('Danh sách', [['DANH SÁCH ĐỀ NGHỊ VỀ HỘP THƯ ĐIỆN TỬ'], [], heading, ['1']]),
  };
  const required = new Set(Object.values(regulation.list.requiredColumns).flat());
  const needed = [...required].map((key) => COLUMN_TITLES[key]).join(', ');
  const decision =
    regulation.list.decisionRequired.length > 0
      ? 'Mỗi trường hợp phải ghi số, ngày, cơ quan ban hành quyết định.'
      : '';
  return {
    holes: { actions: templateActions(), required: needed, decision_rule: decision },
    attachments: [attachment],
  };
}

const STATES: Readonly<Record<DossierState, string>> = {
  open: 'đang được xử lý',
  officer: 'đang được cán bộ kiểm tra',
  awaiting_paper: 'chờ văn bản giấy hoặc văn bản có chữ ký hợp lệ',
  correction: 'chờ Quý cơ quan gửi lại danh sách đã chỉnh sửa',
  executor: 'đã chuyển cơ quan thực hiện, chờ kết quả',
  document: 'đã thực hiện xong, đang ban hành văn bản phúc đáp',
  completed: 'đã hoàn tất',
  refused: 'không được chấp nhận',
};
const ROWS: Readonly<Record<RowState, string>> = {
  valid: 'hợp lệ, chờ thực hiện',
  faulty: 'cần chỉnh sửa',
  officer: 'cán bộ đang kiểm tra',
  waiting: 'chờ đến ngày được giải quyết',
  ordered: 'đã chuyển cơ quan thực hiện',
  done: 'đã thực hiện',
  failed: 'chưa thực hiện được, cán bộ đang kiểm tra',
  refused: 'không giải quyết',
  replaced: 'đã thay bằng danh sách sửa',
};

/** Only the unit's own dossiers; another's is answered like one that does not exist. */
async function stateAnswer(tx: Tx, unit: string, number: string, deps: ActDeps): Promise<Answer> {
  const dossier = await dossierByNumber(tx.orm, number);
  if (dossier === null || dossier.unit !== unit) {
    const none = `Không có hồ sơ số ${number} của Quý cơ quan. Đề nghị kiểm tra lại số hồ sơ ghi trong thư tiếp nhận.`;
    return { holes: { number, state_text: none, dossier_rows: { headings: [], rows: [] } }, attachments: [] };
  }
  const rows = await standingRows(tx.orm, number);
  const lines = rows.map((row) => {
    const { no, line, fullName } = checkedRow(row);
    return [no ?? String(line), fullName, row.address ?? '', ROWS[row.state]];
  });
  return {
    holes: {
      number,
      state_text: stateText(dossier, deps.clock.now()),
      dossier_rows: { headings: ['STT', 'Họ và tên', 'Hộp thư', 'Tình trạng'], rows: lines },
    },
    attachments: [],
  };
}

function stateText(dossier: Dossier, now: Date): string {
  const due =
    dossier.dueDate === null || dossier.closedAt !== null
      ? ''
      : ` Thời hạn xử lý: ngày ${shortDate(dossier.dueDate)}.`;
  return `Hồ sơ ${dossier.number} về việc ${subjectOf(dossier.kinds)}, nhận ${longDate(dossier.receivedAt)}: ${STATES[dossier.state]} (tính đến ${longDate(now)}).${due}`;
}
