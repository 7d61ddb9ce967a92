import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { UserError } from '../errors.ts';

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
export interface LogKey {
  readonly origin: string;
  readonly privateKey: KeyObject;
  /** Raw 32 bytes */
  readonly publicKey: Buffer;
}

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
}

/** The log's Ed25519 key (PKCS#8 PEM, mode 0600); made on first use. */
export function loadLogKey(file: string, origin: string): LogKey {
  if (!fs.existsSync(file)) {
    const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' });
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, pem, { mode: 0o600, flag: 'wx' });
  }
  const privateKey = createPrivateKey(fs.readFileSync(file));
  if (privateKey.asymmetricKeyType !== 'ed25519') {
    throw new UserError(`${file} is no Ed25519 key.`, 'Give the mail log a key of its own.');
  }
  return { origin, privateKey, publicKey: rawPublicKey(createPublicKey(privateKey)) };
}

function rawPublicKey(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(-32);
}

/** "congthu.example/mail-log+57c1…+AU…": the verifier key auditors keep (C2SP signed-note). */
export function verifierKey(key: LogKey): string {
  const material = Buffer.concat([Buffer.of(1), key.publicKey]);
  return `${key.origin}+${keyHash(key.origin, key.publicKey).toString('hex')}+${material.toString('base64')}`;
}

function keyHash(name: string, publicKey: Uint8Array): Buffer {
  const digest = createHash('sha256').update(`${name}\n`).update(Uint8Array.of(1)).update(publicKey).digest();
  return digest.subarray(0, 4);
}

export function signCheckpoint(key: LogKey, size: number, root: Uint8Array): string {
  const text = `${key.origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
  const signature = sign(null, Buffer.from(text), key.privateKey);
  const stamped = Buffer.concat([keyHash(key.origin, key.publicKey), signature]).toString('base64');
  return `${text}\n— ${key.origin} ${stamped}\n`;
}

/** The checkpoint of a note whose signature by this key holds; null otherwise. */
export function openCheckpoint(note: string, key: Pick<LogKey, 'origin' | 'publicKey'>): Checkpoint | null {
  const split = note.indexOf('\n\n');
  if (split < 0) return null;
  const text = note.slice(0, split + 1);
  const [origin, size, root] = text.split('\n');
  if (origin !== key.origin || size === undefined || root === undefined || !/^(0|[1-9]\d{0,15})$/.test(size))
    return null;
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key.publicKey]);
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
