import type { NamedFile } from './detached.ts';
import { contentOf, type Entity } from './mime.ts';
import { htmlToText } from './mime-html.ts';
import { fileLabel, decodeText, decodeWords } from './mime-words.ts';
import { firstField } from './mime-fields.ts';

/** Which parts of a letter are its words and which its documents. */

/** Words beyond this are no letter; lists in the body are read from the whole part (`bodies`), not from here. */
const MAX_BODY_TEXT = 256 * 1024;

/** Leaves that a mail reader shows as the letter's words. */
function isBody(leaf: Entity): boolean {
  const { value } = leaf.type;
  return (
    leaf.disposition !== 'attachment' &&
    leaf.filename === null &&
    (value === 'text/plain' || value === 'text/html')
  );
}

/** The leaves of the letter in order. Of multipart/alternative the other renderings of one text are kept apart. */
export function leaves(entity: Entity): Entity[] {
  return entity.parts.length === 0 ? [entity] : entity.parts.flatMap(leaves);
}

/** Every rendering of the letter's words. */
export const wordParts = (payload: Entity): Entity[] => leaves(payload).filter(isBody);

/** Parts with the letter's words: plain texts, or the HTML ones where no plain text stands. */
export function bodies(payload: Entity): Entity[] {
  const all = wordParts(payload);
  const texts = all.filter((leaf) => leaf.type.value === 'text/plain');
  return texts.length > 0 ? texts : all;
}

export const charsetOf = (leaf: Entity): string => leaf.type.parameters.get('charset') ?? '';

export function bodyText(payload: Entity): string {
  const texts = bodies(payload).map((leaf) => {
    const text = decodeText(contentOf(leaf).subarray(0, MAX_BODY_TEXT * 4), charsetOf(leaf));
    return leaf.type.value === 'text/html' ? htmlToText(text) : text.replaceAll('\r\n', '\n');
  });
  return texts.join('\n').trim().slice(0, MAX_BODY_TEXT).toWellFormed();
}

export const subjectOf = (fields: Entity['fields']): string =>
  decodeWords(firstField(fields, 'subject') ?? '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 998)
    .toWellFormed();

const EXTENSIONS: Readonly<Record<string, string>> = {
  'message/rfc822': '.eml',
  'text/html': '.html',
  'text/plain': '.txt',
  'text/csv': '.csv',
  'application/pdf': '.pdf',
  'application/pkcs7-mime': '.p7m',
  'application/pkcs7-signature': '.p7s',
  'application/ms-tnef': '.dat',
};

/** Every leaf that is not the letter's words, decoded, in order. Unnamed parts get a label with their position. */
export function attachments(payload: Entity): NamedFile[] {
  return leaves(payload)
    .filter((leaf) => !isBody(leaf))
    .map((leaf, n) => ({
      filename: fileLabel(leaf.filename ?? `tep-${n + 1}${EXTENSIONS[leaf.type.value] ?? ''}`),
      bytes: contentOf(leaf),
    }));
}
