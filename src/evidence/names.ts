import { children, DerError, expect, hex, oid, readAll, TAG, text, type Node } from './der.ts';

/** Distinguished names and GeneralNames: for comparing (RFC 5280 §7.1) and for reading. */
export const EMAIL_ADDRESS = '1.2.840.113549.1.9.1';

/** Attribute values of a name by type; what is no text (a birth date, a bit string) as "#" and its DER in hex (RFC 4514). */
export function nameParts(name: Uint8Array): Map<string, string[]> {
  const parts = new Map<string, string[]>();
  for (const rdn of children(readAll(name))) {
    for (const attribute of children(rdn)) {
      const [type, value] = children(attribute);
      const id = oid(type);
      parts.set(id, [...(parts.get(id) ?? []), shown(value!)]);
    }
  }
  return parts;
}

function shown(value: Node): string {
  try {
    return text(value);
  } catch {
    return `#${hex(value.whole)}`;
  }
}

const SHORT: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '0.9.2342.19200300.100.1.1': 'UID',
  [EMAIL_ADDRESS]: 'emailAddress',
};

/** "CN=Sở Nội vụ, O=…": for people to read; comparisons use `nameKey`. */
export function nameText(name: Uint8Array): string {
  return [...nameParts(name)].map(([id, values]) => `${SHORT[id] ?? id}=${values.join('+')}`).join(', ');
}

/** One relative distinguished name, comparable: case and runs of spaces do not count, the string type neither. */
export function rdnKey(rdn: Node): string {
  const attributes = children(rdn).map((attribute) => {
    const [type, value] = children(expect(attribute, TAG.sequence, 'attribute of a name'));
    return `${oid(type)}=${comparable(value)}`;
  });
  return JSON.stringify(attributes.sort());
}

function comparable(value: Node | undefined): string {
  if (value === undefined) throw new DerError('attribute without value');
  return shown(value).normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim();
}

export const rdnKeys = (name: Node): string[] => children(name).map(rdnKey);
export const nameKey = (name: Uint8Array): string => JSON.stringify(rdnKeys(readAll(name)));

/** A GeneralName as comparable text. */
export function generalNameKey(name: Node): string {
  if (name.tag !== 0xa4) return hex(name.whole);
  return directoryKey(JSON.stringify(rdnKeys(children(name)[0]!)));
}
export const directoryKey = (key: string): string => `dir:${key}`;
