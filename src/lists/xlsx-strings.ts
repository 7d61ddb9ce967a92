import { ListError } from './port.ts';
import { RichTextBuilder, type RichText } from './rich-text.ts';
import { walkXml, type Attributes } from './xml.ts';

/** 20,000 rows of 25 different texts. */
const MOST_STRINGS = 500_000;

/** The shared strings by index (ECMA-376 part 1 §18.4.9). */
export function readSharedStrings(bytes: Uint8Array | null): RichText[] {
  const strings: RichText[] = [];
  if (bytes === null) return strings;
  const item = new StringItem();
  walkXml(bytes, {
    open: (name, attributes) => {
      item.open(name, attributes);
    },
    text: (text) => {
      item.text(text);
    },
    close(name) {
      item.close(name);
      if (name !== 'si') return;
      if (strings.length >= MOST_STRINGS) throw new ListError('too_large', `more than ${MOST_STRINGS} texts`);
      strings.push(item.take());
    },
  });
  return strings;
}

/** The content of an `si` or `is` element: plain text or runs with fonts, without pronunciation help (rPh). */
export class StringItem {
  readonly #rich = new RichTextBuilder();
  #inText = false;
  #phonetic = false;
  #font: string | undefined;

  open(name: string, attributes: Attributes): void {
    if (name === 't') this.#inText = !this.#phonetic;
    else if (name === 'r') this.#font = undefined;
    else if (name === 'rFont') this.#font = attributes['val'];
    else if (name === 'rPh') this.#phonetic = true;
  }

  text(text: string): void {
    if (this.#inText) this.#rich.add(unescape(text), this.#font);
  }

  close(name: string): void {
    if (name === 't') this.#inText = false;
    else if (name === 'r') this.#font = undefined;
    else if (name === 'rPh') this.#phonetic = false;
  }

  take(): RichText {
    return this.#rich.take();
  }
}

/** §22.9.2.19: signs that XML cannot hold are written "_x0002_". */
export const unescape = (text: string): string =>
  text.replaceAll(/_x([0-9a-f]{4})_/giu, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
