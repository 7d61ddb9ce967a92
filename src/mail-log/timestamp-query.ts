import { createHash, randomBytes } from 'node:crypto';

/**
 * RFC 3161 §2.4.1 TimeStampReq over SHA-256 of the text, with a nonce and the TSA's certificate asked for:
 *
 *   SEQUENCE { INTEGER 1, SEQUENCE { SEQUENCE { OID sha256, NULL }, OCTET STRING }, INTEGER nonce, BOOLEAN TRUE }
 *
 * The answer is kept as it came; `openssl ts -verify -data NOTE -in TOKEN -CAfile TSA-CA` checks it.
 */
export function timestampQuery(text: Buffer): Buffer {
  const digest = createHash('sha256').update(text).digest();
  const algorithm = Buffer.from('300d06096086480165030402010500', 'hex');
  const imprint = sequence(algorithm, Buffer.concat([Buffer.of(0x04, 32), digest]));
  // The first byte is below 0x80 and not 0: a positive INTEGER in its shortest form.
  const nonce = Buffer.concat([Buffer.of(0x02, 8), Buffer.of(0x41), randomBytes(7)]);
  return sequence(Buffer.of(0x02, 1, 1), imprint, nonce, Buffer.of(0x01, 1, 0xff));
}

/** All parts together are shorter than 128 bytes. */
function sequence(...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.of(0x30, content.length), content]);
}

/** RFC 3161 §2.4.2: PKIStatus granted (0) or grantedWithMods (1), the first INTEGER of the answer. */
export function timestampGranted(answer: Buffer): boolean {
  const outer = contentAt(answer, 0);
  const status = outer === null ? null : contentAt(answer, outer);
  return (
    status !== null && answer[status] === 0x02 && answer[status + 1] === 1 && (answer[status + 2] ?? 9) <= 1
  );
}

/** Where the content of the SEQUENCE at `at` begins; null for anything else. */
function contentAt(der: Buffer, at: number): number | null {
  const length = der[at + 1];
  if (der[at] !== 0x30 || length === undefined || length === 0x80 || length > 0x84) return null;
  return length < 0x80 ? at + 2 : at + 2 + (length & 0x7f);
}
