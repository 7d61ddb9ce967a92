import type { VirusScanner } from './clamd.ts';

/** What the scanner says of a whole letter. */
export interface LetterScan {
  /** The name of what was found and where, or null. */
  readonly found: string | null;
  /** Set when the letter could not be taken apart to its end: nothing was found, but not everything was seen. */
  readonly limit: string | null;
}

export interface Piece {
  readonly label: string;
  readonly bytes: Uint8Array;
}

/** clamd has ten threads by default (MaxThreads); other letters want some. */
const AT_ONCE = 3;
/** Labels are strangers' words: enough to find the file by. */
const SHOWN = 120;

/**
 * The raw letter first, then each piece of it. @throws when the scanner gives no clear answer for any of them: never
 * "clean" then.
 */
export async function scanLetter(
  raw: Buffer,
  scan: VirusScanner['scan'],
  unpack: (raw: Buffer) => Promise<{ readonly pieces: readonly Piece[]; readonly limit: string | null }>,
): Promise<LetterScan> {
  const whole = await scan(raw);
  if (whole !== null) return { found: whole, limit: null };
  const { pieces, limit } = await unpack(raw);
  const rest = pieces.values();
  const found: string[] = [];
  const work = async (): Promise<void> => {
    for (const { label, bytes } of rest) {
      if (found.length > 0) return;
      const virus = await scan(bytes);
      if (virus !== null) found.push(`${virus} (${label.slice(0, SHOWN)})`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const [first] = found;
  return first === undefined ? { found: null, limit } : { found: first, limit: null };
}
