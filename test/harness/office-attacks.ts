import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import {
  docx,
  OFFICE_RELATIONSHIPS,
  paragraph,
  partsOf,
  relationshipsXml,
  withPart,
  withRelationship,
  wordDocument,
  worksheet,
  cellText,
  xlsx,
  type OfficeFile,
  type Parts,
  type RelationshipForm,
} from './office-files.ts';
import {
  canonicalTransform,
  relationshipReference,
  signatureXml,
  signedParts,
  signOffice,
  withSignatures,
  type OfficeSigning,
  type ReferenceForm,
} from './office-signer.ts';
import { LEAF_EXTENSIONS, type SmimeKit } from './smime-kit.ts';
import { certificate, EXTENSION, PURPOSE, rsaKey } from './x509-writer.ts';
import { storedZip } from './zip-writer.ts';

/** The forgeries of test/cases/office/attacks.json, each made from a validly signed file or by a bent signer. */

export type OfficeAttack = (kit: SmimeKit) => Buffer;

const OTHER = wordDocument(paragraph('Đề nghị cấp mới 500 hộp thư.'));
const IMAGE = `${OFFICE_RELATIONSHIPS}/image`;
const DOCUMENT_RELS = 'word/_rels/document.xml.rels';
const RELS = '_rels/.rels';
const TYPES = '[Content_Types].xml';

const usual = (kit: SmimeKit): OfficeSigning => ({ signer: kit.unit });

/** Signed honestly, then parts are exchanged (null = removed). */
const changed =
  (
    change: (parts: Parts) => Readonly<Record<string, string | Buffer | null>>,
    file: OfficeFile = docx,
  ): OfficeAttack =>
  (kit) => {
    const parts = signedParts(file, usual(kit));
    const all = Object.entries({ ...parts, ...change(parts) });
    return storedZip(
      Object.fromEntries(all.filter((one): one is [string, string | Buffer] => one[1] !== null)),
    );
  };

/** Signed honestly, then the text of parts is edited; an edit that changes nothing is a fault of the case. */
const edited = (name: string, edit: (text: string) => string, file: OfficeFile = docx): OfficeAttack =>
  changed((parts) => {
    const before = parts[name]!.toString();
    const after = edit(before);
    if (after === before) throw new Error(`nothing of ${name} was changed`);
    return { [name]: after };
  }, file);

/** Signed in another way than Office signs. */
const bent =
  (bend: (kit: SmimeKit) => Partial<OfficeSigning>, file: OfficeFile = docx): OfficeAttack =>
  (kit) =>
    signOffice(file, { ...usual(kit), ...bend(kit) });

/** The signature part over `file` moved to `other`. */
const moved =
  (file: OfficeFile, other: OfficeFile, bend: Partial<OfficeSigning> = {}): OfficeAttack =>
  (kit) =>
    storedZip(partsOf(withSignatures(other, signatureXml(file, { ...usual(kit), ...bend }))));

const without = (part: string) => (list: ReferenceForm[]) =>
  list.filter(({ uri }) => !uri.startsWith(`/${part}?`));

const added = (rels: string, relationship: RelationshipForm): OfficeAttack =>
  edited(rels, (text) =>
    text.replace(
      '</Relationships>',
      `${relationshipsXml([relationship]).replace(/^[^]*<Relationships[^>]*>|<\/Relationships>/g, '')}</Relationships>`,
    ),
  );

const retyped = (from: string, to: string): OfficeAttack => edited(TYPES, (text) => text.replace(from, to));
const SIG = '_xmlsignatures/sig1.xml';
const inSignature = (edit: (xml: string) => string): OfficeAttack => edited(SIG, edit);
const beforeSigning = (part: string, content: string): OfficeFile => ({
  ...docx,
  parts: { ...docx.parts, [part]: content },
});

