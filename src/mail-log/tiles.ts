import type postgres from 'postgres';
import { HASH, rootOf, TILE, type TileReader } from './tree.ts';

/** Tiles as they stand in the database. */
export function storedTiles(sql: postgres.ISql): TileReader {
  return async (level, number) => {
    const [row] = await sql<{ hashes: Buffer }[]>`
      select hashes from mail_log.tile where level = ${level} and number = ${number}`;
    return row === undefined ? [] : splitHashes(row.hashes);
  };
}

/**
 * The open tiles of a tree of `size` leaves, one of each level, read in one question. They are all that growing it and
 * the root of what it has grown to can ask for; any other is a throw.
 */
export function openTiles(sql: postgres.ISql, size: number): TileReader {
  const edge: { level: number; number: number }[] = [];
  for (let level = 0, left = size; left > 0; level++, left = Math.floor(left / TILE))
    edge.push({ level, number: Math.floor(left / TILE) });
  const read = sql<{ level: number; number: string; hashes: Buffer }[]>`
    select t.level, t.number, t.hashes
    from unnest(${edge.map(({ level }) => level)}::int[], ${edge.map(({ number }) => number)}::bigint[]) as edge (level, number)
    join mail_log.tile t using (level, number)`.execute();
  // Nobody may come to ask for them; whoever does hears of it.
  read.catch(() => undefined);
  return async (level, number) => {
    const found = (await read).find((tile) => tile.level === level && Number(tile.number) === number);
    if (found !== undefined) return splitHashes(found.hashes);
    if (edge.some((tile) => tile.level === level && tile.number === number)) return [];
    throw new Error(`tile ${level}/${number} is not at the edge of a tree of ${size}`);
  };
}

export function splitHashes(hashes: Buffer): Buffer[] {
  return Array.from({ length: Math.floor(hashes.length / HASH) }, (_, i) =>
    hashes.subarray(i * HASH, (i + 1) * HASH),
  );
}

export interface Tile {
  readonly level: number;
  readonly number: number;
  readonly hashes: readonly Uint8Array[];
}

/**
 * The tiles that change when `leaves` are added behind the first `size`; every tile that becomes full gives one hash
 * to the level above. `tile` is asked for the open tile of each level only.
 */
export async function grow(size: number, leaves: readonly Uint8Array[], tile: TileReader): Promise<Tile[]> {
  const changed: Tile[] = [];
  let added = leaves;
  let start = size;
  for (let level = 0; added.length > 0; level++) {
    const first = Math.floor(start / TILE);
    const open = start % TILE === 0 ? [] : (await tile(level, first)).slice(0, start % TILE);
    if (open.length !== start % TILE) throw new Error(`tile ${level}/${first} has lost hashes`);
    const all = [...open, ...added];
    const up: Uint8Array[] = [];
    for (let at = 0; at < all.length; at += TILE) {
      const hashes = all.slice(at, at + TILE);
      changed.push({ level, number: first + at / TILE, hashes });
      if (hashes.length === TILE) up.push(rootOf(hashes));
    }
    added = up;
    start = first;
  }
  return changed;
}

export async function storeTiles(sql: postgres.ISql, tiles: readonly Tile[]): Promise<void> {
  if (tiles.length === 0) return;
  // As hexadecimal text: postgres.js has no array form of bytea.
  const hashes = tiles.map((tile) => Buffer.concat(tile.hashes).toString('hex'));
  await sql`
    insert into mail_log.tile (level, number, hashes)
    select level, number, decode(hex, 'hex')
    from unnest(${tiles.map(({ level }) => level)}::int[], ${tiles.map(({ number }) => number)}::bigint[],
      ${hashes}::text[]) as t (level, number, hex)
    on conflict (level, number) do update set hashes = excluded.hashes`;
}

/** Reads stored tiles with `changed` laid over them. */
export function overlaid(changed: readonly Tile[], below: TileReader): TileReader {
  const fresh = new Map(changed.map((tile) => [`${tile.level}/${tile.number}`, tile.hashes]));
  return (level, number) => {
    const hashes = fresh.get(`${level}/${number}`);
    return hashes === undefined ? below(level, number) : Promise.resolve(hashes);
  };
}
