import type { ExaminedLetter } from '../evidence/port.ts';
import type { LogEvent } from '../mail-log/event.ts';
import { decision, MACHINE, rowFailed, rowProvisioned } from '../mail-log/events.ts';
import { localTime } from '../rules/calendar.ts';
import type { Regulation } from '../rules/regulation.ts';
import { ownsDomain } from '../rules/regulations.ts';
import { allDone, answersIn, isExecutor, orderNumberIn, type LineAnswer } from '../rules/work-order.ts';
import type { Tx } from '../store/database.ts';
import { changeRow, rowsOfOrder, type DossierRow } from '../store/dossiers.ts';
import { rawLetter } from '../store/letter-bytes.ts';
import { lettersOfDossier } from '../store/letters.ts';
import { mailboxByAddress, unitByCode } from '../store/registry.ts';
import { changeWorkOrder, lockWorkOrder, workOrderByNumber } from '../store/work-orders.ts';
import { checkedRow, doneWords, type Done } from './carry-out.ts';
import { recordInRegistry } from './mailbox-orders.ts';
import { settle } from './settle.ts';
import type { ActDeps, Case, ReadLists, StepDeps, StepResult } from './step.ts';

/** What an executor's reply was found to say, before anything is changed. */
export interface OrderAnswer {
  readonly order: string;
  readonly lines: readonly LineAnswer[];
  readonly all: boolean;
}

/** The answer a letter is, or null: only from the executor's own registered mailbox, only to an order sent to it. */
export async function readOrderAnswer(
  { letter, regulation }: Case,
  deps: StepDeps,
): Promise<OrderAnswer | null> {
  const number = orderNumberIn(letter.facts.subject);
  if (number === null || letter.unit === null || letter.person !== null) return null;
  const known = await deps.db.transaction(async (tx) => ({
    unit: await unitByCode(tx.orm, letter.unit!),
    order: await workOrderByNumber(tx.orm, number),
  }));
  const { unit, order } = known;
  if (unit === null || order === null || !isExecutor(unit, regulation)) return null;
  if (order.executor.toLowerCase() !== unit.mailbox || order.state === 'draft') return null;
  const examined = letter.findings['examine'] as ExaminedLetter;
  const documents = examined.documents.filter(({ encrypted }) => !encrypted);
  const none: ReadLists = { grids: [], body: [], problems: [] };
  const read =
    documents.length === 0
      ? none
      : await deps.readLists(await rawLetter(deps.db, letter.id), documents, 'without body');
  const lines = answersIn(read.grids);
  return { order: number, lines, all: lines.length === 0 && allDone(examined.bodyText) };
}

/** Closes the rows the executor answered and tells each unit its own results (ST-4.2, BH-6.1b). */
export async function takeOrderAnswer(
  tx: Tx,
  work: Case,
  answer: OrderAnswer,
  deps: StepDeps,
): Promise<StepResult> {
  const about = { letter: work.letter.id, unit: work.letter.unit, actor: MACHINE };
  const { closed, open, log } = await closeOrder(tx, answer, work.regulation, about, deps);
  const understood = closed > 0 || open === 0;
  return {
    course: understood ? 'answered' : 'officer',
    finding: { order: answer.order, closed },
    ...(understood ? {} : { reason: `Chưa đọc được kết quả lệnh ${answer.order}; cán bộ đối chiếu` }),
    log,
  };
}

/**
 * What the executor said of an order's rows becomes their result, whether a letter or an officer tells it.
 * @param by the letter that told it, or the officer who did; it stands in the log
 */
