import { XmlError, type XmlAttribute, type XmlElement, type XmlNode } from './xml.ts';

/**
 * Canonical XML of an element and everything in it: Canonical XML 1.0 and 1.1 (inclusive) and Exclusive XML
 * Canonicalization 1.0, each with or without comments.
 */

const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';

export interface Canonicalization {
  readonly exclusive: boolean;
  readonly comments: boolean;
  /** 1.1 does not inherit xml:id. */
  readonly version: '1.0' | '1.1';
}

const INCLUSIVE: Canonicalization = { exclusive: false, comments: false, version: '1.0' };

/** Algorithm identifiers as written in signatures. */
export const CANONICALIZATIONS: ReadonlyMap<string, Canonicalization> = new Map([
  ['http://www.w3.org/TR/2001/REC-xml-c14n-20010315', INCLUSIVE],
  ['http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments', { ...INCLUSIVE, comments: true }],
  ['http://www.w3.org/2006/12/xml-c14n11', { ...INCLUSIVE, version: '1.1' }],
  ['http://www.w3.org/2006/12/xml-c14n11#WithComments', { ...INCLUSIVE, version: '1.1', comments: true }],
  ['http://www.w3.org/2001/10/xml-exc-c14n#', { ...INCLUSIVE, exclusive: true }],
  ['http://www.w3.org/2001/10/xml-exc-c14n#WithComments', { ...INCLUSIVE, exclusive: true, comments: true }],
]);

/** By inclusive Canonical XML 1.0 without comments, which stands where a signature names no other. */
export const canonicalizeSimply = (apex: XmlElement): Uint8Array => canonicalize(apex, INCLUSIVE);

type Scope = ReadonlyMap<string, string>;

/**
 * The canonical bytes of `apex` with its subtree.
 * @param inclusivePrefixes the PrefixList of exclusive canonicalisation, '' for #default
 */
export function canonicalize(
  apex: XmlElement,
  method: Canonicalization,
  inclusivePrefixes: ReadonlySet<string> = new Set(),
): Uint8Array {
  const writer = new CanonicalWriter(method, inclusivePrefixes);
  writer.element(apex, scopeAbove(apex), new Map(), inheritedAttributes(apex, method));
  return Buffer.from(writer.out.join(''), 'utf8');
}

/** Namespaces in scope from the ancestors. */
function scopeAbove(apex: XmlElement): Scope {
  const scope = new Map<string, string>();
  const ancestors: XmlElement[] = [];
  for (let one = apex.parent; one !== null; one = one.parent) ancestors.unshift(one);
  for (const ancestor of ancestors) for (const [prefix, uri] of ancestor.declared) scope.set(prefix, uri);
  return scope;
}

/** C14N 1.0 §2.4: an element cut out of its document takes the xml: attributes of its ancestors along. */
function inheritedAttributes(apex: XmlElement, method: Canonicalization): readonly XmlAttribute[] {
  if (method.exclusive) return [];
  const found = new Map<string, XmlAttribute>();
  for (let one = apex.parent; one !== null; one = one.parent) {
    for (const attribute of one.attributes) {
      if (attribute.uri === XML_NAMESPACE && !found.has(attribute.local))
        found.set(attribute.local, attribute);
    }
  }
  for (const { uri, local } of apex.attributes) if (uri === XML_NAMESPACE) found.delete(local);
  if (method.version === '1.1') {
    // C14N 1.1 §2.4 joins xml:base values; no Office part uses it, and a wrong join would be a wrong digest.
    if (found.has('base')) throw new XmlError('xml:base is inherited in Canonical XML 1.1');
    found.delete('id');
  }
  return [...found.values()];
}

class CanonicalWriter {
  readonly out: string[] = [];
  readonly #method: Canonicalization;
  readonly #prefixes: ReadonlySet<string>;

  constructor(method: Canonicalization, prefixes: ReadonlySet<string>) {
    this.#method = method;
    this.#prefixes = prefixes;
  }

  /** @param rendered what the output ancestors have already declared */
  element(element: XmlElement, above: Scope, rendered: Scope, inherited: readonly XmlAttribute[]): void {
    const scope = element.declared.size === 0 ? above : new Map([...above, ...element.declared]);
    const name = qualified(element.prefix, element.local);
    const fresh = this.#declarations(element, scope, rendered);
    this.out.push('<', name);
    for (const [prefix, uri] of fresh)
      this.out.push(prefix === '' ? ' xmlns' : ` xmlns:${prefix}`, `="${attributeText(uri)}"`);
    for (const { prefix, local, value } of [...element.attributes, ...inherited].toSorted(byUriAndName)) {
      this.out.push(' ', qualified(prefix, local), `="${attributeText(value)}"`);
    }
    this.out.push('>');
    const now = fresh.length === 0 ? rendered : new Map([...rendered, ...fresh]);
    for (const child of element.children) this.#node(child, scope, now);
    this.out.push('</', name, '>');
  }

  #node(node: XmlNode, scope: Scope, rendered: Scope): void {
    if (node.kind === 'element') this.element(node, scope, rendered, []);
    else if (node.kind === 'text') this.out.push(contentText(node.text));
    else if (this.#method.comments) this.out.push('<!--', node.text, '-->');
  }

  /** The declarations to write here, sorted by prefix, the default one first. */
  #declarations(element: XmlElement, scope: Scope, rendered: Scope): (readonly [string, string])[] {
    // Inclusive: the apex has written all of its scope, so below it only what an element itself declares can be new.
    const candidates = this.#method.exclusive
      ? this.#usedPrefixes(element, scope)
      : this.out.length === 0
        ? ['', ...scope.keys()].filter((prefix, index) => index === 0 || prefix !== '')
        : element.declared.keys();
    return [...candidates]
      .filter((prefix) => prefix !== 'xml')
      .map((prefix) => [prefix, scope.get(prefix) ?? ''] as const)
      .filter(([prefix, uri]) => (rendered.get(prefix) ?? '') !== uri && (uri !== '' || prefix === ''))
      .toSorted(([a], [b]) => compare(a, b));
  }

  /** Exclusive C14N §3: visibly used prefixes, and those of the PrefixList. */
  #usedPrefixes(element: XmlElement, scope: Scope): Set<string> {
    const used = new Set([element.prefix]);
    for (const { prefix } of element.attributes) if (prefix !== '') used.add(prefix);
    for (const prefix of this.#prefixes) if (scope.has(prefix)) used.add(prefix);
    return used;
  }
}

const qualified = (prefix: string, local: string): string => (prefix === '' ? local : `${prefix}:${local}`);

const byUriAndName = (a: XmlAttribute, b: XmlAttribute): number =>
  compare(a.uri, b.uri) || compare(a.local, b.local);

/** Order of Unicode code points, which differs from JavaScript's above the BMP. */
function compare(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}

const ATTRIBUTE_ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};
const CONTENT_ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '\r': '&#xD;',
};

const attributeText = (text: string): string =>
  text.replace(/[&<"\t\n\r]/g, (sign) => ATTRIBUTE_ESCAPES[sign]!);
const contentText = (text: string): string => text.replace(/[&<>\r]/g, (sign) => CONTENT_ESCAPES[sign]!);
