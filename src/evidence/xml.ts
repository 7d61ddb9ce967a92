import { SaxesParser } from 'saxes';

/** XML that is malformed, too large, or uses what no signed Office part needs; nothing else is thrown. */
export class XmlError extends Error {
  override name = 'XmlError';
}

/** Signatures with long validation data reach 2 MB, relationship parts less. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Signature elements nest about 12 deep. */
const MAX_DEPTH = 100;
/** A signature over 2,000 parts has about 20,000 elements. */
const MAX_NODES = 500_000;
/** Office writes at most 40 namespaces and 20 attributes; each is sorted, and namespaces are looked up in every element. */
const MAX_ATTRIBUTES = 256;
const MAX_NAMESPACES = 128;

export interface XmlAttribute {
  readonly prefix: string;
  readonly local: string;
  readonly uri: string;
  readonly value: string;
}
export interface XmlElement {
  readonly kind: 'element';
  readonly prefix: string;
  readonly local: string;
  readonly uri: string;
  /** Without namespace declarations. */
  readonly attributes: readonly XmlAttribute[];
  /** Namespace declarations written on this element: prefix ('' = default) → URI. */
  readonly declared: ReadonlyMap<string, string>;
  readonly parent: XmlElement | null;
  readonly children: readonly XmlNode[];
}
export interface XmlText {
  readonly kind: 'text' | 'comment';
  readonly text: string;
}
export type XmlNode = XmlElement | XmlText;

/**
 * Reads a whole XML 1.0 document in UTF-8 into a tree. DOCTYPE and processing instructions are refused: entities and
 * style sheets make two readers see two documents, and no Office part needs them. @throws XmlError
 */
export function parseXml(bytes: Uint8Array): XmlElement {
  if (bytes.length > MAX_BYTES) throw new XmlError(`XML of more than ${MAX_BYTES} bytes`);
  const builder = new TreeBuilder();
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (error) => {
    throw new XmlError(`malformed XML: ${error.message.slice(0, 200)}`);
  });
  parser.on('doctype', () => refuse('a DOCTYPE'));
  parser.on('processinginstruction', () => refuse('a processing instruction'));
  parser.on('xmldecl', ({ version, encoding }) => {
    if (version !== '1.0') refuse('another version than 1.0');
    if (encoding !== undefined && encoding.toLowerCase() !== 'utf-8')
      refuse(`the encoding ${encoding.slice(0, 20)}`);
  });
  parser.on('opentag', (tag) => {
    builder.open(tag);
  });
  parser.on('closetag', () => {
    builder.close();
  });
  parser.on('text', (text) => {
    builder.text('text', text);
  });
  parser.on('cdata', (text) => {
    builder.text('text', text);
  });
  parser.on('comment', (text) => {
    builder.text('comment', text);
  });
  parser.write(decode(bytes)).close();
  return builder.root();
}

function refuse(what: string): never {
  throw new XmlError(`the XML uses ${what}`);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new XmlError('the XML is not UTF-8', { cause });
  }
}

interface Tag {
  readonly prefix: string;
  readonly local: string;
  readonly uri: string;
  readonly ns: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, XmlAttribute & { readonly name: string }>>;
}

class TreeBuilder {
  #root: XmlElement | null = null;
  readonly #open: { element: XmlElement; children: XmlNode[]; namespaces: number }[] = [];
  #nodes = 0;

  open(tag: Tag): void {
    if (this.#open.length >= MAX_DEPTH) throw new XmlError(`XML nested deeper than ${MAX_DEPTH}`);
    const children: XmlNode[] = [];
    const written = Object.values(tag.attributes);
    if (written.length > MAX_ATTRIBUTES)
      throw new XmlError(`an element with more than ${MAX_ATTRIBUTES} attributes`);
    const attributes = written
      .filter(({ prefix, name }) => prefix !== 'xmlns' && name !== 'xmlns')
      .map(({ prefix, local, uri, value }) => ({ prefix, local, uri, value }));
    const { prefix, local, uri } = tag;
    const parent = this.#open.at(-1)?.element ?? null;
    const declared = new Map(Object.entries(tag.ns));
    const namespaces = (this.#open.at(-1)?.namespaces ?? 0) + declared.size;
    if (namespaces > MAX_NAMESPACES) throw new XmlError(`more than ${MAX_NAMESPACES} namespaces in scope`);
    const element: XmlElement = {
      kind: 'element',
      prefix,
      local,
      uri,
      attributes,
      declared,
      parent,
      children,
    };
    this.#add(element);
    this.#root ??= element;
    this.#open.push({ element, children, namespaces });
  }

  close(): void {
    this.#open.pop();
  }

  text(kind: XmlText['kind'], text: string): void {
    if (this.#open.length > 0) this.#add({ kind, text });
  }

  root(): XmlElement {
    if (this.#root === null) throw new XmlError('the XML has no element');
    return this.#root;
  }

  #add(node: XmlNode): void {
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES) throw new XmlError(`XML of more than ${MAX_NODES} nodes`);
    this.#open.at(-1)?.children.push(node);
  }
}

/** The child elements, in order. */
export function elements(parent: XmlElement): XmlElement[] {
  return parent.children.filter((node) => node.kind === 'element');
}

/** The child elements of this name. */
export function childrenNamed(parent: XmlElement, uri: string, local: string): XmlElement[] {
  return elements(parent).filter((child) => child.uri === uri && child.local === local);
}

/** The one child element of this name, null when absent. @throws XmlError when it stands there twice */
export function onlyChild(parent: XmlElement, uri: string, local: string): XmlElement | null {
  const found = childrenNamed(parent, uri, local);
  if (found.length > 1) throw new XmlError(`<${local}> stands twice in <${parent.local}>`);
  return found[0] ?? null;
}

/** The same, where it must be. @throws XmlError */
export function requiredChild(parent: XmlElement, uri: string, local: string): XmlElement {
  const found = onlyChild(parent, uri, local);
  if (found === null) throw new XmlError(`<${parent.local}> lacks <${local}>`);
  return found;
}

/** The attribute without a namespace, null when absent. */
export function attribute(element: XmlElement, local: string): string | null {
  return element.attributes.find((one) => one.uri === '' && one.local === local)?.value ?? null;
}

/** The text directly inside an element. @throws XmlError when elements stand in it */
export function textOf(element: XmlElement): string {
  if (elements(element).length > 0) throw new XmlError(`<${element.local}> holds elements instead of text`);
  return element.children.map((node) => (node.kind === 'text' ? node.text : '')).join('');
}

/** The element and everything below it, in document order. */
export function* descendants(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of elements(element)) yield* descendants(child);
}
