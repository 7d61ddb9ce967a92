/** One header field: name in lower case, value unfolded, one character per byte (latin1), outer blanks removed. */
export interface Field {
  readonly name: string;
  readonly value: string;
}

export interface Head {
  /** In the order they stand, topmost first. */
  readonly fields: readonly Field[];
  /**
   * Every line is a field or its continuation (RFC 5322 §2.2). Where it is not, programs disagree about which fields
   * there are, so nothing about the sender can be concluded.
   */
  readonly clean: boolean;
}

/** RFC 5322 §2.2: printable ASCII without colon. */
const FIELD_NAME = /^[!-9;-~]+$/;

/** Reads a header block up to its blank line or its end. Total, linear in its length. */
export function readHead(block: Buffer): Head {
  const text = block.toString('latin1');
  const fields: { name: string; parts: string[] }[] = [];
  // A lone CR is a line end to some readers, a NUL the end of everything to others.
  let clean = !/\0|\r(?!\n)/.test(text);
  for (const line of text.split(/\r?\n/)) {
    if (line === '') break;
    const last = fields.at(-1);
    if (/^[ \t]/.test(line)) {
      if (last === undefined) clean = false;
      else last.parts.push(line);
      continue;
    }
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    // "From :" is obsolete syntax (RFC 5322 §4.5) that some readers know as From and some do not.
    clean &&= FIELD_NAME.test(name);
    if (colon > 0) fields.push({ name: name.trim().toLowerCase(), parts: [line.slice(colon + 1)] });
  }
  return { fields: fields.map(({ name, parts }) => ({ name, value: parts.join('').trim() })), clean };
}

/** The values of one field, topmost first. */
export const valuesOf = (head: Head, name: string): string[] =>
  head.fields.filter((field) => field.name === name).map(({ value }) => value);
