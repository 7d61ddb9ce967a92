import type { PageBox } from '../rules/scan-facts.ts';
import { programAt, runProgram, type ProgramLimits } from './pdftoppm.ts';
import { straighten } from './straighten.ts';
import type { Raster } from './raster.ts';

/** Words read off a page by tesseract, with their places on it. A help for the eyes, never evidence. */
export interface RecognisedWord {
  readonly text: string;
  readonly box: PageBox;
  /** Which line of the page it stands in; words of one line come in order. */
  readonly line: number;
}

export interface RecognisedPage {
  readonly words: readonly RecognisedWord[];
  /** What looked like a mailbox, read once more with the letters an address can have. */
  readonly addresses: readonly RecognisedWord[];
}

/** A full page takes 1 to 5 s; the parsing child has 20 s for everything. */
const LIMITS: ProgramLimits = { seconds: 15, memoryMb: 1536, outputBytes: 8_000_000 };
/** Rows of a page; a list of more lines is printed too small to be read. */
const MAX_ADDRESSES = 80;
const ADDRESS_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789@._-';

/** Null where tesseract is not installed. @throws ProgramFault when it fails (a missing language too) */
export async function recognisePage(page: Raster, dpi: number): Promise<RecognisedPage | null> {
  const tesseract = programAt('tesseract');
  if (tesseract === null) return null;
  const straight = straighten(page, dpi / 25.4);
  const read = await words(tesseract, straight, ['-l', 'vie', '--psm', '11', '--dpi', String(dpi)]);
  const likely = read.filter(({ text }) => looksLikeAddress(text)).slice(0, MAX_ADDRESSES);
  const place = (word: Word): RecognisedWord => ({
    text: word.text,
    line: word.line,
    box: straight.onPage(word),
  });
  const sheet = likely.length === 0 ? null : cutOut(straight, likely);
  const again =
    sheet === null
      ? []
      : await words(tesseract, sheet, [
          ...['-l', 'eng', '--psm', '6', '--dpi', String(dpi)],
          ...['-c', `tessedit_char_whitelist=${ADDRESS_LETTERS}`],
        ]);
  const addresses = likely.map((word, n) => {
    const strip = again.filter(
      ({ top, bottom }) => Math.floor((top + bottom) / 2 / (sheet!.height / likely.length)) === n,
    );
    return { ...place(word), text: strip.map(({ text }) => text).join('') };
  });
  return { words: read.map(place), addresses };
}

/** Vietnamese reading garbles addresses; an at-sign or "gov" survives. */
const looksLikeAddress = (text: string): boolean => /@|gov|\.vn/i.test(text) && text.length > 5;

interface Grey {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

interface Word {
  readonly text: string;
  readonly line: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

async function words(
  tesseract: string,
  { width, height, data }: Grey,
  args: readonly string[],
): Promise<Word[]> {
  const pgm = Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), data]);
  const tsv = await runProgram(tesseract, ['stdin', 'stdout', ...args, 'tsv'], pgm, LIMITS);
  return inLines(tsv.toString('utf8').split('\n').flatMap(wordOf));
}

/** level page block paragraph line word left top width height confidence text; level 5 is a word. */
function wordOf(row: string): Omit<Word, 'line'>[] {
  const cells = row.split('\t');
  const text = (cells[11] ?? '').normalize('NFC').trim();
  const [left, top, width, height, confidence] = cells.slice(6, 11).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (cells[0] !== '5' || text === '' || !(confidence >= 0)) return [];
  return [{ text, left, top, right: left + width, bottom: top + height }];
}

/** Lines by geometry: in a table the reader takes each cell for a block of its own. */
function inLines(found: readonly Omit<Word, 'line'>[]): Word[] {
  const lines: { middle: number; height: number; words: Omit<Word, 'line'>[] }[] = [];
  for (const word of found.toSorted((a, b) => a.top + a.bottom - b.top - b.bottom)) {
    const middle = (word.top + word.bottom) / 2;
    const line = lines.findLast(
      (known) => Math.abs(known.middle - middle) < 0.5 * Math.max(known.height, word.bottom - word.top),
    );
    if (line === undefined) lines.push({ middle, height: word.bottom - word.top, words: [word] });
    else line.words.push(word);
  }
  return lines.flatMap(({ words: row }, line) =>
    row.toSorted((a, b) => a.left - b.left).map((word) => ({ ...word, line })),
  );
}

/** The places below each other in strips of one height, so that one run of the program reads them all. */
function cutOut(page: Grey, places: readonly Word[]): Grey {
  const strip = Math.max(...places.map(({ top, bottom }) => bottom - top)) * 2;
  const width = Math.max(...places.map(({ left, right }) => right - left)) + strip;
  const data = new Uint8Array(width * strip * places.length).fill(255);
  places.forEach(({ left, top, right, bottom }, n) => {
    const margin = Math.round((bottom - top) * 0.15);
    const down = n * strip + Math.floor((strip - (bottom - top)) / 2) - margin;
    const from = Math.max(0, left - margin);
    for (let y = Math.max(0, top - margin), row = 0; y < Math.min(page.height, bottom + margin); y++, row++)
      data.set(
        page.data.subarray(y * page.width + from, y * page.width + Math.min(page.width, right + margin)),
        (down + row) * width + (strip >> 1),
      );
  });
  return { width, height: strip * places.length, data };
}
