import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';

/**
 * Time-based one-time passwords (RFC 6238) as every authenticator app makes them: HMAC-SHA-1, 6 digits, 30 s.
 * By hand from RFC 6238 appendix B: secret "12345678901234567890", T = 59 s → step 1 → 287082.
 */
const STEP_SECONDS = 30;
const DIGITS = 6;
/** A phone's clock may be one step off, no more: a wider window is a wider guess. */
const DRIFT = 1;

export const stepAt = (at: Date): number => Math.floor(at.getTime() / 1000 / STEP_SECONDS);

/** RFC 4226 §5.3. */
export function codeOf(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = mac[19]! & 0x0f;
  const number = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0');
}

/** The time step a code belongs to, or null. The caller uses the step up. */
export function stepOfCode(secret: Uint8Array, code: string, at: Date): number | null {
  const now = stepAt(at);
  for (let step = now - DRIFT; step <= now + DRIFT; step++) if (codeOf(secret, step) === code) return step;
  return null;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 §6 without padding. */
export function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => ALPHABET[parseInt(five.padEnd(5, '0'), 2)]).join('');
}

export const newTotpSecret = (): Buffer => randomBytes(20);

/** What the QR code says (Google Authenticator's key URI format). */
export function keyUri(secret: Uint8Array, issuer: string, account: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=${encodeURIComponent(issuer)}`;
}

/** Ten codes of 50 bits, in two groups that can be read aloud; only their hashes are kept. */
export function newRecoveryCodes(): { codes: string[]; hashes: string[] } {
  const codes = Array.from({ length: 10 }, () => {
    const text = base32(randomBytes(7)).slice(0, 10).toLowerCase();
    return `${text.slice(0, 5)}-${text.slice(5)}`;
  });
  return { codes, hashes: codes.map(recoveryHash) };
}

export const recoveryHash = (code: string): string =>
  createHash('sha256')
    .update(code.toLowerCase().replaceAll(/[^a-z2-7]/g, ''))
    .digest('hex');

/** AES-256-GCM under a key of the installation's secret: "nonce.tag.text" in base64url. */
export function createSeal(installation: Uint8Array) {
  const key = Buffer.from(hkdfSync('sha256', installation, '', 'congthu totp', 32));
  return {
    close(secret: Uint8Array): string {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const text = Buffer.concat([cipher.update(secret), cipher.final()]);
      return [nonce, cipher.getAuthTag(), text].map((part) => part.toString('base64url')).join('.');
    },
    open(sealed: string): Buffer {
      const [nonce, tag, text] = sealed.split('.').map((part) => Buffer.from(part, 'base64url'));
      const decipher = createDecipheriv('aes-256-gcm', key, nonce!);
      decipher.setAuthTag(tag!);
      return Buffer.concat([decipher.update(text!), decipher.final()]);
    },
  };
}
