import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

/**
 * Checkpoints in the form of C2SP tlog-checkpoint and signed-note:
 *
 *   congthu.example/mail-log        origin
 *   3                               tree size
 *   qINS1GRFhWHwdkUeqLEoP4yEMkTBBzxBkGwGQlVlVcs=   root hash
 *                                   (blank line)
 *   — congthu.example/mail-log Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
 *
 * The signature line holds base64 of a 4-byte key hash and the Ed25519 signature over the text up to and
 * including the newline before the blank line. Key hash: first 4 bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key).
 */
export interface PublicKey {
  readonly origin: string;
  /** Raw 32 bytes */
  readonly publicKey: Buffer;
}

export interface LogKey extends PublicKey {
  readonly privateKey: KeyObject;
}

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

/** C2SP signed-note: 0x01 is Ed25519. */
const ED25519 = 1;
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/** "congthu.example/mail-log+57c1…+AU…": the verifier key auditors keep (C2SP signed-note). */
export function verifierKey({ origin, publicKey }: PublicKey): string {
  const material = Buffer.concat([Buffer.of(ED25519), publicKey]);
  return `${origin}+${keyHash(origin, publicKey).toString('hex')}+${material.toString('base64')}`;
}

/** null for anything that is no Ed25519 verifier key or whose key hash does not fit. */
export function parseVerifierKey(text: string): PublicKey | null {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim());
  if (match === null) return null;
  const material = Buffer.from(match[3]!, 'base64');
  const key = { origin: match[1]!, publicKey: material.subarray(1) };
  if (material.length !== 33 || material[0] !== ED25519 || verifierKey(key) !== text.trim()) return null;
  return key;
}

function keyHash(name: string, publicKey: Uint8Array): Buffer {
  const digest = createHash('sha256').update(`${name}\n`).update(Uint8Array.of(ED25519)).update(publicKey);
  return digest.digest().subarray(0, 4);
}

/** A checkpoint signed by one key, or by two while one hands over to the other. */
export function signCheckpoint(keys: LogKey | readonly LogKey[], size: number, root: Uint8Array): string {
  const signers = 'privateKey' in keys ? [keys] : keys;
  return signNote(signers, `${signers[0]!.origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`);
}

/** A C2SP signed-note. @param text ends with a newline */
export function signNote(signers: readonly LogKey[], text: string): string {
  const lines = signers.map((key) => {
    const signature = sign(null, Buffer.from(text), key.privateKey);
    const stamped = Buffer.concat([keyHash(key.origin, key.publicKey), signature]).toString('base64');
    return `— ${key.origin} ${stamped}\n`;
  });
  return `${text}\n${lines.join('')}`;
}

/** The checkpoint of a note whose signature by this key holds; null otherwise. */
export function openCheckpoint(note: string, key: PublicKey): Checkpoint | null {
  const split = note.indexOf('\n\n');
  if (split < 0) return null;
  const text = note.slice(0, split + 1);
  const [origin, size, root] = text.split('\n');
  if (origin !== key.origin || size === undefined || root === undefined || !/^(0|[1-9]\d{0,15})$/.test(size))
    return null;
  const spki = Buffer.concat([SPKI_HEAD, key.publicKey]);
  const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
  for (const line of note.slice(split + 2).split('\n')) {
    const match = /^— (\S+) (\S+)$/.exec(line);
    if (match?.[1] !== key.origin) continue;
    const stamped = Buffer.from(match[2]!, 'base64');
    if (!stamped.subarray(0, 4).equals(keyHash(key.origin, key.publicKey))) continue;
    if (verify(null, Buffer.from(text), publicKey, stamped.subarray(4))) {
      return { origin, size: Number(size), root: Buffer.from(root, 'base64') };
    }
  }
  return null;
}
