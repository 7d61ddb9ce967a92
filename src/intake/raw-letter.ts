import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Outline } from './outline.ts';

/** The exact bytes of a letter, wherever they lie: in memory when small, in an unlinked spool file when large. */
export interface RawLetter {
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex, of the bytes as they stand. */
  readonly sha256: string;
  /** Its structure, where it was found while the bytes came in. */
  readonly outline?: Outline;
  /** The bytes in order, in pieces of at most 64 KiB; may be read several times, also at once. */
  chunks(): AsyncIterable<Buffer>;
  /** All bytes in one Buffer: for letters whose size the caller has checked. */
  bytes(): Promise<Buffer>;
}

/** Small enough that a parser's turn over one piece stays far below the 50 ms the event loop may stand still. */
export const PIECE = 64 * 1024;

/** A letter that is already in memory (IMAP, replay, tests). */
export function letterOf(
  bytes: Buffer,
  sha256 = createHash('sha256').update(bytes).digest('hex'),
): RawLetter {
  return {
    size: bytes.length,
    sha256,
    chunks: () => piecesOf(bytes),
    bytes: () => Promise.resolve(bytes),
  };
}

async function* piecesOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += PIECE) {
    // Memory is read without waiting, so nothing else would run until a large letter is through.
    if (from > 0) await nextTurn();
    yield bytes.subarray(from, from + PIECE);
  }
}

/** The beginning of a letter, at most so many bytes. */
export async function firstBytes(raw: RawLetter, most: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of raw.chunks()) {
    pieces.push(piece);
    size += piece.length;
    if (size >= most) break;
  }
  return Buffer.concat(pieces).subarray(0, most);
}
