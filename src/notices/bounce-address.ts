import { createHash, createHmac } from 'node:crypto';

/**
 * The envelope address of each notice (VERP): `base+token@domain`, where the token is an HMAC of the notice's id under
 * the installation's secret. The database keeps only its SHA-256, so not even a dump tells an address that would be
 * believed.
 */
export interface BounceAddresses {
  readonly addressOf: (notice: string) => string;
  /** What the database knows the address of a notice by. */
  readonly hashFor: (notice: string) => Buffer;
  /** The same from an address of this form; null for any other address. */
  hashIn(address: string): Buffer | null;
}

/** 160 bits as hex: mail systems fold the case of local parts. `base` may then have 23 letters (RFC 5321 §4.5.3.1.1). */
const TOKEN_LETTERS = 40;

/** @param base the mailbox that takes them, "tra-loi@quangbinh.gov.vn" */
export function createBounceAddresses(secret: Buffer, base: string): BounceAddresses {
  const [local, domain] = base.toLowerCase().split('@') as [string, string];
  const tokenOf = (notice: string): string =>
    createHmac('sha256', secret).update(`bounce:${notice}`).digest('hex').slice(0, TOKEN_LETTERS);
  const hash = (token: string): Buffer => createHash('sha256').update(token).digest();
  return {
    addressOf: (notice) => `${local}+${tokenOf(notice)}@${domain}`,
    hashFor: (notice) => hash(tokenOf(notice)),
    hashIn(address) {
      const parts = /^(.*)\+([0-9a-f]{40})@(.*)$/.exec(address.toLowerCase());
      return parts !== null && parts[1] === local && parts[3] === domain ? hash(parts[2]!) : null;
    },
  };
}
