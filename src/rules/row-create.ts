import type { Taken } from './addresses.ts';
import {
  proposeLocalPart,
  proposeUnitLocalPart,
  wantedLocalPart,
  wantedProblems,
  wantedUnitProblems,
} from './addresses.ts';
import { foldName, leadershipRank } from './names.ts';
import type { Mailbox, Unit } from './registry.ts';
import type { Regulation } from './regulation.ts';
import type { Outcome, RowBase } from './row-context.ts';
import { NOTHING, primaryDomain } from './row-context.ts';
import { rowProblem } from './row-problems.ts';

/** CREATE_PERSON: the wanted name if it is free, else the regulation's. */
export function newPerson(base: RowBase): Outcome {
  const { entry, context, given } = base;
  const unit = base.unit ?? context.unit;
  const wanted = entry.values.proposedAddress ?? null;
  const existing = context.mailboxesOf(unit.code).find((known) => sameApplicant(known, base));
  const taken: Taken = (name) => given.has(name) || context.takenLocalPart(name);
  const problems = wanted === null ? [] : wantedProblems(context.regulation, wanted, unit);
  if (problems.length > 0) return { ...NOTHING, problems };
  const applicant = {
    fullName: base.fullName,
    birthDate: entry.values.birthDate ?? null,
    idNumber: entry.values.idNumber ?? null,
  };
  if (wanted !== null && taken(wantedLocalPart(wanted)))
    return occupied(base, wanted, applicant, unit, taken);
  const proposal = proposeLocalPart(context.regulation, { ...applicant, wanted }, unit, taken);
  if (proposal.localPart !== null) given.add(proposal.localPart);
  const address =
    proposal.localPart === null ? null : `${proposal.localPart}@${primaryDomain(context.regulation)}`;
  const double = existing === undefined ? null : `Đã có hộp thư ${existing.address} cùng họ tên và chức vụ`;
  if (namedByExecutor(context.regulation)) return { ...NOTHING, address, needsOfficer: double };
  return { ...NOTHING, address, needsOfficer: double ?? proposal.needsOfficer ?? leaderDoubt(base, address) };
}

/** BH-3a, BH-5: the executor creates the mailbox and names it by its own rules; its answer brings the address. */
export const namedByExecutor = ({ identity, addressing }: Regulation): boolean =>
  identity.mode === 'collect_and_forward' && addressing.person.length === 0;

/** Same name and post in the same unit: probably the same person asked for twice. */
const sameApplicant = (known: Mailbox, { fullName, entry }: RowBase): boolean =>
  known.state !== 'cancelled' &&
  known.kind === 'person' &&
  known.fullName === fullName &&
  known.position !== null &&
  known.position === (entry.values.position ?? null);

/** An existing mailbox is never renamed for a leader; whether that is to be done, an officer decides (QB-5.2b). */
function leaderDoubt({ entry, context }: RowBase, address: string | null): string | null {
  const { leaderPriority } = context.regulation.addressing.collision;
  if (leaderPriority === 'none' || leadershipRank(entry.values.position ?? null) === null) return null;
  return address !== null && /[a-z]\d+(?:\.|@)/u.test(address)
    ? 'Người giữ chức vụ lãnh đạo nhưng tên gốc đã được cấp; cán bộ quyết định'
    : null;
}

function occupied(
  { context }: RowBase,
  wanted: string,
  applicant: { fullName: string; birthDate: string | null; idNumber: string | null },
  unit: Unit,
  taken: Taken,
): Outcome {
  const other = proposeLocalPart(context.regulation, { ...applicant, wanted: null }, unit, taken).localPart;
  const fix = other === null ? 'Đề xuất tên khác' : `Chấp thuận ${other} hoặc đề xuất tên khác`;
  const text = `Địa chỉ ${wantedLocalPart(wanted)} đã được cấp cho người khác`;
  return { ...NOTHING, problems: [rowProblem('address_taken', 'proposedAddress', text, fix)] };
}

/** CREATE_UNIT: one mailbox per unit (TH-7.1), named by rule or as wanted. */
export function newUnit(base: RowBase): Outcome {
  const { entry, context, unit, given } = base;
  const wanted = entry.values.proposedAddress ?? null;
  // A body the registry does not have yet is put below whoever asks; it is not that unit itself.
  const itself = unit !== null && foldName(unit.name) === foldName(base.fullName);
  const mailbox = unit?.mailbox ?? null;
  if (
    itself &&
    mailbox !== null &&
    context.regulation.unitMailbox.onePerUnit &&
    context.mailboxByAddress(mailbox) !== null
  ) {
    const text = `${unit.name} đã có hộp thư đơn vị ${mailbox}`;
    return { ...NOTHING, problems: [rowProblem('unit_mailbox_exists', null, text, 'Kiểm tra lại đề nghị')] };
  }
  const parent = context.units.find(({ code }) => code === unit?.parent) ?? null;
  const known = unit !== null && unit.code !== context.unit.code;
  const byRule = known ? proposeUnitLocalPart(context.regulation, unit, parent) : null;
  const localPart = wanted === null ? byRule : wantedLocalPart(wanted);
  // The operator's own mailbox is one the regulation names.
  const wrong = wanted === null || localPart === byRule ? [] : wantedUnitProblems(context.regulation, wanted);
  if (wrong.length > 0) return { ...NOTHING, problems: wrong };
  if (localPart === null) {
    const needsOfficer = namedByExecutor(context.regulation) ? null : 'Cán bộ xác định tên hộp thư đơn vị';
    return { ...NOTHING, needsOfficer };
  }
  if (given.has(localPart) || context.takenLocalPart(localPart)) {
    const text = `Địa chỉ ${localPart} đã được cấp`;
    return {
      ...NOTHING,
      problems: [rowProblem('address_taken', 'proposedAddress', text, 'Đề xuất tên khác')],
    };
  }
  given.add(localPart);
  const needsOfficer = localPart === byRule ? null : 'Cán bộ xác nhận tên hộp thư đơn vị';
  return { ...NOTHING, address: `${localPart}@${primaryDomain(context.regulation)}`, needsOfficer };
}
