import { randomUUID } from 'node:crypto';
import { append } from '../mail-log/append.ts';
import type { LogEvent } from '../mail-log/event.ts';
import { decision, MACHINE } from '../mail-log/events.ts';
import { longDate, yearOf } from '../notices/dates.ts';
import { draftBlocks } from '../notices/render.ts';
import { cite } from '../rules/articles.ts';
import type { Regulation } from '../rules/regulation.ts';
import { addDocument, documentById, signDocument } from '../store/documents.ts';
import type { Tx } from '../store/database.ts';
import { lockNamespace, nextInSeries, rowsOfOrder, type DossierRow } from '../store/dossiers.ts';
import { changeWorkOrder, uncollectedRows, workOrderByNumber } from '../store/work-orders.ts';
import { orderList, openOrder } from './order-rows.ts';
import { queue } from './queue-notice.ts';
import { placeOf, type SignedFileProof } from './reply-document.ts';
import { two } from './result-tables.ts';
import type { ActDeps } from './step.ts';

export interface Drafted {
  readonly order: string;
  readonly document: string;
  readonly rows: number;
  /** True when the operator's key signed the covering letter and the list is on its way. */
  readonly sent: boolean;
  readonly log: readonly LogEvent[];
}

/**
 * Merges the accepted rows of all units into one consolidated list with a covering letter (BH-6.1b). The letter waits
 * for an officer's signature (`sendConsolidated`), or is signed and sent at once where the operator switched that on.
 * null when no row waits.
 */
export async function draftConsolidated(
  tx: Tx,
  regulation: Regulation,
  actor: string,
  deps: ActDeps,
): Promise<Drafted | null> {
  const { executor } = regulation.identity;
  // The job and an officer must not put one row on two lists.
  await lockNamespace(tx, `collect ${regulation.id}`);
  const waiting = (await uncollectedRows(tx.orm, regulation.id)).map(({ row }) => row);
  if (waiting.length === 0 || executor?.address === undefined) return null;
  const now = deps.clock.now();
  const order = await openOrder(tx, regulation.id, executor.address.value, waiting, 'draft', deps);
  const files = await deps.documents.write(await coveringLetter(tx, regulation, order, waiting, deps), now);
  const signed = deps.documents.sign?.(files.pdf) ?? null;
  const document = randomUUID();
  await addDocument(tx, {
    id: document,
    purpose: 'covering',
    order,
    state: signed === null ? 'draft' : 'signed',
    createdAt: now,
    ...files,
    signed,
    ...(signed === null ? {} : { signedAt: now, signedBy: MACHINE }),
  });
  const log = [decision({ outcome: 'consolidated', detail: `${order}: ${waiting.length} rows`, actor })];
  if (signed !== null) log.push(...(await send(tx, regulation, order, signed, deps)));
  return { order, document, rows: waiting.length, sent: signed !== null, log };
}

async function coveringLetter(
  tx: Tx,
  regulation: Regulation,
  order: string,
  rows: readonly DossierRow[],
  deps: ActDeps,
) {
  const { identity } = regulation;
  const now = deps.clock.now();
  const numbered = deps.documents.sign !== null;
  const year = yearOf(now);
  const figure = numbered ? String(await nextInSeries(tx, `document ${regulation.id}`, year)) : '        ';
  const executor = identity.executor!.name;
  const { subject, blocks } = draftBlocks(regulation.templates, 'covering-letter', {
    operator: identity.operatorName,
    executor,
    order,
    row_count: two(rows.length),
    unit_count: two(new Set(rows.map(({ dossier }) => dossier)).size),
    article: cite(regulation, regulation.articles.request),
  });
  return {
    superior: `UBND ${identity.provinceName.split(',')[0] ?? ''}`.toUpperCase(),
    organ: identity.operatorName.toUpperCase(),
    number: `Số: ${figure}/${identity.operatorAbbr}-TĐT`,
    placeAndDate: `${placeOf(identity.provinceName)}, ${longDate(now)}`,
    about: subject,
    to: executor,
    blocks,
    signer: numbered ? identity.operatorName.toUpperCase() : 'THỦ TRƯỞNG CƠ QUAN',
    recipients: ['Như trên;', 'Lưu: VT.'],
  };
}

async function send(
  tx: Tx,
  regulation: Regulation,
  order: string,
  covering: Buffer,
  deps: ActDeps,
): Promise<LogEvent[]> {
  const { identity } = regulation;
  const rows = await rowsOfOrder(tx.orm, order);
  await changeWorkOrder(tx, order, { state: 'sent', sentAt: deps.clock.now() });
  return queue(tx, deps, {
    event: `order/${order}`,
    stem: order,
    folder: regulation.templates,
    template: 'consolidated',
    recipient: identity.executor!.address!.value,
    holes: {
      order,
      executor: identity.executor!.name,
      operator: identity.operatorName,
      operator_signature: identity.operatorName.toUpperCase(),
      row_count: two(rows.length),
    },
    attachments: [
      { filename: `${order}-cong-van.pdf`, mediaType: 'application/pdf', content: covering },
      await orderList(tx, order, rows, deps),
    ],
  });
}

/**
 * The desk's function: an officer attaches the signed covering letter, and the list goes to the executor. Resolves to
 * null, or to why the file is not taken (Vietnamese).
 */
export async function sendConsolidated(
  tx: Tx,
  document: string,
  bytes: Buffer,
  proof: SignedFileProof,
  officer: string,
  deps: ActDeps,
): Promise<string | null> {
  const covering = await documentById(tx.orm, document);
  const number = covering?.order ?? null;
  const order = number === null ? null : await workOrderByNumber(tx.orm, number);
  const regulation = deps.regulations.find(({ id }) => id === order?.regulation);
  if (order === null || regulation === undefined) return 'Không có văn bản này';
  if (!proof.passed) return `Chữ ký số trên tệp chưa hợp lệ: ${proof.explanation}`;
  const now = deps.clock.now();
  if (!(await signDocument(tx, document, bytes, officer, now))) return 'Văn bản này đã được ký trước đó';
  const detail = `${order.number} signed by ${proof.signer ?? 'unknown'}`;
  const log = [decision({ outcome: 'covering letter signed', detail, actor: officer })];
  await append(tx.sql, now, ...log, ...(await send(tx, regulation, order.number, bytes, deps)));
  return null;
}
