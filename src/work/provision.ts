import { randomUUID } from 'node:crypto';
import { activationMark } from '../notices/activation-link.ts';
import { longDate } from '../notices/dates.ts';
import type { Hole } from '../notices/render.ts';
import type { Order } from '../provisioners/port.ts';
import { localMoment, addDays, localTime } from '../rules/calendar.ts';
import type { CheckedRow } from '../rules/check-rows.ts';
import type { Problem } from '../rules/mailbox-list.ts';
import type { LogEvent } from '../mail-log/event.ts';
import {
  deadlineMet,
  deadlineMissed,
  decision,
  MACHINE,
  rowFailed,
  rowProvisioned,
} from '../mail-log/events.ts';
import type { Tx } from '../store/database.ts';
import {
  dossierByNumber,
  rowsOfLetter,
  setDossierState,
  setRow,
  type DossierRow,
} from '../store/dossiers.ts';
import { addActivation } from '../store/notices.ts';
import { addMailbox, describeMailbox, setMailboxState } from '../store/registry.ts';
import { Postpone, type Case, type Step, type StepDeps, type StepResult } from './step.ts';
import { writeNotice } from './write-notice.ts';

/** Carries out the valid rows, sends back the faulty ones, and closes the dossier or leaves it with an officer. */
export const provision: Step<null> = {
  name: 'provision',
  look: () => Promise.resolve(null),
  async act(tx, work, _seen, deps) {
    const { letter, regulation } = work;
    const rows = await rowsOfLetter(tx.orm, letter.id);
    // ST-3.4b: a base address may go to a leader who asks later on the same day.
    const wait = rows
      .map((row) => checked(row).allocateAfter)
      .find((day) => day !== null && day >= localTime(deps.clock.now()).date);
    if (wait !== undefined && wait !== null)
      throw new Postpone(
        localMoment(addDays(wait, 1), 5),
        'addresses are given out after the day of receipt',
      );
    if (regulation.identity.mode !== 'execute')
      return handOver(
        tx,
        work,
        deps,
        `Chuyển ${regulation.identity.executor?.name ?? 'cơ quan thực hiện'} thực hiện`,
      );
    const done: Done[] = [];
    const log: LogEvent[] = [];
    for (const row of rows.filter(({ state }) => state === 'valid')) {
      const result = await carryOut(tx, work, row, deps);
      done.push(result);
      log.push(result.log);
    }
    return close(tx, work, deps, rows, done, log);
  },
};

interface Done {
  readonly row: DossierRow;
  readonly address: string;
  readonly text: string;
  readonly refused: boolean;
  readonly activation: string | null;
  readonly log: LogEvent;
}

const checked = (row: DossierRow): CheckedRow => row.row as CheckedRow;

const WORDS: Readonly<Partial<Record<NonNullable<CheckedRow['kind']>, string>>> = {
  CREATE_PERSON: 'Đã cấp mới',
  CREATE_UNIT: 'Đã cấp mới',
  CHANGE: 'Đã thay đổi thông tin',
  TRANSFER: 'Đã chuyển đơn vị',
  CANCEL: 'Đã chấm dứt hoạt động',
  PASSWORD_RESET: 'Đã hủy mật khẩu cũ, chủ hộp thư đặt mật khẩu mới',
  REOPEN: 'Đã mở lại',
  HANDOVER: 'Đã bàn giao, chủ hộp thư đặt mật khẩu mới',
};

async function carryOut(tx: Tx, work: Case, row: DossierRow, deps: StepDeps): Promise<Done> {
  const { letter, regulation } = work;
  const wanted = checked(row);
  const address = wanted.newAddress ?? wanted.address!;
  const outcome = await deps.provisioner.carryOut(orderOf(row, regulation.quotas, deps.clock.now()), tx);
  const about = {
    letter: letter.id,
    dossier: letter.dossier,
    unit: letter.unit,
    address,
    actor: MACHINE,
  };
  if (!outcome.done) {
    const why = 'refused' in outcome ? outcome.refused : 'waits for an officer';
    await setRow(tx, row.id, 'refused' in outcome ? 'failed' : 'officer', why);
    return {
      row,
      address,
      text: 'Chưa thực hiện được, cán bộ đang kiểm tra',
      refused: true,
      activation: null,
      log: rowFailed({ ...about, error: why }),
    };
  }
  await recordInRegistry(tx, work, wanted, deps.clock.now());
  const opens =
    wanted.kind === 'CREATE_PERSON' ||
    wanted.kind === 'CREATE_UNIT' ||
    wanted.kind === 'PASSWORD_RESET' ||
    wanted.kind === 'HANDOVER';
  const activation = opens ? await openActivation(tx, work, wanted, address, deps) : null;
  const text = WORDS[wanted.kind!] ?? 'Đã thực hiện';
  await setRow(tx, row.id, 'done', text, address);
  return {
    row,
    address,
    text,
    refused: false,
    activation,
    log: rowProvisioned({ ...about, kind: wanted.kind!, detail: wanted.fullName }),
  };
}

