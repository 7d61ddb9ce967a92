/** The registry as the rules see it: plain values, read by store, judged here. */

/** A unit (đơn vị) of a province. `parent` is its managing unit's code; successors follow a merger. */
export interface Unit {
  readonly code: string;
  readonly name: string;
  /** The unit's own official mailbox; the only address that speaks for it. Lower-case. */
  readonly mailbox: string | null;
  readonly parent: string | null;
  /** A level code of the regulation ("so", "huyen", "xa" …). */
  readonly level: string;
  readonly regulation: string;
  /** What stands for the unit in addresses ("snv"); the code where the registry names none. */
  readonly abbreviation: string;
  /** SHA-256 fingerprints (hex, lower-case) of certificates pinned for this unit. */
  readonly certificates: readonly string[];
  readonly active: boolean;
  /** Addresses it wrote from before a renaming and may still be known by. Lower-case. */
  readonly formerMailboxes?: readonly string[];
  /** Code of the unit that took over after a merger; its requests may touch this unit's mailboxes. */
  readonly successor?: string | null;
}

/** Why a mailbox is locked: `first_password` makes reopening wait (HCM-9.3b). */
export const LOCK_REASONS = ['inactive', 'first_password', 'officer'] as const;
export type LockReason = (typeof LOCK_REASONS)[number];

export const MAILBOX_KINDS = ['person', 'unit'] as const;
export type MailboxKind = (typeof MAILBOX_KINDS)[number];

/**
 * - `pending`: issued, owner has not set a password yet; receives mail
 * - `active`: in use
 * - `locked`: cannot log in, still receives
 * - `cancelled`: closed at the unit's request; the address stays taken
 */
export const MAILBOX_STATES = ['pending', 'active', 'locked', 'cancelled'] as const;
export type MailboxState = (typeof MAILBOX_STATES)[number];

export interface Mailbox {
  /** Lower-case addr-spec. */
  readonly address: string;
  readonly kind: MailboxKind;
  readonly fullName: string;
  readonly position: string | null;
  /** Code of the unit that manages it. */
  readonly unit: string;
  readonly state: MailboxState;
  readonly createdAt: Date;
  readonly lastLogin: Date | null;
  readonly lockedAt: Date | null;
  readonly lockReason?: LockReason | null;
}

/** What an address is, according to the registry. Only the registry knows: `x.y@` may be either. */
export type Sender =
  | { readonly kind: 'unit'; readonly unit: Unit }
  | { readonly kind: 'person'; readonly mailbox: Mailbox; readonly unit: Unit }
  | { readonly kind: 'unknown' };

/** Who manages a unit: after a merger its successor, else the unit above it. */
export const managerOf = ({ successor, parent }: Pick<Unit, 'successor' | 'parent'>): string | null =>
  successor ?? parent;

/** True when `code` is `ancestor` or lies below it. Loop-safe: a registry import may contain a cycle by mistake. */
export function isWithin(code: string, ancestor: string, parentOf: (code: string) => string | null): boolean {
  const seen = new Set<string>();
  for (let at: string | null = code; at !== null && !seen.has(at); at = parentOf(at)) {
    if (at === ancestor) return true;
    seen.add(at);
  }
  return false;
}
