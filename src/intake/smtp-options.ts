import type { BlockList } from 'node:net';

import type { Clock } from '../clock.ts';
import type { DoorEvent } from './door-answer.ts';
import type { Authenticate } from './login.ts';

export interface SmtpDoorOptions {
  readonly host: string;
  /** 0 picks a free one; `listen` tells which. */
  readonly port: number;
  /** The name in the greeting. */
  readonly name: string;
  /** RFC 2033: LHLO, and one reply per recipient. */
  readonly lmtp: boolean;
  /** PEM. Without it STARTTLS and AUTH are not offered. */
  readonly tls: TlsIdentity | null;
  readonly requireTls: boolean;
  /** Bytes of one letter. */
  readonly maxSize: number;
  readonly maxRecipients: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerClient: number;
  readonly maxConnectionsPerNetwork: number;
  /** Bound by `maxConnections` alone. */
  readonly trustedRelays: BlockList;
  readonly xclientFrom: BlockList;
  /** A client that owes us input and sends nothing (RFC 5321 §4.5.3.2.7: at least 5 minutes). */
  readonly idleMs: number;
  /** One DATA from 354 to its last byte; one byte every half second would never be idle. */
  readonly dataMs: number;
  /** How long the gatekeeper may think before the peer hears 451; about a large letter longer, by its size. */
  readonly answerMs: number;
  /** A directory for letters too large for memory. */
  readonly spoolDir: string;
  /** Bytes that must be free there when a letter is announced. */
  readonly minFree: number;
  readonly clock: Clock;
  readonly authenticate: Authenticate | null;
  log(event: DoorEvent): void;
}

export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
}

/** Values fit for a province's gateway; the reason stands with each field's limit. */
export const SMTP_DOOR_DEFAULTS = {
  lmtp: false,
  tls: null,
  requireTls: false,
  /** ST-7: one attachment of 50 MB is 69 MB in base64, plus head and text. */
  maxSize: 72 * 1024 * 1024,
  /** Two of the largest letters: the one announced, and one that comes at the same moment. */
  minFree: 2 * 72 * 1024 * 1024,
  /** RFC 5321 §4.5.3.1.8. */
  maxRecipients: 100,
  maxConnections: 500,
  maxConnectionsPerClient: 20,
  /** Three neighbours that all use what they may. */
  maxConnectionsPerNetwork: 60,
  idleMs: 300_000,
  dataMs: 300_000,
  answerMs: 30_000,
  authenticate: null,
} as const;
