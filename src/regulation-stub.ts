/** What z.toJSONSchema says of a part of the schema, as far as stubs need it. */
export interface SchemaNode {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly prefixItems?: readonly SchemaNode[];
  readonly anyOf?: readonly SchemaNode[];
  readonly enum?: readonly (string | number | boolean)[];
  readonly const?: string | number | boolean;
  readonly format?: string;
  readonly pattern?: string;
  readonly description?: string;
  readonly propertyNames?: SchemaNode;
  readonly additionalProperties?: SchemaNode | boolean;
}

/** The part of the schema that a path leads to; null where it leads nowhere. */
export function nodeAt(root: SchemaNode, path: readonly PropertyKey[]): SchemaNode | null {
  let node: SchemaNode | undefined = root;
  for (const key of path) {
    node =
      typeof key === 'number'
        ? (node.items ?? node.prefixItems?.[key])
        : (node.properties?.[String(key)] ?? node.items?.properties?.[String(key)]);
    if (node === undefined) return null;
  }
  return node;
}

/**
 * How a missing part is written, as YAML to copy and fill in: every key that is needed, the choices beside it, and
 * which further keys there are. Written for whoever begins with an empty file (README, "a province").
 */
export function stubOf(key: string, node: SchemaNode): string {
  return lines(key, node, 0).join('\n');
}

function lines(key: string, node: SchemaNode, depth: number): string[] {
  const pad = '  '.repeat(depth);
  const plain = firstOf(node);
  if (plain.properties !== undefined) {
    const flow = flowOf(plain);
    if (flow !== null) return [`${pad}${key}: ${flow}`];
    return [`${pad}${key}:${furtherKeys(plain)}`, ...childLines(plain, depth + 1)];
  }
  const note = choicesOf(node);
  const line = `${pad}${key}: ${valueOf(node)}${note === '' ? '' : `  # ${note}`}`;
  return [line, ...entryLines(plain).map((text) => `${pad}#   ${text}`)];
}

const childLines = (node: SchemaNode, depth: number): string[] =>
  (node.required ?? []).flatMap((key) => lines(key, node.properties![key]!, depth));

/** What stands in a list or a table that may be empty, as a comment: one entry written out. */
function entryLines({ items, prefixItems, additionalProperties, propertyNames }: SchemaNode): string[] {
  if (prefixItems !== undefined) return [];
  if (items !== undefined) {
    const entry = firstOf(items);
    if (entry.properties === undefined) return [`- ${valueOf(items)}${noted(choicesOf(items))}`];
    return childLines(entry, 0).map(
      (text, i) => `${i === 0 ? '-' : ' '} ${text}${i === 0 ? furtherKeys(entry) : ''}`,
    );
  }
  if (typeof additionalProperties !== 'object') return [];
  const keys = propertyNames?.enum ?? [];
  return lines(keys.includes('*') ? "'*'" : String(keys[0] ?? 'key'), additionalProperties, 0);
}

const noted = (note: string): string => (note === '' ? '' : `  # ${note}`);

function furtherKeys({ properties = {}, required = [] }: SchemaNode): string {
  const further = Object.keys(properties).filter((key) => !required.includes(key));
  return further.length === 0 ? '' : `  # may also have: ${further.join(', ')}`;
}

/** "{ value: 1, source: XX-4.1 }" for a few plain values without choices; null for anything else. */
function flowOf({ properties = {}, required = [] }: SchemaNode): string | null {
  if (required.length > 3 || furtherKeys({ properties, required }).includes(', ')) return null;
  const parts = required.map((key) => {
    const node = properties[key]!;
    const inner = firstOf(node);
    if (inner.properties !== undefined) {
      const flow = flowOf(inner);
      return flow === null ? null : `${key}: ${flow}`;
    }
    return choicesOf(node) === '' && inner.items === undefined ? `${key}: ${valueOf(node)}` : null;
  });
  return parts.includes(null) ? null : `{ ${parts.join(', ')} }`;
}

/** Of several forms the first; the others are told as choices. */
const firstOf = (node: SchemaNode): SchemaNode => node.anyOf?.[0] ?? node;

const SAMPLES: Readonly<Record<string, string>> = {
  email: 'name@province.gov.vn',
  hostname: 'province.gov.vn',
  uri: 'https://mail.province.gov.vn',
};

function valueOf(node: SchemaNode): string {
  const plain = firstOf(node);
  const fixed = plain.enum?.[0] ?? plain.const;
  if (fixed !== undefined) return fixed === '*' ? "'*'" : String(fixed);
  if (plain.prefixItems !== undefined) return `[${plain.prefixItems.map(valueOf).join(', ')}]`;
  switch (plain.type) {
    case 'boolean':
      return 'false';
    case 'integer':
    case 'number':
      return '1';
    case 'array':
      return '[]';
    case 'object':
      return '{}';
    default:
      return hole(plain.description ?? SAMPLES[plain.format ?? ''] ?? 'text');
  }
}

/** What only the writer knows; a value left like this is a fault of its own. */
const hole = (what: string): string => `<${what}>`;
export const isHole = (value: string): boolean => /^<.*>$/u.test(value);

function choicesOf(node: SchemaNode): string {
  const [, ...others] = node.anyOf ?? [];
  if (others.length > 0)
    return `or ${others.map((one) => (one.items === undefined ? (one.enum ?? [one.const ?? valueOf(one)]).join(' | ') : `[${(one.items.enum ?? []).join(', ')}]`)).join(' | ')}`;
  const further = (node.enum ?? []).slice(1);
  if (further.length > 0) return `or ${further.join(' | ')}`;
  if (node.type === 'boolean') return 'or true';
  return node.propertyNames === undefined ? '' : `by ${(node.propertyNames.enum ?? []).join(' | ')}`;
}
