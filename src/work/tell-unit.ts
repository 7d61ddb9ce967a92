import { articleOf, cite } from '../rules/articles.ts';
import type { LogEvent } from '../mail-log/event.ts';
import { failure } from '../mail-log/events.ts';
import { longDate, shortDate } from '../notices/dates.ts';
import type { Hole } from '../notices/render.ts';
import type { DossierState } from '../rules/dossier.ts';
import type { Problem } from '../rules/mailbox-list.ts';
import type { Tx } from '../store/database.ts';
import type { Dossier, DossierRow } from '../store/dossiers.ts';
import type { Letter } from '../store/letters.ts';
import type { Unit } from '../rules/registry.ts';
import { unitByCode } from '../store/registry.ts';
import { isForeign, tellAffected } from './affected-units.ts';
import { checkedRow, openActivations, opensPassword, type Done } from './carry-out.ts';
import { correctionList } from './correction-list.ts';
import { keptText } from './record-report.ts';
import type { Issued } from './reply-document.ts';
import { handOut } from './hand-out.ts';
import {
  doneTable,
  dutyHoles,
  faultyTable,
  firstLoginText,
  problemLines,
  ssoText,
  two,
} from './result-tables.ts';
import type { ActDeps, Case } from './step.ts';
import { writeNotice, type NoticeTemplate, type NoticeWords } from './write-notice.ts';

/** What has just happened to a dossier, as far as its unit has to hear of it. */
export interface Situation {
  /** A letter of the unit has just been checked; otherwise somebody else moved the dossier on. */
  readonly fresh: boolean;
  /** A row an officer has just given back to the unit. */
  readonly back: DossierRow | null;
  readonly work: Case;
  readonly dossier: Dossier;
  readonly letters: readonly Letter[];
  readonly rows: readonly DossierRow[];
  readonly done: readonly Done[];
  readonly ordered: readonly DossierRow[];
  readonly problems: readonly Problem[];
  readonly reply: Issued | null;
  readonly state: DossierState;
}

/** Which notice this turn of events calls for; null when the unit knows all of it already. */
function templateFor({
  fresh,
  back,
  rows,
  work,
  done,
  ordered,
  problems,
  state,
}: Situation): NoticeTemplate | null {
  if ((fresh || back !== null) && goesBack(rows, problems)) return 'correction';
  if (done.some(({ refused }) => !refused)) return 'completed';
  if (done.some(({ final }) => final === true)) return 'settled';
  if (done.length > 0) return 'officer';
  if (ordered.length > 0) return 'ordered';
  if (!fresh) return null;
  const mine = rows.filter(({ letter }) => letter === work.letter.id);
  if (count(mine, 'waiting') > 0) return 'scheduled';
  return state === 'officer' ? 'officer' : null;
}

/** Rows that go back are told at once, also beside rows an officer has to look at. */
const goesBack = (rows: readonly DossierRow[], problems: readonly Problem[]): boolean =>
  problems.length > 0 || count(rows, 'faulty') > 0;

/** Notices of results: a letter can have several. */
const IN_PARTS: readonly NoticeTemplate[] = ['completed', 'settled'];

/** Tells the unit what this turn of events calls for, if anything. */
export async function tellUnit(tx: Tx, situation: Situation, deps: ActDeps): Promise<LogEvent[]> {
  const template = templateFor(situation);
  if (template === null) return [];
  // The result goes out with its signed document, not before (QB-4.2).
  if (template === 'completed' && situation.reply?.signed === null) return [];
  const { work, dossier, rows, done, letters } = situation;
  const faulty = rows.filter(({ state }) => state === 'faulty');
  const list = template === 'correction' ? correctionList(letters, faulty, dossier.number, deps) : null;
  const attachments = [list, situation.reply?.signed ?? null].filter((attachment) => attachment !== null);
  // One letter can have several of these; the first row of each names it.
  const about =
    template === 'correction' ? situation.back : IN_PARTS.includes(template) ? done[0]!.row : null;
  const key = about === null ? template : `${template}/${about.id}`;
  const told = situation.reply?.signed === null ? [] : done;
  return tellResult(tx, work, dossier, told, deps, { template, key, attachments, holes: holesOf(situation) });
}

/**
 * A notice that tells what was done, with the links its owners need. Where the mailbox of whoever wrote is the very
 * one whose password was withdrawn, the link goes to somebody who can still read it.
 */
export async function tellResult(
  tx: Tx,
  work: Case,
  dossier: Dossier,
  done: readonly Done[],
  deps: ActDeps,
  words: Omit<NoticeWords, 'dossier'>,
): Promise<LogEvent[]> {
  const unit = await unitByCode(tx.orm, work.letter.unit!);
  const own = work.letter.person ?? unit?.mailbox ?? null;
  const links = await openActivations(tx, work, done, deps);
  const lockedOut = done.filter(({ row, address }) => links.has(row.id) && address === own);
  const others = [work.letter.person === null ? null : (unit?.mailbox ?? null), ...deps.officers];
  const log = await handOver(tx, work, dossier, unit, lockedOut, links, others, deps);
  const foreign = done.filter(({ row }) => isForeign(work, row));
  log.push(...(await tellAffected(tx, work, dossier, foreign, links, deps)));
  const elsewhere = new Set([...lockedOut, ...foreign].map(({ row }) => row.id));
  const shown = new Map([...links].filter(([row]) => !elsewhere.has(row)));
  const recipient = words.recipient ?? own;
  const handed = handOut(work, { recipient, unit, dossier: dossier.number }, done, shown, deps);
  const opened = done.some(opensPassword);
  const holes = {
    kept: '',
    remaining: '',
    document: '',
    sso: ssoText(
      work.regulation,
      done.map(({ row }) => row),
    ),
    ...words.holes,
    today: longDate(deps.clock.now()),
    done_rows: doneTable(done, handed.places),
    activation:
      opened && shown.size === 0
        ? firstLoginText(work.regulation, deps.provisioner.setsPasswords)
        : handed.paragraph,
    ...(opened ? dutyHoles(work.regulation) : { duties_intro: '', duties: [] }),
    locked_out:
      lockedOut.length > 0
        ? `Địa chỉ đặt mật khẩu của hộp thư ${own ?? ''} được bàn giao riêng, không gửi vào chính hộp thư này.`
        : '',
  };
  const attachments = [...(words.attachments ?? []), ...handed.attachments];
  const { detail } = handed;
  return [...log, ...(await writeNotice(tx, work, deps, { ...words, dossier, holes, attachments, detail }))];
}

