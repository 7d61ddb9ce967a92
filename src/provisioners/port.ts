import type { MailboxKind } from '../rules/registry.ts';

/**
 * Port of the provisioning targets: where mailboxes really are made.
 *
 * The runner calls `carryOut` once per row inside the step "provision"; after a crash it calls again with the same
 * order, so an order that was already carried out must succeed again and change nothing (idempotent by `id`).
 * A throw means "unknown trouble": the row is tried again with backoff and in the end goes to an officer.
 * A target that lives in our own PostgreSQL takes part in the caller's transaction through `tx`.
 */
export interface Provisioner<Tx> {
  readonly name: 'postgres-mail' | 'ldap' | 'manual';
  /** False where people hand passwords over: then nobody is sent an activation link. */
  readonly setsPasswords: boolean;
  carryOut(order: Order, tx: Tx): Promise<Outcome>;
  /**
   * What the target knows of an address, for reconciliation; null when it has no such mailbox. A target that nobody can
   * look into has no such function.
   */
  readonly inspect: ((address: string, tx: Tx) => Promise<TargetMailbox | null>) | null;
}

/** One change of one mailbox. `id` is the row's id: the same order asked twice is the same order. */
export type Order = { readonly id: string; readonly at: Date; readonly address: string } & (
  | {
      readonly action: 'create';
      readonly kind: MailboxKind;
      readonly fullName: string;
      /** Bytes; null = no limit stated. */
      readonly quota: number | null;
    }
  | { readonly action: 'rename'; readonly newAddress: string; readonly fullName: string }
  | { readonly action: 'describe'; readonly fullName: string }
  /** No login, still receives; the reason is shown to the person who tries. */
  | { readonly action: 'lock'; readonly reason: string }
  | { readonly action: 'unlock' }
  | { readonly action: 'cancel' }
  /** The password stops working; a new one is set by its owner over an activation link. */
  | { readonly action: 'reset-password' }
  | { readonly action: 'set-password'; readonly hash: string }
);

export type Outcome =
  | { readonly done: true; readonly changed: boolean }
  /** Somebody has to do it by hand (target `manual`); the row waits. */
  | { readonly done: false; readonly waitingFor: 'officer' }
  /** A clear answer that it cannot be done: "address exists with another owner". */
  | { readonly done: false; readonly refused: string };

export interface TargetMailbox {
  readonly address: string;
  readonly fullName: string;
  readonly canLogIn: boolean;
  readonly receives: boolean;
  readonly hasPassword: boolean;
  readonly quota: number | null;
  readonly lastLogin: Date | null;
}
