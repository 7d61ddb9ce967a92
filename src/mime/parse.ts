import { simpleParser } from 'mailparser';

/** The readable content of an entity, decoded by mailparser (its only importer). */
export interface Content {
  readonly subject: string;
  /** NFC, at most 64 KiB. */
  readonly text: string;
  readonly attachments: readonly {
    readonly filename: string;
    readonly content: Buffer;
    readonly mediaType: string;
  }[];
}

const MAX_TEXT = 64 * 1024;
/** More parts than any clerk's mail program writes; mailparser itself gives up at 1,000. */
const MAX_PARTS = 200;

/** Thrown when a structure limit is reached: the letter is sealed for an officer, never lost. */
export class StructureLimit extends Error {
  override name = 'StructureLimit';
}

/** @throws StructureLimit */
export async function parseContent(entity: Buffer): Promise<Content> {
  if (countParts(entity) > MAX_PARTS) throw new StructureLimit(`more than ${MAX_PARTS} MIME parts`);
  const parsed = await simpleParser(entity, {
    skipHtmlToText: true,
    skipTextToHtml: true,
    skipTextLinks: true,
    skipImageLinks: true,
  }).catch((error: unknown) => {
    throw new StructureLimit(`the MIME structure cannot be read: ${String(error)}`);
  });
  const html = typeof parsed.html === 'string' ? textOfHtml(parsed.html.slice(0, MAX_TEXT * 4)) : '';
  return {
    subject: (parsed.subject ?? '').normalize('NFC'),
    text: (parsed.text ?? html).slice(0, MAX_TEXT).normalize('NFC'),
    attachments: parsed.attachments.map((attachment, i) => ({
      filename: label(attachment.filename ?? `tep-${i + 1}`),
      content: attachment.content,
      mediaType: attachment.contentType,
    })),
  };
}

function countParts(entity: Buffer): number {
  let parts = 0;
  for (
    let at = entity.indexOf('\n--');
    at >= 0 && parts <= MAX_PARTS * 4;
    at = entity.indexOf('\n--', at + 3)
  ) {
    const line = entity.subarray(at + 1, at + 200);
    const next = line.indexOf('\n');
    // A boundary line is followed by a part's header.
    if (next > 0 && /^[\w-]+:/i.test(line.subarray(next + 1, next + 40).toString('latin1'))) parts++;
  }
  return parts;
}

/** A name is a label for people: no path, no control characters, NFC. */
export function label(filename: string): string {
  const last = filename.normalize('NFC').split(/[/\\]/).at(-1) ?? '';

  const clean = last.replaceAll(/[\u0000-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, '').trim();
  return clean === '' || clean === '.' || clean === '..' ? 'tep-khong-ten' : clean.slice(0, 200);
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  nbsp: ' ',
  '#39': "'",
};

/** Words of an HTML mail, only for finding out what is asked; HTML is never shown. */
function textOfHtml(html: string): string {
  return html
    .replaceAll(/<(style|script)\b[^<]*(?:<(?!\/\1)[^<]*)*<\/\1>/gi, ' ')
    .replaceAll(/<(br|\/p|\/div|\/tr|\/li|\/h\d)\b[^>]{0,500}>/gi, '\n')
    .replaceAll(/<[^>]{0,2000}>/g, ' ')
    .replaceAll(/&(amp|lt|gt|quot|nbsp|#39);/g, (_, name: string) => ENTITIES[name] ?? ' ')
    .replaceAll(/[ \t]+/g, ' ');
}
