import { proposeLocalPart, proposeUnitLocalPart } from './addresses.ts';
import { SCHEDULE } from './campaigns.ts';
import type { Unit } from './registry.ts';
import type { AddressPattern, Regulation } from './regulation.ts';

/** A fault of a regulation whose values are each right but do not fit together. */
export interface Inconsistency {
  /** "addressing.person.0.example" */
  readonly path: string;
  readonly message: string;
}

/** What the form alone cannot say; every regulation that ships passes it too. */
export function inconsistencies(regulation: Regulation): Inconsistency[] {
  const { legal, identity, intake, unitLevels, addressing, reports, upkeep = [] } = regulation;
  const faults: Inconsistency[] = [];
  const say = (path: string, message: string): void => {
    faults.push({ path, message });
  };
  if (legal.effectiveFrom.value < legal.issuedOn)
    say('legal.effectiveFrom.value', `lies before legal.issuedOn (${legal.issuedOn})`);
  if (!intake.some(({ kind }) => kind === 'request'))
    say('intake', 'no entry of kind request: nobody could ask for anything');
  const domains = identity.domains.map(({ name }) => name);
  for (const [i, { address }] of intake.entries())
    if (address !== undefined && !domains.includes(address.value.split('@')[1] ?? ''))
      say(`intake.${i}.address.value`, `is in none of the domains (${domains.join(', ')})`);
  if (identity.mode !== 'execute' && identity.executor === undefined)
    say('identity.executor', `mode ${identity.mode} needs the body that carries out, with its name`);
  const levels = unitLevels.map(({ code }) => code);
  for (const [i, code] of levels.entries())
    if (levels.indexOf(code) !== i) say(`unitLevels.${i}.code`, `"${code}" stands twice`);
  if (levels.length === 0) say('unitLevels', 'no level: no unit could be registered');
  for (const kind of ['unit', 'person'] as const)
    for (const [i, pattern] of addressing[kind].entries()) {
      const path = `addressing.${kind}.${i}`;
      if (pattern.level !== '*' && !levels.includes(pattern.level))
        say(`${path}.level`, `is none of the unitLevels (${levels.join(', ')}), nor "*"`);
      const made = kind === 'unit' ? unitExample(regulation, pattern) : personExample(regulation, pattern);
      // A province whose domain was renamed keeps the examples of its text.
      if (made !== pattern.example[1].split('@')[0])
        say(
          `${path}.example`,
          `"${pattern.example[0]}" gives "${made}", not "${pattern.example[1]}" (${kind === 'unit' ? EXAMPLE_OF_UNIT : EXAMPLE_OF_PERSON})`,
        );
    }
  for (const [list, entries] of [
    ['reports', reports],
    ['upkeep', upkeep],
  ] as const)
    for (const [i, { schedule }] of entries.entries())
      if (!SCHEDULE.test(schedule))
        say(
          `${list}.${i}.schedule`,
          `"${schedule}" is none of quarterly, every 6 months, yearly, periodic, before MM-DD`,
        );
  return faults;
}

const EXAMPLE_OF_PERSON = 'the first text is: full name, comma, the unit’s abbreviation or the ID number';
const EXAMPLE_OF_UNIT =
  'the first text is: name of the unit, and after a comma its local part where it has a parent’s';

const exampleUnit = (over: Partial<Unit>): Unit => ({
  code: 'example',
  name: '',
  mailbox: null,
  parent: null,
  level: '',
  regulation: '',
  abbreviation: '',
  certificates: [],
  active: true,
  ...over,
});

/** The local part of "Nguyễn Văn An, snv" (abbreviation) or "Nguyễn Văn An, 001080012345" (ID number). */
function personExample(regulation: Regulation, { example: [input], level }: AddressPattern): string {
  const [fullName = '', extra = ''] = input.split(', ');
  const applicant = { fullName, birthDate: null, idNumber: extra, wanted: null };
  const own = exampleUnit({ abbreviation: extra, level });
  return proposeLocalPart(regulation, applicant, own, () => false).localPart ?? '';
}

/** The local part of "Sở Nội vụ" or, with a parent's part, "Trung tâm Hành chính, tthc.snv". */
function unitExample(regulation: Regulation, { example: [input, address], level }: AddressPattern): string {
  const [name = '', parts = address.split('@')[0]!] = input.split(', ');
  const [abbreviation = '', parent = ''] = parts.split('.');
  const own = exampleUnit({ name, abbreviation, level });
  return proposeUnitLocalPart(regulation, own, exampleUnit({ abbreviation: parent })) ?? '';
}
