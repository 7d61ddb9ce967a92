import type { Coverage } from './ooxml-coverage.ts';
import { CONTENT_TYPE, RELATIONSHIP, relationshipsSource, targetPart } from './ooxml-package.ts';
import type { OfficePackage, Relationship } from './ooxml-package.ts';

/**
 * What a signature leaves open, by the policy of evidence.md "Office": every part and every relationship is signed
 * except the content types (the manifest states them), /docProps/ and the signatures themselves.
 */

/** What may stand unsigned in /docProps/: an unsigned part of another kind is found by readers that go by kind. */
const FREE_TYPES: ReadonlySet<string> = new Set([
  CONTENT_TYPE.coreProperties,
  CONTENT_TYPE.relationships,
  'application/vnd.openxmlformats-officedocument.extended-properties+xml',
  'application/vnd.openxmlformats-officedocument.custom-properties+xml',
  ...['jpeg', 'png', 'x-emf', 'x-wmf'].map((kind) => `image/${kind}`),
]);

/** Relationships of the package that may lead there; any other kind (add-ins, ribbons) gives what it names an effect. */
const FREE_RELATIONSHIPS: ReadonlySet<string> = new Set([
  RELATIONSHIP.origin,
  'http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties',
  'http://schemas.openxmlformats.org/officedocument/2006/relationships/metadata/core-properties',
  'http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail',
  ...['extended', 'custom'].flatMap((kind) => [
    `http://schemas.openxmlformats.org/officeDocument/2006/relationships/${kind}-properties`,
    `http://purl.oclc.org/ooxml/officeDocument/relationships/${kind}Properties`,
  ]),
]);

const OFFICE = [
  'http://schemas.openxmlformats.org/officeDocument/2006',
  'http://purl.oclc.org/ooxml/officeDocument',
];
const HYPERLINKS = OFFICE.map((base) => `${base}/relationships/hyperlink`);
const TEMPLATES = OFFICE.map((base) => `${base}/relationships/attachedTemplate`);
/** Word notes where the template lay on the author's disk. */
const LOCAL_FILE = /^file:\/\/\/[a-z]:[\\/]/i;

/**
 * Null when everything a reader sees is signed, else the first gap.
 * @param own the parts that hold the signatures
 */
export function uncovered(
  office: OfficePackage,
  coverage: Coverage,
  own: ReadonlySet<string>,
): string | null {
  const free = (part: string): boolean =>
    part.startsWith('/docprops/') || part.startsWith('/_xmlsignatures/') || own.has(part);
  for (const part of office.partNames()) {
    const source = relationshipsSource(part);
    const fault = free(part)
      ? freePartFault(office, part, own)
      : source === null
        ? partFault(part, coverage)
        : relationshipsFault(office, part, source, coverage, free);
    if (fault !== null) return fault;
  }
  return documentFault(office, coverage, free);
}

const partFault = (part: string, coverage: Coverage): string | null =>
  coverage.parts.has(part) ? null : `${part} is not signed`;

function freePartFault(office: OfficePackage, part: string, own: ReadonlySet<string>): string | null {
  const type = office.contentType(part);
  return own.has(part) || (type !== null && FREE_TYPES.has(type))
    ? null
    : `the unsigned ${part} is of the kind ${type ?? 'unknown'}`;
}

function relationshipsFault(
  office: OfficePackage,
  part: string,
  source: string,
  coverage: Coverage,
  free: (part: string) => boolean,
): string | null {
  const signed = coverage.relationships.get(part);
  for (const relationship of office.relationships(source)) {
    const { id, external, type } = relationship;
    const named = `relationship ${id} of ${source}`;
    const target = external ? null : targetPart(source, relationship.target);
    const toFree = target !== null && free(target);
    // A signed relationship to an unsigned part would let that part change.
    if (toFree && (source !== '/' || !FREE_RELATIONSHIPS.has(type)))
      return `${named} leads to the unsigned ${target}`;
    if (!toFree && signed !== null && signed?.has(id) !== true) return `${named} is not signed`;
    if (external && drawsFromOutside(relationship)) return `${named} shows what lies outside the file`;
  }
  return null;
}

/** The signature holds the address, not what is found there. Links are followed by the reader, not drawn. */
const drawsFromOutside = ({ type, target }: Relationship): boolean =>
  !HYPERLINKS.includes(type) && !(TEMPLATES.includes(type) && LOCAL_FILE.test(target));

/** The package has exactly one main document, and it is signed. */
function documentFault(
  office: OfficePackage,
  coverage: Coverage,
  free: (part: string) => boolean,
): string | null {
  const documents = office
    .relationships('/')
    .filter(({ type }) => (RELATIONSHIP.document as readonly string[]).includes(type));
  const [only] = documents;
  if (only === undefined || documents.length > 1) return `the package has ${documents.length} main documents`;
  const target = only.external ? null : targetPart('/', only.target);
  return target !== null && !free(target) && coverage.parts.has(target)
    ? null
    : 'the main document is not signed';
}
