import { createHash, createHmac, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { firstWrite } from '../first-write.ts';

/**
 * Activation links: a token is an HMAC of the activation's id under a secret kept outside the database. So the
 * outbox can hold "{{activation:ID}}" and neither a dump of the database nor the log ever shows a token; the
 * database keeps only its SHA-256.
 */
export interface ActivationLinks {
  tokenOf(id: string): string;
  hashOf(token: string): Buffer;
  /** Puts real links where a notice's text has marks; done while sending, never stored. */
  readonly fillIn: (text: string) => string;
}

export function createActivationLinks(secret: Buffer, publicUrl: string): ActivationLinks {
  const tokenOf = (id: string): string =>
    createHmac('sha256', secret).update(`activation:${id}`).digest('base64url');
  return {
    tokenOf,
    hashOf: (token) => createHash('sha256').update(token).digest(),
    fillIn: (text) =>
      text.replaceAll(
        /\{\{activation:([0-9a-f-]{36})\}\}/g,
        (_, id: string) => `${publicUrl}/kich-hoat/${tokenOf(id)}`,
      ),
  };
}

export const activationMark = (id: string): string => `{{activation:${id}}}`;

/** The installation's secret, made on first use; gateways that share a database must share the file. */
export function loadSecret(dataDir: string): Buffer {
  const file = path.join(dataDir, 'secret');
  if (!fs.existsSync(file)) firstWrite(file, randomBytes(32).toString('hex'));
  return Buffer.from(fs.readFileSync(file, 'utf8').trim(), 'hex');
}
