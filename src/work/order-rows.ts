import type { LogEvent } from '../mail-log/event.ts';
import { decision, MACHINE } from '../mail-log/events.ts';
import { yearOf } from '../notices/dates.ts';
import { ORDER_HEADINGS, orderNumber } from '../rules/work-order.ts';
import type { Tx } from '../store/database.ts';
import { changeRow, nextInSeries, type DossierRow } from '../store/dossiers.ts';
import type { Attachment } from '../store/notices.ts';
import { allUnits } from '../store/registry.ts';
import { addWorkOrder } from '../store/work-orders.ts';
import { checkedRow } from './carry-out.ts';
import { XLSX } from './correction-list.ts';
import { queue } from './queue-notice.ts';
import { ssoText, two } from './result-tables.ts';
import type { ActDeps, Case } from './step.ts';

/** Words of the action column of an order. */
const ACTIONS: Readonly<Record<string, string>> = {
  CREATE_PERSON: 'Cấp mới hộp thư cá nhân',
  CREATE_UNIT: 'Cấp mới hộp thư đơn vị',
  CHANGE: 'Thay đổi thông tin',
  TRANSFER: 'Chuyển đơn vị',
  CANCEL: 'Chấm dứt',
  PASSWORD_RESET: 'Cấp lại mật khẩu',
  REOPEN: 'Mở lại',
  HANDOVER: 'Bàn giao, cấp lại mật khẩu',
};

/**
 * Hands valid rows to the executor. `decide_then_order` (ST-2.5): an order goes out at once. `collect_and_forward`
 * (BH-6.1b): the rows wait for the next consolidated list.
 */
export async function orderRows(
  tx: Tx,
  { letter, regulation }: Case,
  rows: readonly DossierRow[],
  deps: ActDeps,
): Promise<LogEvent[]> {
  const about = { letter: letter.id, dossier: letter.dossier, unit: letter.unit };
  const executor = regulation.identity.executor?.address?.value ?? null;
  if (executor === null) {
    for (const row of rows)
      await changeRow(tx, row.id, {
        state: 'officer',
        result: 'Chưa cấu hình hộp thư của cơ quan thực hiện',
      });
    return [decision({ ...about, outcome: 'no executor', actor: MACHINE })];
  }
  if (regulation.identity.mode === 'collect_and_forward') {
    for (const row of rows) await changeRow(tx, row.id, { state: 'ordered' });
    return [decision({ ...about, outcome: 'collected', detail: `${rows.length} rows`, actor: MACHINE })];
  }
  const number = await openOrder(tx, regulation.id, executor, rows, 'sent', deps);
  const attachment = await orderList(tx, number, rows, deps);
  const { identity } = regulation;
  const log = await queue(tx, deps, {
    event: `order/${number}`,
    stem: number,
    folder: regulation.templates,
    template: 'work-order',
    recipient: executor,
    dossier: letter.dossier!,
    holes: {
      order: number,
      number: letter.dossier!,
      executor: identity.executor!.name,
      operator: identity.operatorName,
      operator_signature: identity.operatorName.toUpperCase(),
      row_count: two(rows.length),
      sso: ssoText(regulation, rows),
    },
    attachments: [attachment],
  });
  return [
    decision({ ...about, outcome: 'ordered', detail: `${number}, ${rows.length} rows`, actor: MACHINE }),
    ...log,
  ];
}

/** Opens an order over rows, numbered line by line in their order. */
export async function openOrder(
  tx: Tx,
  regulation: string,
  executor: string,
  rows: readonly DossierRow[],
  state: 'draft' | 'sent',
  deps: ActDeps,
): Promise<string> {
  const now = deps.clock.now();
  const year = yearOf(now);
  const number = orderNumber(year, await nextInSeries(tx, 'order', year));
  const sentAt = state === 'sent' ? now : null;
  await addWorkOrder(tx, { number, regulation, executor, state, createdAt: now, sentAt });
  for (const [i, row] of rows.entries())
    await changeRow(tx, row.id, { state: 'ordered', order: number, orderLine: i + 1 });
  return number;
}

/** The list of an order as xlsx, with empty columns for the executor's answer. */
export async function orderList(
  tx: Tx,
  number: string,
  rows: readonly DossierRow[],
  deps: ActDeps,
): Promise<Attachment> {
  const units = new Map((await allUnits(tx.orm)).map(({ code, name }) => [code, name]));
  const lines = rows.map((row, i) => {
    const { kind, fullName, position, unit, address, newAddress, phone } = checkedRow(row);
    const where = unit === null ? '' : (units.get(unit) ?? unit);
    const action = kind === null ? '' : (ACTIONS[kind] ?? kind);
    const known = [i + 1, action, fullName, position, where, row.address ?? address, newAddress, phone];
    return [...known, row.dossier, null, null, null];
  });
  return {
    filename: `${number}.xlsx`,
    mediaType: XLSX,
    content: deps.writeWorkbook('Danh sách', [
      [`DANH SÁCH THỰC HIỆN (${number})`],
      [],
      ORDER_HEADINGS,
      ...lines,
    ]),
  };
}
