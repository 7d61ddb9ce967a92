import type { Author } from '../rules/letter-facts.ts';
import { valuesOf } from './head.ts';
import type { Head } from './head.ts';

/**
 * Who the letter says it is from, in the only form every program reads the same way: exactly one From field with
 * exactly one plain addr-spec (RFC 5322 §3.4.1), with or without a display name. Everything cleverer than that —
 * groups, comments, routes, quoted local parts — is where parsers differ, and a sender who needs it has something
 * to hide. threats.md "Who wrote it": 11 of 17 composed forgeries pass a parser that takes the first address it finds.
 */
export function authorOf(head: Head): Author {
  const [value, ...more] = valuesOf(head, 'from');
  if (value === undefined) return MISSING;
  if (more.length > 0) return SEVERAL;
  return head.clean ? readMailbox(value) : MALFORMED;
}

const MISSING: Author = Object.freeze({ ok: false, fault: 'missing' });
const SEVERAL: Author = Object.freeze({ ok: false, fault: 'several' });
const MALFORMED: Author = Object.freeze({ ok: false, fault: 'malformed' });

/** dot-atom without `%` and `!` (routes of old) and without `=?` (an encoded word to some readers). */
const LOCAL_PART = /^(?!.*=\?)[\w#$&'*+/=?^`{|}~-]+(?:\.[\w#$&'*+/=?^`{|}~-]+)*$/;
/** At least two labels, the last one alphabetic or an A-label; no literals. RFC 1035 §2.3.4 for the lengths. */
const DOMAIN =
  /^(?=.{3,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,58}[a-z0-9])$/i;

/** RFC 5321 §4.5.3.1.1: a local part has at most 64 octets. */
const isPlainAddress = (text: string): boolean => {
  const at = text.lastIndexOf('@');
  return at > 0 && at <= 64 && LOCAL_PART.test(text.slice(0, at)) && DOMAIN.test(text.slice(at + 1));
};

function readMailbox(value: string): Author {
  const bare = withoutQuotes(value);
  if (bare === null || /[^\x20-\x7e\x80-\xff\t]|[()]/.test(bare.text)) return MALFORMED;
  if (bare.text.includes(',') || bare.text.split('<').length > 2) return SEVERAL;
  if (/[:;\\]/.test(bare.text)) return MALFORMED;
  const angle = /^([^<>@]*)<([^<>]*)>$/.exec(bare.text);
  const address = angle?.[2] ?? bare.text;
  if (!isPlainAddress(address) || (angle === null && bare.quoted.length > 0)) return MALFORMED;
  const shown = [...bare.quoted, angle?.[1] ?? ''].map(asShown).join(' ').trim();
  return showsAnotherAddress(shown, address) ? MALFORMED : { ok: true, address: address.toLowerCase() };
}

/** Takes the quoted strings out; null when one does not end. */
function withoutQuotes(value: string): { text: string; quoted: string[] } | null {
  const quoted: string[] = [];
  let text = '';
  for (let i = 0; i < value.length; i += 1) {
    if (value[i] !== '"') {
      text += value[i]!;
      continue;
    }
    const end = endOfQuote(value, i + 1);
    if (end < 0) return null;
    quoted.push(value.slice(i + 1, end).replace(/\\(.)/g, '$1'));
    i = end;
  }
  return { text: text.trim(), quoted };
}

function endOfQuote(value: string, from: number): number {
  for (let i = from; i < value.length; i += 1) {
    if (value[i] === '\\') i += 1;
    else if (value[i] === '"') return i;
  }
  return -1;
}

/** What a mail program shows for a display name: encoded words (RFC 2047) decoded, compatibility forms made plain. */
function asShown(text: string): string {
  const decoded = text.replace(
    /=\?[^?\s]{1,40}\?([bq])\?([^?\s]*)\?=/gi,
    (_word, encoding: string, body: string) => {
      const bytes =
        encoding.toLowerCase() === 'b'
          ? Buffer.from(body, 'base64')
          : Buffer.from(unquoted(body.replaceAll('_', ' ')), 'latin1');
      return bytes.toString('latin1');
    },
  );
  return Buffer.from(decoded, 'latin1').toString('utf8').normalize('NFKC');
}

const unquoted = (body: string): string =>
  body.replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));

/**
 * `"snv@quangbinh.gov.vn" <evil@example.com>` shows the reader an address it is not from. A name that repeats the
 * address itself is what Outlook writes and is fine; UTF-7 could spell "@" in ways nobody here decodes.
 */
const showsAnotherAddress = (shown: string, address: string): boolean =>
  shown.includes('+AEA-') ||
  (shown.includes('@') &&
    shown
      .replaceAll(/['"<>]/g, '')
      .trim()
      .toLowerCase() !== address.toLowerCase());