function orderOf(row: DossierRow, quotas: Case['regulation']['quotas'], at: Date): Order {
  const wanted = checked(row);
  const base = { id: row.id, at, address: wanted.address! };
  switch (wanted.kind) {
    case 'CREATE_PERSON':
    case 'CREATE_UNIT': {
      const quota = (wanted.mailboxKind === 'unit' ? quotas.unit : quotas.person) ?? null;
      return { ...base, action: 'create', kind: wanted.mailboxKind, fullName: wanted.fullName, quota };
    }
    case 'CANCEL':
      return { ...base, action: 'cancel' };
    case 'REOPEN':
      return { ...base, action: 'unlock' };
    case 'PASSWORD_RESET':
    case 'HANDOVER':
      return { ...base, action: 'reset-password' };
    case 'CHANGE':
    case 'TRANSFER':
      return wanted.newAddress === null
        ? { ...base, action: 'describe', fullName: wanted.fullName }
        : { ...base, action: 'rename', newAddress: wanted.newAddress, fullName: wanted.fullName };
    default:
      throw new Error(`${wanted.kind ?? 'no kind'} is not carried out row by row`);
  }
}

async function recordInRegistry(tx: Tx, { letter }: Case, row: CheckedRow, now: Date): Promise<void> {
  const address = row.address!;
  switch (row.kind) {
    case 'CREATE_PERSON':
    case 'CREATE_UNIT':
      return addMailbox(tx.orm, {
        address,
        kind: row.mailboxKind,
        fullName: row.fullName,
        position: row.position,
        unit: row.unit ?? letter.unit!,
        state: 'pending',
        createdAt: now,
      });
    case 'CANCEL':
      return setMailboxState(tx.orm, address, 'cancelled', now);
    case 'REOPEN':
      return setMailboxState(tx.orm, address, 'active', now);
    case 'CHANGE':
    case 'TRANSFER':
      return describeMailbox(tx.orm, address, {
        fullName: row.fullName,
        ...(row.position === null ? {} : { position: row.position }),
        ...(row.unit === null ? {} : { unit: row.unit }),
        ...(row.newAddress === null ? {} : { address: row.newAddress }),
      });
    default:
      return;
  }
}

async function openActivation(
  tx: Tx,
  { letter, regulation }: Case,
  row: CheckedRow,
  address: string,
  deps: StepDeps,
): Promise<string> {
  const id = randomUUID();
  const expiresAt = new Date(deps.clock.now().getTime() + deps.notices.activationDays * 86_400_000);
  await addActivation(tx, {
    id,
    tokenHash: deps.notices.hashOfActivation(id),
    address,
    fullName: row.fullName,
    regulation: regulation.id,
    dossier: letter.dossier,
    expiresAt,
  });
  return id;
}

async function close(
  tx: Tx,
  work: Case,
  deps: StepDeps,
  rows: readonly DossierRow[],
  done: readonly Done[],
  log: LogEvent[],
): Promise<StepResult> {
  const now = deps.clock.now();
  const { letter, regulation } = work;
  const problems = (letter.findings['check'] as { problems: Problem[] }).problems;
  const faulty = rows.filter(({ state }) => state === 'faulty');
  const officer = rows.filter(({ state }) => state === 'officer');
  const stuck = done.some(({ refused }) => refused);
  const dossier = (await dossierByNumber(tx.orm, letter.dossier!))!;
  const holes = closingHoles(work, rows, done, problems, deps);
  const sendBack = faulty.length > 0 || problems.length > 0;
  const template = sendBack ? 'correction' : done.length > 0 ? 'completed' : 'officer';
  log.push(...(await writeNotice(tx, work, deps, { template, dossier, holes })));
  // QB-4.2: the reply must be a signed document; without the operator's key an officer issues it.
  const needsDocument =
    regulation.replies.completion.value === 'signed_document' && !deps.notices.signed && done.length > 0;
  const course =
    officer.length > 0 || stuck || needsDocument || (rows.length === 0 && !sendBack)
      ? 'officer'
      : sendBack
        ? 'correction'
        : 'on';
  await setDossierState(tx, dossier.number, course === 'on' ? 'completed' : course, now);
  const about = { letter: letter.id, dossier: dossier.number, unit: letter.unit };
  log.push(
    decision({
      ...about,
      outcome: course === 'on' ? 'completed' : course,
      detail: `${done.length} done, ${faulty.length} back, ${officer.length} with an officer`,
      actor: MACHINE,
    }),
  );
  if (course === 'on' && dossier.dueAt !== null) {
    const due = dossier.dueAt;
    log.push(now <= due ? deadlineMet({ ...about, due }) : deadlineMissed({ ...about, due, closed: true }));
  }
  const reason = needsDocument
    ? 'Ban hành văn bản phúc đáp có chữ ký số'
    : officer.map((row) => row.result ?? '').join('; ');
  return { course, finding: { done: done.length }, log, ...(course === 'officer' ? { reason } : {}) };
}

