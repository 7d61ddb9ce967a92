import type { LogEvent } from '../mail-log/event.ts';
import { isWithin, managerOf } from '../rules/registry.ts';
import type { Tx } from '../store/database.ts';
import type { Dossier, DossierRow } from '../store/dossiers.ts';
import { allUnits } from '../store/registry.ts';
import { checkedRow, type Done } from './carry-out.ts';
import { handOut } from './hand-out.ts';
import { doneTable } from './result-tables.ts';
import type { ActDeps, Case } from './step.ts';
import { writeNotice } from './write-notice.ts';

/** Does a row of an authority's decision concern a unit other than the authority's own? */
export function isForeign({ letter }: Case, row: DossierRow): boolean {
  const { kinds } = (letter.findings['register'] ?? { kinds: [] }) as { kinds: readonly string[] };
  const { unit } = checkedRow(row);
  return kinds.includes('AUTHORITY_DECISION') && unit !== null && unit !== letter.unit;
}

/** Units whose mailboxes a decision of Sở Nội vụ changed are told, with their own rows and links alone (HCM-7.2c). */
export async function tellAffected(
  tx: Tx,
  work: Case,
  dossier: Dossier,
  done: readonly Done[],
  links: ReadonlyMap<string, string>,
  deps: ActDeps,
): Promise<LogEvent[]> {
  if (done.length === 0) return [];
  const units = await allUnits(tx.orm);
  const parentOf = (code: string): string | null => {
    const unit = units.find((known) => known.code === code);
    return unit === undefined ? null : managerOf(unit);
  };
  const log: LogEvent[] = [];
  // A room without a mailbox of its own is told through the unit above it.
  const speaking = (code: string | null) =>
    units.find(({ code: at, mailbox }) => mailbox !== null && code !== null && isWithin(code, at, parentOf));
  const byUnit = Map.groupBy(done, ({ row }) => {
    const own = units.find(({ code, mailbox }) => code === checkedRow(row).unit && mailbox !== null);
    return own ?? speaking(checkedRow(row).unit) ?? null;
  });
  for (const [unit, rows] of byUnit) {
    if (unit === null || unit.mailbox === null) continue;
    const own = new Map([...links].filter(([id]) => rows.some(({ row }) => row.id === id)));
    const to = { recipient: unit.mailbox, unit, dossier: dossier.number };
    const handed = handOut(work, to, rows, own, deps);
    log.push(
      ...(await writeNotice(tx, work, deps, {
        template: 'authority',
        key: `authority/${unit.code}/${rows[0]!.row.id}`,
        dossier,
        recipient: unit.mailbox,
        holes: {
          unit: unit.name,
          authority: units.find(({ code }) => code === work.letter.unit)?.name ?? '',
          done_rows: doneTable(rows, handed.places),
          activation: handed.paragraph,
        },
        attachments: handed.attachments,
        detail: handed.detail,
      })),
    );
  }
  return log;
}
