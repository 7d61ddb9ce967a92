/** Facts a door states about a letter before anybody judges it (see admission.ts). Plain data, addresses lower-case. */

/**
 * How the author's domain was proven (requirements.md §6.3, threats.md "Who wrote it").
 * - `trusted-relay`: a connection from a configured relay whose Authentication-Results names a pass
 * - `own-check`: SPF/DKIM/DMARC by this gateway, aligned
 * - `submission`: the unit logged in with its own credentials
 * `temperror` means "could not find out" and is answered with 451, never with a refusal.
 */
export interface SenderProof {
  readonly method: 'trusted-relay' | 'own-check' | 'submission' | 'paper' | 'none';
  readonly result: 'pass' | 'fail' | 'temperror';
  /** The proven (aligned) domain on a pass. */
  readonly domain: string | null;
  /** For the log: "dmarc=pass dkim=pass (d=quangbinh.gov.vn)". */
  readonly detail: string;
}

/** Exactly one From header holding exactly one plain addr-spec, or what is wrong with it. */
export type Author =
  | { readonly ok: true; readonly address: string }
  | { readonly ok: false; readonly fault: 'missing' | 'several' | 'malformed' };

export interface LetterFacts {
  /** null for the null return-path `<>`. */
  readonly envelopeFrom: string | null;
  readonly recipients: readonly string[];
  readonly author: Author;
  readonly proof: SenderProof;
  /** Auto-Submitted other than "no", Precedence bulk/list/junk, List-* headers, X-Autoreply …: never answered. */
  readonly automatic: string | null;
  /** Traces of automatic forwarding between mailboxes (ST-9.3): Resent-*, X-Forwarded-For …; null without. */
  readonly forwarded: string | null;
  readonly messageId: string | null;
  readonly inReplyTo: readonly string[];
  readonly subject: string;
  /** Text part or text made from HTML; at most 64 KiB; untrusted. */
  readonly bodyText: string;
  /** Decoded sizes in bytes, attachment by attachment, for the limits of the regulation. */
  readonly attachments: readonly { readonly filename: string; readonly size: number }[];
  readonly size: number;
  /** Structure limit that was reached while parsing; such a letter is quarantined, never lost. */
  readonly limit: string | null;
}
