import type { ExaminedLetter } from '../evidence/port.ts';
import type { MailboxList } from '../rules/mailbox-list.ts';
import { isWithin, managerOf, type Mailbox, type Unit } from '../rules/registry.ts';
import { primaryDomain } from '../rules/row-context.ts';
import type { Tx } from '../store/database.ts';
import { allUnits, localPartsOf, mailboxesByAddress, mailboxesOf } from '../store/registry.ts';
import type { Case } from './step.ts';

/** What the registry knows about the matters of a list; rules/ never wait, so it is looked up beforehand. */
export interface World {
  readonly units: readonly Unit[];
  readonly own: readonly Mailbox[];
  readonly named: ReadonlyMap<string, Mailbox>;
  readonly taken: ReadonlySet<string>;
  readonly person: Mailbox | null;
}

/** Addresses looked up from running text; more belong into a list. */
const MOST_IN_TEXT = 100;

/** @param everywhere an authority writes: every unit's mailboxes may be meant */
export async function worldOf(
  tx: Tx,
  { letter, regulation }: Case,
  list: MailboxList,
  everywhere: boolean,
): Promise<World> {
  const units = await allUnits(tx.orm);
  const parentOf = (code: string): string | null => {
    const unit = units.find((known) => known.code === code);
    return unit === undefined ? null : managerOf(unit);
  };
  const codes = units
    .map(({ code }) => code)
    .filter((code) => everywhere || isWithin(code, letter.unit!, parentOf));
  const domain = primaryDomain(regulation);
  const asked = list.entries.flatMap(({ values }) => [values.currentAddress, values.proposedAddress]);
  const { bodyText } = letter.findings['examine'] as ExaminedLetter;
  const inBody = bodyText.match(/[\w.+-]{1,64}@[\w.-]{1,255}/g) ?? [];
  const unit = units.find(({ code }) => code === letter.unit);
  const meant = [...asked, ...inBody.slice(0, MOST_IN_TEXT), unit?.mailbox, letter.person]
    .filter((text) => text !== undefined && text !== null)
    .map((text) => (text.includes('@') ? text : `${text}@${domain}`).toLowerCase());
  const named = new Map(
    (await mailboxesByAddress(tx.orm, [...new Set(meant)])).map((box) => [box.address, box]),
  );
  return {
    units,
    own: await mailboxesOf(tx.orm, codes),
    named,
    taken: await localPartsOf(tx.orm, domain),
    person: letter.person === null ? null : (named.get(letter.person) ?? null),
  };
}
