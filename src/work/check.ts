import { randomUUID } from 'node:crypto';
import type { ExaminedLetter } from '../evidence/port.ts';
import { decision, MACHINE } from '../mail-log/events.ts';
import { checkRows, type CheckedRow, type CheckedRows } from '../rules/check-rows.ts';
import type { MailboxList } from '../rules/mailbox-list.ts';
import { isWithin, type Mailbox, type Unit } from '../rules/registry.ts';
import type { RequestKind } from '../rules/regulation.ts';
import type { RowState } from '../rules/dossier.ts';
import { addRows } from '../store/dossiers.ts';
import { allUnits, localPartsOf, mailboxByAddress, mailboxesOf } from '../store/registry.ts';
import type { Case, Step, StepDeps } from './step.ts';

interface World {
  readonly units: readonly Unit[];
  readonly own: readonly Mailbox[];
  readonly named: ReadonlyMap<string, Mailbox>;
  readonly taken: ReadonlySet<string>;
  readonly person: Mailbox | null;
}

/** Checks each row against regulation and registry; decides nothing about the dossier yet. */
export const check: Step<CheckedRows> = {
  name: 'check',
  async look(work, deps) {
    return rowsOf(work, await worldOf(work, deps), deps);
  },
  async act(tx, { letter }, checked) {
    await addRows(
      tx,
      checked.rows.map((row, position) => ({
        id: randomUUID(),
        dossier: letter.dossier!,
        letter: letter.id,
        position,
        state: stateOf(row),
        address: row.address,
        row,
        result: row.needsOfficer,
      })),
    );
    const faulty = checked.rows.filter((row) => !row.ok).length;
    const detail = `${checked.rows.length} rows, ${faulty} faulty, ${checked.problems.length} problems of the list`;
    return {
      course: 'on',
      finding: { problems: checked.problems },
      log: [
        decision({
          letter: letter.id,
          dossier: letter.dossier,
          unit: letter.unit,
          outcome: 'rows checked',
          detail,
          actor: MACHINE,
        }),
      ],
    };
  },
};

function stateOf(row: CheckedRow): RowState {
  if (!row.ok) return 'faulty';
  return row.needsOfficer === null && row.notBefore === null ? 'valid' : 'officer';
}

async function worldOf({ letter, regulation }: Case, deps: StepDeps): Promise<World> {
  const list = letter.findings['read-list'] as MailboxList;
  return deps.db.transaction(async (tx) => {
    const units = await allUnits(tx.orm);
    const parentOf = (code: string): string | null =>
      units.find((unit) => unit.code === code)?.parent ?? null;
    const codes = units.map(({ code }) => code).filter((code) => isWithin(code, letter.unit!, parentOf));
    const named = new Map<string, Mailbox>();
    const domain = primaryDomain(regulation);
    const asked = list.entries.flatMap(({ values }) => [values.currentAddress, values.proposedAddress]);
    const inBody =
      (letter.findings['examine'] as ExaminedLetter).bodyText.match(/[\w.+-]{1,64}@[\w.-]{1,255}/g) ?? [];
    for (const text of [...asked, ...inBody.slice(0, 100)]) {
      if (text === undefined) continue;
      const address = (text.includes('@') ? text : `${text}@${domain}`).toLowerCase();
      const mailbox = await mailboxByAddress(tx.orm, address);
      if (mailbox !== null) named.set(address, mailbox);
    }
    const person = letter.person === null ? null : await mailboxByAddress(tx.orm, letter.person);
    if (person !== null) named.set(person.address, person);
    return {
      units,
      own: await mailboxesOf(tx.orm, codes),
      named,
      taken: await localPartsOf(tx.orm, domain),
      person,
    };
  });
}

const primaryDomain = (regulation: Case['regulation']): string =>
  (regulation.identity.domains.find(({ primary }) => primary) ?? regulation.identity.domains[0]!).name;

function rowsOf({ letter, regulation }: Case, world: World, deps: StepDeps): CheckedRows {
  const examined = letter.findings['examine'] as ExaminedLetter;
  const { kinds } = letter.findings['register'] as { kinds: RequestKind[] };
  return checkRows(letter.findings['read-list'] as MailboxList, {
    regulation,
    unit: world.units.find(({ code }) => code === letter.unit)!,
    person: world.person,
    kinds,
    units: world.units,
    mailboxByAddress: (address) =>
      world.named.get(address) ?? world.own.find((box) => box.address === address) ?? null,
    mailboxesOf: (unit) => world.own.filter((box) => box.unit === unit),
    takenLocalPart: (name) => world.taken.has(name),
    now: deps.clock.now(),
    bodyText: `${examined.subject}\n${examined.bodyText}`,
  });
}
