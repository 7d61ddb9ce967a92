import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

/** RFC 9106 §4, second recommended option (64 MiB, 3 passes), with 1 lane as Dovecot's libsodium computes it. */
const MEMORY_KIB = 65_536;
const PASSES = 3;
const LANES = 1;

const derive = promisify(argon2);
const unpadded = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replaceAll('=', '');

/** "{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$salt$tag" as Dovecot reads it. */
export async function hashPassword(password: string, salt = randomBytes(16)): Promise<string> {
  const tag = await derive('argon2id', {
    message: Buffer.from(password.normalize('NFC')),
    nonce: salt,
    parallelism: LANES,
    tagLength: 32,
    memory: MEMORY_KIB,
    passes: PASSES,
  });
  return `{ARGON2ID}$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${unpadded(salt)}$${unpadded(tag)}`;
}

export async function passwordMatches(password: string, hash: string): Promise<boolean> {
  const salt = /^\{ARGON2ID\}\$argon2id\$v=19\$m=65536,t=3,p=1\$([A-Za-z0-9+/]+)\$/.exec(hash)?.[1];
  if (salt === undefined) return false;
  const again = Buffer.from(await hashPassword(password, Buffer.from(salt, 'base64')));
  const given = Buffer.from(hash);
  return again.length === given.length && timingSafeEqual(again, given);
}
