/**
 * Byte-exact slicing of MIME (RFC 5322, RFC 2045, RFC 2046): what a signature covers is found on the stored bytes
 * and never on a decoded or re-encoded copy.
 */
export interface Entity {
  /** Unfolded fields in order; names lower-case, values as latin1 text. */
  readonly fields: readonly { readonly name: string; readonly value: string }[];
  readonly body: Buffer;
  readonly whole: Buffer;
}

/** A header block beyond this is no letter: mailparser would silently see none of it. */
export const MAX_HEADER_BYTES = 256 * 1024;

/** Splits an entity into header and body; null when the header block is too large. */
export function sliceEntity(whole: Buffer): Entity | null {
  const end = headerEnd(whole);
  const head = whole.subarray(0, Math.min(end.head, MAX_HEADER_BYTES + 1));
  if (head.length > MAX_HEADER_BYTES) return null;
  const fields: { name: string; value: string }[] = [];
  for (const line of head.toString('latin1').split(/\r?\n/)) {
    if (/^[ \t]/.test(line) && fields.length > 0) fields[fields.length - 1]!.value += ` ${line.trim()}`;
    else {
      const colon = line.indexOf(':');
      if (colon > 0)
        fields.push({ name: line.slice(0, colon).trim().toLowerCase(), value: line.slice(colon + 1).trim() });
    }
  }
  return { fields, body: whole.subarray(end.body), whole };
}

function headerEnd(bytes: Buffer): { head: number; body: number } {
  if (bytes[0] === 0x0a) return { head: 0, body: 1 };
  if (bytes[0] === 0x0d && bytes[1] === 0x0a) return { head: 0, body: 2 };
  const crlf = bytes.indexOf('\r\n\r\n');
  const lf = bytes.indexOf('\n\n');
  if (crlf >= 0 && (lf < 0 || crlf < lf)) return { head: crlf, body: crlf + 4 };
  if (lf >= 0) return { head: lf, body: lf + 2 };
  return { head: bytes.length, body: bytes.length };
}

/** All values of a field, in order. */
export function fieldValues(entity: Entity, name: string): string[] {
  return entity.fields.filter((field) => field.name === name).map((field) => field.value);
}

export interface ContentType {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** null when the field is missing, repeated or has a parameter twice: two readers could then see two things. */
export function contentType(entity: Entity): ContentType | null {
  const values = fieldValues(entity, 'content-type');
  if (values.length !== 1) return null;
  const match = /^([\w.+-]+\/[\w.+-]+)/.exec(values[0]!);
  if (match === null) return null;
  const parameters = new Map<string, string>();
  const pattern = /;\s*([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))/g;
  for (const [, name, quoted, plain] of values[0]!.slice(match[0].length).matchAll(pattern)) {
    const key = name!.toLowerCase();
    if (parameters.has(key)) return null;
    parameters.set(key, quoted === undefined ? plain! : quoted.replaceAll(/\\(.)/g, '$1'));
  }
  return { type: match[1]!.toLowerCase(), parameters };
}

export interface Multipart {
  /** Exact bytes of each part, without the line break that belongs to the boundary. */
  readonly parts: readonly Buffer[];
  readonly closed: boolean;
}

/**
 * Slices a multipart body by its boundary (RFC 2046 §5.1.1). Preamble and epilogue are no parts: no reader shows them,
 * and openssl itself writes a preamble.
 */
export function sliceMultipart(body: Buffer, boundary: string): Multipart {
  const parts: Buffer[] = [];
  const mark = Buffer.from(`--${boundary}`, 'latin1');
  let start = -1;
  for (let at = body.indexOf(mark); at >= 0; at = body.indexOf(mark, at + 1)) {
    if (at > 0 && body[at - 1] !== 0x0a) continue;
    let end = at + mark.length;
    const final = body[end] === 0x2d && body[end + 1] === 0x2d;
    if (final) end += 2;
    while (body[end] === 0x20 || body[end] === 0x09) end++;
    if (body[end] === 0x0d && body[end + 1] === 0x0a) end += 2;
    else if (body[end] === 0x0a) end += 1;
    else if (end !== body.length) continue; // a longer boundary that begins alike
    if (start >= 0) parts.push(body.subarray(start, Math.max(start, beforeBreak(body, at))));
    if (final) {
      return { parts, closed: true };
    }
    start = end;
  }
  return { parts, closed: false };
}

function beforeBreak(body: Buffer, at: number): number {
  if (body[at - 1] === 0x0a) return body[at - 2] === 0x0d ? at - 2 : at - 1;
  return at;
}

/** Undoes the transfer encoding of an entity's body. */
export function decodedBody(entity: Entity): Buffer {
  const [encoding = '7bit'] = fieldValues(entity, 'content-transfer-encoding').map((value) =>
    value.toLowerCase(),
  );
  if (encoding === 'base64') return Buffer.from(entity.body.toString('latin1'), 'base64');
  if (encoding !== 'quoted-printable') return entity.body;
  const text = entity.body
    .toString('latin1')
    .replaceAll(/[ \t]+(\r?\n)/g, '$1')
    .replaceAll(/=\r?\n/g, '');
  return Buffer.from(
    text.replaceAll(/=([0-9A-Fa-f]{2})/g, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    ),
    'latin1',
  );
}
