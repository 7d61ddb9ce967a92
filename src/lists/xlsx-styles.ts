import { ListError } from './port.ts';
import { walkXml } from './xml.ts';

export interface CellStyle {
  readonly font?: string;
  /** A code of §18.8.31, or the number of a built-in one. */
  readonly format: string | number;
}

/** Excel itself allows 64,000 cell formats. */
const MOST_STYLES = 64_000;

/** Cell formats by index (ECMA-376 part 1 §18.8.10): fonts tell legacy encodings, number formats tell dates. */
export function readStyles(bytes: Uint8Array | null): CellStyle[] {
  const formats = new Map<number, string>();
  const fonts: (string | undefined)[] = [];
  const found: { font: number; format: number }[] = [];
  /** dxfs hold fonts too, cellStyleXfs formats: only what stands in these two lists is counted. */
  let list = '';
  if (bytes !== null)
    walkXml(bytes, {
      open(name, attributes) {
        if (name === 'fonts' || name === 'cellXfs') list = name;
        else if (name === 'numFmt' && list === '')
          formats.set(Number(attributes['numFmtId']), attributes['formatCode'] ?? '');
        else if (name === 'font' && list === 'fonts') fonts.push(undefined);
        else if (name === 'name' && list === 'fonts') fonts[fonts.length - 1] = attributes['val'];
        else if (name === 'xf' && list === 'cellXfs')
          found.push({
            font: Number(attributes['fontId'] ?? 0),
            format: Number(attributes['numFmtId'] ?? 0),
          });
        if (found.length > MOST_STYLES || fonts.length > MOST_STYLES)
          throw new ListError('too_large', `more than ${MOST_STYLES} cell formats`);
      },
      close(name) {
        if (name === list) list = '';
      },
    });
  return found.map(({ font, format }) => {
    const name = fonts[font];
    return { ...(name === undefined ? {} : { font: name }), format: formats.get(format) ?? format };
  });
}
