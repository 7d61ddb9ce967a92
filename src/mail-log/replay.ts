import type postgres from 'postgres';
import { splitHashes } from './tiles.ts';
import { leafHash, rootFromTiles, rootOf, TILE } from './tree.ts';

/** Roots to be met, by tree size. */
export type Wanted = Map<number, Buffer>;

/** Entries per statement; a multiple of a tile. */
const PAGE = 16 * TILE;

interface Row {
  readonly number: string;
  readonly entry: string | null;
  readonly salt: Buffer | null;
  readonly leaf: Buffer | null;
}

/**
 * Builds the tree anew from the entries, tile by tile, compares it with the stored tiles and with every wanted root.
 * Forgotten entries give their stored hashes: those are bound by the roots that follow.
 */
export async function replay(
  tx: postgres.ISql,
  size: number,
  isForgotten: (number: number) => boolean,
  wanted: Wanted,
  fault: (text: string) => void,
  /** Told of wanted sizes that end among leaves nobody has any more. */
  unprovable: (size: number) => void,
  /** Told of every entry that is there, in the order of the numbers. */
  see: (number: number, entry: string) => void,
  progress?: (done: number, all: number) => void,
): Promise<{ forgotten: number }> {
  // Entries and numbers lie in the same months.
  await tx`set local enable_partitionwise_join = on`;
  const tree = createTree();
  const sizes = [...wanted.keys()].sort((a, b) => a - b).values();
  let next = sizes.next().value ?? Infinity;
  let forgotten = 0;
  const upper = await upperTiles(tx);
  for (let page = 0; page < size; page += PAGE) {
    const end = Math.min(page + PAGE, size);
    const rows = await rowsFrom(tx, page, end, fault);
    const stored = await leafTiles(tx, page / TILE, PAGE / TILE);
    for (let first = page; first < end; first += TILE) {
      const tile = first / TILE;
      const last = Math.min(first + TILE, end);
      const { leaves, gone } = tileOf(first, last, rows, stored.get(tile) ?? [], isForgotten, fault);
      for (let number = first; number < last; number++) {
        const entry = rows.get(number)?.entry ?? null;
        if (entry !== null) see(number, entry);
      }
      forgotten += gone;
      // A wholly forgotten tile has no leaves any more: its root stands in the level above.
      const whole = gone === TILE && leaves.length === 0 ? upper(1, tile) : undefined;
      if (whole === undefined && leaves.length < last - first) {
        fault(`from entry ${first} on the tree cannot be rebuilt`);
        return { forgotten };
      }
      if (whole !== undefined) tree.addRoot(whole);
      else tree.addLeaves(leaves);
      for (; next <= last; next = sizes.next().value ?? Infinity) {
        if (whole !== undefined && next < last) unprovable(next);
        else if (!(await tree.root(next)).equals(wanted.get(next)!))
          fault(`the entries up to ${next} do not give the root of their checkpoint`);
      }
    }
    progress?.(end, size);
  }
  tree.eachUpper((level, number, hash) => {
    if (upper(level, number)?.equals(hash) !== true)
      fault(`tile ${level}/${Math.floor(number / TILE)} was changed`);
  });
  return { forgotten };
}

/** What the entries of one tile hash to; forgotten ones as the tile remembers them. */
function tileOf(
  first: number,
  last: number,
  rows: ReadonlyMap<number, Row>,
  stored: readonly Buffer[],
  isForgotten: (number: number) => boolean,
  fault: (text: string) => void,
): { leaves: Buffer[]; gone: number } {
  const leaves: Buffer[] = [];
  let gone = 0;
  for (let number = first; number < last; number++) {
    const row = rows.get(number);
    const kept = stored[number - first];
    const forgotten = row === undefined && isForgotten(number);
    if (forgotten) gone++;
    else if (row === undefined) fault(`entry ${number} is missing`);
    const leaf = row === undefined ? null : checkedLeaf(row, number, fault);
    if (leaf !== null && kept?.equals(leaf) !== true)
      fault(`tile 0/${first / TILE} does not hold entry ${number}`);
    const hash = leaf ?? kept;
    if (hash !== undefined) leaves.push(hash);
  }
  return { leaves, gone };
}

/** A tree that grows tile by tile: leaves of the newest tile only, of the levels above everything (n/255 hashes). */
function createTree() {
  let open: readonly Buffer[] = [];
  const above: Buffer[][] = [[]];
  const rise = (level: number, hash: Buffer): void => {
    const hashes = (above[level] ??= []);
    hashes.push(hash);
    if (hashes.length % TILE === 0) rise(level + 1, rootOf(hashes.slice(-TILE)));
  };
  return {
    addLeaves(leaves: readonly Buffer[]): void {
      open = leaves;
      if (leaves.length === TILE) rise(1, rootOf(leaves));
    },
    addRoot(hash: Buffer): void {
      open = [];
      rise(1, hash);
    },
    root: (size: number): Promise<Buffer> =>
      rootFromTiles(size, (level, number) =>
        Promise.resolve(level === 0 ? open : (above[level] ?? []).slice(number * TILE, (number + 1) * TILE)),
      ),
    eachUpper(tell: (level: number, number: number, hash: Buffer) => void): void {
      for (const [level, hashes] of above.entries())
        hashes.forEach((hash, number) => {
          tell(level, number, hash);
        });
    },
  };
}

/** The stored hashes above the leaves. */
async function upperTiles(tx: postgres.ISql): Promise<(level: number, number: number) => Buffer | undefined> {
  const rows = await tx<{ level: number; number: string; hashes: Buffer }[]>`
    select level, number, hashes from mail_log.tile where level > 0`;
  const tiles = new Map(rows.map((row) => [`${row.level}/${row.number}`, splitHashes(row.hashes)]));
  return (level, number) => tiles.get(`${level}/${Math.floor(number / TILE)}`)?.[number % TILE];
}

async function rowsFrom(
  tx: postgres.ISql,
  first: number,
  last: number,
  fault: (text: string) => void,
): Promise<Map<number, Row>> {
  const rows = await tx<Row[]>`
    select s.number, e.entry, e.salt, e.leaf from mail_log.sequenced s
    left join mail_log.mail_event e on e.at = s.at and e.id = s.id
    where s.number >= ${first} and s.number < ${last}`;
  const byNumber = new Map<number, Row>();
  for (const row of rows) {
    const number = Number(row.number);
    if (byNumber.has(number)) fault(`number ${number} is given twice`);
    byNumber.set(number, row);
  }
  return byNumber;
}

async function leafTiles(tx: postgres.ISql, first: number, count: number): Promise<Map<number, Buffer[]>> {
  const rows = await tx<{ number: string; hashes: Buffer }[]>`
    select number, hashes from mail_log.tile where level = 0 and number >= ${first} and number < ${first + count}`;
  return new Map(rows.map(({ number, hashes }) => [Number(number), splitHashes(hashes)]));
}

function checkedLeaf(row: Row, number: number, fault: (text: string) => void): Buffer | null {
  if (row.entry === null || row.salt === null || row.leaf === null) {
    fault(`entry ${number} was removed`);
    return null;
  }
  const leaf = leafHash(row.salt, row.entry);
  if (!leaf.equals(row.leaf)) fault(`entry ${number} was changed`);
  return leaf;
}
