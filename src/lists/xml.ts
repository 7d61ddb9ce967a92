import { SaxesParser } from 'saxes';
import { ListError } from './port.ts';

/** Nested tables in a document go a dozen levels deep; hundreds are an attack on whoever recurses. */
const MOST_DEPTH = 256;
/** Fed piece by piece, so that an error early in the file ends the reading there. */
const PIECE = 64 * 1024;

export type Attributes = Readonly<Record<string, string>>;

/** Element and attribute names come without their prefixes: programs differ in the prefixes they choose. */
export interface XmlHandler {
  open?(name: string, attributes: Attributes): void;
  close?(name: string): void;
  text?(text: string): void;
}

/** Walks an XML part. @throws ListError on DOCTYPE (entities!), faults and excessive depth */
export function walkXml(bytes: Uint8Array, handler: XmlHandler): void {
  const parser = new SaxesParser();
  let depth = 0;
  parser.on('doctype', () => {
    throw new ListError('forbidden_content', 'a DOCTYPE in an office file');
  });
  parser.on('error', (error) => {
    throw new ListError('malformed', error.message);
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (++depth > MOST_DEPTH) throw new ListError('too_large', `XML nested deeper than ${MOST_DEPTH}`);
    handler.open?.(localName(name), attributes);
  });
  parser.on('closetag', ({ name }) => {
    depth--;
    handler.close?.(localName(name));
  });
  parser.on('text', (text) => handler.text?.(text));
  parser.on('cdata', (text) => handler.text?.(text));
  const text = decode(bytes);
  for (let at = 0; at < text.length; at += PIECE) parser.write(text.slice(at, at + PIECE));
  parser.close();
}

function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return new TextDecoder('utf-8').decode(bytes);
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

/** An attribute by its local name, whatever its prefix. */
export function attribute(attributes: Attributes, name: string): string | undefined {
  const plain = attributes[name];
  if (plain !== undefined) return plain;
  for (const [key, value] of Object.entries(attributes)) if (key.endsWith(`:${name}`)) return value;
  return undefined;
}

/** xsd:boolean. */
export const isTrue = (value: string | undefined): boolean => value === '1' || value === 'true';