async function handOver(tx: Tx, work: Case, deps: StepDeps, reason: string): Promise<StepResult> {
  const dossier = (await dossierByNumber(tx.orm, work.letter.dossier!))!;
  await setDossierState(tx, dossier.number, 'officer', deps.clock.now());
  const log = await writeNotice(tx, work, deps, {
    template: 'officer',
    dossier,
    holes: { reasons: [reason] },
  });
  return {
    course: 'officer',
    finding: {},
    reason,
    log: [
      decision({
        letter: work.letter.id,
        dossier: dossier.number,
        unit: work.letter.unit,
        outcome: 'officer',
        detail: reason,
        actor: MACHINE,
      }),
      ...log,
    ],
  };
}

function closingHoles(
  work: Case,
  rows: readonly DossierRow[],
  done: readonly Done[],
  problems: readonly Problem[],
  deps: StepDeps,
): Record<string, Hole> {
  const faulty = rows.filter(({ state }) => state === 'faulty').map(checked);
  const officer = rows.filter(({ state }) => state === 'officer');
  const waiting = officer.map((row) => `${checked(row).fullName}: ${row.result ?? 'cán bộ kiểm tra'}`);
  return {
    today: longDate(deps.clock.now()),
    row_count: two(rows.length),
    valid_count: two(done.length),
    faulty_count: two(Math.max(faulty.length, faulty.length === 0 ? problems.length : 0)),
    done_rows: {
      headings: ['STT', 'Họ và tên', 'Chức vụ', 'Hộp thư điện tử', 'Kết quả', 'Đặt mật khẩu tại'],
      rows: done.map(({ row, address, text, activation }) => {
        const { no, line, fullName, position } = checked(row);
        return [
          no ?? String(line),
          fullName,
          position ?? '',
          address,
          text,
          activation === null ? '' : activationMark(activation),
        ];
      }),
    },
    faulty_rows: {
      headings: ['STT trong danh sách', 'Họ và tên', 'Nội dung chưa đúng', 'Đề nghị'],
      rows: faulty.map((row) => [
        row.no ?? String(row.line),
        row.fullName,
        row.problems.map(({ text }) => text).join('; '),
        row.problems.map(({ fix }) => fix).join('; '),
      ]),
    },
    list_problems: problems.map(({ text, fix }) => `${text}. ${fix}.`),
    reasons: waiting.length > 0 ? waiting : ['Nội dung đề nghị cần cán bộ xem xét'],
    activation: done.some(({ activation }) => activation !== null) ? passwordText(work, deps) : '',
  };
}

const two = (n: number): string => String(n).padStart(2, '0');

function passwordText({ regulation }: Case, deps: StepDeps): string {
  const { user, lockIfNotChanged, reopenNotBefore } = regulation.passwords;
  const lock =
    lockIfNotChanged === undefined
      ? ''
      : ` Nếu không đổi mật khẩu, hộp thư sẽ bị khóa${reopenNotBefore === undefined ? '' : ` và chỉ được giải quyết mở lại sau ${two(reopenNotBefore.value.n)} ngày kể từ ngày bị khóa`}.`;
  return `Mỗi người tự đặt mật khẩu qua địa chỉ riêng ghi tại dòng của mình; địa chỉ chỉ dùng được một lần và hết hạn sau ${two(deps.notices.activationDays)} ngày. Mật khẩu phải có ít nhất ${two(user.min)} ký tự theo quy định. Đề nghị chuyển đúng địa chỉ cho đúng người.${lock}`;
}
