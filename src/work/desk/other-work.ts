import { append } from '../../mail-log/append.ts';
import { decision } from '../../mail-log/events.ts';
import type { LineAnswer } from '../../rules/work-order.ts';
import type { Tx } from '../../store/database.ts';
import { changeRow, lockDossier, rowsById, rowsOfOrder, type DossierRow } from '../../store/dossiers.ts';
import { letterById } from '../../store/letters.ts';
import { decideManualOrder, openManualOrders, type ManualOrder } from '../../store/manual-orders.ts';
import { closeUndelivered, endedActivations, sendAgain } from '../../store/notices.ts';
import { lockWorkOrder, uncollectedRows } from '../../store/work-orders.ts';
import { checkedRow } from '../carry-out.ts';
import { draftConsolidated } from '../consolidated-list.ts';
import { decideOnDeletion } from '../delete-mailbox.ts';
import { closeOrder } from '../executor-answer.ts';
import { settle } from '../settle.ts';
import type { ActDeps } from '../step.ts';
import type { Officer } from './action.ts';

/** What came of an officer's decision on something that is no letter. `words` are Vietnamese. */
export type Decided =
  | { readonly result: 'done'; readonly words: string }
  | { readonly result: 'problems'; readonly problems: readonly string[] }
  /** Somebody was faster, or it no longer waits; nothing was changed. */
  | { readonly result: 'conflict'; readonly words: string };

const done = (words: string): Decided => ({ result: 'done', words });
const problems = (...texts: string[]): Decided => ({ result: 'problems', problems: texts });
const conflict = (words: string): Decided => ({ result: 'conflict', words });

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * An officer has carried an order out on the mail server, or says why it cannot be done (target `manual`). The row that
 * waited for it goes on at once, in the same transaction: its unit is told as if a machine had done it.
 * @param refused null: done
 */
export async function decideOrder(
  order: Pick<ManualOrder, 'id' | 'action'>,
  refused: string | null,
  officer: Officer,
  deps: ActDeps,
): Promise<Decided> {
  if (refused !== null && refused.length < 3) return problems('Ghi lý do không thực hiện được.');
  return deps.db.transaction(async (tx) => {
    const now = deps.clock.now();
    const row = UUID.test(order.id) ? ((await rowsById(tx.orm, [order.id]))[0] ?? null) : null;
    if (row !== null) await lockDossier(tx, row.dossier);
    const known = (await openManualOrders(tx.orm)).find(
      ({ id, action }) => id === order.id && action === order.action,
    );
    const decided = await decideManualOrder(tx, order, { by: officer.name, at: now, refused });
    if (known === undefined || !decided) return conflict('Việc này đã có người quyết định trước đó.');
    const about = { letter: row?.letter ?? null, dossier: row?.dossier ?? null };
    const outcome = refused === null ? 'manual order done' : 'manual order refused';
    const detail = [`${known.action} ${known.address}`, refused ?? '']
      .filter((part) => part !== '')
      .join(': ');
    await append(tx.sql, now, decision({ ...about, outcome, detail, actor: officer.name }));
    if (row !== null) await goOn(tx, row, deps);
    return done(
      refused === null ? 'Đã ghi nhận kết quả thực hiện.' : 'Đã ghi nhận việc không thực hiện được.',
    );
  });
}

/** The row that waited is tried again; the target now tells what was decided. */
async function goOn(tx: Tx, { id, letter: letterId }: DossierRow, deps: ActDeps): Promise<void> {
  const row = (await rowsById(tx.orm, [id]))[0]!;
  const letter = (await letterById(tx.orm, letterId))!;
  const regulation = deps.regulations.find((known) => known.id === letter.regulation);
  if (row.state !== 'officer' || regulation === undefined) return;
  await changeRow(tx, row.id, { state: 'valid', result: null });
  const { log } = await settle(tx, { letter, regulation }, deps, { turn: 'later', done: [] });
  await append(tx.sql, deps.clock.now(), ...log);
}

/** Whether a mailbox that nobody uses is deleted (HCM-9.1, QB-7). */
export async function decideDeletion(
  address: string,
  approved: boolean,
  officer: Officer,
  deps: ActDeps,
): Promise<Decided> {
  const why = await deps.db.transaction((tx) => decideOnDeletion(tx, address, approved, officer.name, deps));
  if (why !== null) return conflict(`${why}.`);
  return done(approved ? `Đã xóa hộp thư ${address}.` : `Đã giữ lại hộp thư ${address}.`);
}

/** Drafts the consolidated list now instead of on its day (BH-6.1b). */
export async function consolidateNow(id: string, officer: Officer, deps: ActDeps): Promise<Decided> {
  const regulation = deps.regulations.find((known) => known.id === id);
  if (regulation?.identity.mode !== 'collect_and_forward')
    return conflict('Hệ thống này không lập danh sách tổng hợp.');
  if (regulation.identity.executor?.address === undefined)
    return problems(
      'Chưa cấu hình hộp thư của cơ quan thực hiện: đề nghị quản trị bổ sung identity.executor.address trong tệp quy chế.',
    );
  return deps.db.transaction(async (tx) => {
    const drafted = await draftConsolidated(tx, regulation, officer.name, deps);
    if (drafted === null)
      return conflict('Không còn trường hợp nào chờ tổng hợp; có thể vừa có người lập danh sách.');
    await append(tx.sql, deps.clock.now(), ...drafted.log);
    return done(
      drafted.sent
        ? `Đã lập và gửi danh sách ${drafted.order} (${drafted.rows} trường hợp).`
        : `Đã lập danh sách ${drafted.order} (${drafted.rows} trường hợp); ký số công văn ở mục Văn bản chờ ký để gửi.`,
    );
  });
}

