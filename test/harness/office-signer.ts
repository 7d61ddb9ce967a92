import { constants, createHash, sign as signBytes } from 'node:crypto';
import { RELS_TYPE, partsOf, type OfficeFile, type Parts, type RelationshipForm } from './office-files.ts';
import type { Holder } from './x509-writer.ts';
import { storedZip } from './zip-writer.ts';

/**
 * Signs a package as Office does (ECMA-376 part 2 §10, [MS-OFFCRYPTO] §2.5.2). All XML is written in canonical form
 * already, so that nothing of the program under test is needed, and each step may be bent.
 */

const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const XADES = 'http://uri.etsi.org/01903/v1.3.2#';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';
const C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';

export const DIGEST_URI = {
  sha1: 'http://www.w3.org/2000/09/xmldsig#sha1',
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  sha384: 'http://www.w3.org/2001/04/xmldsig-more#sha384',
  sha512: 'http://www.w3.org/2001/04/xmlenc#sha512',
} as const;
export type Digest = keyof typeof DIGEST_URI;

const SCHEME_URI = {
  'rsa sha1': 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
  'rsa sha256': 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'rsa sha384': 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384',
  'rsa sha512': 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
  'pss sha256': 'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
  'ec sha256': 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256',
  'ec sha384': 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384',
} as const;

const hash = (digest: Digest, data: string | Buffer): string =>
  createHash(digest).update(data).digest('base64');

/** One <Reference> as text; `data` is what its digest is over. */
export interface ReferenceForm {
  readonly uri: string;
  readonly data: string | Buffer;
  /** Attributes before URI, in order. */
  readonly type?: string;
  /** The content of <Transforms>. */
  readonly transforms?: string;
  readonly digest?: Digest;
  /** Instead of the digest of `data`. */
  readonly value?: string;
  readonly method?: string;
}

export function referenceXml(form: ReferenceForm, usual: Digest = 'sha256'): string {
  const digest = form.digest ?? usual;
  const type = form.type === undefined ? '' : ` Type="${form.type}"`;
  const transforms = form.transforms === undefined ? '' : `<Transforms>${form.transforms}</Transforms>`;
  const method = form.method ?? DIGEST_URI[digest];
  return `<Reference${type} URI="${form.uri}">${transforms}<DigestMethod Algorithm="${method}"></DigestMethod><DigestValue>${form.value ?? hash(digest, form.data)}</DigestValue></Reference>`;
}

export const canonicalTransform = (algorithm = C14N): string =>
  `<Transform Algorithm="${algorithm}"></Transform>`;

/** The relationship transform of these ids, and the canonical bytes it yields. */
export function relationshipReference(part: string, list: readonly RelationshipForm[]): ReferenceForm {
  const sorted = list.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const ids = sorted
    .map(
      ({ id }) =>
        `<mdssi:RelationshipReference xmlns:mdssi="${PACKAGE}/digital-signature" SourceId="${id}"></mdssi:RelationshipReference>`,
    )
    .join('');
  const canonical = sorted
    .map(
      ({ id, type, target, mode = 'Internal' }) =>
        `<Relationship Id="${id}" Target="${target}" TargetMode="${mode}" Type="${type}"></Relationship>`,
    )
    .join('');
  return {
    uri: `/${part}?ContentType=${RELS_TYPE}`,
    transforms: `<Transform Algorithm="${PACKAGE}/RelationshipTransform">${ids}</Transform>${canonicalTransform()}`,
    data: `<Relationships xmlns="${PACKAGE}/relationships">${canonical}</Relationships>`,
  };
}

const isFree = (target: string): boolean => /docProps\/|_xmlsignatures\//.test(target);

/** What Office signs: every part and relationship outside of docProps and the signatures. */
export function usualReferences(file: OfficeFile): ReferenceForm[] {
  const parts = Object.entries(file.parts)
    .filter(([name]) => !isFree(name))
    .map(([name, data]) => ({ uri: `/${name}?ContentType=${typeOf(file, `/${name}`)}`, data }));
  const relationships = Object.entries(file.relationships).map(([part, list]) =>
    relationshipReference(
      part,
      list.filter(({ target, mode }) => mode === 'External' || !isFree(target)),
    ),
  );
  return [...parts, ...relationships];
}

export const typeOf = ({ types }: OfficeFile, part: string): string =>
  types.overrides[part] ?? types.defaults[/\.([^.]*)$/.exec(part)![1]!]!;

