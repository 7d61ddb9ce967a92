import { constants, createHash, generateKeyPairSync, privateEncrypt, sign } from 'node:crypto';
import {
  attribute,
  DIGEST_OIDS,
  honestAttributes,
  ID,
  pss,
  pssParameters,
  signedData,
  signerInfo,
} from './cms-writer.ts';
import { tlv, indefinite, integer, longLength, NULL, octetString, oid, sequence } from './der-writer.ts';
import {
  detachedCms,
  letter,
  multipart,
  opaque,
  opaqueCms,
  PART,
  UNIT,
  type Attack,
  type SmimeKit,
} from './smime-kit.ts';
import { ecKey, EXTENSION, PURPOSE, rsaKey } from './x509-writer.ts';

/** Forgeries inside the CMS structure; test/cases/smime/attacks.json says what each is and what must come of it. */

const content = Buffer.from(PART, 'latin1');
const evil = PART.replace('5 hop', '500 hop');
const evilContent = Buffer.from(evil, 'latin1');

const detached =
  (make: (kit: SmimeKit) => Buffer): Attack =>
  (kit) =>
    letter(multipart(PART, make(kit)));
const bent = (
  form: Parameters<typeof detachedCms>[2],
  data: Parameters<typeof detachedCms>[3] = {},
): Attack => detached((kit) => detachedCms(content, kit, form, data));

const attributeSet = (): Buffer => tlv(0x31, ...honestAttributes(evilContent, 'sha256', '20260105011000Z'));
const notThe =
  (type: string) =>
  (member: Buffer): boolean =>
    !member.subarray(2).includes(oid(type));

const ecdsa = (r: Buffer, s: Buffer) => (): Buffer => sequence(tlv(0x02, r), tlv(0x02, s));
const ZERO = Buffer.of(0);

const other = (kit: SmimeKit) => kit.leaf({ commonName: 'Khac' });
const esc = (hash: Buffer): Buffer =>
  attribute(ID.signingCertificate, sequence(sequence(sequence(octetString(hash)))));
const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const sorted = (members: readonly Buffer[]): Buffer[] => members.toSorted((a, b) => Buffer.compare(a, b));

