import type postgres from 'postgres';
import { UserError } from '../errors.ts';
import { openCheckpoint, type Checkpoint, type PublicKey } from './checkpoint.ts';
import { storedTiles } from './tiles.ts';
import { consistencyProof, inclusionProof, leafHash, nodeHash, remembered } from './tree.ts';

/**
 * Proofs as text files that verify off-line.
 *
 * Of one entry, C2SP tlog-proof; `extra` holds the record that was hashed, salt (16 bytes) ‖ entry, so that the file
 * is enough by itself:
 *
 *   c2sp.org/tlog-proof@v1
 *   extra <base64>
 *   index 41
 *   <base64 hash>        from the leaf up, RFC 6962 §2.1.1
 *                        (blank line)
 *   <checkpoint>
 *
 * Of one checkpoint's being the beginning of a later one, as C2SP tlog-witness sends it:
 *
 *   old 40
 *   <base64 hash>        RFC 6962 §2.1.2
 *                        (blank line)
 *   <checkpoint>
 */
export interface EntryProof {
  readonly index: number;
  readonly salt: Buffer;
  readonly entry: string;
  readonly hashes: readonly Buffer[];
  readonly note: string;
}

const HEADER = 'c2sp.org/tlog-proof@v1';
const SALT = 16;

export function formatProof({ index, salt, entry, hashes, note }: EntryProof): string {
  const extra = Buffer.concat([salt, Buffer.from(entry)]).toString('base64');
  const lines = [
    HEADER,
    `extra ${extra}`,
    `index ${index}`,
    ...hashes.map((hash) => hash.toString('base64')),
  ];
  return `${lines.join('\n')}\n\n${note}`;
}

/** null for anything of another form. */
export function parseProof(text: string): EntryProof | null {
  const split = text.indexOf('\n\n');
  const [header, extra, index, ...hashes] = text.slice(0, Math.max(split, 0)).split('\n');
  const record = /^extra ([A-Za-z0-9+/=]+)$/.exec(extra ?? '')?.[1];
  const number = /^index (0|[1-9]\d{0,15})$/.exec(index ?? '')?.[1];
  if (header !== HEADER || record === undefined || number === undefined || hashes.length > 63) return null;
  const bytes = Buffer.from(record, 'base64');
  return {
    index: Number(number),
    salt: bytes.subarray(0, SALT),
    entry: bytes.subarray(SALT).toString('utf8'),
    hashes: hashes.map((hash) => Buffer.from(hash, 'base64')),
    note: text.slice(split + 2),
  };
}

/** The checkpoint that binds the entry, when both the signature and the path hold; null otherwise. */
export function checkProof(proof: EntryProof, key: PublicKey): Checkpoint | null {
  const checkpoint = openCheckpoint(proof.note, key);
  if (checkpoint === null) return null;
  const root = rootFromInclusion(
    leafHash(proof.salt, proof.entry),
    proof.index,
    checkpoint.size,
    proof.hashes,
  );
  return root?.equals(checkpoint.root) === true ? checkpoint : null;
}

/** RFC 9162 §2.1.3.2; null when the path has the wrong length. */
export function rootFromInclusion(
  leaf: Buffer,
  index: number,
  size: number,
  hashes: readonly Buffer[],
): Buffer | null {
  if (index >= size) return null;
  let [node, last, root] = [index, size - 1, leaf];
  for (const hash of hashes) {
    if (last === 0) return null;
    if (node % 2 === 1 || node === last) {
      root = nodeHash(hash, root);
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else root = nodeHash(root, hash);
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 ? root : null;
}

/** The newest proof of entry `number`. */
export async function proofOfEntry(sql: postgres.ISql, number: number): Promise<EntryProof> {
  const [head] = await sql<{ size: string; note: string | null }[]>`select size, note from mail_log.head`;
  const size = Number(head!.size);
  const [row] = await sql<{ entry: string; salt: Buffer }[]>`
    select e.entry, e.salt from mail_log.sequenced s join mail_log.mail_event e on e.at = s.at and e.id = s.id
    where s.number = ${number}`;
  if (row === undefined || head!.note === null || number >= size)
    throw new UserError(
      `There is no entry ${number}: the log has ${size}.`,
      'Entries of forgotten months are gone; the newest get their number within a second.',
    );
  const hashes = await inclusionProof(number, size, remembered(storedTiles(sql)));
  return { index: number, salt: row.salt, entry: row.entry, hashes, note: head!.note };
}

/** That the first `old` entries are the beginning of the log as `note` signs it. */
export async function consistencyText(sql: postgres.ISql, old: number, note: string): Promise<string> {
  const hashes = await consistencyProof(old, Number(note.split('\n')[1]), remembered(storedTiles(sql)));
  return `${[`old ${old}`, ...hashes.map((hash) => hash.toString('base64'))].join('\n')}\n\n${note}`;
}