export interface OfficeSigning {
  readonly signer: Holder;
  /** In KeyInfo; default: the signer's alone, as Office writes it. */
  readonly certificates?: readonly Buffer[];
  readonly digest?: Digest;
  readonly scheme?: 'rsa' | 'pss' | 'ec';
  readonly signatureDigest?: Digest;
  /** The manifest; default `usualReferences`. */
  readonly references?: (usual: ReferenceForm[], file: OfficeFile) => readonly ReferenceForm[];
  /** Text of the package object's content, for manifests of another build. */
  readonly manifest?: (manifest: string) => string;
  readonly packageObject?: (object: string) => string;
  /** The references of SignedInfo. */
  readonly signed?: (usual: ReferenceForm[]) => readonly ReferenceForm[];
  /** Canonical text of SignedInfo, without its namespace declaration. */
  readonly signedInfo?: (text: string) => string;
  readonly canonicalization?: string;
  /** Certificate that SigningCertificateV2 names; null = no XAdES at all. */
  readonly names?: Holder | null;
  readonly signingTime?: string;
  readonly target?: string;
  /** XML put behind SignedProperties: what the canonical SignatureValue may be stamped in. */
  readonly unsigned?: (canonicalValue: string) => string;
  /** Further text inside <Signature>, unsigned unless referenced. */
  readonly objects?: string;
  readonly keyInfo?: (usual: string) => string;
  /** Changes the finished signature part. */
  readonly after?: (xml: string) => string;
}

const namespaced = (xml: string): string => xml.replace(/^<(\w+)/, `<$1 xmlns="${DSIG}"`);

/** The <Signature> part over a file. */
export function signatureXml(file: OfficeFile, signing: OfficeSigning): string {
  const { signer, digest = 'sha256', signatureDigest = digest } = signing;
  const scheme = signing.scheme ?? (signer.key.asymmetricKeyType === 'ec' ? 'ec' : 'rsa');
  const usual = usualReferences(file);
  const references = signing.references?.(usual, file) ?? usual;
  const list = `<Manifest>${references.map((one) => referenceXml(one, digest)).join('')}</Manifest>`;
  const manifest = signing.manifest?.(list) ?? list;
  const time = signing.signingTime ?? '2026-01-05T01:00:00Z';
  const properties = `<SignatureProperties><SignatureProperty Id="idSignatureTime" Target="#idPackageSignature"><mdssi:SignatureTime xmlns:mdssi="${PACKAGE}/digital-signature"><mdssi:Format>YYYY-MM-DDThh:mm:ssTZD</mdssi:Format><mdssi:Value>${time}</mdssi:Value></mdssi:SignatureTime></SignatureProperty></SignatureProperties>`;
  const object = `<Object Id="idPackageObject">${manifest}${properties}</Object>`;
  const packageObject = signing.packageObject?.(object) ?? object;
  const xades = signing.names === null ? null : signedProperties(signing, time);
  const usualSigned: ReferenceForm[] = [
    { type: `${DSIG}Object`, uri: '#idPackageObject', data: namespaced(object) },
    ...(xades === null
      ? []
      : [
          {
            type: 'http://uri.etsi.org/01903#SignedProperties',
            uri: '#idSignedProperties',
            transforms: canonicalTransform(),
            data: xades.replace(
              '<xd:SignedProperties',
              `<xd:SignedProperties xmlns="${DSIG}" xmlns:xd="${XADES}"`,
            ),
          },
        ]),
  ];
  const signed = (signing.signed?.(usualSigned) ?? usualSigned)
    .map((one) => referenceXml(one, digest))
    .join('');
  const method = SCHEME_URI[`${scheme} ${signatureDigest}` as keyof typeof SCHEME_URI];
  const info = `<SignedInfo><CanonicalizationMethod Algorithm="${signing.canonicalization ?? C14N}"></CanonicalizationMethod><SignatureMethod Algorithm="${method}"></SignatureMethod>${signed}</SignedInfo>`;
  const finalInfo = signing.signedInfo?.(info) ?? info;
  const value = `<SignatureValue>${signatureValue(namespaced(finalInfo), signer, scheme, signatureDigest)}</SignatureValue>`;
  const certificates = signing.certificates ?? [signer.certificate];
  const keyInfo = `<KeyInfo><X509Data>${certificates.map((one) => `<X509Certificate>${one.toString('base64')}</X509Certificate>`).join('')}</X509Data></KeyInfo>`;
  const unsigned = signing.unsigned?.(namespaced(value)) ?? '';
  const qualifying =
    xades === null
      ? ''
      : `<Object><xd:QualifyingProperties xmlns:xd="${XADES}" Target="${signing.target ?? '#idPackageSignature'}">${xades}${unsigned}</xd:QualifyingProperties></Object>`;
  const xml = `<Signature xmlns="${DSIG}" Id="idPackageSignature">${finalInfo}${value}${signing.keyInfo?.(keyInfo) ?? keyInfo}${packageObject}${qualifying}${signing.objects ?? ''}</Signature>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${signing.after?.(xml) ?? xml}`;
}

