import { createHash } from 'node:crypto';
import { xmlDigest } from './ooxml-algorithms.ts';
import { relationshipsSource, targetPart, type OfficePackage } from './ooxml-package.ts';
import { algorithmOf, DSIG, transformPart, transformsOf } from './ooxml-transforms.ts';
import { attribute, childrenNamed, requiredChild, textOf, XmlError, type XmlElement } from './xml.ts';

/** A manifest lists parts, and a package has at most 2,000. */
const MAX_REFERENCES = 4_000;

/** What the manifests of one signature sign. Part names in lower case. */
export interface Coverage {
  readonly parts: ReadonlySet<string>;
  /** Relationships part → signed ids; null = all of it. */
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
  const seen = new Set<string>();
  for (const reference of references) {
    const found = checkReference(office, reference, digests, seen);
    if (found.fault !== null) changed.push(found.fault);
    else if (relationshipsSource(found.part) !== null) relationships.set(found.part, found.relationships);
    else if (found.exact && found.relationships === null) parts.add(found.part);
  }
  return { parts, relationships, changed, digests };
}

interface Checked {
  readonly part: string;
  readonly relationships: ReadonlySet<string> | null;
  readonly exact: boolean;
  readonly fault: string | null;
}

/** ECMA-376 part 2 §10.5.7: "/word/document.xml?ContentType=…" with a digest of the (transformed) part. */
function checkReference(
  office: OfficePackage,
  reference: XmlElement,
  digests: Set<string>,
  seen: Set<string>,
): Checked {
  const match = /^(\/[^?#]+)\?ContentType=([^#]+)$/.exec(attribute(reference, 'URI') ?? '');
  if (match === null) throw new XmlError('a manifest reference does not name a part');
  const part = partName(match[1]!);
  // Every reference inflates its part: without this, one part of 100 MB named 4,000 times would run for hours.
  if (seen.has(part)) throw new XmlError(`${part} is signed twice by one signature`);
  seen.add(part);
  const [contentType, digest] = [
    match[2]!,
    xmlDigest(algorithmOf(requiredChild(reference, DSIG, 'DigestMethod'))),
  ];
  const wrong = (fault: string): Checked => ({ part, relationships: null, exact: false, fault });
  if (digest === null) throw new XmlError('a manifest reference uses an unknown digest');
  digests.add(digest);
  if (!office.has(part)) return wrong(`${part} was signed and is missing`);
  if (office.contentType(part) !== contentType) return wrong(`${part} was signed as another content type`);
  const { bytes, relationships, exact } = transformPart(
    office.read(part),
    contentType,
    transformsOf(reference),
  );
  const value = Buffer.from(textOf(requiredChild(reference, DSIG, 'DigestValue')), 'base64');
  const same = createHash(digest).update(bytes).digest().equals(value);
  return { part, relationships, exact, fault: same ? null : `${part} was changed` };
}

function partName(uri: string): string {
  const name = targetPart('/', uri);
  if (name === null) throw new XmlError('a manifest reference leads out of the package');
  return name;
}
