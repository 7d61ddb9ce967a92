import {
  constants,
  createCipheriv,
  createHash,
  diffieHellman,
  generateKeyPairSync,
  publicEncrypt,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import { der, NULL, objectId, octets, sequence, small } from './der-writer.ts';

/** Whom something is encrypted to, as read from a certificate that was checked (evidence/recipient.ts). */
export interface Recipient {
  /** DER Name and the content octets of the serial number, byte for byte as in the certificate. */
  readonly issuer: Uint8Array;
  readonly serial: Uint8Array;
  /** RSA, or EC on a named curve. */
  readonly key: KeyObject;
}

const ENVELOPED_DATA = '1.2.840.113549.1.7.3';
const DATA = '1.2.840.113549.1.7.1';
const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
const AES256_CBC = '2.16.840.1.101.3.4.1.42';
const AES256_WRAP = '2.16.840.1.101.3.4.1.45';
const EC_PUBLIC_KEY = '1.2.840.10045.2.1';
/** dhSinglePass-stdDH-sha256kdf-scheme (RFC 5753 §7.1.4) */
const ECDH_SHA256 = '1.3.132.1.11.1';

/**
 * CMS EnvelopedData (RFC 5652 §6) in DER, AES-256-CBC with a key used once, for the one holder of the certificate:
 * RSA key transport, or ephemeral-static ECDH (RFC 5753). CBC because every mail program opens it; encryption says who
 * may read, never who wrote or that nothing changed, so it always travels inside a letter we sign.
 */
export function encryptTo(recipient: Recipient, content: Uint8Array): Buffer {
  const key = randomBytes(32);
  const iv = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const encrypted = Buffer.concat([cipher.update(content), cipher.final()]);
  const agreed = recipient.key.asymmetricKeyType === 'ec';
  const enveloped = sequence(
    // RFC 5652 §6.1: 2 as soon as a recipient is not version 0.
    small(agreed ? 2 : 0),
    der(0x31, agreed ? keyAgreement(recipient, key) : keyTransport(recipient, key)),
    sequence(objectId(DATA), sequence(objectId(AES256_CBC), octets(iv)), der(0x80, encrypted)),
  );
  return sequence(objectId(ENVELOPED_DATA), der(0xa0, enveloped));
}

const identifier = ({ issuer, serial }: Recipient): Buffer => sequence(issuer, der(0x02, serial));

function keyTransport(recipient: Recipient, key: Buffer): Buffer {
  const wrapped = publicEncrypt({ key: recipient.key, padding: constants.RSA_PKCS1_PADDING }, key);
  return sequence(small(0), identifier(recipient), sequence(objectId(RSA_ENCRYPTION), NULL), octets(wrapped));
}

function keyAgreement(recipient: Recipient, key: Buffer): Buffer {
  const namedCurve = recipient.key.asymmetricKeyDetails?.namedCurve;
  if (namedCurve === undefined) throw new Error('an EC key without a named curve');
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
  const shared = diffieHellman({ privateKey, publicKey: recipient.key });
  const wrap = createCipheriv('id-aes256-wrap', derivedKey(shared), Buffer.alloc(8, 0xa6));
  const wrapped = Buffer.concat([wrap.update(key), wrap.final()]);
  const { x, y } = publicKey.export({ format: 'jwk' });
  const point = Buffer.concat([
    Buffer.of(0x04),
    Buffer.from(x ?? '', 'base64url'),
    Buffer.from(y ?? '', 'base64url'),
  ]);
  const originator = der(0xa1, sequence(objectId(EC_PUBLIC_KEY)), der(0x03, Buffer.of(0), point));
  return der(
    0xa1,
    small(3),
    der(0xa0, originator),
    sequence(objectId(ECDH_SHA256), sequence(objectId(AES256_WRAP))),
    sequence(sequence(identifier(recipient), octets(wrapped))),
  );
}

/** X9.63 key derivation over ECC-CMS-SharedInfo (RFC 5753 §7.2): one round of SHA-256 yields the 256 bits asked for. */
function derivedKey(shared: Buffer): Buffer {
  const bits = octets(Buffer.of(0, 0, 1, 0));
  const info = sequence(sequence(objectId(AES256_WRAP)), der(0xa2, bits));
  return createHash('sha256')
    .update(shared)
    .update(Buffer.of(0, 0, 0, 1))
    .update(info)
    .digest();
}
