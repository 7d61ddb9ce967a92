import { isRegistryAddress } from './mail-address.ts';
import { isWithin, managerOf, type Unit } from './registry.ts';
import type { Regulation } from './regulation.ts';
import { tidy } from './text/normalise.ts';

/** A unit's entry as somebody typed it. */
export interface TypedUnit {
  readonly code: string;
  readonly name: string;
  readonly mailbox: string;
  readonly parent: string;
  readonly level: string;
  readonly abbreviation: string;
  readonly regulation: string;
  readonly successor: string;
  readonly active: boolean;
}

/** What the entry says; certificates and former addresses are changed on their own. */
export type UnitEntry = Omit<Unit, 'certificates' | 'formerMailboxes' | 'successor'> & {
  readonly successor: string | null;
};

export interface UnitWorld {
  readonly regulations: readonly Regulation[];
  /** Every unit of the registry. */
  readonly units: readonly Unit[];
  /** True when the address is a person's mailbox. */
  readonly isPersons: (address: string) => boolean;
}

export type ReadUnitEntry =
  | { readonly entry: UnitEntry; readonly problems: readonly [] }
  | { readonly entry: null; readonly problems: readonly string[] };

/**
 * Reads a unit's entry against the rest of the registry: the mailbox speaks for one unit only (threats.md "sender"),
 * levels are the regulation's, and nobody manages itself.
 * @returns Vietnamese sentences for whoever typed it, when something is wrong
 */
export function readUnitEntry(typed: TypedUnit, { regulations, units, isPersons }: UnitWorld): ReadUnitEntry {
  const problems: string[] = [];
  const code = typed.code.toLowerCase();
  const mailbox = orNull(typed.mailbox.toLowerCase());
  const parent = orNull(typed.parent.toLowerCase());
  const successor = orNull(typed.successor.toLowerCase());
  const regulation = regulations.find(({ id }) => id === typed.regulation);
  const others = new Map(units.filter((unit) => unit.code !== code).map((unit) => [unit.code, unit]));
  if (!/^[a-z0-9][a-z0-9._-]{0,59}$/.test(code))
    problems.push(
      'Mã đơn vị gồm chữ thường không dấu, chữ số, dấu chấm, gạch ngang; bắt đầu bằng chữ hoặc số.',
    );
  if (tidy(typed.name).length < 3) problems.push('Ghi tên đầy đủ của đơn vị.');
  if (mailbox !== null) problems.push(...mailboxProblems(mailbox, others, isPersons));
  if (parent !== null && !others.has(parent))
    problems.push(`Không có đơn vị quản lý nào mang mã “${parent}” trong sổ.`);
  if (successor !== null && !others.has(successor))
    problems.push(`Không có đơn vị kế thừa nào mang mã “${successor}” trong sổ.`);
  const managed = (at: string): string | null => {
    const unit = others.get(at);
    return unit === undefined ? null : managerOf(unit);
  };
  for (const above of [parent, successor])
    if (above !== null && isWithin(above, code, managed))
      problems.push(
        `Đơn vị “${above}” đang thuộc quyền quản lý của đơn vị này; không thể quản lý ngược lại.`,
      );
  if (regulation === undefined) problems.push('Chọn quy chế áp dụng cho đơn vị.');
  else if (!regulation.unitLevels.some(({ code: level }) => level === typed.level))
    problems.push('Chọn cấp của đơn vị theo quy chế.');
  const abbreviation = typed.abbreviation.toLowerCase() || (mailbox?.split('@')[0] ?? code);
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(abbreviation))
    problems.push('Tên viết tắt dùng trong địa chỉ thư chỉ gồm chữ không dấu, chữ số, dấu chấm, gạch ngang.');
  if (problems.length > 0) return { entry: null, problems };
  const name = tidy(typed.name);
  const { level, active } = typed;
  const entry = { code, name, mailbox, parent, level, abbreviation, active, successor };
  return { entry: { ...entry, regulation: regulation!.id }, problems: [] };
}

function mailboxProblems(
  mailbox: string,
  others: ReadonlyMap<string, Unit>,
  isPersons: (address: string) => boolean,
): string[] {
  if (!isRegistryAddress(mailbox)) return [`“${mailbox}” không phải là một địa chỉ thư.`];
  const owner = [...others.values()].find((unit) => unit.mailbox === mailbox);
  if (owner !== undefined) return [`Hộp thư ${mailbox} đã là hộp thư của ${owner.name}.`];
  return isPersons(mailbox)
    ? [`${mailbox} là hộp thư cá nhân; hộp thư của đơn vị phải là hộp thư riêng.`]
    : [];
}

const orNull = (text: string): string | null => (text === '' ? null : text);