/** How many accepted rows wait for the next consolidated list, by regulation. */
export async function waitingForList(
  tx: Tx,
  { regulations }: Pick<ActDeps, 'regulations'>,
): Promise<{ regulation: ActDeps['regulations'][number]; rows: number }[]> {
  const collecting = regulations.filter(({ identity }) => identity.mode === 'collect_and_forward');
  const counted = [];
  for (const regulation of collecting)
    counted.push({ regulation, rows: (await uncollectedRows(tx.orm, regulation.id)).length });
  return counted;
}

/** A row of an order as the officer sees it. */
export interface OrderLine {
  readonly line: number;
  readonly fullName: string;
  readonly address: string | null;
  readonly dossier: string;
}

/** The rows of an order whose result is not known yet. */
export async function openLines(tx: Tx, number: string): Promise<OrderLine[]> {
  const rows = (await rowsOfOrder(tx.orm, number)).filter(({ state }) => state === 'ordered');
  return rows.map((row) => {
    const { fullName, newAddress, address } = checkedRow(row);
    return {
      line: row.orderLine ?? 0,
      fullName,
      address: newAddress ?? row.address ?? address,
      dossier: row.dossier,
    };
  });
}

/** The executor's answer came by other ways than its mailbox (ST-4.2, BH-6.1b): an officer records it line by line. */
export async function recordAnswer(
  number: string,
  lines: readonly LineAnswer[],
  officer: Officer,
  deps: ActDeps,
): Promise<Decided> {
  if (lines.length === 0) return problems('Chọn kết quả của ít nhất một trường hợp.');
  const nameless = lines.filter(({ done: carried, reason }) => !carried && (reason ?? '').length < 3);
  if (nameless.length > 0)
    return problems(...nameless.map(({ line }) => `Dòng ${line}: ghi lý do chưa thực hiện được.`));
  return deps.db.transaction(async (tx) => {
    const order = await lockWorkOrder(tx.orm, number);
    const regulation = deps.regulations.find(({ id }) => id === order?.regulation);
    if (order?.state !== 'sent' || regulation === undefined)
      return conflict('Lệnh này không còn chờ kết quả.');
    const open = (await openLines(tx, number)).map(({ line }) => line);
    if (lines.some(({ line }) => !open.includes(line)))
      return conflict('Kết quả của một trường hợp vừa được ghi nhận trước đó.');
    const by = { letter: null, unit: null, actor: officer.name };
    const { log } = await closeOrder(tx, { order: number, lines, all: false }, regulation, by, deps);
    await append(tx.sql, deps.clock.now(), ...log);
    return done(`Đã ghi nhận kết quả lệnh ${number}; các đơn vị được thông báo.`);
  });
}

const NOT_LYING_HERE = 'Thư này đã được gửi lại, đã đến nơi hoặc đã có người đóng.';

/**
 * A notice that cannot or need not arrive any more (the mailbox is gone, the unit was told by telephone) is let rest:
 * it leaves the list, and why stands in the log.
 */
export async function closeNotice(
  id: string,
  reason: string,
  officer: Officer,
  deps: ActDeps,
): Promise<Decided> {
  if (reason.length < 3) return problems('Ghi lý do không gửi lại thư này.');
  return deps.db.transaction(async (tx) => {
    const now = deps.clock.now();
    const closed = { at: now, by: officer.name, reason: reason.slice(0, 500) };
    const notice = UUID.test(id) ? await closeUndelivered(tx, id, closed) : null;
    if (notice === null) return conflict(NOT_LYING_HERE);
    const { letter, dossier, messageId, recipient } = notice;
    const about = { letter, dossier, outcome: 'notice closed', actor: officer.name };
    await append(tx.sql, now, decision({ ...about, detail: `${recipient} ${messageId}: ${closed.reason}` }));
    return done(`Đã đóng thư đến ${recipient}; thư này không được gửi lại.`);
  });
}

/** A notice that did not arrive is sent once more, as it was. */
export async function sendNoticeAgain(id: string, officer: Officer, deps: ActDeps): Promise<Decided> {
  return deps.db
    .transaction(async (tx) => {
      const now = deps.clock.now();
      const notice = UUID.test(id) ? await sendAgain(tx, id, now) : null;
      if (notice === null) return conflict(NOT_LYING_HERE);
      const links = [...notice.text.matchAll(/\{\{activation:([0-9a-f-]{36})\}\}/g)].map(
        (match) => match[1]!,
      );
      if ((await endedActivations(tx.orm, links, now)) > 0) throw new LinksEnded();
      const { letter, dossier, messageId, recipient } = notice;
      const about = { letter, dossier, outcome: 'notice sent again', actor: officer.name };
      await append(tx.sql, now, decision({ ...about, detail: `${recipient} ${messageId}` }));
      return done(`Thư đến ${recipient} được gửi lại.`);
    })
    .catch((error: unknown) => {
      if (error instanceof LinksEnded)
        return problems(
          'Đường dẫn đặt mật khẩu trong thư này đã hết hạn hoặc đã dùng: đề nghị đơn vị gửi yêu cầu cấp lại mật khẩu để có đường dẫn mới.',
        );
      throw error;
    });
}

/** Takes the transaction back: a letter with dead links helps nobody. */
class LinksEnded extends Error {}
