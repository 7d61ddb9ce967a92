import { append } from '../mail-log/append.ts';
import { decision, mailboxChanged } from '../mail-log/events.ts';
import { shortDate } from '../notices/dates.ts';
import { articleOf, cite } from '../rules/articles.ts';
import { localTime } from '../rules/calendar.ts';
import type { Tx } from '../store/database.ts';
import { decideDeletion, openDeletionCandidates } from '../store/jobs.ts';
import { mailboxByAddress, setMailboxState, unitByCode } from '../store/registry.ts';
import { queue } from './queue-notice.ts';
import type { ActDeps } from './step.ts';

/**
 * The desk's function: an officer approves or refuses the deletion of a mailbox the lifecycle job proposed. Approved:
 * the mailbox is closed, its address never given out again, its unit told. Resolves to null, or to why not (Vietnamese).
 */
export async function decideOnDeletion(
  tx: Tx,
  address: string,
  approved: boolean,
  officer: string,
  deps: ActDeps,
): Promise<string | null> {
  const now = deps.clock.now();
  const candidate = (await openDeletionCandidates(tx.orm)).find((known) => known.address === address);
  const mailbox = await mailboxByAddress(tx.orm, address);
  if (candidate === undefined || mailbox === null) return 'Hộp thư này không chờ quyết định xóa';
  const unit = await unitByCode(tx.orm, mailbox.unit);
  const regulation = deps.regulations.find(({ id }) => id === unit?.regulation);
  if (unit === null || regulation === undefined) return 'Đơn vị quản lý hộp thư không còn trong danh mục';
  if (!(await decideDeletion(tx, address, { approved, by: officer, at: now })))
    return 'Hộp thư này đã được quyết định';
  const outcome = approved ? 'deletion approved' : 'deletion refused';
  await append(tx.sql, now, decision({ unit: unit.code, outcome, detail: address, actor: officer }));
  if (!approved) return null;
  const order = { id: `delete/${address}/${candidate.since}`, at: now, address, action: 'cancel' as const };
  const done = await deps.provisioner.carryOut(order, tx);
  if (!done.done && 'refused' in done) throw new Error(`${address} cannot be closed: ${done.refused}`);
  await setMailboxState(tx.orm, address, 'cancelled', now);
  const changed = mailboxChanged({ unit: unit.code, address, action: 'deleted', actor: officer });
  const told =
    unit.mailbox === null || !regulation.lifecycle.notifyOn.includes('delete')
      ? []
      : await queue(tx, deps, {
          event: order.id,
          stem: order.id.replaceAll(/[^\w-]+/g, '.'),
          folder: regulation.templates,
          template: 'deleted',
          recipient: unit.mailbox,
          unit: unit.code,
          holes: {
            unit: unit.name,
            operator: regulation.identity.operatorName,
            operator_signature: regulation.identity.operatorName.toUpperCase(),
            mailbox: address,
            since: shortDate(candidate.since),
            today: shortDate(localTime(now).date),
            ground: cite(regulation, articleOf(candidate.source) ?? regulation.articles.lock),
          },
        });
  await append(tx.sql, now, changed, ...told);
  return null;
}