export async function closeOrder(
  tx: Tx,
  answer: OrderAnswer,
  regulation: Regulation,
  by: { readonly letter: string | null; readonly unit: string | null; readonly actor: string },
  deps: ActDeps,
): Promise<{ closed: number; open: number; log: LogEvent[] }> {
  // Its letter and an officer may tell of one order at the same time.
  await lockWorkOrder(tx.orm, answer.order);
  const rows = (await rowsOfOrder(tx.orm, answer.order)).filter(({ state }) => state === 'ordered');
  const closed: { row: DossierRow; done: Done }[] = [];
  const log: LogEvent[] = [];
  for (const row of rows) {
    const said = lineFor(row, answer);
    if (said === null) continue;
    const result = await closeRow(tx, row, said, regulation, by.actor, deps);
    closed.push({ row, done: result.done });
    log.push(result.log);
  }
  const open = rows.length - closed.length;
  if (open === 0)
    await changeWorkOrder(tx, answer.order, {
      state: 'answered',
      answeredAt: deps.clock.now(),
      answer: by.letter,
    });
  const outcome = open === 0 ? 'order answered' : 'order answered in part';
  log.push(decision({ ...by, outcome, detail: `${answer.order}: ${closed.length} closed, ${open} open` }));
  for (const number of new Set(closed.map(({ row }) => row.dossier))) {
    const done = closed.filter(({ row }) => row.dossier === number).map((one) => one.done);
    log.push(...(await settleFor(tx, number, done, deps)));
  }
  return { closed: closed.length, open, log };
}

function lineFor(row: DossierRow, { lines, all }: OrderAnswer): LineAnswer | null {
  const line = lines.find((known) => known.line === row.orderLine);
  if (line !== undefined) return line;
  return all ? { line: row.orderLine ?? 0, done: true, address: null, reason: null } : null;
}

async function closeRow(
  tx: Tx,
  row: DossierRow,
  said: LineAnswer,
  regulation: Regulation,
  actor: string,
  deps: ActDeps,
): Promise<{ done: Done; log: LogEvent }> {
  const wanted = checkedRow(row);
  const creates = wanted.kind === 'CREATE_PERSON' || wanted.kind === 'CREATE_UNIT';
  const address = said.address ?? wanted.newAddress ?? row.address ?? wanted.address;
  const fault = said.done ? await addressFault(tx, address, creates, regulation, deps) : null;
  const about = { letter: row.letter, dossier: row.dossier, address: address ?? '', actor };
  if (!said.done || address === null || fault !== null) {
    const why = fault ?? said.reason ?? '';
    await changeRow(tx, row.id, { state: 'failed', result: why });
    const done = { row, address: address ?? '', text: `Chưa thực hiện được: ${why}`, refused: true };
    return { done, log: rowFailed({ ...about, error: why }) };
  }
  await recordInRegistry(tx, creates ? { ...wanted, address } : wanted, wanted.unit ?? '', deps.clock.now());
  const text = doneWords(wanted.kind);
  await changeRow(tx, row.id, { state: 'done', result: text, address });
  return {
    done: { row, address, text, refused: false },
    log: rowProvisioned({ ...about, kind: wanted.kind ?? '', detail: wanted.fullName }),
  };
}

/** An address the executor gives is checked like any other: a slip of the pen would be somebody else's mailbox. */
async function addressFault(
  tx: Tx,
  address: string | null,
  creates: boolean,
  regulation: Regulation,
  deps: ActDeps,
): Promise<string | null> {
  if (address === null) return 'Cơ quan thực hiện chưa cho biết địa chỉ hộp thư đã cấp';
  const [local = '', domain = ''] = address.split('@');
  const today = localTime(deps.clock.now()).date;
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/u.test(local) || !ownsDomain(regulation, domain, today))
    return `Địa chỉ “${address}” do cơ quan thực hiện trả lời không đúng định dạng`;
  const taken = creates && (await mailboxByAddress(tx.orm, address)) !== null;
  return taken ? `Địa chỉ ${address} đã có trong danh bạ` : null;
}

async function settleFor(
  tx: Tx,
  number: string,
  done: readonly Done[],
  deps: ActDeps,
): Promise<readonly LogEvent[]> {
  const letters = await lettersOfDossier(tx.orm, number);
  const letter = letters.find(({ id }) => id === done.at(-1)?.row.letter);
  const regulation = deps.regulations.find(({ id }) => id === letter?.regulation);
  if (letter === undefined || regulation === undefined)
    throw new Error(`dossier ${number} cannot be settled`);
  return (await settle(tx, { letter, regulation }, deps, { turn: 'later', done })).log;
}
