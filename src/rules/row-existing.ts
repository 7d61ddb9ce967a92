import { wantedLocalPart, wantedProblems, wantedUnitProblems } from './addresses.ts';
import { localTime } from './calendar.ts';
import { reopenNotBefore } from './lifecycle.ts';
import type { Problem } from './mailbox-list.ts';
import type { Mailbox, Unit } from './registry.ts';
import type { RequestKind } from './regulation.ts';
import type { Outcome, RowBase } from './row-context.ts';
import { NOTHING, primaryDomain } from './row-context.ts';
import { rowProblem } from './row-problems.ts';
import { findMailbox } from './row-sources.ts';
import { newUnitOf, systemDoubt } from './row-unit.ts';

/** Kinds about a mailbox that is there: it has to exist, belong to the unit and be in a fitting state. */
export function onExisting(base: RowBase, kind: RequestKind): Outcome {
  const { entry, context } = base;
  const found = findMailbox(entry, base.fullName, context);
  if ('problem' in found) return { ...NOTHING, problems: [found.problem] };
  const { mailbox } = found;
  const address = mailbox.address;
  const wrong = stateProblem(mailbox, kind);
  if (wrong !== null) return { ...NOTHING, address, mailbox, problems: [wrong] };
  const notBefore = kind === 'REOPEN' ? reopenNotBefore(mailbox, context.regulation) : null;
  const later = notBefore !== null && notBefore > localTime(context.now).date ? notBefore : null;
  const owner = context.units.find(({ code }) => code === mailbox.unit) ?? null;
  const doubt = systemDoubt(owner, context) ?? found.doubt;
  const settled: Outcome = { ...NOTHING, address, mailbox, notBefore: later, needsOfficer: doubt };
  if (kind === 'CANCEL' && mailbox.kind === 'unit')
    return { ...settled, needsOfficer: settled.needsOfficer ?? CLOSING };
  if (kind !== 'CHANGE' && kind !== 'TRANSFER') return settled;
  const after = { ...settled, ...moved(base, kind, mailbox, doubt) };
  if (kind === 'CHANGE') return after;
  const to = newUnitOf(entry, mailbox.unit, context);
  return { ...after, unit: to?.code ?? null, needsOfficer: doubt ?? transferDoubt(to) };
}

/** The new unit has to agree, and its address part is another (QB-11.3). */
const transferDoubt = (to: Unit | null): string =>
  to === null
    ? 'Chuyển công tác: xác nhận đơn vị mới và địa chỉ mới'
    : `Chuyển công tác đến ${to.name}: thống nhất với đơn vị mới, xác nhận địa chỉ mới`;

/** A body is dissolved or merged into another (TH-5.2a); its letters have to stay with somebody. */
const CLOSING = 'Đóng hộp thư của đơn vị: xác nhận quyết định, đơn vị kế thừa và việc bàn giao dữ liệu';

function stateProblem(mailbox: Mailbox, kind: RequestKind): Problem | null {
  if (mailbox.state === 'cancelled') {
    const text = `Hộp thư ${mailbox.address} đã chấm dứt hoạt động`;
    return rowProblem('mailbox_cancelled', 'currentAddress', text, 'Kiểm tra lại địa chỉ');
  }
  if (kind === 'REOPEN' && mailbox.state !== 'locked') {
    const text = `Hộp thư ${mailbox.address} không bị khóa`;
    return rowProblem('not_locked', 'currentAddress', text, 'Không cần mở lại');
  }
  return null;
}

/** The address after a change, when another is asked for. */
function moved(
  { entry, context, given }: RowBase,
  kind: RequestKind,
  mailbox: Mailbox,
  doubt: string | null,
): Partial<Outcome> {
  const wanted = entry.values.proposedAddress ?? null;
  const owner = context.units.find(({ code }) => code === mailbox.unit) ?? context.unit;
  if (wanted !== null && wantedLocalPart(wanted) !== wantedLocalPart(mailbox.address)) {
    const localPart = wantedLocalPart(wanted);
    const problems =
      // After a transfer it carries the part of another unit.
      mailbox.kind === 'unit' || kind === 'TRANSFER'
        ? wantedUnitProblems(context.regulation, wanted)
        : wantedProblems(context.regulation, wanted, owner);
    if (problems.length > 0) return { problems };
    if (given.has(localPart) || context.takenLocalPart(localPart)) {
      const text = `Địa chỉ ${localPart} đã được cấp cho người khác`;
      return { problems: [rowProblem('address_taken', 'proposedAddress', text, 'Đề xuất tên khác')] };
    }
    given.add(localPart);
    return { newAddress: `${localPart}@${primaryDomain(context.regulation)}`, needsOfficer: doubt };
  }
  return { needsOfficer: doubt };
}
