import { simpleParser } from 'mailparser';
import type { Attachment, SimpleParserOptions } from 'mailparser';

import type { LetterFacts } from '../rules/letter-facts.ts';
import { authorOf } from './author.ts';
import { readHead } from './head.ts';
import { htmlToText } from './html-text.ts';
import { automaticOf, forwardedOf, inReplyToOf, messageIdOf } from './markers.ts';
import { createOutliner } from './outline.ts';
import type { Outline } from './outline.ts';
import type { RawLetter } from './raw-letter.ts';

/** What the letter itself says; the envelope and the sender's proof are the door's to add. */
export type ParsedLetter = Omit<LetterFacts, 'envelopeFrom' | 'recipients' | 'proof'>;

/** LetterFacts.bodyText: a request is a page; what is longer is in the attachment. */
const MAX_BODY_TEXT = 64 * 1024;
/** RFC 5322 §2.1.1 allows a line of 998; a folded subject beyond that is no subject. */
const MAX_SUBJECT = 998;
const MAX_FILENAME = 255;

/**
 * The parser's slow paths are all in making one kind of text from another (threats.md: 5 MB of text block it for
 * 3.4 s, 1.2 MB of links for half a minute); none of it is needed here.
 */
const QUICK: SimpleParserOptions & { readonly ignoreEmbedded: boolean } = {
  skipHtmlToText: true,
  skipTextToHtml: true,
  skipTextLinks: true,
  skipImageLinks: true,
  // A forwarded message is a file of this letter, not a part of its text.
  ignoreEmbedded: true,
};

/**
 * Reads a letter in at most one pass over its bytes. Never throws for what a stranger sent: a limit is named in `limit`, and
 * a letter no parser can read has `limit` "unreadable".
 */
export async function parseLetter(raw: RawLetter): Promise<ParsedLetter> {
  const outline = raw.outline ?? (await outlineOf(raw));
  const head = readHead(outline.head);
  const content = await contentOf(outline);
  return {
    // A head that was cut may hide a second From behind the cut.
    author: outline.limit === 'header' ? { ok: false, fault: 'malformed' } : authorOf(head),
    automatic: automaticOf(head),
    forwarded: forwardedOf(head),
    messageId: messageIdOf(head),
    inReplyTo: inReplyToOf(head),
    size: raw.size,
    ...content,
    limit: outline.limit ?? content.limit,
  };
}

async function outlineOf(raw: RawLetter): Promise<Outline> {
  const outliner = createOutliner();
  for await (const chunk of raw.chunks()) outliner.feed(chunk);
  return outliner.end();
}

type Content = Pick<ParsedLetter, 'subject' | 'bodyText' | 'attachments' | 'limit'>;

async function contentOf(outline: Outline): Promise<Content> {
  const mail = await simpleParser(outline.reduced, QUICK).catch(() => null);
  if (mail === null) return { subject: '', bodyText: '', attachments: [], limit: 'unreadable' };
  const plain = mail.text ?? '';
  const text = plain.trim() === '' && mail.html !== false ? htmlToText(mail.html) : plain;
  return {
    subject: label(mail.subject ?? '', MAX_SUBJECT),
    bodyText: cutText(text.normalize('NFC')),
    attachments: mail.attachments.map((attachment) => ({
      filename: label(attachment.filename?.split(/[/\\]/).at(-1) ?? '', MAX_FILENAME),
      size: sizeOf(attachment, outline),
    })),
    limit: null,
  };
}

/** Text for one line of a list: NFC, no control characters, and none that turn the reading direction round. */
const label = (text: string, most: number): string =>
  text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\p{Cf}/gu, '')
    .trim()
    .slice(0, most);

/** At most `MAX_BODY_TEXT` bytes of UTF-8, never half a character. */
function cutText(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= MAX_BODY_TEXT) return text;
  let end = MAX_BODY_TEXT;
  while ((bytes[end]! & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}

function sizeOf(attachment: Attachment, { leafField, sizes }: Outline): number {
  const place = attachment.headers.get(leafField);
  return (typeof place === 'string' ? sizes[Number(place)] : undefined) ?? attachment.size;
}
