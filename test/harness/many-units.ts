import type { Database } from '../../src/store/database.ts';
import { upsertUnits } from '../../src/store/registry.ts';

/** So many that under load no unit writes often enough to be taken for an automaton (src/rules/automatic-answers.ts). */
const UNITS = 3000;

/** The mailbox letter n is written from. */
export const unitAddress = (n: number): string => `donvi${n % UNITS}@quangbinh.gov.vn`;

export const registerUnits = (db: Database): Promise<void> =>
  db.transaction((tx) =>
    upsertUnits(
      tx,
      Array.from({ length: UNITS }, (_, n) => ({
        code: `donvi${n}`,
        name: `Đơn vị ${n}`,
        regulation: 'vn-quangbinh-41-2015',
        mailbox: unitAddress(n),
        parent: null,
        level: 'so',
        abbreviation: `donvi${n}`,
      })),
    ),
  );
