/** One "method=result" of an Authentication-Results field with its properties. Names are lower-case. */
export interface MethodResult {
  readonly method: string;
  readonly result: string;
  /** "header.from" → "quangbinh.gov.vn"; the first of repeated ones. */
  readonly properties: ReadonlyMap<string, string>;
}

export interface AuthenticationResults {
  /** Lower-case. */
  readonly authservId: string;
  readonly results: readonly MethodResult[];
}

/** A field with ten signatures has 2 KB; no relay of ours writes more than this, and what does is not read. */
const MAX_LENGTH = 16 * 1024;
/** RFC 5322 lets comments nest for ever; nobody nests them twice. */
const MAX_COMMENT_DEPTH = 5;

/**
 * Reads the value of an Authentication-Results field (RFC 8601 §2.2), e.g.
 * `mx.quangbinh.gov.vn; dmarc=pass (p=none) header.from=quangbinh.gov.vn; spf=none smtp.mailfrom=a@b.vn`.
 * Null for everything that is not exactly of this grammar: half-read, a comment could pass for a result.
 */
export function readAuthenticationResults(value: string): AuthenticationResults | null {
  const text = value.length > MAX_LENGTH ? null : withoutComments(value);
  const parts = text === null ? null : splitUnquoted(text);
  if (parts === null) return null;
  const [first = '', ...rest] = parts;
  // authserv-id [version]; the only version there is is 1.
  const id = /^\s*(?:"([^"\\]*)"|([^\s"=]+))(?:\s+1)?\s*$/.exec(first);
  if (id === null) return null;
  const authservId = (id[1] ?? id[2] ?? '').toLowerCase();
  if (rest.length === 1 && rest[0]!.trim().toLowerCase() === 'none') return { authservId, results: [] };
  const results = rest.filter((part, i) => part.trim() !== '' || i < rest.length - 1).map(readResult);
  return results.every((result) => result !== null) ? { authservId, results } : null;
}

/** name [ "/" version ] "=" value, quoted or up to a blank; read one after the other. */
const ASSIGNMENT =
  /\s*([a-z0-9][a-z0-9._-]*)(?:\s*\/\s*\d+)?\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))(?=\s|$)/iy;

function readResult(part: string): MethodResult | null {
  const pairs: [string, string][] = [];
  ASSIGNMENT.lastIndex = 0;
  const text = part.trimEnd();
  while (ASSIGNMENT.lastIndex < text.length) {
    const found = ASSIGNMENT.exec(text);
    if (found === null) return null;
    pairs.push([found[1]!.toLowerCase(), found[2]?.replace(/\\(.)/g, '$1') ?? found[3]!]);
  }
  const [method, ...properties] = pairs;
  if (method === undefined) return null;
  // Of a repeated property the first counts, as in the order a reader sees them.
  return { method: method[0], result: method[1].toLowerCase(), properties: new Map(properties.reverse()) };
}

/** Comments replaced by a blank; null when quotes or parentheses do not pair, or nest too deep. */
function withoutComments(value: string): string | null {
  let text = '';
  let depth = 0;
  let quoted = false;
  for (let i = 0; i < value.length; i += 1) {
    const at = value[i]!;
    if (at === '\\') {
      i += 1;
      if (depth === 0) text += at + (value[i] ?? '');
    } else if (at === '"' && depth === 0) {
      quoted = !quoted;
      text += at;
    } else if (at === '(' && !quoted) {
      depth += 1;
      if (depth > MAX_COMMENT_DEPTH) return null;
      text += ' ';
    } else if (at === ')' && !quoted) {
      depth -= 1;
      if (depth < 0) return null;
    } else if (depth === 0) text += at;
  }
  return depth === 0 && !quoted ? text : null;
}

function splitUnquoted(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (const piece of text.match(/"(?:[^"\\]|\\.)*"|[^";]+|;/g) ?? []) {
    if (piece === ';') {
      parts.push(part);
      part = '';
    } else part += piece;
  }
  return [...parts, part];
}
