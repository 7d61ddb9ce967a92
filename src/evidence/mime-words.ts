import iconv from 'iconv-lite';
import { firstField, readStructured, type Field, type StructuredValue } from './mime-fields.ts';

/** Octets of a stranger to text a clerk reads: charsets, encoded words (RFC 2047), file name labels. Always NFC. */

/** Names that Vietnamese mailers use and iconv-lite does not know. */
const CHARSET_ALIASES: Readonly<Record<string, string>> = {
  'x-viet-tcvn': 'tcvn',
  'x-viet-tcvn5712': 'tcvn',
  'tcvn-5712': 'tcvn',
  tcvn5712: 'tcvn',
  'tcvn5712-1': 'tcvn',
  'tcvn5712-1:1993': 'tcvn',
  'x-viscii': 'viscii',
  'x-windows-1258': 'windows-1258',
  // Senders that write "us-ascii" and send UTF-8 are common; ASCII is a subset of it.
  'us-ascii': 'utf-8',
  '': 'utf-8',
};

/** Text of octets in a declared charset. Octets that are valid UTF-8 in an unknown charset are read as UTF-8. */
export function decodeText(octets: Uint8Array, charset: string): string {
  const named = charset.trim().toLowerCase();
  const name = CHARSET_ALIASES[named] ?? named;
  if (name !== 'utf-8' && name !== 'utf8' && iconv.encodingExists(name)) {
    return iconv.decode(Buffer.from(octets.buffer, octets.byteOffset, octets.length), name).normalize('NFC');
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets).normalize('NFC');
  } catch {
    // Undeclared 8-bit text from Vietnamese Windows programs is windows-1258.
    const fallback = name.startsWith('utf') ? 'windows-1258' : 'latin1';
    return iconv.decode(Buffer.from(octets), fallback).normalize('NFC');
  }
}

/** RFC 2047 §2, with the 75-character rule relaxed because mailers break it. */
const ENCODED_WORD = /=\?([^?\s*]{1,40})(?:\*[^?\s]{0,20})?\?([bqBQ])\?([^?\s]*)\?=/g;

/**
 * An unstructured field value as text. Neighbouring words of one charset are joined as octets first: Vietnamese
 * mailers cut UTF-8 letters in two. Line breaks and other controls become spaces, so that no value can start a
 * header of its own when it is quoted in a notice.
 */
export function decodeWords(value: string): string {
  const runs: { charset: string; octets: Buffer[]; word: boolean }[] = [];
  const add = (charset: string, octets: Buffer, word: boolean) => {
    const last = runs.at(-1);
    if (word && last?.word === true && last.charset === charset) last.octets.push(octets);
    else runs.push({ charset, octets: [octets], word });
  };
  let at = 0;
  for (const match of value.matchAll(ENCODED_WORD)) {
    const between = value.slice(at, match.index);
    // RFC 2047 §6.2: white space between two encoded words is not shown.
    if (between !== '' && !(runs.at(-1)?.word === true && /^\s+$/.test(between))) {
      add('', Buffer.from(between, 'latin1'), false);
    }
    add(match[1]!.toLowerCase(), wordOctets(match[2]!, match[3]!), true);
    at = match.index + match[0].length;
  }
  if (at < value.length) add('', Buffer.from(value.slice(at), 'latin1'), false);
  return withoutControls(runs.map((run) => decodeText(Buffer.concat(run.octets), run.charset)).join(''));
}

function wordOctets(encoding: string, text: string): Buffer {
  if (encoding.toLowerCase() === 'b') return Buffer.from(text, 'base64');
  const spaced = text.replaceAll('_', ' ');
  return Buffer.from(
    spaced.replace(/=([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16))),
    'latin1',
  );
}

/** Controls, and the invisible marks that turn "fdp.exe" round (U+202E and its kin). */
const withoutControls = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ').normalize('NFC');

/** Long enough for real names, short enough for a table. */
const MAX_LABEL = 200;

/** A file name as a label: no folders, no controls, never empty. It is never used as a path. */
export function fileLabel(name: string): string {
  const last = withoutControls(name).split(/[/\\]/).at(-1) ?? '';
  const label = last.replace(/[<>:"|?*]/g, '_').trim();
  return label === '' || /^\.+$/.test(label) ? 'khong-ten' : label.slice(0, MAX_LABEL).toWellFormed();
}

/** The file name a part gives itself; RFC 2231 forms win over plain ones (RFC 6266 §4.3). Null without. */
export function fileNameOf(fields: readonly Field[], type: StructuredValue): string | null {
  const disposition = readStructured(firstField(fields, 'content-disposition') ?? '');
  for (const [from, key] of [
    [disposition, 'filename'],
    [type, 'name'],
  ] as const) {
    const extended = from.extended.get(key);
    if (extended !== undefined) return fileLabel(decodeText(extended.octets, extended.charset));
    const plain = from.parameters.get(key);
    if (plain !== undefined) return fileLabel(decodeWords(plain));
  }
  return null;
}
