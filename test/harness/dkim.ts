import { createHash, createSign, generateKeyPairSync } from 'node:crypto';

export interface DkimKey {
  readonly privateKey: string;
  /** The TXT record to publish. */
  readonly record: string;
}

export function dkimKey(bits = 2048): DkimKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  const der = publicKey.export({ type: 'spki', format: 'der' });
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    record: `v=DKIM1; k=rsa; p=${der.toString('base64')}`,
  };
}

export interface HostileSignature {
  readonly domain: string;
  /** Any bytes, also those no honest signer writes. */
  readonly selector: string;
  readonly key: DkimKey;
  readonly signed?: readonly string[];
  /** `l=`: only so many bytes of the body are signed. */
  readonly bodyLength?: number;
}

/**
 * Signs a letter (relaxed/simple, RFC 6376 §3.4) the way an attacker would: honest signers (nodemailer, which the other
 * tests use) refuse selectors with a NUL and never write `l=`. CRLF line ends; the body ends in one.
 */
export function signHostile(
  letter: string,
  { domain, selector, key, signed = ['from', 'subject'], ...how }: HostileSignature,
): Buffer {
  const end = letter.indexOf('\r\n\r\n');
  const body = letter.slice(end + 4).replace(/(?:\r\n)*$/, '\r\n');
  const hashed = how.bodyLength === undefined ? body : body.slice(0, how.bodyLength);
  const bh = createHash('sha256').update(hashed, 'latin1').digest('base64');
  const limit = how.bodyLength === undefined ? '' : ` l=${how.bodyLength};`;
  const unsigned = `v=1; a=rsa-sha256; c=relaxed/simple; d=${domain}; s=${selector};${limit} h=${signed.join(':')}; bh=${bh}; b=`;
  const fields = letter.slice(0, end).split(/\r\n(?![ \t])/);
  const lines = signed.map((name) =>
    relaxed(fields.findLast((field) => field.toLowerCase().startsWith(`${name}:`)) ?? ''),
  );
  const input = [...lines.filter((line) => line !== ''), `dkim-signature:${unsigned}`].join('\r\n');
  const signature = createSign('sha256').update(input, 'latin1').sign(key.privateKey, 'base64');
  return Buffer.from(
    `DKIM-Signature: ${unsigned}${signature}\r\n${letter.slice(0, end)}\r\n\r\n${body}`,
    'latin1',
  );
}

const relaxed = (field: string): string => {
  const colon = field.indexOf(':');
  if (colon < 0) return '';
  return `${field.slice(0, colon).toLowerCase().trim()}:${field
    .slice(colon + 1)
    .replace(/\s+/g, ' ')
    .trim()}`;
};