const MACRO = 'application/vnd.ms-office.vbaProject';
const macroRelationship = {
  id: 'rId9',
  type: 'http://schemas.microsoft.com/office/2006/relationships/vbaProject',
  target: 'vbaProject.bin',
};
const remoteTemplate = (target: string): RelationshipForm => ({
  id: 'rId7',
  type: `${OFFICE_RELATIONSHIPS}/attachedTemplate`,
  target,
  mode: 'External',
});
const withDocumentRelationship = (relationship: RelationshipForm): OfficeFile => ({
  ...docx,
  relationships: withRelationship(docx, DOCUMENT_RELS, relationship),
});

/** Byte offset of the local header of a stored part. */
function localHeader(zip: Buffer, name: string): number {
  const label = Buffer.from(name);
  for (let at = zip.indexOf('PK\x03\x04'); at >= 0; at = zip.indexOf('PK\x03\x04', at + 4)) {
    const length = zip.readUInt16LE(at + 26);
    if (zip.subarray(at + 30, at + 30 + length).equals(label)) return at;
  }
  throw new Error(`no local header of ${name}`);
}
const centralHeader = (zip: Buffer, name: string): number => zip.lastIndexOf(name) - 46;

const rebuilt =
  (build: (zip: Buffer) => Buffer): OfficeAttack =>
  (kit) =>
    build(signOffice(docx, usual(kit)));

/** Changed in place. */
const patched = (patch: (zip: Buffer) => void): OfficeAttack =>
  rebuilt((zip) => {
    patch(zip);
    return zip;
  });

/** A second local file whose directory entry is the first's: which one is read depends on the reader. */
const spliced = (name: string, content: string): OfficeAttack =>
  rebuilt((zip) => {
    const end = zip.length - 22;
    const directory = zip.readUInt32LE(end + 16);
    const other = storedZip({ [name]: content });
    const file = other.subarray(0, other.readUInt32LE(other.length - 22 + 16));
    const result = Buffer.concat([zip.subarray(0, directory), file, zip.subarray(directory)]);
    result.writeUInt32LE(directory + file.length, result.length - 6);
    return result;
  });

const twiceInDirectory = (name: string, content: string): OfficeAttack =>
  rebuilt((zip) => {
    const directory = zip.readUInt32LE(zip.length - 6);
    const count = zip.readUInt16LE(zip.length - 12);
    const other = storedZip({ [name]: content });
    const otherDirectory = other.readUInt32LE(other.length - 6);
    const entry = Buffer.from(other.subarray(otherDirectory, other.length - 22));
    entry.writeUInt32LE(directory, 42);
    const list = Buffer.concat([zip.subarray(directory, zip.length - 22), entry]);
    const tail = Buffer.from(zip.subarray(zip.length - 22));
    tail.writeUInt16LE(count + 1, 8);
    tail.writeUInt16LE(count + 1, 10);
    tail.writeUInt32LE(list.length, 12);
    tail.writeUInt32LE(directory + otherDirectory, 16);
    return Buffer.concat([zip.subarray(0, directory), other.subarray(0, otherDirectory), list, tail]);
  });

const C14N_COMMENTS = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments';
const DOCUMENT_TYPE = docx.types.overrides['/word/document.xml']!;

/** A part digested through a canonicalisation, which hides what XML readers skip. */
const canonicalDocument = (stored: string, canonical: string): OfficeAttack =>
  moved(beforeSigning('word/document.xml', canonical), beforeSigning('word/document.xml', stored), {
    references: (list) =>
      list.map((one) =>
        one.uri.startsWith('/word/document.xml') ? { ...one, transforms: canonicalTransform() } : one,
      ),
  });
const CANONICAL = OTHER.replace(/^<\?xml[^>]*\?>\n/, '');

const manifestOf = (text: string): string => /<Manifest>[^]*<\/Manifest>/.exec(text)![0];

