import { attribute, childrenNamed, elements, parseXml, XmlError, type XmlElement } from './xml.ts';
import { openZip, type ZipArchive } from '../zip.ts';

/**
 * An Office file as a package of parts and relationships (ECMA-376 part 2, Open Packaging Conventions). Part names
 * begin with '/' and are compared without case.
 */

export const NAMESPACE = {
  types: 'http://schemas.openxmlformats.org/package/2006/content-types',
  relationships: 'http://schemas.openxmlformats.org/package/2006/relationships',
} as const;

export const RELATIONSHIP = {
  origin: 'http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/origin',
  signature: 'http://schemas.openxmlformats.org/package/2006/relationships/digital-signature/signature',
  /** Transitional and strict (ISO/IEC 29500). */
  document: [
    'http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument',
    'http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument',
  ],
} as const;

export const SIGNATURE_CONTENT_TYPE =
  'application/vnd.openxmlformats-package.digital-signature-xmlsignature+xml';
export const RELATIONSHIPS_CONTENT_TYPE = 'application/vnd.openxmlformats-package.relationships+xml';
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
    this.#parts = new Map(names.map((name) => [`/${name}`.toLowerCase(), name]));
    if (names.length === this.#zip.names.length) throw new XmlError(`the package has no ${CONTENT_TYPES}`);
    this.#readContentTypes(parseXml(this.#zip.read(CONTENT_TYPES)));
  }

  /** Lower-case names of all parts except the content types. */
  partNames(): readonly string[] {
    return [...this.#parts.keys()];
  }

  has(part: string): boolean {
    return this.#parts.has(part.toLowerCase());
  }

  /** @throws ZipError when it is missing or damaged */
  read(part: string): Uint8Array {
    return this.#zip.read(this.#parts.get(part.toLowerCase()) ?? part);
  }

  /** §7.2.3.4: an Override for the part, else the Default of its extension; null when neither is written. */
  contentType(part: string): string | null {
    const name = part.toLowerCase();
    const extension = /\.([^./]*)$/.exec(name)?.[1] ?? '';
    return this.#overrides.get(name) ?? this.#defaults.get(extension) ?? null;
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
    for (const element of elements(root)) {
      const [table, key] =
        element.local === 'Default' ? [this.#defaults, 'Extension'] : [this.#overrides, 'PartName'];
      const name = attribute(element, key)?.toLowerCase();
      const type = attribute(element, 'ContentType');
      if (element.uri !== NAMESPACE.types || name === undefined || type === null) {
        throw new XmlError('the content types are malformed');
      }
      if (table.has(name)) throw new XmlError(`the content type of ${name} is told twice`);
      table.set(name, type);
    }
  }
}

function readRelationships(root: XmlElement): readonly Relationship[] {
  if (root.uri !== NAMESPACE.relationships || root.local !== 'Relationships') {
    throw new XmlError('a relationships part is malformed');
  }
  const ids = new Set<string>();
  const found = childrenNamed(root, NAMESPACE.relationships, 'Relationship');
  // Markup compatibility could hide relationships from one reader and show them to another.
  if (found.length !== elements(root).length) throw new XmlError('a relationships part holds something else');
  return found.map((element) => {
    const [id, type, target] = [
      attribute(element, 'Id'),
      attribute(element, 'Type'),
      attribute(element, 'Target'),
    ];
    if (id === null || type === null || target === null) throw new XmlError('a relationship is malformed');
    if (ids.has(id)) throw new XmlError(`two relationships are called ${id}`);
    ids.add(id);
    return { id, type, target, external: attribute(element, 'TargetMode') === 'External' };
  });
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
