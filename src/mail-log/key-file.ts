import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import { UserError } from '../errors.ts';
import { firstWrite } from '../first-write.ts';
import type { LogKey } from './checkpoint.ts';

/** The log's Ed25519 key (PKCS#8 PEM, mode 0600); made on first use. */
export function loadLogKey(file: string, origin: string): LogKey {
  if (!fs.existsSync(file)) {
    const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' });
    firstWrite(file, pem);
  }
  const privateKey = createPrivateKey(fs.readFileSync(file));
  if (privateKey.asymmetricKeyType !== 'ed25519') {
    throw new UserError(`${file} is no Ed25519 key.`, 'Give the mail log a key of its own.');
  }
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  return { origin, privateKey, publicKey };
}

/** The key as it stands in the file now: `log key rotate` exchanges the file under a running gateway. */
export function watchedLogKey(file: string, origin: string): () => LogKey {
  let key = loadLogKey(file, origin);
  let seen = stamp(file);
  return () => {
    const now = stamp(file);
    if (now !== seen) {
      key = loadLogKey(file, origin);
      seen = now;
    }
    return key;
  };
}

function stamp(file: string): string {
  const { mtimeMs, ino, size } = fs.statSync(file);
  return `${mtimeMs} ${ino} ${size}`;
}