/** The links of mailboxes whose owner cannot read mail any more, to whoever hands them over in person. */
async function handOver(
  tx: Tx,
  work: Case,
  dossier: Dossier,
  unit: Unit | null,
  lockedOut: readonly Done[],
  links: ReadonlyMap<string, string>,
  others: readonly (string | null)[],
  deps: ActDeps,
): Promise<LogEvent[]> {
  const [first] = lockedOut;
  if (first === undefined) return [];
  const recipient = others.find((address) => address !== null && address !== first.address) ?? null;
  if (recipient === null) {
    const error = 'nobody to hand the link over: set CONGTHU_OFFICERS';
    return [failure({ dossier: dossier.number, where: 'handover', error })];
  }
  const own = new Map([...links].filter(([id]) => lockedOut.some(({ row }) => row.id === id)));
  const handed = handOut(work, { recipient, unit, dossier: dossier.number }, lockedOut, own, deps);
  return writeNotice(tx, work, deps, {
    template: 'handover',
    key: `handover/${first.row.id}`,
    dossier,
    recipient,
    attachments: handed.attachments,
    detail: handed.detail,
    holes: { mailbox: first.address, done_rows: doneTable(lockedOut, handed.places) },
  });
}

function holesOf({ work, letters, rows, done, problems, ordered, reply }: Situation): Record<string, Hole> {
  const faulty = rows.filter(({ state }) => state === 'faulty');
  const held = count(rows, 'valid');
  const officer = rows.filter(({ state }) => state === 'officer' || state === 'failed');
  const waiting = rows.filter(({ state }) => state === 'waiting');
  const open = rows.length - count(rows, 'done', 'refused') - faulty.length;
  const { regulation } = work;
  const executor = regulation.identity.executor?.name ?? '';
  return {
    counted: rows.length === 0 ? '' : countedWords(rows.length, faulty.length, held > 0),
    only_these: faulty.length > 0 && problems.length === 0 ? ' (chỉ gồm các trường hợp trên)' : '',
    ground: cite(
      regulation,
      articleOf(regulation.passwords.reopenNotBefore?.source ?? '') ?? regulation.articles.request,
    ),
    faulty_count: two(faulty.length > 0 ? faulty.length : problems.length),
    faulty_rows: faultyTable(faulty),
    list_problems: problemLines(problems),
    list_hint:
      faulty.length > 0
        ? 'Tệp kèm theo chỉ gồm các trường hợp trên, đúng như danh sách của Quý cơ quan, có thêm cột “Nội dung cần sửa”; đề nghị sửa trực tiếp vào tệp này.'
        : '',
    reasons: officer.length > 0 ? officer.map(officerLine) : ['Nội dung đề nghị cần cán bộ xem xét'],
    waiting_rows: waiting.map(
      (row) => `${checkedRow(row).address ?? ''}: từ ngày ${shortDate(row.notBefore ?? '')}`,
    ),
    kept: keptText(keptBy(letters)),
    ordered_count: two(ordered.length),
    sso: ssoText(regulation, [...ordered, ...done.map(({ row }) => row)]),
    executor,
    result: done.map(({ row, text }) => `${checkedRow(row).fullName}: ${text}.`),
    remaining:
      done.length > 0 && open > 0
        ? `Còn ${two(open)} trường hợp đang được tiếp tục xử lý; kết quả được thông báo sau.`
        : '',
    document:
      reply === null || reply.signed === null ? '' : 'Văn bản phúc đáp đã ký số được gửi kèm thư này.',
  };
}

/** Mailboxes the latest list wants kept. */
function keptBy(letters: readonly Letter[]): number {
  const checked = letters.findLast(({ findings }) => findings['check'] !== undefined);
  return (checked?.findings['check'] as { kept?: number } | undefined)?.kept ?? 0;
}

/** ": danh sách gồm 20 trường hợp, trong đó …"; a list of which no row could be read is not said to have none. */
function countedWords(all: number, faulty: number, held: boolean): string {
  const fate = held ? 'hợp lệ, được giải quyết khi hồ sơ đầy đủ' : 'hợp lệ, đã hoặc đang được xử lý';
  const valid = all === faulty ? '' : `, trong đó ${two(all - faulty)} trường hợp ${fate}`;
  return `: danh sách gồm ${two(all)} trường hợp${valid}`;
}

const count = (rows: readonly DossierRow[], ...states: DossierRow['state'][]): number =>
  rows.filter(({ state }) => states.includes(state)).length;

const officerLine = (row: DossierRow): string =>
  `${checkedRow(row).fullName}: ${row.state === 'failed' ? 'chưa thực hiện được, cán bộ kiểm tra' : (row.result ?? 'cán bộ kiểm tra')}`;
