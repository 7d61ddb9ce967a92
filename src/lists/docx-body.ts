import type { DocumentGrids } from './document-grids.ts';
import { fontOf, isOn, lookOfStyle, type DocxStyles, type RunLook } from './docx-styles.ts';
import { ListError } from './port.ts';
import { attribute, type Attributes, type XmlHandler } from './xml.ts';

/** Second renderings of the same content, and properties as they were before a tracked change. */
const NOT_READ = new Set([
  'Fallback',
  'rt',
  'rPrChange',
  'pPrChange',
  'tblPrChange',
  'trPrChange',
  'tcPrChange',
  'tblGridChange',
  'sectPrChange',
]);
/** Struck out with changes being tracked (§17.13.5): not part of the text, but told. */
const STRUCK_OUT = new Set(['del', 'moveFrom']);
const ADDED = new Set(['ins', 'moveTo']);

interface Paragraph {
  style: string | null;
  /** The run that is open, with what it says of itself. */
  run: (RunLook & { style: string | null }) | null;
}

/** Follows the body of a Word document and tells its tables and text to `DocumentGrids`. */
export class DocxReader implements XmlHandler {
  readonly #grids: DocumentGrids;
  readonly #styles: DocxStyles;
  /** Text boxes put paragraphs inside runs of paragraphs. */
  readonly #paragraphs: Paragraph[] = [];
  #skipping = 0;
  #inText = false;
  #inField = false;
  #inRowProperties = false;

  constructor(grids: DocumentGrids, styles: DocxStyles) {
    this.#grids = grids;
    this.#styles = styles;
  }

  open(name: string, attributes: Attributes): void {
    if (this.#skipping > 0 || NOT_READ.has(name)) this.#skipping++;
    else if (STRUCK_OUT.has(name)) {
      this.#revise('deleted');
      this.#skipping++;
    } else if (ADDED.has(name)) this.#revise('added');
    else if ((this.#paragraphs.at(-1)?.run ?? null) !== null) this.#openInRun(name, attributes);
    else this.#openOutside(name, attributes);
  }

  #revise(how: 'added' | 'deleted'): void {
    if (this.#inRowProperties) this.#grids.reviseRow(how);
    else this.#grids.mark('revised');
  }

  #openOutside(name: string, attributes: Attributes): void {
    const paragraph = this.#paragraphs.at(-1);
    const value = attribute(attributes, 'val');
    switch (name) {
      case 'tbl':
        // A table may stand in a text box, inside a run that stays open.
        this.#paragraphs.push({ style: null, run: null });
        this.#grids.openTable();
        return;
      case 'tr':
        this.#grids.openRow();
        return;
      case 'trPr':
        this.#inRowProperties = true;
        return;
      case 'gridBefore':
        this.#grids.skipColumns(Number(value));
        return;
      case 'hidden':
        if (this.#inRowProperties && isOn(attributes)) this.#grids.hideRow();
        return;
      case 'tc':
        this.#grids.openCell();
        return;
      case 'gridSpan':
        this.#grids.spanCell(Number(value));
        return;
      case 'vMerge':
        this.#grids.mergeCell(value === 'restart' ? 'restart' : 'continue');
        return;
      case 'p':
        this.#paragraphs.push({ style: null, run: null });
        return;
      case 'pStyle':
        if (paragraph !== undefined) paragraph.style = value ?? null;
        return;
      case 'r':
        if (paragraph !== undefined) paragraph.run = { style: null };
    }
  }

  #openInRun(name: string, attributes: Attributes): void {
    const run = this.#paragraphs.at(-1)!.run!;
    switch (name) {
      case 'rFonts':
        run.font = fontOf(attributes);
        return;
      case 'rStyle':
        run.style = attribute(attributes, 'val') ?? null;
        return;
      case 'vanish':
        run.hidden = isOn(attributes);
        return;
      case 't':
        this.#inText = true;
        return;
      case 'instrText':
        this.#inField = true;
        return;
      case 'tab':
        this.#write('\t');
        return;
      case 'br':
      case 'cr':
        this.#write('\n');
        return;
      case 'noBreakHyphen':
        this.#write('-');
        return;
      case 'sym':
        this.#writeSymbol(attributes);
        return;
      // A text box inside the run.
      case 'p':
      case 'tbl':
        this.#openOutside(name, attributes);
    }
  }

  text(text: string): void {
    if (this.#skipping > 0) return;
    if (this.#inText) this.#write(text);
    // A DDE field starts programs when the document is opened; it may be cut into runs, its name is one word.
    else if (this.#inField && /\bDDE(?:AUTO)?\b/iu.test(text))
      throw new ListError('forbidden_content', 'a DDE field');
  }

  close(name: string): void {
    if (this.#skipping > 0) {
      this.#skipping--;
      return;
    }
    switch (name) {
      case 't':
        this.#inText = false;
        return;
      case 'instrText':
        this.#inField = false;
        return;
      case 'r': {
        const paragraph = this.#paragraphs.at(-1);
        if (paragraph !== undefined) paragraph.run = null;
        return;
      }
      case 'p':
        this.#paragraphs.pop();
        this.#grids.endParagraph();
        return;
      case 'trPr':
        this.#inRowProperties = false;
        return;
      case 'tc':
        this.#grids.closeCell();
        return;
      case 'tbl':
        this.#paragraphs.pop();
        this.#grids.closeTable();
    }
  }

  #write(text: string, font?: string): void {
    const look = this.#look();
    if (look.hidden === true) this.#grids.mark('concealed');
    else this.#grids.text(text, font ?? look.font);
  }

  /** §17.3.3.30: signs of symbol fonts stand in the private area from U+F000. */
  #writeSymbol(attributes: Attributes): void {
    const code = parseInt(attribute(attributes, 'char') ?? '', 16);
    if (Number.isNaN(code)) return;
    this.#write(String.fromCharCode(code >= 0xf000 ? code - 0xf000 : code), attribute(attributes, 'font'));
  }

  /** The run's own properties, its style, its paragraph's style, the defaults (§17.7.2). */
  #look(): RunLook {
    const { style, run } = this.#paragraphs.at(-1)!;
    const levels: RunLook[] = [
      run ?? {},
      lookOfStyle(this.#styles, run?.style ?? null),
      lookOfStyle(this.#styles, style ?? this.#styles.paragraph),
      this.#styles.defaults,
    ];
    const font = levels.map((level) => level.font).find((found) => found !== undefined);
    const hidden = levels.map((level) => level.hidden).find((found) => found !== undefined);
    return { font: font === 'theme' ? undefined : font, hidden };
  }
}
