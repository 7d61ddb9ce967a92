import { articleOf, cite } from './articles.ts';
import type { CheckedRow } from './check-rows.ts';
import type { Regulation } from './regulation.ts';
import type { Outcome, RowBase } from './row-context.ts';
import { NOTHING } from './row-context.ts';
import { rowProblem } from './row-problems.ts';

/** DELEGATION: the head names who keeps the unit's mailbox (HCM-13.1, QB-10.1, BH-7a, TH-7.2, ST-11.3). */
export function delegate({ unit, context }: RowBase): Outcome {
  const address = (unit ?? context.unit).mailbox;
  if (address !== null) return { ...NOTHING, address };
  const text = `${(unit ?? context.unit).name} chưa có hộp thư đơn vị`;
  return { ...NOTHING, problems: [rowProblem('no_unit_mailbox', 'unit', text, 'Kiểm tra lại đơn vị')] };
}

/** Delegates beyond the number the regulation allows (TH-7.2: one) go back; the first ones named stand. */
export function tooManyDelegates(rows: readonly CheckedRow[], regulation: Regulation): CheckedRow[] {
  const { maxDelegates, source } = regulation.unitMailbox;
  if (maxDelegates === undefined) return [...rows];
  const article = articleOf(source ?? '');
  const ground = article === null ? '' : ` (${cite(regulation, article)})`;
  const count = String(maxDelegates).padStart(2, '0');
  const text = `Hộp thư của đơn vị chỉ giao cho ${count} người quản lý${ground}`;
  const problem = rowProblem('too_many_delegates', null, text, `Chỉ ghi ${count} người`);
  const named = new Map<string, number>();
  return rows.map((row) => {
    if (row.kind !== 'DELEGATION' || !row.ok || row.address === null) return row;
    const sofar = (named.get(row.address) ?? 0) + 1;
    named.set(row.address, sofar);
    return sofar <= maxDelegates
      ? row
      : { ...row, ok: false, problems: [...row.problems, problem], needsOfficer: null };
  });
}
