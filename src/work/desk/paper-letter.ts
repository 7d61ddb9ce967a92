import type { Upload } from './action.ts';

/** A paper request as an officer has entered it. */
export interface PaperRequest {
  /** The unit's mailbox in the registry. */
  readonly from: string;
  readonly subject: string;
  /** What was typed: the list, or what the document says. */
  readonly text: string;
  readonly receivedAt: Date;
  readonly files: readonly Upload[];
}

/**
 * The letter a paper request becomes, so that one path reads both: RFC 5322 and MIME, 7 bit, every file in base64.
 * Files are a stranger's; nothing in here looks into them, and what a browser calls their type is taken only where it
 * has the shape of one.
 * @param boundary a word that does not occur elsewhere
 */
export function paperLetter(request: PaperRequest, boundary: string): Buffer {
  const { from, subject, text, receivedAt, files } = request;
  const head = [
    `From: ${from}`,
    `Subject: ${encodedWords(subject)}`,
    `Date: ${receivedAt.toUTCString().replace('GMT', '+0000')}`,
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    '',
  ];
  const words = part('text/plain; charset=utf-8', null, Buffer.from(text.replaceAll('\n', '\r\n')));
  const parts = [words, ...files.map(({ name, mediaType, bytes }) => part(typeOf(mediaType), name, bytes))];
  const body = parts.flatMap((lines) => [`--${boundary}`, ...lines]);
  return Buffer.from([...head, ...body, `--${boundary}--`, ''].join('\r\n'));
}

function part(type: string, filename: string | null, bytes: Buffer): string[] {
  return [
    `Content-Type: ${type}`,
    ...(filename === null
      ? []
      : [`Content-Disposition: attachment;\r\n filename*=UTF-8''${percent(filename)}`]),
    'Content-Transfer-Encoding: base64',
    '',
    ...(bytes.toString('base64').match(/.{1,76}/g) ?? []),
  ];
}

const typeOf = (mediaType: string): string =>
  /^[a-z]+\/[\w.+-]{1,100}$/.test(mediaType) ? mediaType : 'application/octet-stream';

/** RFC 8187 §3.2: everything but its attr-char is escaped; 80 letters keep the line below 998 octets. */
const percent = (name: string): string =>
  encodeURIComponent(shortened(name, 80)).replaceAll(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Cut in the middle, so that the ending stays. */
const shortened = (name: string, most: number): string =>
  name.length <= most ? name : `${name.slice(0, most - 12)}…${name.slice(-11)}`.toWellFormed();

/** RFC 2047: words of at most 75 octets, whole characters in each. */
function encodedWords(text: string): string {
  const words: string[] = [];
  let word = '';
  for (const letter of text) {
    if (Buffer.byteLength(word + letter) > 42) {
      words.push(word);
      word = '';
    }
    word += letter;
  }
  return [...words, word].map((one) => `=?utf-8?B?${Buffer.from(one).toString('base64')}?=`).join('\r\n ');
}
