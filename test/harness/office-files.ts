/** Small docx and xlsx packages as Word and Excel lay them out, each part as text. */

export type Parts = Readonly<Record<string, string | Buffer>>;

export const RELS_TYPE = 'application/vnd.openxmlformats-package.relationships+xml';
export const OFFICE_RELATIONSHIPS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE_RELATIONSHIPS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml';
const SHEET = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

export interface RelationshipForm {
  readonly id: string;
  readonly type: string;
  readonly target: string;
  readonly mode?: 'Internal' | 'External';
}

export const relationshipXml = ({ id, type, target, mode }: RelationshipForm): string =>
  `<Relationship Id="${id}" Type="${type}" Target="${target}"${mode === undefined ? '' : ` TargetMode="${mode}"`}/>`;

export const relationshipsXml = (list: readonly RelationshipForm[]): string =>
  `${XML}<Relationships xmlns="${PACKAGE_RELATIONSHIPS}">${list.map(relationshipXml).join('')}</Relationships>`;

export interface TypesForm {
  readonly defaults: Readonly<Record<string, string>>;
  readonly overrides: Readonly<Record<string, string>>;
}

export const contentTypesXml = ({ defaults, overrides }: TypesForm): string =>
  `${XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">${Object.entries(
    defaults,
  )
    .map(([extension, type]) => `<Default Extension="${extension}" ContentType="${type}"/>`)
    .join('')}${Object.entries(overrides)
    .map(([part, type]) => `<Override PartName="${part}" ContentType="${type}"/>`)
    .join('')}</Types>`;

/** A package before it is signed; relationships by the part that holds them. */
export interface OfficeFile {
  readonly types: TypesForm;
  readonly relationships: Readonly<Record<string, readonly RelationshipForm[]>>;
  readonly parts: Parts;
}

const DEFAULTS = { rels: RELS_TYPE, xml: 'application/xml' };
const PROPERTIES: readonly RelationshipForm[] = [
  {
    id: 'rId2',
    type: 'http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties',
    target: 'docProps/core.xml',
  },
  { id: 'rId3', type: `${OFFICE_RELATIONSHIPS}/extended-properties`, target: 'docProps/app.xml' },
];
const PROPERTY_TYPES = {
  '/docProps/core.xml': 'application/vnd.openxmlformats-package.core-properties+xml',
  '/docProps/app.xml': 'application/vnd.openxmlformats-officedocument.extended-properties+xml',
};
const PROPERTY_PARTS = {
  'docProps/core.xml': `${XML}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>`,
  'docProps/app.xml': `${XML}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>`,
};

export const paragraph = (text: string): string => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`;
export const wordDocument = (body: string): string =>
  `${XML}<w:document xmlns:r="${OFFICE_RELATIONSHIPS}" xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>${body}</w:body></w:document>`;

export const docx: OfficeFile = {
  types: {
    defaults: DEFAULTS,
    overrides: {
      '/word/document.xml': `${WORD}.document.main+xml`,
      '/word/styles.xml': `${WORD}.styles+xml`,
      ...PROPERTY_TYPES,
    },
  },
  relationships: {
    '_rels/.rels': [
      { id: 'rId1', type: `${OFFICE_RELATIONSHIPS}/officeDocument`, target: 'word/document.xml' },
      ...PROPERTIES,
    ],
    'word/_rels/document.xml.rels': [
      { id: 'rId1', type: `${OFFICE_RELATIONSHIPS}/styles`, target: 'styles.xml' },
    ],
  },
  parts: {
    'word/document.xml': wordDocument(paragraph('Đề nghị cấp mới 5 hộp thư.')),
    'word/styles.xml': `${XML}<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>`,
    ...PROPERTY_PARTS,
  },
};

const MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
export const cellText = (text: string): string => `<c t="inlineStr"><is><t>${text}</t></is></c>`;
export const worksheet = (...rows: readonly string[]): string =>
  `${XML}<worksheet ${MAIN}><sheetData>${rows.map((row) => `<row>${row}</row>`).join('')}</sheetData></worksheet>`;

export const xlsx: OfficeFile = {
  types: {
    defaults: DEFAULTS,
    overrides: {
      '/xl/workbook.xml': `${SHEET}.sheet.main+xml`,
      '/xl/worksheets/sheet1.xml': `${SHEET}.worksheet+xml`,
      ...PROPERTY_TYPES,
    },
  },
  relationships: {
    '_rels/.rels': [
      { id: 'rId1', type: `${OFFICE_RELATIONSHIPS}/officeDocument`, target: 'xl/workbook.xml' },
      ...PROPERTIES,
    ],
    'xl/_rels/workbook.xml.rels': [
      { id: 'rId1', type: `${OFFICE_RELATIONSHIPS}/worksheet`, target: 'worksheets/sheet1.xml' },
    ],
  },
  parts: {
    'xl/workbook.xml': `${XML}<workbook ${MAIN} xmlns:r="${OFFICE_RELATIONSHIPS}"><sheets><sheet name="Danh sách" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/worksheets/sheet1.xml': worksheet(
      cellText('Họ và tên') + cellText('Chức vụ'),
      cellText('Nguyễn Văn An') + cellText('Chuyên viên'),
    ),
    ...PROPERTY_PARTS,
  },
};

/** The file with another part, its content type, and what leads to it. */
export function withPart(
  file: OfficeFile,
  name: string,
  content: string,
  type: string,
  from: { readonly rels: string; readonly relationship: RelationshipForm } | null = null,
): OfficeFile {
  return {
    types: { ...file.types, overrides: { ...file.types.overrides, [`/${name}`]: type } },
    relationships: from === null ? file.relationships : withRelationship(file, from.rels, from.relationship),
    parts: { ...file.parts, [name]: content },
  };
}

export const withRelationship = (
  file: OfficeFile,
  rels: string,
  relationship: RelationshipForm,
): OfficeFile['relationships'] => ({
  ...file.relationships,
  [rels]: [...(file.relationships[rels] ?? []), relationship],
});

/** Everything as it goes into the zip: content types first, as the standard recommends. */
export function partsOf({ types, relationships, parts }: OfficeFile): Parts {
  return {
    '[Content_Types].xml': contentTypesXml(types),
    ...Object.fromEntries(
      Object.entries(relationships).map(([name, list]) => [name, relationshipsXml(list)]),
    ),
    ...parts,
  };
}
