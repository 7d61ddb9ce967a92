import { CONTENT_TYPE, NAMESPACE } from './ooxml-package.ts';
import { attribute, childrenNamed, elements, onlyChild, parseXml, XmlError, type XmlElement } from './xml.ts';
import { CANONICALIZATIONS, canonicalize } from './xml-c14n.ts';

export const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const PACKAGE_SIGNATURE = 'http://schemas.openxmlformats.org/package/2006/digital-signature';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const RELATIONSHIP_TRANSFORM = 'http://schemas.openxmlformats.org/package/2006/RelationshipTransform';

/** Each is looked up for every element; producers list none to five. */
const MAX_PREFIXES = 64;

/** The <Transform>s of a reference, none when it has no <Transforms>. @throws XmlError */
export function transformsOf(reference: XmlElement): XmlElement[] {
  const list = onlyChild(reference, DSIG, 'Transforms');
  return list === null ? [] : childrenNamed(list, DSIG, 'Transform');
}

export const algorithmOf = (element: XmlElement): string => attribute(element, 'Algorithm') ?? '';

/** Canonical bytes of an element by a <CanonicalizationMethod> or <Transform>. @throws XmlError for anything else */
export function canonicalBy(method: XmlElement, element: XmlElement): Uint8Array {
  const algorithm = algorithmOf(method);
  const known = CANONICALIZATIONS.get(algorithm);
  if (known === undefined) throw new XmlError(`the transform ${algorithm.slice(0, 100)} is not allowed`);
  const list = onlyChild(method, EXCLUSIVE, 'InclusiveNamespaces');
  const prefixes = (list === null ? '' : (attribute(list, 'PrefixList') ?? ''))
    .split(/\s+/)
    .filter((one) => one !== '');
  if (prefixes.length > MAX_PREFIXES) throw new XmlError(`a PrefixList of more than ${MAX_PREFIXES}`);
  return canonicalize(element, known, new Set(prefixes.map((one) => (one === '#default' ? '' : one))));
}

/** What a manifest reference digests, and which relationships of it are thereby signed. */
export interface Transformed {
  readonly bytes: Uint8Array;
  /** Ids of the signed relationships of a relationships part; null = the part as a whole. */
  readonly relationships: ReadonlySet<string> | null;
  /**
   * False when the part is stored otherwise than it is digested: comments, CDATA and entities that canonicalisation
   * takes away could be put in later, and not every reader goes through an XML parser.
   */
  readonly exact: boolean;
}

/** Applies the transforms that ECMA-376 part 2 §10.5.8 allows: none, canonicalisation, relationships. @throws XmlError */
export function transformPart(
  part: Uint8Array,
  contentType: string,
  transforms: readonly XmlElement[],
): Transformed {
  const [first, ...rest] = transforms;
  if (first === undefined) return { bytes: part, relationships: null, exact: true };
  if (algorithmOf(first) !== RELATIONSHIP_TRANSFORM) {
    if (rest.length > 0) throw new XmlError('a part with several transforms');
    const bytes = canonicalBy(first, parseXml(part));
    return { bytes, relationships: null, exact: Buffer.compare(bytes, part) === 0 };
  }
  const [method, ...more] = rest;
  if (contentType !== CONTENT_TYPE.relationships || method === undefined || more.length > 0) {
    throw new XmlError('the relationship transform stands where it may not');
  }
  const { element, ids } = selectRelationships(parseXml(part), first);
  return { bytes: canonicalBy(method, element), relationships: ids, exact: true };
}

/**
 * §10.5.9.3 the relationship transform: only the named relationships, sorted by Id, TargetMode written out, nothing
 * between them.
 */
function selectRelationships(
  root: XmlElement,
  transform: XmlElement,
): { element: XmlElement; ids: ReadonlySet<string> } {
  const named = (local: string, key: string): Set<string | null> =>
    new Set(childrenNamed(transform, PACKAGE_SIGNATURE, local).map((one) => attribute(one, key)));
  const [ids, types] = [
    named('RelationshipReference', 'SourceId'),
    named('RelationshipsGroupReference', 'SourceType'),
  ];
  const chosen = elements(root)
    .filter((one) => ids.has(attribute(one, 'Id')) || types.has(attribute(one, 'Type')))
    .toSorted((a, b) => Buffer.compare(idOf(a), idOf(b)));
  return {
    element: { ...root, children: chosen.map(withTargetMode) },
    ids: new Set(chosen.map((one) => attribute(one, 'Id') ?? '')),
  };
}

const idOf = (element: XmlElement): Buffer => Buffer.from(attribute(element, 'Id') ?? '', 'utf8');

function withTargetMode(element: XmlElement): XmlElement {
  if (element.uri !== NAMESPACE.relationships)
    throw new XmlError('a relationships part holds something else');
  const mode = { prefix: '', local: 'TargetMode', uri: '', value: 'Internal' };
  const attributes =
    attribute(element, 'TargetMode') === null ? [...element.attributes, mode] : element.attributes;
  return { ...element, attributes, children: [] };
}
