import type { IntakeKind, Regulation } from './regulation.ts';
import { BACNINH_79_2025 } from './regulations/bacninh-79-2025.ts';
import { BIENHOA_04_2011 } from './regulations/bienhoa-04-2011.ts';
import { DONGTHAP_143_2025 } from './regulations/dongthap-143-2025.ts';
import { HCM_41_2011 } from './regulations/hcm-41-2011.ts';
import { QUANGBINH_41_2015 } from './regulations/quangbinh-41-2015.ts';
import { SOCTRANG_59_2024 } from './regulations/soctrang-59-2024.ts';
import { THANHHOA_824_2005 } from './regulations/thanhhoa-824-2005.ts';

/** Every regulation that is shipped. A new province is one file and one line here. */
export const REGULATIONS: readonly Regulation[] = freezeDeep([
  HCM_41_2011,
  QUANGBINH_41_2015,
  BIENHOA_04_2011,
  THANHHOA_824_2005,
  SOCTRANG_59_2024,
  BACNINH_79_2025,
  DONGTHAP_143_2025,
]);

/** Freezes a value and everything below it, so that no caller can bend a rule in passing. */
export function freezeDeep<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) freezeDeep(inner);
  }
  return value;
}

export function regulationById(id: string, all: readonly Regulation[] = REGULATIONS): Regulation | null {
  return all.find((regulation) => regulation.id === id) ?? null;
}

/** True when the regulation is in force on an ISO date, both ends inclusive. */
export function inForce(regulation: Regulation, on: string): boolean {
  const { effectiveFrom, effectiveTo } = regulation.legal;
  return effectiveFrom.value <= on && (effectiveTo === undefined || on <= effectiveTo);
}

/** The regulation that stands in a regulation's place on an ISO date: itself, or what has replaced it by then. */
export function versionInForce(regulation: Regulation, on: string, all: readonly Regulation[]): Regulation {
  let current = regulation;
  // As many steps as there are regulations: a circle in the operator's files must not hang the door.
  for (let left = all.length; left > 0; left--) {
    const { id } = current;
    const next = all.find(({ legal }) => legal.replaces === id && legal.effectiveFrom.value <= on);
    if (next === undefined) return current;
    current = next;
  }
  return current;
}

/** Does the regulation govern units that were registered under `id`, on an ISO date? */
export function governs(regulation: Regulation, id: string, on: string, all: readonly Regulation[]): boolean {
  const registered = regulationById(id, all);
  return registered !== null && versionInForce(registered, on, all).id === regulation.id;
}

/**
 * Are two ids versions of one system's regulation, whichever replaced which? A dossier keeps the version of its receipt
 * while its unit's entry may name an earlier or a later one.
 */
export function ofOneSystem(a: string, b: string, all: readonly Regulation[]): boolean {
  return firstVersion(a, all) === firstVersion(b, all);
}

function firstVersion(id: string, all: readonly Regulation[]): string {
  let at = id;
  // As many steps as there are regulations, for circles in the operator's files.
  for (let left = all.length; left > 0; left--) {
    const before = regulationById(at, all)?.legal.replaces;
    if (before === undefined) return at;
    at = before;
  }
  return at;
}

/** True when the domain belongs to the regulation on an ISO date. Exact match only: a typing error is no alias. */
export function ownsDomain(regulation: Regulation, domain: string, on: string): boolean {
  return regulation.identity.domains.some(
    (own) =>
      own.name === domain.toLowerCase() &&
      (own.validFrom === undefined || own.validFrom <= on) &&
      (own.validTo === undefined || on <= own.validTo),
  );
}

/**
 * The version in force at receipt: by id, or by an address of its domain. The later one wins where two overlap.
 * @param on ISO date of receipt in Việt Nam
 */
export function regulationInForce(
  key: string,
  on: string,
  all: readonly Regulation[] = REGULATIONS,
): Regulation | null {
  const at = key.lastIndexOf('@');
  const matches = (regulation: Regulation): boolean =>
    at < 0 ? regulation.id === key : ownsDomain(regulation, key.slice(at + 1), on);
  const found = all.filter((regulation) => matches(regulation) && inForce(regulation, on));
  return (
    found.toSorted((a, b) => b.legal.effectiveFrom.value.localeCompare(a.legal.effectiveFrom.value))[0] ??
    null
  );
}

/** An address that receives requests, and the regulation under which it does. */
export interface IntakeAddress {
  readonly address: string;
  readonly kind: IntakeKind;
  readonly regulation: Regulation;
}

/** The intake addresses the regulations themselves name; the operator's configuration adds the others. */
export function namedIntakes(regulations: readonly Regulation[]): IntakeAddress[] {
  return regulations.flatMap((regulation) =>
    regulation.intake.flatMap(({ kind, address }) =>
      address === undefined ? [] : [{ address: address.value.toLowerCase(), kind, regulation }],
    ),
  );
}
