import { createHash } from 'node:crypto';
import type { Certificate } from './x509.ts';

/** Contents here stay below 128 bytes times two: a hash or a serial number of 20 bytes each. */
function tlv(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const length = content.length < 0x80 ? [content.length] : [0x81, content.length];
  return Buffer.concat([Buffer.of(tag, ...length), content]);
}

const SHA1 = Buffer.from('300906052b0e03021a0500', 'hex');

/** Serial numbers longer than this are no certificate's (RFC 5280 §4.1.2.2: 20 octets); no question is made of them. */
const MAX_SERIAL_BYTES = 24;

/**
 * An OCSPRequest about one certificate (RFC 6960 §4.1.1), DER; null for impossible serial numbers. SHA-1 only finds the
 * certificate, and is what every responder knows (RFC 5019 §2.1.1).
 */
export function ocspRequest(certificate: Certificate, issuer: Certificate): Buffer | null {
  const serial = Buffer.from(certificate.serial, 'hex');
  if (serial.length > MAX_SERIAL_BYTES) return null;
  const hash = (bytes: Uint8Array): Buffer => tlv(0x04, createHash('sha1').update(bytes).digest());
  const id = tlv(0x30, SHA1, hash(certificate.issuer), hash(issuer.keyBits), tlv(0x02, serial));
  return tlv(0x30, tlv(0x30, tlv(0x30, tlv(0x30, id))));
}
