import { attribute, elements, parseXml, XmlError, type XmlElement } from './xml.ts';
import { openZip, type ZipArchive } from '../zip.ts';

/**
 * An Office file as a package of parts and relationships (ECMA-376 part 2, Open Packaging Conventions). Part names
 * begin with '/' and are compared without case. What a reader that searches the text for tags would see, and an XML
 * reader would not (comments, nesting), is refused in content types and relationships: such readers are common.
 */

export const NAMESPACE = {
  types: 'http://schemas.openxmlformats.org/package/2006/content-types',
  relationships: 'http://schemas.openxmlformats.org/package/2006/relationships',
} as const;

export const RELATIONSHIP = {
  origin: 'http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin',
  signature: 'http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/signature',
  certificate: 'http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/certificate',
  /** Transitional and strict (ISO/IEC 29500). */
  document: [
    'http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument',
    'http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument',
  ],
} as const;

const PACKAGE_TYPE = 'application/vnd.openxmlformats-package.';
export const CONTENT_TYPE = {
  signature: `${PACKAGE_TYPE}digital-signature-xmlsignature+xml`,
  origin: `${PACKAGE_TYPE}digital-signature-origin`,
  certificate: `${PACKAGE_TYPE}digital-signature-certificate`,
  relationships: `${PACKAGE_TYPE}relationships+xml`,
  coreProperties: `${PACKAGE_TYPE}core-properties+xml`,
} as const;
const CONTENT_TYPES = '[Content_Types].xml';

export interface Relationship {
  readonly id: string;
  readonly type: string;
  readonly target: string;
  readonly external: boolean;
}

export class OfficePackage {
  readonly #zip: ZipArchive;
  /** Lower-case part name → name in the zip. */
  readonly #parts: ReadonlyMap<string, string>;
  readonly #defaults = new Map<string, string>();
  readonly #overrides = new Map<string, string>();
  readonly #relationships = new Map<string, readonly Relationship[]>();

  /** @throws ZipError, XmlError */
  constructor(bytes: Uint8Array) {
    this.#zip = openZip(bytes);
    const names = this.#zip.names.filter((name) => name !== CONTENT_TYPES);
    if (names.length === this.#zip.names.length) throw new XmlError(`the package has no ${CONTENT_TYPES}`);
    this.#parts = new Map(names.map((name) => [partKey(`/${name}`), name]));
    if (this.#parts.size < names.length) throw new XmlError('two parts have equivalent names');
    this.#readContentTypes(parseXml(this.#zip.read(CONTENT_TYPES)));
  }

  /** Names of all parts except the content types; every name here and below is a `partKey`. */
  partNames(): readonly string[] {
    return [...this.#parts.keys()];
  }

  has(part: string): boolean {
    return this.#parts.has(part);
  }

  /** @throws ZipError when it is missing or damaged */
  read(part: string): Uint8Array {
    return this.#zip.read(this.#parts.get(part) ?? part);
  }

  /** §7.2.3.4: an Override for the part, else the Default of its extension; null when neither is written. */
  contentType(part: string): string | null {
    const extension = /\.([^./]*)$/.exec(part)?.[1] ?? '';
    return this.#overrides.get(part) ?? this.#defaults.get(extension) ?? null;
  }

  /** The relationships of a source part ('/' is the package itself). @throws XmlError, ZipError */
  relationships(source: string): readonly Relationship[] {
    const part = relationshipsPart(source);
    if (!this.has(part)) return [];
    const known = this.#relationships.get(part);
    if (known !== undefined) return known;
    const read = readRelationships(parseXml(this.read(part)));
    this.#relationships.set(part, read);
    return read;
  }

  #readContentTypes(root: XmlElement): void {
    if (root.uri !== NAMESPACE.types || root.local !== 'Types')
      throw new XmlError('the content types are malformed');
    for (const element of flatItems(root, NAMESPACE.types)) {
      const byExtension = element.local === 'Default';
      const name = attribute(element, byExtension ? 'Extension' : 'PartName');
      const type = attribute(element, 'ContentType');
      if ((!byExtension && element.local !== 'Override') || name === null || type === null) {
        throw new XmlError('the content types are malformed');
      }
      const [table, key] = byExtension
        ? [this.#defaults, name.toLowerCase()]
        : [this.#overrides, partKey(name)];
      if (table.has(key)) throw new XmlError(`the content type of ${name} is told twice`);
      table.set(key, type);
    }
  }
}

/** The children of a list element: all of one namespace, nothing in them, nothing but white space around them. */
function flatItems(root: XmlElement, uri: string): XmlElement[] {
  const stray = root.children.some((node) =>
    node.kind === 'element'
      ? node.uri !== uri || node.children.length > 0
      : node.kind === 'comment' || node.text.trim() !== '',
  );
  if (stray) throw new XmlError(`<${root.local}> of the package holds something else than its list`);
  return elements(root);
}

function readRelationships(root: XmlElement): readonly Relationship[] {
  if (root.uri !== NAMESPACE.relationships || root.local !== 'Relationships') {
    throw new XmlError('a relationships part is malformed');
  }
  const ids = new Set<string>();
  return flatItems(root, NAMESPACE.relationships).map((element) => {
    const [id, type, target, mode] = ['Id', 'Type', 'Target', 'TargetMode'].map((key) =>
      attribute(element, key),
    );
    if (element.local !== 'Relationship' || !id || !type || !target)
      throw new XmlError('a relationship is malformed');
    if (ids.has(id)) throw new XmlError(`two relationships are called ${id}`);
    if (mode && mode !== 'Internal' && mode !== 'External')
      throw new XmlError(`the relationship ${id} is neither internal nor external`);
    ids.add(id);
    return { id, type, target, external: mode === 'External' };
  });
}

/** §6.2.2.2: a part name does not encode what needs no encoding, nor a separator; some readers decode, some do not. */
const NEEDLESSLY_ENCODED = /%(?:2[def]|5[cf]|7e|3\d|[46][1-9a-f]|[57][0-9a])/i;

/** A part name as it is compared: percent-encoding undone, lower case. @throws XmlError for a name of two readings */
function partKey(name: string): string {
  if (NEEDLESSLY_ENCODED.test(name)) throw new XmlError(`the part name ${name} is encoded without need`);
  return (decoded(name) ?? name).toLowerCase();
}

/** "/word/document.xml" → "/word/_rels/document.xml.rels"; "/" → "/_rels/.rels". */
export function relationshipsPart(source: string): string {
  const slash = source.lastIndexOf('/');
  return `${source.slice(0, slash)}/_rels/${source.slice(slash + 1)}.rels`.toLowerCase();
}

/** The source of a relationships part, null when the name is not one. */
export function relationshipsSource(part: string): string | null {
  const match = /^(.*\/)_rels\/([^/]*)\.rels$/.exec(part);
  return match === null ? null : `${match[1]!}${match[2]!}`;
}

/** The lower-case part name that an internal target means (§6.5.3); null when it leads out of the package. */
export function targetPart(source: string, target: string): string | null {
  const path = target.split(/[?#]/, 1)[0]!;
  if (/^[a-z][a-z0-9+.-]*:/i.test(path) || path.startsWith('//')) return null;
  const base = path.startsWith('/') ? [] : source.split('/').slice(1, -1);
  const steps = [...base];
  for (const step of path.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '.' && step !== '') steps.push(step);
  }
  return decoded(`/${steps.join('/')}`)?.toLowerCase() ?? null;
}

function decoded(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}
