import type { Taken } from './addresses.ts';
import type { ListEntry, Problem } from './mailbox-list.ts';
import type { Mailbox, Unit } from './registry.ts';
import type { Regulation, RequestKind } from './regulation.ts';

/** What the registry knows, handed in as values and lookups; nothing here writes or waits. */
export interface RowContext {
  readonly regulation: Regulation;
  /** The sending unit, or the unit of the person who wrote. */
  readonly unit: Unit;
  /** Set when a person wrote: only the own mailbox may be touched. */
  readonly person: Mailbox | null;
  readonly kinds: readonly RequestKind[];
  readonly units: readonly Unit[];
  readonly mailboxByAddress: (address: string) => Mailbox | null;
  /** Mailboxes of a unit itself, without its sub-units'. */
  readonly mailboxesOf: (unit: string) => readonly Mailbox[];
  /** True when a local part was ever given out under the regulation's primary domain. */
  readonly takenLocalPart: Taken;
  readonly now: Date;
  /** Subject and text of the letter and of those it completes. */
  readonly bodyText: string;
  /** Acceptance of the letter; now where absent. */
  readonly receivedAt?: Date;
  /** True when the dossier has rows already: a completing letter needs no list of its own. */
  readonly completesDossier?: boolean;
  /** A deciding authority writes (HCM-7.2c): it may speak about every unit of the system, citing its decision. */
  readonly authority?: boolean;
  /**
   * Is a unit that was registered under this regulation id one of this system? Units keep the id of their import while
   * later versions take its place. Only this regulation's own id where absent.
   */
  readonly sameSystem?: (registered: string) => boolean;
  /** May this kind be asked by this sender in this way? Rows may ask for more than the letter's words did. */
  readonly mayAsk?: (kind: RequestKind) => Problem | null;
}

/** A unit of the system whose regulation judges the row, whichever version it was registered under. */
export const isOfSystem = ({ regulation, sameSystem }: RowContext, unit: Unit): boolean =>
  sameSystem?.(unit.regulation) ?? unit.regulation === regulation.id;

/** A row on its way through the checks. */
export interface RowBase {
  readonly entry: ListEntry;
  readonly kind: RequestKind | null;
  readonly unit: Unit | null;
  readonly fullName: string;
  readonly context: RowContext;
  /** Local parts given to earlier rows of this list. */
  readonly given: Set<string>;
}

/** What a row comes to: an address, or why not. */
export interface Outcome {
  readonly address: string | null;
  readonly newAddress: string | null;
  readonly problems: readonly Problem[];
  readonly needsOfficer: string | null;
  readonly mailbox: Mailbox | null;
  readonly notBefore: string | null;
  /** TRANSFER: code of the unit that takes the mailbox over, null where the row does not tell. */
  readonly unit?: string | null;
}

export const NOTHING: Outcome = {
  address: null,
  newAddress: null,
  problems: [],
  needsOfficer: null,
  mailbox: null,
  notBefore: null,
};

/** The domain new addresses are given under. */
export const primaryDomain = (regulation: Regulation): string =>
  (regulation.identity.domains.find(({ primary }) => primary) ?? regulation.identity.domains[0]!).name;
