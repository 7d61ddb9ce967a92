import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Database, Tx } from './database.ts';

export interface LetterChunks {
  /** The letter's id. */
  readonly letter: string;
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
const BLOCK = 32 * (ROW_HEAD + PIECE) + CLOSING.length;

/** Writes the bytes of letters as they are read, all by one COPY: at least one piece of each, empty where the letter is. */
export async function addBytes(tx: Tx, letters: readonly LetterChunks[]): Promise<void> {
  if (letters.length === 0) return;
  const copy = await tx.sql`copy letter_bytes (letter, piece, raw) from stdin (format binary)`.writable();
  await pipeline(Readable.from(blocksOf(letters)), copy);
}

async function* blocksOf(letters: readonly LetterChunks[]): AsyncGenerator<Buffer> {
  let block = Buffer.allocUnsafe(BLOCK);
  let end = OPENING.copy(block);
  for (const { letter, chunks } of letters) {
    const id = Buffer.from(letter.replaceAll('-', ''), 'hex');
    let piece = 0;
    for await (const raw of piecesOf(chunks)) {
      if (end + ROW_HEAD + raw.length + CLOSING.length > BLOCK) {
        yield block.subarray(0, end);
        block = Buffer.allocUnsafe(BLOCK);
        end = 0;
      }
      end = writeRow(block, end, { id, piece, raw });
      piece += 1;
    }
  }
  end += CLOSING.copy(block, end);
  yield block.subarray(0, end);
}

async function* piecesOf(chunks: LetterChunks['chunks']): AsyncGenerator<Buffer> {
  let held: Buffer = Buffer.alloc(0);
  let any = false;
  for await (const chunk of chunks) {
    let rest = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    for (; rest.length >= PIECE; rest = rest.subarray(PIECE)) {
      yield rest.subarray(0, PIECE);
      any = true;
    }
    held = rest;
  }
  if (held.length > 0 || !any) yield held;
}

interface Row {
  readonly id: Buffer;
  readonly piece: number;
  readonly raw: Buffer;
}

/** Returns where the row ends. */
function writeRow(block: Buffer, at: number, { id, piece, raw }: Row): number {
  let end = block.writeInt16BE(3, at);
  end = block.writeInt32BE(id.length, end);
  end += id.copy(block, end);
  end = block.writeInt32BE(4, end);
  end = block.writeInt32BE(piece, end);
  end = block.writeInt32BE(raw.length, end);
  return end + raw.copy(block, end);
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
