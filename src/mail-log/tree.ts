import { createHash } from 'node:crypto';

/**
 * RFC 6962 §2.1 hashing over 256-wide tiles (C2SP tlog-tiles). Leaves are salted, so that a forgotten entry cannot be
 * guessed from its hash: the record that RFC 6962 hashes is salt ‖ entry.
 */
export const HASH = 32;
export const TILE = 256;
/** log2(TILE): the height of a tile. */
const HEIGHT = 8;

/**
 * The hashes of a tile, whole or partial: level 0 holds leaves, each hash of level L+1 is the root of a full tile of
 * level L. May hold more hashes than the tree under question has; missing ones are a throw of the tree's functions.
 */
export type TileReader = (level: number, number: number) => Promise<readonly Uint8Array[]>;

export function leafHash(salt: Uint8Array, entry: string): Buffer {
  return createHash('sha256').update(Uint8Array.of(0)).update(salt).update(entry, 'utf8').digest();
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(Uint8Array.of(1)).update(left).update(right).digest();
}

/** Root over any number of leaf (or equal-height subtree) hashes, left-balanced as RFC 6962 says. */
export function rootOf(hashes: readonly Uint8Array[]): Buffer {
  if (hashes.length === 0) return createHash('sha256').digest();
  if (hashes.length === 1) return Buffer.from(hashes[0]!);
  const split = largestPowerBelow(hashes.length);
  return nodeHash(rootOf(hashes.slice(0, split)), rootOf(hashes.slice(split)));
}

/** The root of the first `size` leaves. */
export async function rootFromTiles(size: number, tile: TileReader): Promise<Buffer> {
  return size === 0 ? rootOf([]) : rangeHash(0, size, tile);
}

/** RFC 6962 §2.1.1: the hashes that lead from leaf `index` to the root of the first `size` leaves. */
export async function inclusionProof(index: number, size: number, tile: TileReader): Promise<Buffer[]> {
  const path: Buffer[] = [];
  let [low, high] = [0, size];
  while (high - low > 1) {
    const middle = low + largestPowerBelow(high - low);
    const left = index < middle;
    path.unshift(await (left ? rangeHash(middle, high, tile) : rangeHash(low, middle, tile)));
    [low, high] = left ? [low, middle] : [middle, high];
  }
  return path;
}

/** RFC 6962 §2.1.2: the hashes that show that the first `old` of `size` leaves are unchanged. */
export async function consistencyProof(old: number, size: number, tile: TileReader): Promise<Buffer[]> {
  if (old === 0 || old === size) return [];
  const proof: Buffer[] = [];
  let [low, high, whole] = [0, size, true];
  while (old !== high) {
    const middle = low + largestPowerBelow(high - low);
    if (old <= middle) {
      proof.unshift(await rangeHash(middle, high, tile));
      high = middle;
    } else {
      proof.unshift(await rangeHash(low, middle, tile));
      low = middle;
      whole = false;
    }
  }
  if (!whole) proof.unshift(await rangeHash(low, high, tile));
  return proof;
}

/** The leaves [low, high) of one subtree of the RFC 6962 tree. */
async function rangeHash(low: number, high: number, tile: TileReader): Promise<Buffer> {
  const width = high - low;
  const split = largestPowerBelow(width);
  if (split * 2 === width || width === 1) return subtreeHash(Math.log2(width), low / width, tile);
  return nodeHash(await rangeHash(low, low + split, tile), await rangeHash(low + split, high, tile));
}

/** The perfect subtree of `2^height` leaves that is the `index`-th of its height. */
async function subtreeHash(height: number, index: number, tile: TileReader): Promise<Buffer> {
  const level = Math.floor(height / HEIGHT);
  const width = 2 ** (height % HEIGHT);
  const first = index * width;
  const at = first % TILE;
  const hashes = (await tile(level, Math.floor(first / TILE))).slice(at, at + width);
  if (hashes.length === width) return rootOf(hashes);
  if (level > 0 || width < 2)
    throw new Error(`tile ${level}/${Math.floor(first / TILE)} is missing or short`);
  throw new Error(`leaves from ${first} on are missing`);
}

/** Largest power of two below `n`, for n ≥ 2; 1 for 1. */
function largestPowerBelow(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

/** Reads every tile once. */
export function remembered(tile: TileReader): TileReader {
  const known = new Map<string, ReturnType<TileReader>>();
  return (level, number) => {
    const name = `${level}/${number}`;
    const found = known.get(name) ?? tile(level, number);
    known.set(name, found);
    return found;
  };
}
