import { createHash } from 'node:crypto';

/** RFC 6962 §2.1 hashing; leaves are salted so that a forgotten entry cannot be guessed from its hash. */
export const HASH = 32;
export const TILE = 256;

export function leafHash(salt: Uint8Array, entry: string): Buffer {
  return createHash('sha256').update(Uint8Array.of(0)).update(salt).update(entry, 'utf8').digest();
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(Uint8Array.of(1)).update(left).update(right).digest();
}

/** Root over any number of leaf (or equal-height subtree) hashes, left-balanced as RFC 6962 says. */
export function rootOf(hashes: readonly Uint8Array[]): Buffer {
  if (hashes.length === 0) return createHash('sha256').digest();
  const [first] = hashes;
  if (hashes.length === 1) return Buffer.from(first!);
  let split = 1;
  while (split * 2 < hashes.length) split *= 2;
  return nodeHash(rootOf(hashes.slice(0, split)), rootOf(hashes.slice(split)));
}

/**
 * The root of a tree of `size` leaves from its 256-wide tiles. `tile(level, number)` gives the hashes of a tile,
 * whole or partial; level 0 holds leaves, each hash of level L+1 is the root of a full tile of level L.
 */
export async function rootFromTiles(
  size: number,
  tile: (level: number, number: number) => Promise<readonly Uint8Array[]>,
): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let level = 0;
  // From the top: the rightmost, partial tile of every level covers what the levels above do not.
  for (let count = size; count > 0; count = Math.floor(count / TILE), level++) {
    const partial = count % TILE;
    if (partial > 0) {
      const hashes = await tile(level, Math.floor(count / TILE));
      parts.unshift(...perfectRoots(hashes.slice(0, partial)));
    }
  }
  return joinPeaks(parts);
}

/** Roots of the perfect subtrees that make up these hashes, largest first: 5 hashes → [4, 1]. */
function perfectRoots(hashes: readonly Uint8Array[]): Uint8Array[] {
  const roots: Uint8Array[] = [];
  let at = 0;
  for (let width = TILE; width >= 1; width /= 2) {
    if (hashes.length - at >= width) {
      roots.push(rootOf(hashes.slice(at, at + width)));
      at += width;
    }
  }
  return roots;
}

/** The tree's root from its perfect subtrees, largest first: the smallest are folded in from the right. */
function joinPeaks(peaks: readonly Uint8Array[]): Buffer {
  if (peaks.length === 0) return rootOf([]);
  let root: Buffer = Buffer.from(peaks[peaks.length - 1]!);
  for (let i = peaks.length - 2; i >= 0; i--) root = nodeHash(peaks[i]!, root);
  return root;
}
