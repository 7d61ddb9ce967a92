import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import {
  bitString,
  tlv,
  generalizedText,
  integer,
  NULL,
  octetString,
  oid,
  sequence,
  setOf,
  TRUE,
  utf8,
} from './der-writer.ts';

/** Certificates and CRLs (RFC 5280) as plain code writes them: also those no CA would issue. */

/** Somebody with a key and a certificate. */
export interface Holder {
  readonly key: KeyObject;
  readonly name: Buffer;
  readonly issuerName: Buffer;
  readonly serial: number;
  readonly certificate: Buffer;
}

export interface CertificateForm {
  readonly commonName: string;
  /** Absent = self-signed. */
  readonly issuer?: Holder;
  readonly key?: KeyObject;
  readonly serial?: number;
  /** GeneralizedTime. */
  readonly from?: string;
  readonly until?: string;
  readonly extensions: readonly Buffer[];
  readonly digest?: 'sha256' | 'sha1';
}

export const ecKey = (namedCurve = 'P-256'): KeyObject =>
  generateKeyPairSync('ec', { namedCurve }).privateKey;
export const rsaKey = (modulusLength = 2048): KeyObject =>
  generateKeyPairSync('rsa', { modulusLength }).privateKey;

const SIGNATURE_OIDS: Readonly<Record<string, string>> = {
  'rsa sha256': '1.2.840.113549.1.1.11',
  'rsa sha1': '1.2.840.113549.1.1.5',
  'ec sha256': '1.2.840.10045.4.3.2',
  'ec sha1': '1.2.840.10045.4.1',
};

function algorithmOf(key: KeyObject, digest: string): Buffer {
  const id = oid(SIGNATURE_OIDS[`${key.asymmetricKeyType ?? ''} ${digest}`]!);
  return key.asymmetricKeyType === 'rsa' ? sequence(id, NULL) : sequence(id);
}

const nameOf = (commonName: string): Buffer => sequence(setOf(sequence(oid('2.5.4.3'), utf8(commonName))));

let serials = 1;

export function certificate(form: CertificateForm): Holder {
  const { commonName, issuer, key = ecKey(), serial = serials++, digest = 'sha256' } = form;
  const name = nameOf(commonName);
  const signer = issuer?.key ?? key;
  const algorithm = algorithmOf(signer, digest);
  const tbs = sequence(
    tlv(0xa0, integer(2)),
    integer(serial),
    algorithm,
    issuer?.name ?? name,
    sequence(
      generalizedText(form.from ?? '20200101000000Z'),
      generalizedText(form.until ?? '20490101000000Z'),
    ),
    name,
    createPublicKey(key).export({ format: 'der', type: 'spki' }),
    tlv(0xa3, sequence(...form.extensions)),
  );
  return {
    key,
    name,
    issuerName: issuer?.name ?? name,
    serial,
    certificate: sequence(tbs, algorithm, bitString(sign(digest, tbs, signer))),
  };
}

export interface ListForm {
  readonly thisUpdate?: string;
  readonly nextUpdate?: string;
  readonly revoked?: readonly { readonly serial: number; readonly at: string }[];
  readonly extensions?: readonly Buffer[];
  /** Another key than the issuer's. */
  readonly key?: KeyObject;
}

export function revocationList(issuer: Holder, form: ListForm = {}): Buffer {
  const key = form.key ?? issuer.key;
  const algorithm = algorithmOf(key, 'sha256');
  const entries = (form.revoked ?? []).map(({ serial, at }) =>
    sequence(integer(serial), generalizedText(at)),
  );
  const tbs = sequence(
    integer(1),
    algorithm,
    issuer.name,
    generalizedText(form.thisUpdate ?? '20250101000000Z'),
    generalizedText(form.nextUpdate ?? '20490101000000Z'),
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    ...(form.extensions === undefined ? [] : [tlv(0xa0, sequence(...form.extensions))]),
  );
  return sequence(tbs, algorithm, bitString(sign('sha256', tbs, key)));
}

const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
  sequence(oid(id), ...(critical ? [TRUE] : []), octetString(value));

export const EXTENSION = {
  basic: (ca: boolean, pathLength?: number) =>
    extension(
      '2.5.29.19',
      true,
      sequence(...(ca ? [TRUE] : []), ...(pathLength === undefined ? [] : [integer(pathLength)])),
    ),
  /** First byte of the bits of §4.2.1.3: 0x80 digitalSignature, 0x20 keyEncipherment, 0x06 keyCertSign + cRLSign. */
  usage: (bits: number) => extension('2.5.29.15', true, bitString(Buffer.of(bits))),
  purposes: (...ids: string[]) => extension('2.5.29.37', false, sequence(...ids.map(oid))),
  mail: (address: string) => extension('2.5.29.17', false, sequence(tlv(0x81, Buffer.from(address)))),
  keyId: (id: Buffer) => extension('2.5.29.14', false, octetString(id)),
  /** Subtrees of rfc822Name. */
  mailConstraints: (kind: 'permitted' | 'excluded', host: string) =>
    extension(
      '2.5.29.30',
      true,
      sequence(tlv(kind === 'permitted' ? 0xa0 : 0xa1, sequence(tlv(0x81, Buffer.from(host))))),
    ),
  unknownCritical: extension('1.3.6.1.4.1.99999.1', true, utf8('?')),
} as const;

export const PURPOSE = {
  mail: '1.3.6.1.5.5.7.3.4',
  server: '1.3.6.1.5.5.7.3.1',
  timestamp: '1.3.6.1.5.5.7.3.8',
} as const;
