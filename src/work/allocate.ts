import { proposeLocalPart } from '../rules/addresses.ts';
import { leadershipRank } from '../rules/names.ts';
import type { Regulation } from '../rules/regulation.ts';
import { primaryDomain } from '../rules/row-context.ts';
import type { Tx } from '../store/database.ts';
import { changeRow, lockNamespace, rowsOfDay, type DossierRow } from '../store/dossiers.ts';
import { allUnits, localPartsOf } from '../store/registry.ts';
import { checkedRow } from './carry-out.ts';

const NO_RANK = 99;

/**
 * Gives out the addresses of one day of receipt, once for all letters of that day: leaders first, then in the order
 * the letters came (ST-3.4b). The first letter that goes on afterwards does it for the others; a lock keeps two
 * gateways from doing it at the same time.
 * @param day ISO date of receipt, over by now
 */
export async function allocateDay(tx: Tx, regulation: Regulation, day: string): Promise<void> {
  await lockNamespace(tx, regulation.id);
  const rows = await rowsOfDay(tx.orm, regulation.id, day);
  if (rows.length === 0) return;
  const domain = primaryDomain(regulation);
  const taken = await localPartsOf(tx.orm, domain);
  const units = await allUnits(tx.orm);
  const byRank = regulation.addressing.collision.leaderPriority === 'same_day';
  const rank = (row: DossierRow): number =>
    byRank ? (leadershipRank(checkedRow(row).position) ?? NO_RANK) : 0;
  for (const row of rows.toSorted((a, b) => rank(a) - rank(b))) {
    const checked = checkedRow(row);
    const unit = units.find(({ code }) => code === checked.unit);
    if (unit === undefined) continue;
    const { localPart, needsOfficer } = proposeLocalPart(regulation, checked, unit, (name) =>
      taken.has(name),
    );
    const address = localPart === null ? null : `${localPart}@${domain}`;
    if (localPart !== null) taken.add(localPart);
    const given = { ...checked, address, allocateAfter: null };
    const change = localPart === null ? { state: 'officer' as const, result: needsOfficer } : {};
    await changeRow(tx, row.id, { row: given, address, ...change });
  }
}
