import type postgres from 'postgres';
import { parseVerifierKey, verifierKey, type PublicKey } from './checkpoint.ts';
import { checkProof, parseProof } from './proof.ts';

/**
 * The keys a log has had. Each successor is named by an entry of the log (key.rotated) in a checkpoint that both keys
 * sign; that entry's proof is kept for ever, so whoever trusts one key can follow to the next.
 */
export interface KeyHistory {
  readonly keys: readonly KeyInForce[];
  readonly faults: readonly string[];
}

export interface KeyInForce {
  /** Checkpoints of this size and larger are signed by it. */
  readonly since: number;
  readonly key: PublicKey;
  /** The .tlog-proof text; null for the first key. */
  readonly proof: string | null;
}

export async function readKeys(sql: postgres.ISql): Promise<KeyHistory> {
  const rows = await sql<{ since: string; key: string; proof: string | null }[]>`
    select since, key, proof from mail_log.key order by since`;
  const keys: KeyInForce[] = [];
  const faults: string[] = [];
  for (const { since, key: text, proof } of rows) {
    const key = parseVerifierKey(text);
    const before = keys.at(-1);
    if (key === null) faults.push(`the log's key ${text} is no verifier key`);
    else if (before !== undefined && !handsOver(before.key, key, Number(since), proof))
      faults.push(`key ${text} is not named by the log as successor of the one before it`);
    else keys.push({ since: Number(since), key, proof });
  }
  return { keys, faults };
}

/** The words of a key.rotated entry's `detail`. */
export const rotationDetail = (from: PublicKey, to: PublicKey): string =>
  `${verifierKey(from)} → ${verifierKey(to)}`;

function handsOver(from: PublicKey, to: PublicKey, since: number, text: string | null): boolean {
  const proof = text === null ? null : parseProof(text);
  if (proof === null || checkProof(proof, from)?.size !== since || checkProof(proof, to) === null)
    return false;
  const entry = JSON.parse(proof.entry) as Record<string, unknown>;
  return entry['event'] === 'key.rotated' && entry['detail'] === rotationDetail(from, to);
}

/** The key that signs checkpoints of this size. */
export function keyFor(keys: readonly KeyInForce[], size: number): PublicKey | null {
  return keys.findLast(({ since }) => since <= size)?.key ?? null;
}
