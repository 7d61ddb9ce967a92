import type { DoorReply } from './door-replies.ts';

/** RFC 5321 §4.5.3.1.5 allows 512 octets for a reply line; the code, the status and CRLF need under 20 of them. */
const LINE = 400;

/**
 * Reply text as SMTP allows it: ASCII (RFC 5321 §4.2), so Vietnamese loses its diacritics ("Điều 4" → "Dieu 4");
 * what has no ASCII form becomes "?".
 */
export const asciiText = (text: string): string =>
  text
    .replaceAll('–', '-')
    .replaceAll('…', '...')
    .replaceAll('đ', 'd')
    .replaceAll('Đ', 'D')
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e\n]/g, '?');

/** The reply's text with its status before it, as `createVoice` recognises it. */
export const spoken = (reply: DoorReply): string => `${reply.status} ${asciiText(reply.text)}`;

/** smtp-server's own way to be told a refusal: an error whose `responseCode` is the reply code. */
export class SpokenError extends Error {
  override name = 'SpokenError';
  readonly responseCode: number;
  constructor(reply: DoorReply) {
    super(spoken(reply));
    this.responseCode = reply.code;
  }
}

type Send = (code: number, data: string | string[], context?: string | false) => void;

/**
 * Wraps a connection's `send`, through which every reply passes: a text that brings its own status (ours) keeps it on
 * each line; the library's own replies get the status the library knows for them. Thus every reply has exactly one
 * status, as the announced ENHANCEDSTATUSCODES promises (RFC 2034 §4).
 */
export const voiced =
  (send: Send): Send =>
  (code, data, context) => {
    const own = typeof data === 'string' ? /^([245]\.\d{1,3}\.\d{1,3}) ([^]*)$/.exec(data) : null;
    if (own === null) {
      send(code, data, context);
      return;
    }
    const [, status = '', text = ''] = own;
    send(
      code,
      replyLines(text).map((line) => `${status} ${line}`),
      false,
    );
  };

/** A line per line of the text and per language (" / "), each short enough for one reply line. */
export function replyLines(text: string): string[] {
  const parts = text.split(/\n| \/ /).map((part) => part.trim());
  const lines = parts.filter((part) => part !== '').flatMap(folded);
  return lines.length === 0 ? ['OK'] : lines;
}

function folded(text: string): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > LINE) {
    const space = rest.lastIndexOf(' ', LINE);
    const cut = space > 0 ? space : LINE;
    lines.push(rest.slice(0, cut));
    rest = rest.slice(cut).trimStart();
  }
  return [...lines, rest];
}
