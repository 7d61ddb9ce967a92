import type { Reply } from '../rules/reply.ts';
import type { RawLetter } from './raw-letter.ts';

/** Who is on the line, as far as the door knows it. Plain data, valid for one connection. */
export interface SmtpSession {
  /** Identifier of the connection, for logs only. */
  readonly id: string;
  /** IPv4 or IPv6, never IPv4-mapped; what XCLIENT said when an allowed peer used it. */
  readonly remoteAddress: string;
  /** The name the peer gave in HELO/EHLO/LHLO, lower-case; empty before it gave one. */
  readonly helo: string;
  readonly tls: boolean;
  /** The account that logged in with AUTH, lower-case; null without. */
  readonly authenticatedAs: string | null;
}

/** One letter as it came off the wire. `raw` is readable until `receive` has settled, not longer. */
export interface Incoming {
  readonly raw: RawLetter;
  /** null for the null return-path `<>`; lower-case. */
  readonly envelopeFrom: string | null;
  /** At least one, lower-case. */
  readonly recipients: readonly string[];
  readonly session: SmtpSession;
  readonly receivedAt: Date;
}

/**
 * What stands behind the SMTP door. Every method may run many times at once, also within one connection's life.
 *
 * `connection`, `mailFrom`, `rcptTo`: null lets the peer go on, a 4xx/5xx reply is spoken as it is.
 * `receive`: called once per letter, after its last byte; its reply is the letter's fate. It may say 250 only once
 * the letter is durable.
 *
 * A thrown `Refusal` speaks its own reply. Any other throw, a rejection, and no answer within the door's `answerMs`
 * become 451 4.3.0; the peer then tries again, so `receive` has to recognise a letter it took after all (RFC 1047).
 */
export interface Gatekeeper {
  connection(peer: SmtpSession): Promise<Reply | null>;
  mailFrom(address: string | null, session: SmtpSession): Promise<Reply | null>;
  /** `envelopeFrom`: what MAIL named, null for `<>`. */
  rcptTo(address: string, session: SmtpSession, envelopeFrom: string | null): Promise<Reply | null>;
  receive(incoming: Incoming): Promise<Reply>;
}
