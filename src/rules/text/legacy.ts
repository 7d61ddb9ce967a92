import { readsVietnamese } from './syllables.ts';
import { fromTcvn3 } from './tcvn3.ts';
import { fromViscii } from './viscii.ts';
import { fromVni } from './vni.ts';

/**
 * Legacy Vietnamese encodings in text whose bytes were taken for Latin-1 (domain.md §3.2). A reading is a proposal:
 * whoever wrote the text has to confirm it, or the regulation says that converting is enough.
 */
export const LEGACY_ENCODINGS = ['TCVN3', 'VNI', 'VISCII'] as const;
export type LegacyEncoding = (typeof LEGACY_ENCODINGS)[number];

export interface LegacyReading {
  readonly encoding: LegacyEncoding;
  /** NFC. */
  readonly text: string;
  /** `font`: the file named a legacy font. `syllables`: only this reading consists of Vietnamese syllables. */
  readonly by: 'font' | 'syllables';
}

/** Text with the font it is set in, when the file tells. */
export interface FontRun {
  readonly text: string;
  readonly font?: string | undefined;
}

const DECODE: Readonly<Record<LegacyEncoding, (text: string) => string | null>> = {
  TCVN3: fromTcvn3,
  VNI: fromVni,
  VISCII: fromViscii,
};

/** ".VnTime", ".VnArialH", "VNI-Times", "VNtimes new roman" is none. Font tables lie, the run's own font does not. */
export function encodingOfFont(font: string): LegacyEncoding | null {
  if (/^\.vn/iu.test(font)) return 'TCVN3';
  return /^vni[- ]/iu.test(font) ? 'VNI' : null;
}

/** Fonts whose small letters look like capitals; their names end in H: ".VnTimeH", ".VnArial NarrowH". */
const isCapitalFont = (font: string): boolean => /^\.vn.*h$/iu.test(font);

/** How windows-1252 shows the codes 0x80–0x9F, which VISCII uses for letters. */
const CP1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function asLatin1(text: string): string {
  return text.replaceAll(/[\u0152-\u2122]/gu, (char) => {
    const place = CP1252.indexOf(char);
    return place < 0 ? char : String.fromCharCode(0x80 + place);
  });
}

const ONLY_LATIN1 = /^[\u0000-\u00ff]*$/u;
const ABOVE_ASCII = /[\u0080-\u00ff]/u;

/** "Ch©u", "Tr\u00adëng": signs of Latin-1 that no Vietnamese word holds. */
const SIGN_IN_WORD = /\p{L}[\u00a1-\u00bf\u00d7\u00f7]|[\u00a1-\u00bf\u00d7\u00f7]\p{L}/u;

/** Something is left to be converted, and nothing in it proves that it is Unicode already. */
function mayBeLegacy(text: string): boolean {
  const bytes = asLatin1(text);
  return ABOVE_ASCII.test(bytes) && ONLY_LATIN1.test(bytes);
}

function decoded(text: string, encoding: LegacyEncoding): string | null {
  const reading = DECODE[encoding](asLatin1(text));
  return reading === null || !readsVietnamese(reading) ? null : reading.normalize('NFC');
}

/**
 * The reading of runs set in legacy fonts; null when no run needs one. Runs in other fonts stay as they are. Text
 * above Latin-1 in such a font was typed in Unicode and only shown by another font.
 */
export function readingByFont(runs: readonly FontRun[]): LegacyReading | null {
  const read = runs.map(readRun);
  const encoding = read.find((run) => run.encoding !== null)?.encoding ?? null;
  const text = read
    .map((run) => run.text)
    .join('')
    .normalize('NFC');
  return encoding === null || !readsVietnamese(text) ? null : { encoding, text, by: 'font' };
}

function readRun({ text, font }: FontRun): { text: string; encoding: LegacyEncoding | null } {
  const encoding = font === undefined ? null : encodingOfFont(font);
  if (encoding === null || !mayBeLegacy(text)) return { text, encoding: null };
  const reading = DECODE[encoding](asLatin1(text));
  if (reading === null) return { text, encoding: null };
  return { text: isCapitalFont(font ?? '') ? reading.toUpperCase() : reading, encoding };
}

/**
 * The readings by syllables, none when the text is Vietnamese as it stands; several when it cannot be told which is
 * meant. Other text above Latin-1 proves Unicode.
 */
export function readingsBySyllables(text: string): LegacyReading[] {
  if (!mayBeLegacy(text) || (readsVietnamese(text) && !SIGN_IN_WORD.test(text))) return [];
  return candidates(text);
}

/**
 * The reading in an encoding that other cells of the same table were proved to use, for text that would also pass as
 * Unicode ("Thò" is VNI for "Thị"); null when it does not fit.
 */
export function readingLike(text: string, encoding: LegacyEncoding): LegacyReading | null {
  const reading = mayBeLegacy(text) ? decoded(text, encoding) : null;
  return reading === null || reading === text.normalize('NFC')
    ? null
    : { encoding, text: reading, by: 'syllables' };
}

function candidates(text: string): LegacyReading[] {
  const found = new Map<string, LegacyReading>();
  for (const encoding of LEGACY_ENCODINGS) {
    const reading = decoded(text, encoding);
    if (reading !== null && !found.has(reading))
      found.set(reading, { encoding, text: reading, by: 'syllables' });
  }
  return [...found.values()];
}
