import { constants, createHash, sign } from 'node:crypto';
import { tlv, generalizedText, integer, NULL, octetString, oid, sequence, setOf } from './der-writer.ts';
import type { Holder } from './x509-writer.ts';

/** CMS SignedData (RFC 5652) as plain code writes it, with a knob for every rule a forger may bend. */

export const ID = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  timestampInfo: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  signingCertificate: '1.2.840.113549.1.9.16.2.47',
} as const;

export const DIGEST_OIDS: Readonly<Record<string, string>> = {
  sha256: '2.16.840.1.101.3.4.2.1',
  sha512: '2.16.840.1.101.3.4.2.3',
  sha224: '2.16.840.1.101.3.4.2.4',
  sha1: '1.3.14.3.2.26',
  md5: '1.2.840.113549.2.5',
};

export const attribute = (type: string, ...values: readonly Buffer[]): Buffer =>
  sequence(oid(type), tlv(0x31, ...values));

export interface SignerForm {
  readonly signer: Holder;
  readonly digest?: string;
  /** What the messageDigest attribute says; default: the digest of the content. */
  readonly attributes?: (honest: readonly Buffer[]) => readonly Buffer[];
  readonly noAttributes?: boolean;
  /** The encoding of the attributes in the structure; signed is always their DER. */
  readonly encodeAttributes?: (members: readonly Buffer[]) => Buffer;
  readonly signingTime?: string;
  readonly identifier?: Buffer;
  readonly algorithm?: Buffer;
  /** Signature over these bytes; default: by the key's plain scheme. */
  readonly sign?: (bytes: Buffer) => Buffer;
  /** Further members behind the signature value. */
  readonly more?: readonly Buffer[];
}

export const pssParameters = (
  digest: string,
  mask: string,
  salt: number,
  more: readonly Buffer[] = [],
): Buffer =>
  sequence(
    oid('1.2.840.113549.1.1.10'),
    sequence(
      tlv(0xa0, sequence(oid(DIGEST_OIDS[digest]!), NULL)),
      tlv(0xa1, sequence(oid('1.2.840.113549.1.1.8'), sequence(oid(DIGEST_OIDS[mask]!), NULL))),
      tlv(0xa2, integer(salt)),
      ...more,
    ),
  );

function plainAlgorithm({ key }: Holder): Buffer {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return sequence(oid('1.2.840.113549.1.1.1'), NULL);
    case 'ed25519':
      return sequence(oid('1.3.101.112'));
    default:
      return sequence(oid('1.2.840.10045.4.3.2'));
  }
}

export const pss =
  (signer: Holder, digest: string, saltLength: number) =>
  (bytes: Buffer): Buffer =>
    sign(digest, bytes, { key: signer.key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength });

/** The attributes an honest program writes, in DER order. */
export function honestAttributes(content: Uint8Array, digest: string, signingTime: string): Buffer[] {
  return [
    attribute(ID.contentType, oid(ID.data)),
    attribute(ID.signingTime, generalizedText(signingTime)),
    attribute(ID.messageDigest, octetString(createHash(digest).update(content).digest())),
  ].toSorted((a, b) => Buffer.compare(a, b));
}

export function signerInfo(content: Uint8Array, form: SignerForm): Buffer {
  const { signer, digest = 'sha256', signingTime = '20260105011000Z' } = form;
  const members = (form.attributes ?? ((all) => all))(honestAttributes(content, digest, signingTime));
  const signed = form.noAttributes === true ? Buffer.from(content) : tlv(0x31, ...members);
  const make =
    form.sign ??
    ((bytes: Buffer) => sign(signer.key.asymmetricKeyType === 'ed25519' ? null : digest, bytes, signer.key));
  return sequence(
    integer(1),
    form.identifier ?? sequence(signer.issuerName, integer(signer.serial)),
    sequence(oid(DIGEST_OIDS[digest]!), NULL),
    ...(form.noAttributes === true ? [] : [(form.encodeAttributes ?? ((all) => tlv(0xa0, ...all)))(members)]),
    form.algorithm ?? plainAlgorithm(signer),
    octetString(make(signed)),
    ...(form.more ?? []),
  );
}

export interface DataForm {
  /** null = detached. */
  readonly inside: Uint8Array | null;
  readonly signers: readonly Buffer[];
  readonly certificates: readonly Buffer[];
  readonly contentType?: string;
  /** digestAlgorithms; default SHA-256 and the others of the cases. */
  readonly digests?: readonly string[];
  /** How the outer values are encoded; default DER. */
  readonly encode?: typeof tlv;
}

export function signedData({
  inside,
  signers,
  certificates,
  contentType = ID.data,
  digests = Object.keys(DIGEST_OIDS),
  encode = tlv,
}: DataForm): Buffer {
  const content = inside === null ? [] : [encode(0xa0, octetString(inside))];
  return encode(
    0x30,
    oid(ID.signedData),
    encode(
      0xa0,
      encode(
        0x30,
        integer(1),
        setOf(...digests.map((name) => sequence(oid(DIGEST_OIDS[name]!), NULL))),
        encode(0x30, oid(contentType), ...content),
        tlv(0xa0, ...certificates),
        setOf(...signers),
      ),
    ),
  );
}
