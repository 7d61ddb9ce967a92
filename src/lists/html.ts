import { Parser } from 'htmlparser2';
import { DocumentGrids } from './document-grids.ts';
import { ListError, type ListFormat } from './port.ts';
import { decodeText } from './text-encoding.ts';

const MOST_LETTERS = 8_000_000;
/** Mail programs nest layout tables a dozen deep. */
const MOST_DEPTH = 256;

/** Tables in an HTML letter, and in HTML that programs save under the name .xls. */
export const html: ListFormat = {
  name: 'html',
  mediaTypes: ['text/html'],
  read({ bytes, filename }) {
    const text = decodeText(bytes);
    if (text.length > MOST_LETTERS) throw new ListError('too_large', `more than ${MOST_LETTERS} letters`);
    const grids = new DocumentGrids(filename);
    const reader = new HtmlReader(grids);
    const parser = new Parser(
      {
        onopentag: (name, attributes) => {
          reader.open(name, attributes);
        },
        ontext: (piece) => {
          reader.text(piece);
        },
        onclosetag: (name) => {
          reader.close(name);
        },
      },
      { decodeEntities: true },
    );
    parser.end(text);
    return grids.finish();
  },
};

const NOT_READ = new Set([
  'script',
  'style',
  'head',
  'title',
  'template',
  'noscript',
  'select',
  'textarea',
  'object',
]);
const BLOCKS = new Set(
  'p div li ul ol dl dt dd h1 h2 h3 h4 h5 h6 pre blockquote hr caption section article'.split(' '),
);

interface Element {
  readonly name: string;
  readonly skipped: boolean;
  readonly hidden: boolean;
  readonly font: string | undefined;
}

const ROOT: Element = { name: '', skipped: false, hidden: false, font: undefined };

class HtmlReader {
  readonly #grids: DocumentGrids;
  readonly #open: Element[] = [];

  constructor(grids: DocumentGrids) {
    this.#grids = grids;
  }

  open(name: string, attributes: Readonly<Record<string, string>>): void {
    const outer = this.#open.at(-1) ?? ROOT;
    const style = attributes['style'] ?? '';
    const hides = attributes['hidden'] !== undefined || HIDING.test(style);
    const element = {
      name,
      skipped: outer.skipped || NOT_READ.has(name),
      hidden: outer.hidden || (hides && name !== 'tr'),
      font: fontOf(attributes['face'], style) ?? outer.font,
    };
    if (this.#open.push(element) > MOST_DEPTH)
      throw new ListError('too_large', `HTML nested deeper than ${MOST_DEPTH}`);
    if (element.skipped) return;
    if (name === 'table') this.#grids.openTable();
    else if (name === 'tr') {
      this.#grids.openRow();
      if (hides) this.#grids.hideRow();
    } else if (name === 'td' || name === 'th')
      this.#grids.openCell(Number(attributes['colspan'] ?? 1), Number(attributes['rowspan'] ?? 1));
    else if (name === 'br') this.#grids.endParagraph();
    else if (BLOCKS.has(name)) this.#grids.endParagraph();
  }

  text(text: string): void {
    const { skipped, hidden, font } = this.#open.at(-1) ?? ROOT;
    if (skipped) return;
    const shown = text.replaceAll(/[ \t\r\n]+/gu, ' ');
    if (!hidden) this.#grids.text(shown, font);
    else if (shown.trim() !== '') this.#grids.mark('concealed');
  }

  /** Closings come in order: the parser supplies those that were left out. */
  close(name: string): void {
    const element = this.#open.pop();
    if (element === undefined || element.skipped) return;
    if (name === 'table') this.#grids.closeTable();
    else if (name === 'td' || name === 'th') this.#grids.closeCell();
    else if (BLOCKS.has(name)) this.#grids.endParagraph();
  }
}

const HIDING =
  /(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|mso-hide\s*:\s*all)/iu;

/** The first font named; what follows it is for readers that lack it. */
function fontOf(face: string | undefined, style: string): string | undefined {
  const families = face ?? /font-family\s*:\s*([^;]+)/iu.exec(style)?.[1];
  return families
    ?.split(',')[0]
    ?.replaceAll(/["']|&quot;/gu, '')
    .trim();
}
