import type { KeyObject } from 'node:crypto';
import { DerError } from './der.ts';
import { validatePath, type ValidationContext } from './path.ts';
import { parseCertificate, signerFact } from './x509.ts';

/** A certificate that something may be encrypted to today. */
export interface CheckedRecipient {
  readonly usable: true;
  /** DER Name and content octets of the serial number. */
  readonly issuer: Uint8Array;
  readonly serial: Uint8Array;
  readonly key: KeyObject;
  readonly sha256: string;
  readonly commonName: string | null;
}

/**
 * May something be encrypted to this certificate (DER) at `context.at`? It must have a valid path, not be expired,
 * and be known not to be revoked: the key of a revoked certificate may be in anybody's hands. Never throws on hostile
 * bytes.
 */
export function checkRecipient(
  certificate: Uint8Array,
  context: ValidationContext,
): CheckedRecipient | { readonly usable: false; readonly reason: string } {
  try {
    const read = parseCertificate(certificate);
    const { verdict, reason } = validatePath(read, [], context, 'encryption');
    if (verdict.verdict !== 'TOTAL-PASSED') return { usable: false, reason };
    return {
      usable: true,
      issuer: read.issuer,
      serial: Buffer.from(read.serial, 'hex'),
      key: read.key!,
      sha256: read.sha256,
      commonName: signerFact(read).commonName,
    };
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return { usable: false, reason: error.message };
  }
}