export const CMS_ATTACKS: Readonly<Record<string, Attack>> = {
  'honest detached': bent({}),
  'honest opaque': (kit) => letter(opaque(opaqueCms(content, kit))),
  'honest RSA': detached((kit) => detachedCms(content, kit, { signer: kit.rsa })),
  'honest RSA-PSS': detached((kit) =>
    detachedCms(content, kit, {
      signer: kit.rsa,
      algorithm: pssParameters('sha256', 'sha256', 32),
      sign: pss(kit.rsa, 'sha256', 32),
    }),
  ),
  'honest P-384': detached((kit) => detachedCms(content, kit, { signer: kit.leaf({ key: ecKey('P-384') }) })),
  'honest Ed25519': detached((kit) =>
    detachedCms(content, kit, {
      signer: kit.leaf({ key: generateKeyPairSync('ed25519').privateKey }),
      digest: 'sha512',
    }),
  ),
  'honest streaming BER': (kit) =>
    letter(
      opaque(
        signedData({
          inside: content,
          signers: [signerInfo(content, { signer: kit.unit })],
          certificates: [kit.unit.certificate, kit.issuing.certificate],
          encode: indefinite,
        }),
      ),
    ),
  'honest signing certificate': bentWithEss((kit) => sha256(kit.unit.certificate)),

  'content of the honest letter inside the signature': (kit) =>
    letter(multipart(evil, opaqueCms(content, kit))),
  'content inside, equal to the part': (kit) => letter(multipart(PART, opaqueCms(content, kit))),
  'signature over other content': (kit) => letter(multipart(evil, detachedCms(content, kit))),
  'opaque with the content exchanged': (kit) =>
    letter(opaque(detachedCms(content, kit, {}, { inside: evilContent }))),
  'opaque without content': (kit) => letter(opaque(detachedCms(content, kit))),
  'attributes shown as content, opaque': (kit) =>
    letter(
      opaque(
        signedData({
          inside: attributeSet(),
          signers: [signerInfo(attributeSet(), { signer: kit.unit, noAttributes: true })],
          certificates: [kit.unit.certificate],
        }),
      ),
    ),
  'attributes shown as content, detached': (kit) =>
    letter(
      multipart(attributeSet().toString('latin1'), detachedCms(attributeSet(), kit, { noAttributes: true })),
    ),
  'content shown as attributes': detached((kit) =>
    detachedCms(content, kit, {
      encodeAttributes: () => Buffer.concat([Buffer.of(0xa0), content.subarray(1)]),
    }),
  ),
  'no signed attributes': bent({ noAttributes: true }),
  'empty signed attributes': bent({ attributes: () => [] }),
  'attributes out of order': bent({ attributes: (all) => all.toReversed() }),
  'messageDigest twice': bent({
    attributes: (all) => sorted([...all, attribute(ID.messageDigest, octetString(sha256(evilContent)))]),
  }),
  'messageDigest with two values': bent({
    attributes: (all) =>
      sorted([
        ...all.filter(notThe(ID.messageDigest)),
        attribute(ID.messageDigest, octetString(sha256(content)), octetString(sha256(evilContent))),
      ]),
  }),
  'messageDigest without a value': bent({
    attributes: (all) => sorted([...all.filter(notThe(ID.messageDigest)), attribute(ID.messageDigest)]),
  }),
  'messageDigest missing': bent({ attributes: (all) => all.filter(notThe(ID.messageDigest)) }),
  'messageDigest of no bytes': bent({
    attributes: (all) =>
      sorted([
        ...all.filter(notThe(ID.messageDigest)),
        attribute(ID.messageDigest, octetString(Buffer.of())),
      ]),
  }),
  'contentType missing': bent({ attributes: (all) => all.filter(notThe(ID.contentType)) }),
  'contentType of a timestamp': bent({
    attributes: (all) =>
      sorted([...all.filter(notThe(ID.contentType)), attribute(ID.contentType, oid(ID.timestampInfo))]),
  }),
  'content that is not id-data': bent({}, { contentType: ID.timestampInfo }),
  'attributes with a longer length': bent({ encodeAttributes: (all) => longLength(0xa0, ...all) }),
  'attributes of indefinite length': bent({ encodeAttributes: (all) => indefinite(0xa0, ...all) }),
  'two signers': detached((kit) =>
    signedData({
      inside: null,
      signers: [signerInfo(content, { signer: kit.unit }), signerInfo(content, { signer: kit.rsa })],
      certificates: [kit.unit.certificate, kit.rsa.certificate],
    }),
  ),
  'no signer': bent({}, { signers: [] }),
  'something behind the structure': detached((kit) => Buffer.concat([detachedCms(content, kit), NULL])),
  'something behind the signature value': bent({ more: [octetString(evilContent)] }),
  'cut off': detached((kit) => detachedCms(content, kit).subarray(0, -7)),
  'not a SignedData': detached(() => sequence(oid(ID.data), tlv(0xa0, octetString(content)))),
  'an empty structure': detached(() => sequence()),
  'a SignedData without parts': detached(() => sequence(oid(ID.signedData), tlv(0xa0))),

  'digest SHA-1': bent({ digest: 'sha1', algorithm: sequence(oid('1.2.840.10045.4.1')) }),
  'digest MD5': detached((kit) => detachedCms(content, kit, { signer: kit.rsa, digest: 'md5' })),
  'digest SHA-224': detached((kit) => detachedCms(content, kit, { signer: kit.rsa, digest: 'sha224' })),
  'two digests': bent({ digest: 'sha512' }),
  'digest not announced': bent({}, { digests: [] }),
  'RSA of 1024 bits': detached((kit) =>
    detachedCms(content, kit, { signer: kit.leaf({ key: rsaKey(1024) }) }),
  ),
  'curve secp256k1': detached((kit) =>
    detachedCms(content, kit, { signer: kit.leaf({ key: ecKey('secp256k1') }) }),
  ),
  'PSS with another salt length': oddPss(pssParameters('sha256', 'sha256', 20), 'sha256', 32),
  'PSS masked with SHA-1': oddPss(pssParameters('sha256', 'sha1', 32), 'sha256', 32),
  'PSS with trailer 2': oddPss(pssParameters('sha256', 'sha256', 32, [tlv(0xa3, integer(2))]), 'sha256', 32),
  'PSS with an unknown mask': oddPss(
    sequence(
      oid('1.2.840.113549.1.1.10'),
      sequence(
        tlv(0xa0, sequence(oid(DIGEST_OIDS['sha256']!), NULL)),
        tlv(0xa1, sequence(oid('1.3.6.1.4.1.99999.2'), sequence(oid(DIGEST_OIDS['sha256']!), NULL))),
        tlv(0xa2, integer(32)),
      ),
    ),
    'sha256',
    32,
  ),
  'PSS with default parameters': oddPss(sequence(oid('1.2.840.113549.1.1.10'), sequence()), 'sha1', 20),
  'PSS without parameters': oddPss(sequence(oid('1.2.840.113549.1.1.10')), 'sha256', 32),
  'ECDSA r = s = 0': bent({ sign: ecdsa(ZERO, ZERO) }),
  'ECDSA r = 1, s = 0': bent({ sign: ecdsa(Buffer.of(1), ZERO) }),
  'ECDSA with bytes behind it': detached((kit) =>
    detachedCms(content, kit, {
      sign: (bytes) => Buffer.concat([sign('sha256', bytes, kit.unit.key), NULL]),
    }),
  ),
  'Ed25519 of zeros': detached((kit) =>
    detachedCms(content, kit, {
      signer: kit.leaf({ key: generateKeyPairSync('ed25519').privateKey }),
      digest: 'sha512',
      sign: () => Buffer.alloc(64),
    }),
  ),
  'RSA signature of zeros': detached((kit) =>
    detachedCms(content, kit, { signer: kit.rsa, sign: () => Buffer.alloc(256) }),
  ),
  'RSA over the bare digest': detached((kit) =>
    detachedCms(content, kit, {
      signer: kit.rsa,
      sign: (bytes) =>
        privateEncrypt({ key: kit.rsa.key, padding: constants.RSA_PKCS1_PADDING }, sha256(bytes)),
    }),
  ),
  'empty signature value': bent({ sign: () => Buffer.of() }),
  'algorithm of another key': detached((kit) =>
    detachedCms(content, kit, { algorithm: sequence(oid('1.2.840.113549.1.1.1'), NULL) }),
  ),
  'unknown algorithm': detached((kit) =>
    detachedCms(content, kit, { algorithm: sequence(oid('1.3.6.1.4.1.99999.3')) }),
  ),

  'signed by another, unit named': detached((kit) => detachedCms(content, kit, { sign: foreignSign })),
  'own certificate under the unit’s issuer and serial': detached((kit) => {
    const fake = kit.leaf({ issuer: { ...kit.issuing, key: ecKey() }, serial: kit.unit.serial });
    return detachedCms(
      content,
      kit,
      { signer: fake },
      { certificates: [fake.certificate, kit.unit.certificate] },
    );
  }),
  'own certificate under the unit’s key identifier': detached((kit) => {
    const id = Buffer.from('0123456789abcdef', 'hex');
    const extensions = [EXTENSION.basic(false), EXTENSION.usage(0xc0), EXTENSION.purposes(PURPOSE.mail)];
    const honest = kit.leaf({ extensions: [...extensions, EXTENSION.mail(UNIT), EXTENSION.keyId(id)] });
    const fake = kit.leaf({
      issuer: { ...kit.issuing, key: ecKey() },
      extensions: [...extensions, EXTENSION.mail(UNIT), EXTENSION.keyId(id)],
    });
    return detachedCms(
      content,
      kit,
      { signer: fake, identifier: tlv(0x80, id) },
      { certificates: [honest.certificate, fake.certificate] },
    );
  }),
  'signing certificate missing': bent({}, { certificates: [] }),
  '33 certificates': detached((kit) =>
    detachedCms(content, kit, {}, { certificates: Array<Buffer>(33).fill(kit.unit.certificate) }),
  ),
  'signing certificate attribute of another': bentWithEss((kit) => sha256(other(kit).certificate)),
  'signing certificate attribute that is empty': detached((kit) =>
    detachedCms(content, kit, {
      attributes: (all) => sorted([...all, attribute(ID.signingCertificate, sequence(sequence()))]),
    }),
  ),
  'certificates only': (kit) =>
    letter(opaque(signedData({ inside: null, signers: [], certificates: [kit.unit.certificate] }))),
  'nested 2,000 deep': detached(() => {
    let nested: Buffer = NULL;
    for (let i = 0; i < 2000; i++) nested = tlv(0x30, nested);
    return nested;
  }),
};

function oddPss(algorithm: Buffer, digest: string, salt: number): Attack {
  return detached((kit) =>
    detachedCms(content, kit, {
      signer: kit.rsa,
      digest,
      algorithm,
      sign: pss(kit.rsa, digest, salt),
    }),
  );
}

function bentWithEss(hash: (kit: SmimeKit) => Buffer): Attack {
  return detached((kit) =>
    detachedCms(content, kit, { attributes: (all) => sorted([...all, esc(hash(kit))]) }),
  );
}

const foreignKey = ecKey();
function foreignSign(bytes: Buffer): Buffer {
  return sign('sha256', bytes, foreignKey);
}
