import type { Mailbox, Unit } from './registry.ts';
import type { Regulation, SenderKind } from './regulation.ts';

/** Who speaks, by the registry alone. */
export function channelOfUnit(unit: Unit, person: Mailbox | null, regulation: Regulation): SenderKind {
  if (person !== null) return 'personal_mailbox';
  if (regulation.authorityMailboxes.some(({ value }) => value === unit.mailbox)) return 'authority_mailbox';
  const level = regulation.unitLevels.find(({ code }) => code === unit.level);
  return level?.subordinate === true ? 'sub_unit_mailbox' : 'unit_mailbox';
}
