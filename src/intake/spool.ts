import { createHash, randomUUID } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import type { RawLetter } from './raw-letter.ts';
import { letterOf, PIECE } from './raw-letter.ts';

/**
 * Letters up to this size stay in memory: 500 connections at once then hold 128 MiB at most, and nearly every
 * request with its spreadsheet fits. Twenty letters of 50 MB at once would not, so the rest goes to a file.
 */
export const IN_MEMORY = 256 * 1024;

/** Takes one letter's bytes as they arrive. Use: write… → finish → (the letter is read) → discard. */
export interface Spool {
  write(chunk: Buffer): Promise<void>;
  finish(): Promise<RawLetter>;
  /** Gives memory and file back; the letter from `finish` is unreadable afterwards. Never throws. */
  discard(): Promise<void>;
}

/** @param directory where large letters lie while they are received; the file has no name from its first moment */
export function createSpool(directory: string): Spool {
  const hash = createHash('sha256');
  let held: Buffer[] = [];
  let heldBytes = 0;
  let size = 0;
  let file: FileHandle | null = null;

  const flush = async (): Promise<void> => {
    file ??= await namelessFile(directory);
    const batch = held;
    held = [];
    heldBytes = 0;
    await writeAll(file, batch);
  };

  return {
    async write(chunk) {
      hash.update(chunk);
      size += chunk.length;
      held.push(chunk);
      heldBytes += chunk.length;
      if (heldBytes > IN_MEMORY) await flush();
    },
    async finish() {
      const sha256 = hash.digest('hex');
      if (file === null) return letterOf(Buffer.concat(held), sha256);
      await flush();
      return spooledLetter(file, size, sha256);
    },
    async discard() {
      held = [];
      const closing = file;
      file = null;
      await closing?.close().catch(() => undefined);
    },
  };
}

/** Unlinked at once: a gateway killed in the middle leaves nothing behind to be cleaned up, or to be read by others. */
async function namelessFile(directory: string): Promise<FileHandle> {
  const path = join(directory, `congthu-${randomUUID()}.letter`);
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return file;
}

/** As appendFile does, but for many at once. */
async function writeAll(file: FileHandle, batch: readonly Buffer[]): Promise<void> {
  const { bytesWritten } = await file.writev(batch);
  if (bytesWritten < totalOf(batch)) await file.appendFile(Buffer.concat(batch).subarray(bytesWritten));
}

const totalOf = (batch: readonly Buffer[]): number => batch.reduce((sum, { length }) => sum + length, 0);

function spooledLetter(file: FileHandle, size: number, sha256: string): RawLetter {
  return {
    size,
    sha256,
    chunks: () => piecesOf(file, size),
    async bytes() {
      const pieces: Buffer[] = [];
      for await (const piece of piecesOf(file, size)) pieces.push(piece);
      return Buffer.concat(pieces, size);
    },
  };
}

/** Bytes of one read: each asks another thread, which costs as much as reading this many. */
const READ = 4 * PIECE;

async function* piecesOf(file: FileHandle, size: number): AsyncGenerator<Buffer> {
  let position = 0;
  while (position < size) {
    const read = Buffer.allocUnsafe(Math.min(READ, size - position));
    const { bytesRead } = await file.read(read, 0, read.length, position);
    if (bytesRead === 0) throw new Error(`spool file ends at ${position} of ${size} bytes`);
    position += bytesRead;
    for (let from = 0; from < bytesRead; from += PIECE)
      yield read.subarray(from, Math.min(from + PIECE, bytesRead));
  }
}
