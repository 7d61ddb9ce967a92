import { proposeLocalPart } from '../../rules/addresses.ts';
import { foldName } from '../../rules/names.ts';
import type { Unit } from '../../rules/registry.ts';
import { primaryDomain } from '../../rules/row-context.ts';
import type { Tx } from '../../store/database.ts';
import type { DossierRow } from '../../store/dossiers.ts';
import { checkedRow } from '../carry-out.ts';
import { worldOf, type World } from '../world.ts';
import type { DeskCase } from './action.ts';
import { rowMoves } from './recheck-row.ts';
import { waitsForOfficer } from './rows.ts';

/** As many as an officer compares. */
const MOST_PROPOSED = 4;
const MOST_LISTED = 50;

/**
 * Addresses an officer may choose from for each row that waits, the likeliest first: free ones by the regulation's own
 * rule for a new mailbox, else the unit's mailboxes, those of the same name first.
 */
export async function rowChoices(tx: Tx, work: DeskCase): Promise<ReadonlyMap<string, Choices>> {
  const waiting = work.rows.filter(waitsForOfficer);
  if (waiting.length === 0) return new Map();
  const world = await worldOf(tx, work, { entries: [], problems: [] }, false);
  const units = world.units.filter(({ active, regulation }) => active && regulation === work.regulation.id);
  return new Map(
    waiting.map((row) => {
      const moves = rowMoves(row);
      const { newAddress } = checkedRow(row);
      const renamed = moves ? [...(newAddress === null ? [] : [newAddress]), ...free(row, work, world)] : [];
      const addresses = choicesOf(row, work, world);
      return [row.id, { addresses: unique(addresses), renamed: unique(renamed), units: moves ? units : [] }];
    }),
  );
}

/** What an officer may choose from for one row; `renamed` and `units` for a mailbox that goes to another unit. */
export interface Choices {
  readonly addresses: readonly string[];
  readonly renamed: readonly string[];
  readonly units: readonly Unit[];
}

const unique = (texts: readonly string[]): string[] => [...new Set(texts)];

function choicesOf(row: DossierRow, work: DeskCase, world: World): string[] {
  const { kind, fullName } = checkedRow(row);
  if (kind === 'CREATE_PERSON')
    return [...(row.address === null ? [] : [row.address]), ...free(row, work, world)];
  if (kind === 'CREATE_UNIT') return row.address === null ? [] : [row.address];
  const name = foldName(fullName);
  const boxes = world.own.filter(({ state }) => state !== 'cancelled');
  const same = boxes.filter((box) => foldName(box.fullName) === name);
  return (same.length > 0 ? same : boxes).slice(0, MOST_LISTED).map(({ address }) => address);
}

function free(row: DossierRow, { regulation, letter }: DeskCase, world: World): string[] {
  const { unit: code, fullName, birthDate, idNumber } = checkedRow(row);
  const unit = world.units.find((one) => one.code === (code ?? letter.unit));
  if (unit === undefined) return [];
  const applicant = { fullName, birthDate, idNumber, wanted: null };
  const found: string[] = [];
  while (found.length < MOST_PROPOSED) {
    const taken = (name: string): boolean => world.taken.has(name) || found.includes(name);
    const { localPart } = proposeLocalPart(regulation, applicant, unit, taken);
    if (localPart === null) break;
    found.push(localPart);
  }
  return found.map((localPart) => `${localPart}@${primaryDomain(regulation)}`);
}
