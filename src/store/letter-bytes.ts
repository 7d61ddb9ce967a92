import { pipeline } from 'node:stream/promises';
import type { Database, Tx } from './database.ts';

export interface LetterChunks {
  /** The letter's id. */
  readonly letter: string;
  /** Bytes of all chunks together. */
  readonly size: number;
  readonly chunks: AsyncIterable<Buffer> | Iterable<Buffer>;
}

/**
 * Bytes of one piece: with its letter and place it just fills a page of PostgreSQL (8,160 bytes for a row, of which 48 are
 * not the piece's). Larger ones would be cut into parts of 2 KB, each with an entry in an index, which costs several
 * times as much; migration 0021 tells PostgreSQL to leave rows of this size as they are.
 */
const PIECE = 8100;

/** COPY in binary form (PostgreSQL documentation, COPY, "Binary Format"): signature, flags, length of the extension. */
const OPENING = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
const CLOSING = Buffer.from([0xff, 0xff]);
/** Number of columns; length and value of letter and piece; length of the bytes. */
const ROW_HEAD = 2 + (4 + 16) + (4 + 4) + 4;
/** What is sent at once: a letter of 50 MB never stands in memory whole. */
const BLOCK = 256 * 1024;

/**
 * Writes the bytes of letters as they are read, all by one COPY: at least one piece of each, empty where the letter is.
 * @throws when a letter's chunks are not of its size
 */
export async function addBytes(tx: Tx, letters: readonly LetterChunks[]): Promise<void> {
  if (letters.length === 0) return;
  const copy = await tx.sql`copy letter_bytes (letter, piece, raw) from stdin (format binary)`.writable();
  await pipeline(() => blocksOf(letters), copy);
}

/**
 * The same block again and again: it is asked for when it was sent, because a full one is more than any stream takes
 * without waiting.
 */
async function* blocksOf(letters: readonly LetterChunks[]): AsyncGenerator<Buffer> {
  const atMost = letters.reduce((sum, { size }) => sum + size + (1 + size / PIECE) * ROW_HEAD, 0);
  const block = Buffer.allocUnsafe(Math.min(BLOCK, Math.ceil(OPENING.length + atMost + CLOSING.length)));
  let end = 0;
  // What is sent at once need not end with a row.
  for await (const part of partsOf(letters))
    for (let at = 0; at < part.length;) {
      if (end === block.length) {
        yield block;
        end = 0;
      }
      const copied = part.copy(block, end, at);
      at += copied;
      end += copied;
    }
  yield block.subarray(0, end);
}

async function* partsOf(letters: readonly LetterChunks[]): AsyncGenerator<Buffer> {
  yield OPENING;
  for (const { letter, size, chunks } of letters) {
    const id = Buffer.from(letter.replaceAll('-', ''), 'hex');
    let done = 0;
    if (size === 0) yield rowHead({ id, piece: 0, length: 0 });
    for await (const chunk of chunks) {
      if (done + chunk.length > size) throw new Error(`letter ${letter} has more than its ${size} bytes`);
      for (let at = 0; at < chunk.length;) {
        const inPiece = done % PIECE;
        if (inPiece === 0) yield rowHead({ id, piece: done / PIECE, length: Math.min(PIECE, size - done) });
        const part = chunk.subarray(at, at + PIECE - inPiece);
        yield part;
        at += part.length;
        done += part.length;
      }
    }
    if (done < size) throw new Error(`letter ${letter} has ${done} of its ${size} bytes`);
  }
  yield CLOSING;
}

interface RowHead {
  readonly id: Buffer;
  readonly piece: number;
  /** Bytes of the piece, which follow. */
  readonly length: number;
}

function rowHead({ id, piece, length }: RowHead): Buffer {
  const head = Buffer.allocUnsafe(ROW_HEAD);
  let end = head.writeInt16BE(3, 0);
  end = head.writeInt32BE(id.length, end);
  end += id.copy(head, end);
  end = head.writeInt32BE(4, end);
  end = head.writeInt32BE(piece, end);
  head.writeInt32BE(length, end);
  return head;
}

/** Pieces that are read as one row; older letters have pieces of 256 KB, or one. */
const PIECES_A_ROW = 32;

/** @throws when there are none */
export async function rawLetter(db: Database, id: string): Promise<Buffer> {
  const rows = await db.transaction(
    (tx) => tx.sql<{ raw: Buffer }[]>`
      select string_agg(raw, ''::bytea order by piece) as raw from letter_bytes where letter = ${id}
      group by piece / ${PIECES_A_ROW} order by min(piece)`,
  );
  if (rows.length === 0) throw new Error(`letter ${id} has no bytes`);
  return rows.length === 1 ? rows[0]!.raw : Buffer.concat(rows.map(({ raw }) => raw));
}