export const OFFICE_ATTACKS: Readonly<Record<string, OfficeAttack>> = {
  // The document after signing
  'document text changed': edited('word/document.xml', (text) => text.replace('5 hộp', '500 hộp')),
  'one white space added': edited('word/document.xml', (text) => text.replace('<w:body>', '<w:body> ')),
  'document replaced': changed(() => ({ 'word/document.xml': OTHER })),
  'styles removed': changed(() => ({ 'word/styles.xml': null })),
  'styles emptied': changed(() => ({ 'word/styles.xml': '' })),
  'part added': changed(() => ({ 'word/comments.xml': '<x/>' })),
  'typed part added': changed((parts) => ({
    'word/footer1.xml': '<x/>',
    [TYPES]: parts[TYPES]!.toString().replace(
      '</Types>',
      '<Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/></Types>',
    ),
  })),
  'cell changed': edited('xl/worksheets/sheet1.xml', (text) => text.replace('Văn An', 'Văn Ăn'), xlsx),
  'sheet added': changed(() => ({ 'xl/worksheets/sheet2.xml': worksheet(cellText('Trần Văn Bình')) }), xlsx),
  'shared strings added': changed(() => ({ 'xl/sharedStrings.xml': '<sst/>' }), xlsx),
  'printer settings added': changed(() => ({ 'xl/printerSettings/printerSettings1.bin': 'x' }), xlsx),
  'custom part added': changed(() => ({ 'customXml/item1.xml': '<x/>' })),
  'folder entry with content': changed(() => ({ 'word/': 'x' })),

  // Relationships
  'relationship added': added(DOCUMENT_RELS, { id: 'rId9', type: IMAGE, target: 'media/image1.png' }),
  'relationship retargeted': edited(DOCUMENT_RELS, (text) => text.replace('"styles.xml"', '"document.xml"')),
  'relationship removed': edited(DOCUMENT_RELS, (text) => text.replace(/<Relationship [^>]*\/>/, '')),
  'relationship of another type': edited(DOCUMENT_RELS, (text) =>
    text.replace('relationships/styles', 'relationships/footer'),
  ),
  'relationship made external': edited(DOCUMENT_RELS, (text) =>
    text.replace('"styles.xml"', '"styles.xml" TargetMode="External"'),
  ),
  'relationship id twice': edited(DOCUMENT_RELS, (text) =>
    text.replace(/<Relationship [^>]*\/>/, (found) => `${found}${found.replace('styles', 'footer')}`),
  ),
  'relationship in a comment': edited(DOCUMENT_RELS, (text) =>
    text.replace(
      '</Relationships>',
      `<!--<Relationship Id="rId8" Type="${IMAGE}" Target="a.png"/>--></Relationships>`,
    ),
  ),
  'relationship in a relationship': edited(DOCUMENT_RELS, (text) =>
    text.replace(
      '/></Relationships>',
      `><Relationship Id="rId8" Type="${IMAGE}" Target="a.png"/></Relationship></Relationships>`,
    ),
  ),
  'relationship of another namespace': edited(DOCUMENT_RELS, (text) =>
    text.replace(
      '</Relationships>',
      `<x:Relationship xmlns:x="x" Id="rId8" Type="${IMAGE}" Target="a.png"/></Relationships>`,
    ),
  ),
  'text among relationships': edited(DOCUMENT_RELS, (text) =>
    text.replace('</Relationships>', 'x</Relationships>'),
  ),
  'relationships with DOCTYPE': edited(DOCUMENT_RELS, (text) =>
    text.replace('<Relationships', '<!DOCTYPE Relationships [<!ENTITY e "x">]><Relationships'),
  ),
  'relationships with processing instruction': edited(DOCUMENT_RELS, (text) =>
    text.replace('<Relationships', '<?xml-stylesheet href="x"?><Relationships'),
  ),
  'relationships part removed': changed(() => ({ [DOCUMENT_RELS]: null })),
  'relationships added to styles': changed(() => ({
    'word/_rels/styles.xml.rels': relationshipsXml([
      { id: 'rId1', type: IMAGE, target: 'https://x.vn/a.png', mode: 'External' },
    ]),
  })),
  'second main document': added(RELS, {
    id: 'rId8',
    type: `${OFFICE_RELATIONSHIPS}/officeDocument`,
    target: 'docProps/core.xml',
  }),
  'strict main document beside the signed one': added(RELS, {
    id: 'rId8',
    type: 'http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument',
    target: 'word/styles.xml',
  }),
  'main document in docProps': (kit) => {
    const file: OfficeFile = {
      types: {
        ...docx.types,
        overrides: { ...docx.types.overrides, '/docProps/document.xml': DOCUMENT_TYPE },
      },
      relationships: {
        [RELS]: [
          { id: 'rId1', type: `${OFFICE_RELATIONSHIPS}/officeDocument`, target: 'docProps/document.xml' },
        ],
      },
      parts: { 'docProps/document.xml': OTHER },
    };
    return signOffice(file, usual(kit));
  },
  'package relationship to an add-in in docProps': changed((parts) => ({
    'docProps/thumbnail.emf': 'x',
    [RELS]: parts[RELS]!.toString().replace(
      '</Relationships>',
      '<Relationship Id="rId8" Type="http://schemas.microsoft.com/office/2007/relationships/ui/extensibility" Target="docProps/thumbnail.emf"/></Relationships>',
    ),
  })),
  'signed relationship to an unsigned part': bent(
    () => ({}),
    withPart(
      docx,
      'docProps/header.xml',
      '<x/>',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml',
      {
        rels: DOCUMENT_RELS,
        relationship: { id: 'rId5', type: `${OFFICE_RELATIONSHIPS}/header`, target: '/docProps/header.xml' },
      },
    ),
  ),
  'unsigned header in docProps': changed((parts) => ({
    'docProps/header.xml': '<x/>',
    [TYPES]: parts[TYPES]!.toString().replace(
      '</Types>',
      '<Override PartName="/docProps/header.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"/></Types>',
    ),
  })),
  'part hidden among the signatures': changed((parts) => ({
    '_xmlsignatures/document.xml': OTHER,
    [TYPES]: parts[TYPES]!.toString().replace(
      '</Types>',
      `<Override PartName="/_xmlsignatures/document.xml" ContentType="${DOCUMENT_TYPE}"/></Types>`,
    ),
  })),

  // What lies outside of the file
  'picture from the network': bent(
    () => ({}),
    withDocumentRelationship({ id: 'rId7', type: IMAGE, target: 'https://x.vn/a.png', mode: 'External' }),
  ),
  'template from the network': bent(
    () => ({}),
    withDocumentRelationship(remoteTemplate('https://x.vn/a.dotm')),
  ),
  'template from a share': bent(
    () => ({}),
    withDocumentRelationship(remoteTemplate('file:///\\\\x.vn\\a\\b.dotm')),
  ),
  'external link of a workbook': bent(() => ({}), {
    ...xlsx,
    relationships: withRelationship(xlsx, 'xl/_rels/workbook.xml.rels', {
      id: 'rId4',
      type: `${OFFICE_RELATIONSHIPS}/externalLinkPath`,
      target: 'https://x.vn/a.xlsx',
      mode: 'External',
    }),
  }),
  'macro added': changed((parts) => ({
    'word/vbaProject.bin': 'x',
    [TYPES]: parts[TYPES]!.toString().replace(
      '</Types>',
      `<Default Extension="bin" ContentType="${MACRO}"/></Types>`,
    ),
    [DOCUMENT_RELS]: relationshipsXml([...docx.relationships[DOCUMENT_RELS]!, macroRelationship]),
  })),

  // Content types
  'content type of the document changed': retyped(
    DOCUMENT_TYPE,
    'application/vnd.ms-word.document.macroEnabled.main+xml',
  ),
  'content type of styles changed': retyped('wordprocessingml.styles+xml', 'wordprocessingml.header+xml'),
  'content type told twice': edited(TYPES, (text) =>
    text.replace('</Types>', '<Override PartName="/word/styles.xml" ContentType="text/plain"/></Types>'),
  ),
  'content type told twice in other case': edited(TYPES, (text) =>
    text.replace('</Types>', '<Override PartName="/WORD/styles.xml" ContentType="text/plain"/></Types>'),
  ),
  'content type in a comment': edited(TYPES, (text) =>
    text.replace(
      '</Types>',
      '<!--<Override PartName="/word/styles.xml" ContentType="text/plain"/>--></Types>',
    ),
  ),
  'content types with DOCTYPE': edited(TYPES, (text) => text.replace('<Types', '<!DOCTYPE Types><Types')),
  'content types removed': changed(() => ({ [TYPES]: null })),
  'content type of the signature changed': retyped('digital-signature-xmlsignature+xml', 'xml'),
  'content types in UTF-16': changed((parts) => ({
    [TYPES]: Buffer.from(`\uFEFF${parts[TYPES]!.toString().replace('UTF-8', 'UTF-16')}`, 'utf16le'),
  })),

  // The manifest
  'document not in the manifest': bent(() => ({ references: without('word/document.xml') })),
  'styles not in the manifest': bent(() => ({ references: without('word/styles.xml') })),
  'document relationships not in the manifest': bent(() => ({ references: without(DOCUMENT_RELS) })),
  'one relationship not in the manifest': bent(
    () => ({
      references: (list) => [
        ...without(DOCUMENT_RELS)(list),
        relationshipReference(DOCUMENT_RELS, docx.relationships[DOCUMENT_RELS]!),
      ],
    }),
    withDocumentRelationship({ id: 'rId6', type: `${OFFICE_RELATIONSHIPS}/footer`, target: 'styles.xml' }),
  ),
  'manifest empty': bent(() => ({ references: () => [] })),
  'manifest names a part twice': bent(() => ({ references: (list) => [...list, list[0]!] })),
  'manifest names a missing part': bent(() => ({
    references: (list) => [...list, { uri: '/word/gone.xml?ContentType=application/xml', data: '' }],
  })),
  'manifest without content type': bent(() => ({
    references: (list) => list.map((one) => ({ ...one, uri: one.uri.split('?')[0]! })),
  })),
  'manifest with a fragment': bent(() => ({
    references: (list) => list.map((one) => ({ ...one, uri: `${one.uri}#x` })),
  })),
  'manifest leads out of the package': bent(() => ({
    references: (list) => [...list, { uri: 'https://x.vn/a.xml?ContentType=application/xml', data: '' }],
  })),
  'manifest is not in SignedInfo': bent(() => ({ signed: (list) => list.slice(1) })),
  'only the office properties are signed': bent((kit) => ({
    signed: (list) => list.slice(1),
    objects: `<Object Id="idOther">${manifestOf(signatureXml(docx, usual(kit)))}</Object>`,
  })),
  'second manifest unsigned': moved(docx, beforeSigning('word/document.xml', OTHER), {
    objects: `<Object><Manifest><Reference URI="/word/document.xml?ContentType=${DOCUMENT_TYPE}"><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod><DigestValue>${digestOf(OTHER)}</DigestValue></Reference></Manifest></Object>`,
  }),
  'signed object wrapped, another in its place': inSignature((xml) => {
    const object = /<Object Id="idPackageObject">[^]*?<\/Object>/.exec(xml)![0];
    const other = object
      .replace('idPackageObject', 'idOther')
      .replace(/<DigestValue>[^<]*/, `<DigestValue>${digestOf(OTHER)}`);
    return xml.replace(object, `${other}<Object><Wrapper>${object}</Wrapper></Object>`);
  }),
  'two objects of one Id': inSignature((xml) => {
    const object = /<Object Id="idPackageObject">[^]*?<\/Object>/.exec(xml)![0];
    return xml.replace(
      object,
      `${object.replace(/<DigestValue>[^<]*/, `<DigestValue>${digestOf(OTHER)}`)}${object}`,
    );
  }),
  'ids that differ in case of the attribute': inSignature((xml) =>
    xml.replace('</Signature>', '<Object ID="idPackageObject"></Object></Signature>'),
  ),
  'manifest inside a manifest': bent(() => ({ manifest: (list) => `<Wrapper>${list}</Wrapper>` })),
  'signed manifest emptied': inSignature((xml) =>
    xml.replace(/<Manifest>[^]*?<\/Manifest>/, '<Manifest></Manifest>'),
  ),
  'digest in the manifest changed': inSignature((xml) =>
    xml.replace(/<DigestValue>[^<]*/, `<DigestValue>${digestOf(OTHER)}`),
  ),

  // Transforms
  'part hidden by canonicalisation: comment': canonicalDocument(
    CANONICAL.replace('</w:body>', '<!-- 500 --></w:body>'),
    CANONICAL,
  ),
  'part hidden by canonicalisation: entity form': canonicalDocument(
    CANONICAL.replace('>Đề', '>&#272;ề'),
    CANONICAL,
  ),
  'part hidden by canonicalisation: CDATA': canonicalDocument(
    CANONICAL.replace('Đề nghị', '<![CDATA[Đề nghị]]>'),
    CANONICAL,
  ),
  'relationship transform on the document': bent(() => ({
    references: (list) =>
      list.map((one) =>
        one.uri.startsWith('/word/document.xml')
          ? { ...one, transforms: relationshipReference(DOCUMENT_RELS, []).transforms! }
          : one,
      ),
  })),
  'XSLT transform': bent(() => ({
    references: (list) =>
      list.map((one, index) =>
        index === 0
          ? {
              ...one,
              transforms: '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"></Transform>',
            }
          : one,
      ),
  })),
  'XPath transform in SignedInfo': bent(() => ({
    signed: (list) =>
      list.map((one) => ({
        ...one,
        transforms:
          '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><XPath>self::x</XPath></Transform>',
      })),
  })),
  'enveloped-signature transform': bent(() => ({
    signed: (list) =>
      list.map((one) => ({
        ...one,
        transforms:
          '<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></Transform>',
      })),
  })),
  'base64 transform': bent(() => ({
    references: (list) =>
      list.map((one, index) =>
        index === 0
          ? {
              ...one,
              transforms: '<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#base64"></Transform>',
            }
          : one,
      ),
  })),
  'two canonicalisations of one object': bent(() => ({
    signed: (list) =>
      list.map((one) => ({ ...one, transforms: canonicalTransform() + canonicalTransform(C14N_COMMENTS) })),
  })),

  // The signature itself
  'signature value changed': inSignature((xml) =>
    xml.replace(/<SignatureValue>(.)/, (_, first: string) => `<SignatureValue>${first === 'A' ? 'B' : 'A'}`),
  ),
  'signature value empty': inSignature((xml) => xml.replace(/<SignatureValue>[^<]*/, '<SignatureValue>')),
  'SignedInfo changed': inSignature((xml) => xml.replace('xmldsig#Object', 'xmldsig#Manifest')),
  'SignedInfo twice': inSignature((xml) => xml.replace(/<SignedInfo>[^]*<\/SignedInfo>/, '$&$&')),
  'SignatureValue twice': inSignature((xml) =>
    xml.replace(/<SignatureValue>[^<]*<\/SignatureValue>/, '$&$&'),
  ),
  'SignedInfo without references': bent(() => ({ signed: () => [] })),
  'reference to the whole part': bent(() => ({ signed: (list) => [{ uri: '', data: '' }, ...list] })),
  'reference to a file outside': bent(() => ({
    signed: (list) => [...list, { uri: 'https://x.vn/a', data: '' }],
  })),
  'reference by XPointer': bent(() => ({
    signed: (list) => list.map((one) => ({ ...one, uri: `#xpointer(id('${one.uri.slice(1)}'))` })),
  })),
  'unknown digest of a reference': bent(() => ({
    signed: (list) => list.map((one) => ({ ...one, method: 'http://www.w3.org/2001/04/xmldsig-more#md5' })),
  })),
  'unknown signature method': bent(() => ({
    signedInfo: (text) => text.replace('ecdsa-sha256', 'ecdsa-ripemd160'),
  })),
  'HMAC with the certificate as key': bent(() => ({
    signedInfo: (text) =>
      text.replace(
        'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256',
        'http://www.w3.org/2000/09/xmldsig#hmac-sha1',
      ),
  })),
  'method of another key': bent(() => ({ signedInfo: (text) => text.replace('ecdsa-sha256', 'rsa-sha256') })),
  'signature with DOCTYPE': inSignature((xml) =>
    xml.replace('<Signature', '<!DOCTYPE Signature [<!ENTITY e "x">]><Signature'),
  ),
  'signature with processing instruction': inSignature((xml) =>
    xml.replace('</Signature>', '<?x?></Signature>'),
  ),
  'signature is no XML': changed(() => ({ [SIG]: 'x' })),
  'signature empty': changed(() => ({ [SIG]: '' })),
  'signature of another root': inSignature((xml) =>
    xml.replace(/<Signature /, '<Signatur ').replace('</Signature>', '</Signatur>'),
  ),
  'signature inside another element': inSignature((xml) => xml.replace(/<Signature [^]*/, '<x>$&</x>')),
  'signature part missing': changed(() => ({ [SIG]: null })),
  'signature part external': edited('_xmlsignatures/_rels/origin.sigs.rels', (text) =>
    text.replace('"sig1.xml"', '"https://x.vn/sig1.xml" TargetMode="External"'),
  ),
  'signature listed twice': edited('_xmlsignatures/_rels/origin.sigs.rels', (text) =>
    text.replace(/<Relationship [^>]*\/>/, (found) => `${found}${found.replace('rId1', 'rId2')}`),
  ),
  'two origins': changed((parts) => ({
    [RELS]: parts[RELS]!.toString().replace(
      /<Relationship Id="rIdOrigin"[^>]*\/>/,
      (found) => `${found}${found.replace('rIdOrigin', 'rIdOther')}`,
    ),
  })),
  'origin no longer named': edited(RELS, (text) => text.replace(/<Relationship Id="rIdOrigin"[^>]*\/>/, '')),
  'signature of another file': moved(docx, beforeSigning('word/document.xml', OTHER)),

  // Signed properties
  'properties name another certificate': bent((kit) => ({ names: kit.rsa })),
  'properties of another signature': bent(() => ({ target: '#idOther' })),
  'properties unsigned': bent(() => ({ signed: (list) => list.slice(0, 1) })),
  'second properties unsigned': bent(() => ({
    objects:
      '<Object><xd:QualifyingProperties xmlns:xd="http://uri.etsi.org/01903/v1.3.2#" Target="#idPackageSignature"><xd:SignedProperties Id="idMore"><xd:SignedSignatureProperties><xd:SigningTime>2020-01-01T00:00:00Z</xd:SigningTime></xd:SignedSignatureProperties></xd:SignedProperties></xd:QualifyingProperties></Object>',
  })),
  'signing time changed': inSignature((xml) => xml.replace('<xd:SigningTime>2026', '<xd:SigningTime>2025')),

  // Who signed
  'no certificate': bent(() => ({ keyInfo: () => '' })),
  'another certificate put in': bent((kit) => ({ certificates: [kit.rsa.certificate] })),
  'certificate damaged': bent((kit) => ({ certificates: [kit.unit.certificate.subarray(0, 300)] })),
  stranger: bent(() => {
    const issuer = certificate({
      commonName: 'CA la',
      extensions: [EXTENSION.basic(true), EXTENSION.usage(0x06)],
    });
    return { signer: certificate({ commonName: 'So Noi vu', issuer, extensions: LEAF_EXTENSIONS }) };
  }),
  'self-signed': bent(() => ({
    signer: certificate({ commonName: 'So Noi vu', extensions: LEAF_EXTENSIONS }),
  })),
  'expired certificate': bent((kit) => ({ signer: kit.leaf({ until: '20251201000000Z' }) })),
  'certificate of the future': bent((kit) => ({ signer: kit.leaf({ from: '20270101000000Z' }) })),
  'revoked certificate': bent((kit) => {
    const signer = kit.leaf();
    kit.revoke(signer);
    return { signer };
  }),
  'backdated by an expired certificate': bent((kit) => ({
    signer: kit.leaf({ until: '20251201000000Z' }),
    signingTime: '2025-06-01T00:00:00Z',
  })),
  'certificate for servers': bent((kit) => ({
    signer: kit.leaf({
      extensions: [EXTENSION.basic(false), EXTENSION.usage(0x80), EXTENSION.purposes(PURPOSE.server)],
    }),
  })),
  'certificate for encryption only': bent((kit) => ({
    signer: kit.leaf({ extensions: [EXTENSION.basic(false), EXTENSION.usage(0x20)] }),
  })),
  'RSA of 1024 bits': bent((kit) => ({ signer: kit.leaf({ key: rsaKey(1024) }) })),
  'SHA-1 throughout': bent((kit) => ({ signer: kit.rsa, digest: 'sha1' })),
  'SHA-1 in the manifest only': bent(() => ({
    references: (list) => list.map((one) => ({ ...one, digest: 'sha1' as const })),
  })),
  'SHA-1 in SignedInfo only': bent(() => ({
    signed: (list) => list.map((one) => ({ ...one, digest: 'sha1' as const })),
  })),
  'SHA-1 in the signature value only': bent((kit) => ({ signer: kit.rsa, signatureDigest: 'sha1' })),

  // Several signatures
  'broken second signature': (kit) => {
    const good = signatureXml(docx, usual(kit));
    return storedZip(
      partsOf(withSignatures(docx, good, good.replace(/<SignatureValue>./, '<SignatureValue>_'))),
    );
  },

  // The zip
  'local name differs from the directory': patched((zip) => {
    zip.write('wOrd/document.xml', localHeader(zip, 'word/document.xml') + 30);
  }),
  'local size differs': patched((zip) => {
    const at = localHeader(zip, 'word/document.xml');
    zip.writeUInt32LE(zip.readUInt32LE(at + 22) - 1, at + 22);
  }),
  'local method differs': patched((zip) => {
    zip.writeUInt16LE(8, localHeader(zip, 'word/document.xml') + 8);
  }),
  'check sum differs': patched((zip) => {
    zip.writeUInt32LE(1, centralHeader(zip, 'word/document.xml') + 16);
  }),
  'another volume': patched((zip) => {
    zip.writeUInt16LE(1, centralHeader(zip, 'word/document.xml') + 34);
  }),
  'encryption flag': patched((zip) => {
    zip.writeUInt16LE(1, centralHeader(zip, 'word/document.xml') + 8);
  }),
  'second local file outside of the directory': spliced('word/document.xml', OTHER),
  'a name twice in the directory': twiceInDirectory('word/document.xml', OTHER),
  'a name twice but for case': twiceInDirectory('Word/document.xml', OTHER),
  'a name twice but for encoding': twiceInDirectory('word/%64ocument.xml', OTHER),
  'a name with backslash': twiceInDirectory('word\\document.xml', OTHER),
  'a name that climbs': twiceInDirectory('word/../word/document.xml', OTHER),
  'a name with a null': twiceInDirectory('word/document.xml\0.png', OTHER),
  'bytes in front of the zip': rebuilt((zip) => Buffer.concat([storedZip(partsOf(docx)), zip])),
  'bytes behind the zip': rebuilt((zip) => Buffer.concat([zip, storedZip(partsOf(docx))])),
  truncated: rebuilt((zip) => zip.subarray(0, zip.length - 40)),
  'inflates beyond its size': patched((zip) => {
    const name = 'word/styles.xml';
    const [local, central] = [localHeader(zip, name), centralHeader(zip, name)];
    const room = zip.readUInt32LE(local + 18);
    const bomb = deflateRawSync(Buffer.alloc(room * 20, 32));
    const data = Buffer.alloc(room);
    bomb.copy(data, 0, 0, Math.min(bomb.length, room));
    data.copy(zip, local + 30 + name.length);
    zip.writeUInt16LE(8, local + 8);
    zip.writeUInt16LE(8, central + 10);
  }),
};

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
