import { valuesOf } from './head.ts';
import type { Head } from './head.ts';

interface Marker {
  /** Field name, or the beginning of one when it ends in "-". */
  readonly field: string;
  /** Which values count; every value when missing. */
  readonly when?: RegExp;
}

/** Letters a program wrote or passed on to many: never answered, or two programs would answer each other for ever. */
const AUTOMATIC: readonly Marker[] = [
  // RFC 3834 §5: any keyword but "no".
  { field: 'auto-submitted', when: /^(?!no\s*(?:;|\(|$))/i },
  { field: 'precedence', when: /^\s*(?:bulk|list|junk|auto_reply)\b/i },
  // RFC 2369, RFC 2919: List-Id, List-Unsubscribe, List-Post …
  { field: 'list-' },
  // Exchange: the sending program asks not to be answered by programs.
  { field: 'x-auto-response-suppress', when: /\b(?:all|autoreply|oof)\b/i },
  { field: 'x-autoreply' },
  { field: 'x-autorespond' },
  { field: 'x-autoresponder' },
  { field: 'x-failed-recipients' },
  // RFC 6522: delivery reports, read receipts.
  { field: 'content-type', when: /^\s*multipart\/report\b/i },
  { field: 'x-loop' },
];

/** Traces mail systems leave when a mailbox passes its mail on by itself (ST-9.3). */
const FORWARDED: readonly Marker[] = [
  // RFC 5322 §3.6.6: Resent-From, Resent-To …
  { field: 'resent-' },
  { field: 'x-forwarded-for' },
  { field: 'x-forwarded-to' },
  { field: 'x-forwarded-encrypted' },
  { field: 'x-sieve-redirected-from' },
  { field: 'x-yandex-forward' },
  { field: 'x-yandex-fwd' },
  { field: 'x-ms-exchange-inbox-rules-loop' },
  { field: 'x-ms-exchange-forwardingloop' },
  // X.400 by way of RFC 2156 §2.3.1.2.
  { field: 'autoforwarded', when: /^\s*true\b/i },
];

/** Enough to recognise the program by, and no more of a stranger's text in our log. */
const SHOWN = 120;

const firstOf = (head: Head, markers: readonly Marker[]): string | null => {
  const found = head.fields.find(({ name, value }) =>
    markers.some(
      ({ field, when }) =>
        (field.endsWith('-') ? name.startsWith(field) : name === field) && (when?.test(value) ?? true),
    ),
  );
  return found === undefined ? null : `${found.name}: ${found.value.slice(0, SHOWN)}`;
};

/** The first field that shows a program wrote the letter, or null. */
export const automaticOf = (head: Head): string | null => firstOf(head, AUTOMATIC);

/** The first field that shows a mailbox forwarded it by itself, or null. */
export const forwardedOf = (head: Head): string | null => firstOf(head, FORWARDED);

/** RFC 5322 §3.6.4, as loosely as mail programs write it; 250 characters is what any program we know stays under. */
const MESSAGE_ID = /<[^<>\s]{1,250}>/g;

/** Threads of officials run to dozens of letters; a thousand ids in one head is somebody testing us. */
const MAX_REFERENCES = 100;

/** With its angle brackets; null without one. */
export const messageIdOf = (head: Head): string | null =>
  valuesOf(head, 'message-id')[0]?.match(MESSAGE_ID)?.[0] ?? null;

/** In-Reply-To, then References, each id once. */
export function inReplyToOf(head: Head): string[] {
  const values = [...valuesOf(head, 'in-reply-to'), ...valuesOf(head, 'references').reverse()];
  return [...new Set(values.flatMap((value) => value.match(MESSAGE_ID) ?? []))].slice(0, MAX_REFERENCES);
}
