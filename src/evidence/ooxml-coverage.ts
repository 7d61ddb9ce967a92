import { createHash } from 'node:crypto';
import { xmlDigest } from './ooxml-algorithms.ts';
import {
  OfficePackage,
  RELATIONSHIP,
  relationshipsSource,
  targetPart,
  type Relationship,
} from './ooxml-package.ts';
import { algorithmOf, DSIG, transformPart, transformsOf } from './ooxml-transforms.ts';
import { attribute, childrenNamed, requiredChild, textOf, XmlError, type XmlElement } from './xml.ts';

/** A manifest lists parts, and a package has at most 2,000. */
const MAX_REFERENCES = 4_000;

/** What the manifests of one signature sign. Part names in lower case. */
export interface Coverage {
  readonly parts: ReadonlySet<string>;
  /** Relationships part → ids; null = all of it. */
  readonly relationships: ReadonlyMap<string, ReadonlySet<string> | null>;
  /** What does not match any more, in the order of the manifest. */
  readonly changed: readonly string[];
  readonly digests: ReadonlySet<string>;
}

/** Recomputes every reference of the signed manifests. @throws XmlError when a manifest cannot be read */
export function readCoverage(office: OfficePackage, manifests: readonly XmlElement[]): Coverage {
  const parts = new Set<string>();
  const relationships = new Map<string, ReadonlySet<string> | null>();
  const changed: string[] = [];
  const digests = new Set<string>();
  const references = manifests.flatMap((manifest) => childrenNamed(manifest, DSIG, 'Reference'));
  if (references.length > MAX_REFERENCES) throw new XmlError(`more than ${MAX_REFERENCES} references`);
  for (const reference of references) {
    const found = checkReference(office, reference, digests);
    if (found.fault !== null) changed.push(found.fault);
    else if (found.relationships === null) parts.add(found.part);
    if (found.fault === null && relationshipsSource(found.part) !== null) {
      relationships.set(found.part, union(relationships.get(found.part), found.relationships));
    }
  }
  return { parts, relationships, changed, digests };
}

const union = (
  before: ReadonlySet<string> | null | undefined,
  now: ReadonlySet<string> | null,
): ReadonlySet<string> | null => {
  if (before === undefined) return now;
  return before === null || now === null ? null : new Set([...before, ...now]);
};

interface Checked {
  readonly part: string;
  readonly relationships: ReadonlySet<string> | null;
  readonly fault: string | null;
}

/** ECMA-376 part 2 §10.5.7: "/word/document.xml?ContentType=…" with a digest of the (transformed) part. */
function checkReference(office: OfficePackage, reference: XmlElement, digests: Set<string>): Checked {
  const match = /^(\/[^?#]+)\?ContentType=([^#]+)$/.exec(attribute(reference, 'URI') ?? '');
  if (match === null) throw new XmlError('a manifest reference does not name a part');
  const part = partName(match[1]!);
  const [contentType, digest] = [
    match[2]!,
    xmlDigest(algorithmOf(requiredChild(reference, DSIG, 'DigestMethod'))),
  ];
  const wrong = (fault: string): Checked => ({ part, relationships: null, fault });
  if (digest === null) throw new XmlError('a manifest reference uses an unknown digest');
  digests.add(digest);
  if (!office.has(part)) return wrong(`${part} was signed and is missing`);
  if (office.contentType(part) !== contentType) return wrong(`${part} was signed as another content type`);
  const { bytes, relationships } = transformPart(office.read(part), contentType, transformsOf(reference));
  const value = Buffer.from(textOf(requiredChild(reference, DSIG, 'DigestValue')), 'base64');
  const same = createHash(digest).update(bytes).digest().equals(value);
  return { part, relationships, fault: same ? null : `${part} was changed` };
}

function partName(uri: string): string {
  const name = targetPart('/', uri);
  if (name === null) throw new XmlError('a manifest reference leads out of the package');
  return name;
}

/**
 * Null when everything a reader sees is signed, else what is not. Free are only: content types (the manifest states
 * them), /docProps/ and the signatures themselves, and the package relationships that lead there.
 */
export function uncovered(office: OfficePackage, coverage: Coverage): string | null {
  for (const part of office.partNames()) {
    if (isFree(part)) continue;
    const source = relationshipsSource(part);
    const fault =
      source === null ? uncoveredPart(part, coverage) : uncoveredRelationship(office, part, source, coverage);
    if (fault !== null) return fault;
  }
  return documentFault(office, coverage);
}

const isFree = (part: string): boolean =>
  part.startsWith('/docprops/') || part.startsWith('/_xmlsignatures/');

const uncoveredPart = (part: string, coverage: Coverage): string | null =>
  coverage.parts.has(part) ? null : `${part} is not signed`;

function uncoveredRelationship(
  office: OfficePackage,
  part: string,
  source: string,
  coverage: Coverage,
): string | null {
  const signed = coverage.relationships.get(part);
  for (const relationship of office.relationships(source)) {
    const target = relationship.external ? null : targetPart(source, relationship.target);
    const covered = signed === null || (signed?.has(relationship.id) ?? false);
    if (!covered && !(source === '/' && leadsToFree(relationship, target))) {
      return `relationship ${relationship.id} of ${source} is not signed`;
    }
    // A signed relationship to an unsigned part would let that part change.
    if (covered && target !== null && isFree(target) && source !== '/') {
      return `relationship ${relationship.id} of ${source} leads to the unsigned ${target}`;
    }
  }
  return null;
}

const leadsToFree = ({ type }: Relationship, target: string | null): boolean =>
  target !== null && isFree(target) && !(RELATIONSHIP.document as readonly string[]).includes(type);

/** The package has exactly one main document, and it is signed. */
function documentFault(office: OfficePackage, coverage: Coverage): string | null {
  const documents = office
    .relationships('/')
    .filter(({ type }) => (RELATIONSHIP.document as readonly string[]).includes(type));
  const [only] = documents;
  if (only === undefined || documents.length > 1) return `the package has ${documents.length} main documents`;
  const target = only.external ? null : targetPart('/', only.target);
  return target !== null && coverage.parts.has(target) ? null : 'the main document is not signed';
}