/** Without namespace declarations: those above it are in scope. */
function signedProperties({ names, signer }: OfficeSigning, time: string): string {
  const digest = hash('sha256', (names ?? signer).certificate);
  return `<xd:SignedProperties Id="idSignedProperties"><xd:SignedSignatureProperties><xd:SigningTime>${time}</xd:SigningTime><xd:SigningCertificateV2><xd:Cert><xd:CertDigest><DigestMethod Algorithm="${DIGEST_URI.sha256}"></DigestMethod><DigestValue>${digest}</DigestValue></xd:CertDigest></xd:Cert></xd:SigningCertificateV2></xd:SignedSignatureProperties></xd:SignedProperties>`;
}

function signatureValue(data: string, { key }: Holder, scheme: string, digest: Digest): string {
  const bytes = Buffer.from(data);
  if (scheme === 'ec') return signBytes(digest, bytes, { key, dsaEncoding: 'ieee-p1363' }).toString('base64');
  const padding = scheme === 'pss' ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  return signBytes(digest, bytes, {
    key,
    padding,
    ...(scheme === 'pss' ? { saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {}),
  }).toString('base64');
}

/** Tokens as XAdES keeps them. */
export const signatureTimestamp = (...tokens: readonly Buffer[]): string =>
  `<xd:UnsignedProperties><xd:UnsignedSignatureProperties><xd:SignatureTimeStamp><CanonicalizationMethod Algorithm="${C14N}"></CanonicalizationMethod>${tokens.map((token) => `<xd:EncapsulatedTimeStamp>${token.toString('base64')}</xd:EncapsulatedTimeStamp>`).join('')}</xd:SignatureTimeStamp></xd:UnsignedSignatureProperties></xd:UnsignedProperties>`;

const SIGNATURE_TYPE = `application/vnd.openxmlformats-package.digital-signature`;

/** The file with an origin that leads to these signature parts. */
export function withSignatures(file: OfficeFile, ...signatures: readonly string[]): OfficeFile {
  const names = signatures.map((_, index) => `sig${index + 1}.xml`);
  return {
    types: {
      defaults: { ...file.types.defaults, sigs: `${SIGNATURE_TYPE}-origin` },
      overrides: {
        ...file.types.overrides,
        ...Object.fromEntries(
          names.map((name) => [`/_xmlsignatures/${name}`, `${SIGNATURE_TYPE}-xmlsignature+xml`]),
        ),
      },
    },
    relationships: {
      ...file.relationships,
      '_rels/.rels': [
        ...file.relationships['_rels/.rels']!,
        {
          id: 'rIdOrigin',
          type: `${PACKAGE}/relationships/digital-signature/origin`,
          target: '_xmlsignatures/origin.sigs',
        },
      ],
      '_xmlsignatures/_rels/origin.sigs.rels': names.map((name, index) => ({
        id: `rId${index + 1}`,
        type: `${PACKAGE}/relationships/digital-signature/signature`,
        target: name,
      })),
    },
    parts: {
      ...file.parts,
      '_xmlsignatures/origin.sigs': '',
      ...Object.fromEntries(names.map((name, index) => [`_xmlsignatures/${name}`, signatures[index]!])),
    },
  };
}

/** Signed by each in turn, as a zip. */
export const signOffice = (file: OfficeFile, ...signings: readonly OfficeSigning[]): Buffer =>
  storedZip(signedParts(file, ...signings));

export const signedParts = (file: OfficeFile, ...signings: readonly OfficeSigning[]): Parts =>
  partsOf(withSignatures(file, ...signings.map((signing) => signatureXml(file, signing))));
