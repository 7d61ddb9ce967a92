import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Templates hold words only: line 1 is the subject, then a blank line, then the text. A hole is {{name}}; a
 * paragraph whose only hole is empty disappears. Every hole must be given and every value used for a hole that
 * exists, so that a template and its caller cannot drift apart silently.
 */
export type Hole = string | readonly string[] | Table;

export interface Table {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Rendered {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const TEMPLATES = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../templates');

/** A paragraph of a template with its holes filled. */
export type Block =
  | { readonly block: 'prose'; readonly text: string }
  | { readonly block: 'list'; readonly items: readonly string[] }
  | { readonly block: 'table'; readonly table: Table };

export interface Drafted {
  readonly subject: string;
  readonly blocks: readonly Block[];
}

/** Words and structure, for mails and for official documents alike. */
export function draftBlocks(
  folder: string,
  template: string,
  holes: Readonly<Record<string, Hole>>,
): Drafted {
  const source = fs
    .readFileSync(path.join(TEMPLATES, folder, `${template}.txt`), 'utf8')
    .replaceAll('\r\n', '\n');
  const [subject, ...paragraphs] = source.trimEnd().split(/\n\n+/);
  const value = (name: string): Hole => {
    const hole = holes[name];
    if (hole === undefined) throw new Error(`template ${template} asks for {{${name}}}`);
    return hole;
  };
  return {
    subject: oneLine((subject ?? '').replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => words(value(name)))),
    blocks: paragraphs.map((paragraph) => fill(paragraph, value)).filter((block) => block !== null),
  };
}

export function render(folder: string, template: string, holes: Readonly<Record<string, Hole>>): Rendered {
  const { subject, blocks } = draftBlocks(folder, template, holes);
  const kept = blocks.map(formsOf);
  return {
    subject,
    text: `${kept.map(({ text }) => text).join('\n\n')}\n`,
    html: `<!doctype html><html lang="vi"><body>\n${kept.map(({ html }) => html).join('\n')}\n</body></html>\n`,
  };
}

interface Forms {
  readonly text: string;
  readonly html: string;
}

const formsOf = (block: Block): Forms => {
  if (block.block === 'prose') return prose(block.text);
  return block.block === 'list' ? list(block.items) : table(block.table);
};

function fill(paragraph: string, value: (name: string) => Hole): Block | null {
  const alone = /^\{\{(\w+)\}\}$/.exec(paragraph);
  if (alone !== null) {
    const hole = value(alone[1]!);
    if (typeof hole === 'string') return hole === '' ? null : { block: 'prose', text: hole };
    if ('headings' in hole) return hole.rows.length === 0 ? null : { block: 'table', table: hole };
    return hole.length === 0 ? null : { block: 'list', items: hole };
  }
  const text = paragraph.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => words(value(name)));
  return { block: 'prose', text };
}

function words(hole: Hole): string {
  if (typeof hole === 'string') return hole;
  throw new Error('a list or table needs a paragraph of its own');
}

const prose = (text: string): Forms => ({
  text,
  html: `<p>${escapeHtml(text).replaceAll('\n', '<br>')}</p>`,
});

const list = (items: readonly string[]): Forms => ({
  text: items.map((item) => `- ${item}`).join('\n'),
  html: `<ul>${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`,
});

/** In text one record per row, because columns do not survive a mail client; in HTML a real table. */
function table({ headings, rows }: Table): Forms {
  const record = (row: readonly string[]): string =>
    row
      .map((cell, i) => (cell === '' ? null : `${headings[i] ?? ''}: ${oneLine(cell)}`))
      .filter((line) => line !== null)
      .join('\n    ');
  const cells = (row: readonly string[], tag: 'td' | 'th'): string =>
    `<tr>${row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join('')}</tr>`;
  return {
    text: rows.map((row) => `  * ${record(row)}`).join('\n'),
    html: `<table border="1" cellpadding="4" cellspacing="0">${cells(headings, 'th')}${rows.map((row) => cells(row, 'td')).join('')}</table>`,
  };
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** What came from a stranger's list must not start a new header or a new line of ours. */

const oneLine = (text: string): string => text.replaceAll(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ').trim();
