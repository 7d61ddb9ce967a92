import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import forge from 'node-forge';
import type { SigningKey } from '../notices/sign.ts';

/** A certification authority made up for the demo: root → issuing CA → units and operator, with CRLs. */
export interface DemoPki {
  readonly anchors: string;
  readonly intermediates: string;
  readonly crls: string;
  /** PKCS#12 with the operator's key, and its passphrase. */
  readonly operatorP12: string;
  readonly passphrase: string;
  readonly unit: SigningKey;
}

interface Pair {
  readonly key: forge.pki.rsa.PrivateKey;
  readonly certificate: forge.pki.Certificate;
}

/** Two years round now: a demo must not expire on the shelf. */
const YEAR_MS = 365 * 86_400_000;

export function buildDemoPki(dir: string, operatorEmail: string, unitEmail: string): DemoPki {
  const at = (folder: string): string => {
    const full = path.join(dir, folder);
    fs.mkdirSync(full, { recursive: true });
    return full;
  };
  const ca = (length: number) => [
    { name: 'basicConstraints', cA: true, critical: true, pathLenConstraint: length },
    { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
  ];
  const leaf = (email: string) => [
    { name: 'basicConstraints', cA: false },
    { name: 'keyUsage', critical: true, digitalSignature: true, nonRepudiation: true },
    { name: 'extKeyUsage', emailProtection: true },
    { name: 'subjectAltName', altNames: [{ type: 1, value: email }] },
  ];
  const root = issue('Goc chu ky so (trinh dien)', ca(1), null);
  const issuing = issue('CA phuc vu co quan Nha nuoc (trinh dien)', ca(0), root);
  const unit = issue('So Noi vu tinh Quang Binh', leaf(unitEmail), issuing);
  const operator = issue('So Thong tin va Truyen thong tinh Quang Binh', leaf(operatorEmail), issuing);
  fs.writeFileSync(path.join(at('anchors'), 'root.pem'), forge.pki.certificateToPem(root.certificate));
  fs.writeFileSync(
    path.join(at('intermediates'), 'issuing.pem'),
    forge.pki.certificateToPem(issuing.certificate),
  );
  fs.writeFileSync(path.join(at('crls'), 'root.crl'), emptyCrl(root));
  fs.writeFileSync(path.join(at('crls'), 'issuing.crl'), emptyCrl(issuing));
  const passphrase = randomBytes(12).toString('hex');
  const p12 = forge.pkcs12.toPkcs12Asn1(
    operator.key,
    [operator.certificate, issuing.certificate],
    passphrase,
    { algorithm: 'aes256' },
  );
  const operatorP12 = path.join(dir, 'operator.p12');
  fs.writeFileSync(operatorP12, Buffer.from(forge.asn1.toDer(p12).getBytes(), 'binary'), { mode: 0o600 });
  return {
    anchors: at('anchors'),
    intermediates: at('intermediates'),
    crls: at('crls'),
    operatorP12,
    passphrase,
    unit: { key: nodeKey(unit), certificate: derOf(unit.certificate), chain: [derOf(issuing.certificate)] },
  };
}

function issue(name: string, extensions: object[], issuer: Pair | null): Pair {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = forge.pki.privateKeyFromPem(privateKey.export({ format: 'pem', type: 'pkcs8' }) as string);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(
    createPublicKey(privateKey).export({ format: 'pem', type: 'spki' }) as string,
  );
  certificate.serialNumber = `01${randomBytes(8).toString('hex')}`;
  certificate.validity.notBefore = new Date(Date.now() - YEAR_MS);
  certificate.validity.notAfter = new Date(Date.now() + YEAR_MS);
  const subject = [
    { name: 'countryName', value: 'VN' },
    { name: 'commonName', value: name },
  ];
  certificate.setSubject(subject);
  certificate.setIssuer(issuer === null ? subject : issuer.certificate.subject.attributes);
  certificate.setExtensions(extensions);
  certificate.sign(issuer?.key ?? key, forge.md.sha256.create());
  return { key, certificate };
}

const derOf = (certificate: forge.pki.Certificate): Buffer =>
  Buffer.from(forge.asn1.toDer(forge.pki.certificateToAsn1(certificate)).getBytes(), 'binary');

function nodeKey({ key }: Pair): KeyObject {
  return createPrivateKey(forge.pki.privateKeyToPem(key));
}

/** A CRL that revokes nobody (RFC 5280 §5.1); node-forge has no words for CRLs beyond ASN.1. */
function emptyCrl({ key, certificate }: Pair): Buffer {
  const { asn1 } = forge;
  const make = (
    type: forge.asn1.Type,
    constructed: boolean,
    value: string | forge.asn1.Asn1[],
  ): forge.asn1.Asn1 => asn1.create(asn1.Class.UNIVERSAL, type, constructed, value);
  const time = (at: Date): forge.asn1.Asn1 => make(asn1.Type.UTCTIME, false, asn1.dateToUtcTime(at));
  const sha256WithRsa = make(asn1.Type.SEQUENCE, true, [
    make(asn1.Type.OID, false, asn1.oidToDer('1.2.840.113549.1.1.11').getBytes()),
    make(asn1.Type.NULL, false, ''),
  ]);
  const tbs = make(asn1.Type.SEQUENCE, true, [
    make(asn1.Type.INTEGER, false, asn1.integerToDer(1).getBytes()),
    sha256WithRsa,
    forge.pki.distinguishedNameToAsn1(certificate.subject),
    time(new Date(Date.now() - 86_400_000)),
    time(new Date(Date.now() + 30 * 86_400_000)),
  ]);
  const signature = sign(
    'sha256',
    Buffer.from(asn1.toDer(tbs).getBytes(), 'binary'),
    nodeKey({ key, certificate }),
  );
  const crl = make(asn1.Type.SEQUENCE, true, [
    tbs,
    sha256WithRsa,
    make(asn1.Type.BITSTRING, false, `\x00${signature.toString('binary')}`),
  ]);
  return Buffer.from(asn1.toDer(crl).getBytes(), 'binary');
}
