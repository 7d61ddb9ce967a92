import { createHash, createPrivateKey, randomBytes, sign, type KeyObject } from 'node:crypto';
import fs from 'node:fs';
import forge from 'node-forge';
import { UserError } from '../errors.ts';
import { der, NULL, objectId } from './der-writer.ts';

/** The operator's key for signing what we send. DER throughout. */
export interface SigningKey {
  readonly key: KeyObject;
  readonly certificate: Buffer;
  /** Issuing CAs, sent along so that receivers can build the path. */
  readonly chain: readonly Buffer[];
}

/** @throws UserError when the file or the passphrase is wrong */
export function loadSigningKey(p12File: string, passphrase: string): SigningKey {
  try {
    const asn1 = forge.asn1.fromDer(fs.readFileSync(p12File).toString('binary'));
    const p12 = openStore(asn1, passphrase);
    const bags = p12.safeContents.flatMap((content) => content.safeBags);
    const keyBag = bags.find(
      (bag) => bag.type === forge.pki.oids['pkcs8ShroudedKeyBag'] || bag.type === forge.pki.oids['keyBag'],
    );
    const certificates = bags
      .filter((bag) => bag.type === forge.pki.oids['certBag'])
      .map((bag) => derOf(bag.cert ? forge.pki.certificateToAsn1(bag.cert) : bag.asn1));
    if (keyBag === undefined || certificates.length === 0) throw new Error('no key or no certificate inside');
    const info = keyBag.key
      ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(keyBag.key))
      : keyBag.asn1;
    const key = createPrivateKey({ key: derOf(info), format: 'der', type: 'pkcs8' });
    const [certificate, ...chain] = leafFirst(certificates);
    return { key, certificate: certificate!, chain };
  } catch (error) {
    throw new UserError(
      `The signing key ${p12File} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      'Check CONGTHU_SIGNING_P12 and CONGTHU_SIGNING_PASS.',
    );
  }
}

/**
 * RFC 7292 §B.1 takes the passphrase as BMPString for the MAC, RFC 8018 §5 as octets (UTF-8 in practice) for PBES2;
 * forge hands both the same string, so one with diacritics opens only in two attempts.
 */
function openStore(store: forge.asn1.Asn1, passphrase: string): forge.pkcs12.Pkcs12Pfx {
  try {
    return forge.pkcs12.pkcs12FromAsn1(store, false, passphrase);
  } catch (error) {
    // forge checks the MAC first: past it the passphrase is right and the store unaltered, so the second attempt,
    // which has to leave the MAC out, gives nothing away.
    const wrong = error instanceof Error && error.message.includes('MAC');
    const octets = forge.util.encodeUtf8(passphrase);
    const [version, content, mac] = store.value as forge.asn1.Asn1[];
    if (wrong || octets === passphrase || mac === undefined) throw error;
    return forge.pkcs12.pkcs12FromAsn1({ ...store, value: [version!, content!] }, false, octets);
  }
}

const derOf = (asn1: forge.asn1.Asn1): Buffer => Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'binary');

/** The leaf is the certificate that issued none of the others. */
function leafFirst(certificates: readonly Buffer[]): Buffer[] {
  const names = certificates.map(issuerAndSubject);
  const leaf = names.findIndex(
    ({ subject }, i) => !names.some((other, j) => j !== i && other.issuer.equals(subject)),
  );
  const first = certificates[Math.max(leaf, 0)]!;
  return [first, ...certificates.filter((certificate) => certificate !== first)];
}

function issuerAndSubject(certificate: Buffer): { issuer: Buffer; serial: Buffer; subject: Buffer } {
  const tbs = (forge.asn1.fromDer(certificate.toString('binary')).value as forge.asn1.Asn1[])[0]!;
  const fields = tbs.value as forge.asn1.Asn1[];
  const at = fields[0]!.tagClass === forge.asn1.Class.CONTEXT_SPECIFIC ? 1 : 0;
  return { serial: derOf(fields[at]!), issuer: derOf(fields[at + 2]!), subject: derOf(fields[at + 4]!) };
}

const attribute = (type: string, value: Buffer): Buffer => der(0x30, objectId(type), der(0x31, value));
const SHA256 = der(0x30, objectId('2.16.840.1.101.3.4.2.1'), NULL);
const DATA = '1.2.840.113549.1.7.1';

/**
 * Detached CMS SignedData (RFC 5652), SHA-256, one signer, with ESS signing-certificate-v2.
 * @param at signing time; null where the container states it itself (PAdES, ETSI EN 319 142-1 table 1)
 */
export function signDetached(content: Uint8Array, key: SigningKey, at: Date | null): Buffer {
  const { issuer, serial } = issuerAndSubject(key.certificate);
  const certificateHash = createHash('sha256').update(key.certificate).digest();
  const utc = at?.toISOString().replaceAll(/[-:T]/g, '').slice(2, 14);
  // DER orders the members of a SET by their bytes.
  const attributes = [
    attribute('1.2.840.113549.1.9.3', objectId(DATA)),
    ...(utc === undefined ? [] : [attribute('1.2.840.113549.1.9.5', der(0x17, Buffer.from(`${utc}Z`)))]),
    attribute('1.2.840.113549.1.9.4', der(0x04, createHash('sha256').update(content).digest())),
    attribute('1.2.840.113549.1.9.16.2.47', der(0x30, der(0x30, der(0x30, der(0x04, certificateHash))))),
  ].sort((a, b) => Buffer.compare(a, b));
  const signedAttributes = Buffer.concat(attributes);
  const signature = sign('sha256', der(0x31, signedAttributes), key.key);
  const algorithm =
    key.key.asymmetricKeyType === 'ec'
      ? der(0x30, objectId('1.2.840.10045.4.3.2'))
      : der(0x30, objectId('1.2.840.113549.1.1.1'), NULL);
  const signer = der(
    0x30,
    Buffer.of(0x02, 0x01, 0x01),
    der(0x30, issuer, serial),
    SHA256,
    der(0xa0, signedAttributes),
    algorithm,
    der(0x04, signature),
  );
  const signedData = der(
    0x30,
    Buffer.of(0x02, 0x01, 0x01),
    der(0x31, SHA256),
    der(0x30, objectId(DATA)),
    der(0xa0, key.certificate, ...key.chain),
    der(0x31, signer),
  );
  return der(0x30, objectId('1.2.840.113549.1.7.2'), der(0xa0, signedData));
}

/**
 * Turns a composed message into multipart/signed (RFC 8551): the MIME fields move inside, the letter's own fields
 * stay outside. Lines must already end in CRLF.
 */
export function signMessage(message: Buffer, key: SigningKey, at: Date): Buffer {
  const split = message.indexOf('\r\n\r\n');
  const fields = message
    .subarray(0, split)
    .toString('latin1')
    .split(/\r\n(?![ \t])/);
  const isMime = (field: string): boolean => /^content-/i.test(field);
  const inner = Buffer.concat([
    Buffer.from(`${fields.filter(isMime).join('\r\n')}\r\n\r\n`, 'latin1'),
    message.subarray(split + 4),
  ]);
  const boundary = `congthu-${randomBytes(18).toString('hex')}`;
  const outer = fields.filter((field) => !isMime(field)).join('\r\n');
  const signature = signDetached(inner, key, at).toString('base64').replaceAll(/.{76}/g, '$&\r\n');
  return Buffer.concat([
    Buffer.from(
      `${outer}\r\nContent-Type: multipart/signed; protocol="application/pkcs7-signature";\r\n micalg=sha-256; boundary="${boundary}"\r\n\r\n` +
        `--${boundary}\r\n`,
      'latin1',
    ),
    inner,
    Buffer.from(
      `\r\n--${boundary}\r\nContent-Type: application/pkcs7-signature; name="smime.p7s"\r\nContent-Transfer-Encoding: base64\r\n` +
        `Content-Disposition: attachment; filename="smime.p7s"\r\n\r\n${signature}\r\n--${boundary}--\r\n`,
      'latin1',
    ),
  ]);
}
