import { isOfSystem, type RowContext } from './row-context.ts';
import type { ListEntry, Problem } from './mailbox-list.ts';
import { foldName } from './names.ts';
import type { Unit } from './registry.ts';
import { isWithin, managerOf } from './registry.ts';
import type { RequestKind } from './regulation.ts';
import { rowProblem } from './row-problems.ts';

interface RowUnit {
  readonly unit: Unit | null;
  readonly problems: readonly Problem[];
  /** Vietnamese, for an officer. */
  readonly doubt: string | null;
}

/** Words that begin the name of a body of its own, folded; anything else is taken as a room of the sender. */
const BODY =
  /^(?:so|uy ban|ubnd|chi cuc|cuc|trung tam|ban quan ly|benh vien|truong|vien|cong ty|hoi|tinh|huyen|thanh pho|xa|phuong|thi tran|quan)\b/u;

/**
 * The unit a row belongs to. A unit may ask only for itself and its descendants (QB-4.1 "đơn vị trực tiếp quản lý",
 * HCM-15.2, requirements.md §6.2).
 */
export function unitOfRow(entry: ListEntry, kind: RequestKind | null, context: RowContext): RowUnit {
  const text = entry.values.unit ?? (kind === 'CREATE_UNIT' ? entry.values.fullName : undefined) ?? '';
  const inside = departmentOf(entry, context);
  if (text === '') return { unit: inside ?? context.unit, problems: [], doubt: null };
  const named = unitsNamed(text, context);
  const own = named.find((unit) => mayTouch(unit.code, context));
  if (own !== undefined)
    return { unit: inside ?? own, problems: [], doubt: systemDoubt(inside ?? own, context) };
  if (named.length > 0 && kind !== 'TRANSFER') {
    const problem = rowProblem(
      'not_own_unit',
      'unit',
      'Không thuộc đơn vị quản lý',
      'Kiểm tra lại đơn vị công tác',
    );
    return { unit: null, problems: [problem], doubt: null };
  }
  const foreign = BODY.test(foldName(text)) && kind !== 'TRANSFER';
  const doubt = foreign ? `Chưa có trong danh mục đơn vị: “${text}”` : null;
  return { unit: inside ?? context.unit, problems: [], doubt };
}

/**
 * Merged provinces: a unit may have taken over, or manage, a unit of another system. It may speak for it, but what is to
 * be done follows that system's regulation and is carried out by that system's people.
 */
export function systemDoubt(unit: Unit | null, context: RowContext): string | null {
  if (unit === null || isOfSystem(context, unit)) return null;
  return `${unit.name} thuộc hệ thống thư theo quy chế khác: cán bộ xem xét, thực hiện theo quy chế đó`;
}

/** A mailbox can go to another active unit of the same system (QB-11.3). */
export const mayTakeOver = (unit: Unit, from: string | null, ofSystem: boolean): boolean =>
  unit.active && unit.code !== from && ofSystem;

/** The unit a person moves to, as the row names it; a column may also name the unit the person comes from. */
export function newUnitOf(entry: ListEntry, from: string, context: RowContext): Unit | null {
  const named = unitsNamed(entry.values.unit ?? '', context);
  const others = named.filter((unit) => mayTakeOver(unit, from, isOfSystem(context, unit)));
  return others.length === 1 ? others[0]! : null;
}

/** A department is a unit of its own only when the registry has it below the sender. */
function departmentOf(entry: ListEntry, context: RowContext): Unit | null {
  const text = entry.values.department ?? '';
  if (text === '') return null;
  return unitsNamed(text, context).find((unit) => mayTouch(unit.code, context)) ?? null;
}

function unitsNamed(text: string, { units }: RowContext): Unit[] {
  const key = foldName(text);
  return units.filter(
    ({ name, code, abbreviation, mailbox }) =>
      foldName(name) === key ||
      code.toLowerCase() === text.toLowerCase() ||
      foldName(abbreviation) === key ||
      mailbox === text.toLowerCase(),
  );
}

/** The managing-unit rule for one unit code. */
export function mayTouch(code: string, context: RowContext): boolean {
  const { unit, units, authority } = context;
  if (authority === true) return units.some((known) => known.code === code && isOfSystem(context, known));
  const parents = new Map(units.map((known) => [known.code, managerOf(known)]));
  return isWithin(code, unit.code, (at) => parents.get(at) ?? null);
}
