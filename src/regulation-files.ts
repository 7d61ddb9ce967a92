import fs from 'node:fs';
import path from 'node:path';
import YAML from 'yaml';
import { z } from 'zod';
import { UserError } from './errors.ts';
import type { Regulation } from './rules/regulation.ts';
import {
  CHARACTER_CLASSES,
  COLUMN_KEYS,
  DECISION_PARTS,
  DURATION_UNITS,
  EVIDENCE_ROUTES,
  FORWARD_DAYS,
  INTAKE_KINDS,
  REQUEST_KINDS,
  SENDER_KINDS,
} from './rules/regulation.ts';
import { isHole, nodeAt, stubOf, type SchemaNode } from './regulation-stub.ts';
import { inconsistencies } from './rules/regulation-consistency.ts';
import { freezeDeep } from './rules/regulations.ts';

/**
 * A regulation of the operator's own, as YAML or JSON. With `base: <id>` it overrides single figures of a shipped
 * regulation (objects merge, lists replace); without, it must be complete. Example:
 *
 *     base: vn-bienhoa-04-2011
 *     intake:
 *       - { kind: request, address: { value: vhtt@bienhoa.dongnai.gov.vn, source: assumed }, source: BH-6.2a }
 */

/** A regulation written out in full is below 20 KB; more is a wrong file. */
const LARGEST_FILE = 256 * 1024;

const date = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/u, 'ISO date YYYY-MM-DD expected')
  .describe('YYYY-MM-DD');
const clock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/u, 'HH:MM expected')
  .describe('17:00');
const kind = z.enum(REQUEST_KINDS);
const source = z.string().min(1).describe('XX-4.1');
const duration = z.strictObject({ n: z.number().int().positive(), unit: z.enum(DURATION_UNITS) });
const sourced = <T extends z.ZodType>(value: T) =>
  z.strictObject({ value, source, assumed: z.literal(true).optional() });
const address = sourced(z.email().toLowerCase());
const schedule = z.string().describe('quarterly, every 6 months, yearly, periodic, or before MM-DD');
const article = z.string().min(1).describe('Điều 4');
const bytes = z.number().int().positive();

const passwordPolicy = z.strictObject({
  min: z.number().int().min(1),
  classes: z.array(z.enum(CHARACTER_CLASSES)).optional(),
  classesAtLeast: z.number().int().min(1).max(4).optional(),
  noPersonalInfo: z.boolean().optional(),
  rotateEvery: duration.optional(),
  unique: z.boolean().optional(),
  source,
});
const pattern = z.strictObject({
  level: z.string(),
  template: z
    .string()
    .regex(
      /^(?:\{(?:given|initials|fullName|unit|dept|parent|name|user|idLast3|idLast4|birthYear)\}|[a-z0-9.])+$/u,
      'unknown part in template: {given} {initials} {fullName} {unit} {dept} {parent} {name} {user} {idLast3} {idLast4} {birthYear}, a-z, 0-9 and dots',
    )
    .describe('{given}{initials}.{unit}'),
  example: z.tuple([z.string(), z.email()]),
  source,
});
const deadline = z.strictObject({
  duration,
  from: z.enum(['receipt', 'information_complete']),
  legal: z.boolean(),
  source,
});

const schema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/u),
  legal: z.strictObject({
    number: z.string().min(1),
    title: z.string().min(1),
    instrument: z.enum(['Quy chế', 'Quy định']),
    issuedOn: date,
    effectiveFrom: sourced(date),
    effectiveTo: date.optional(),
    supersededBy: z.string().optional(),
    replaces: z.string().optional(),
  }),
  identity: z.strictObject({
    provinceName: z.string().min(1),
    operatorName: z.string().min(1),
    operatorAbbr: z.string().min(1),
    executor: z.strictObject({ name: z.string(), address: address.optional() }).optional(),
    domains: z
      .array(
        z.strictObject({
          name: z.hostname().toLowerCase(),
          primary: z.boolean(),
          validFrom: date.optional(),
          validTo: date.optional(),
        }),
      )
      .refine(
        (domains) => domains.filter(({ primary }) => primary).length === 1,
        'exactly one primary domain',
      ),
    webmailUrl: z.url().optional(),
    ssoUrl: z.url().optional(),
    hotline: z.string().optional(),
    mode: z.enum(['execute', 'collect_and_forward', 'decide_then_order']),
    forwardOn: sourced(z.enum(FORWARD_DAYS)).optional(),
  }),
  intake: z.array(z.strictObject({ kind: z.enum(INTAKE_KINDS), address: address.optional(), source })),
  unitLevels: z.array(
    z.strictObject({
      code: z.string(),
      nameVi: z.string(),
      mayRequest: z.boolean(),
      subordinate: z.literal(true).optional(),
    }),
  ),
  authorityMailboxes: z.array(address),
  senderRules: z
    .array(
      z.strictObject({
        kinds: z.union([z.literal('*'), z.array(kind)]),
        allow: z.array(z.enum(SENDER_KINDS)),
        requireManagingUnit: z.boolean(),
        source,
      }),
    )
    .refine((rules) => rules.at(-1)?.kinds === '*', "the last rule must be for kinds '*'"),
  senderArticle: article,
  autoForwarded: z.enum(['reject', 'accept']),
  verification: z.strictObject({
    routes: z.array(
      z.strictObject({
        route: z.enum(EVIDENCE_ROUTES),
        enabled: z.boolean(),
        source,
        assumed: z.literal(true).optional(),
      }),
    ),
    article,
    editableListNeedsSignature: z.boolean(),
    signer: z.strictObject({
      mustBeHead: z.boolean(),
      requireOrgSignature: z.boolean(),
      requirePersonSignature: z.boolean(),
    }),
    unitMailboxSuffices: z.array(kind),
    scanNeedsOfficer: z.boolean(),
    onUnverified: z.enum(['reject', 'await_paper', 'staff_review']),
    encoding: z.strictObject({ rule: z.enum(['TCVN6909_required', 'normalise_silently']), source }),
  }),
  attachment: z.strictObject({
    maxBytes: bytes.optional(),
    scope: z.enum(['message', 'file']).optional(),
    forbidEncryptedArchive: z.boolean(),
    source,
  }),
  list: z.strictObject({
    requireReasonNeedDemand: z.boolean(),
    requiredFor: z.union([z.literal('*'), z.array(kind)]),
    requiredColumns: z.partialRecord(kind, z.array(z.enum(COLUMN_KEYS))),
    decisionRequired: z.array(kind),
    decisionParts: z.array(z.enum(DECISION_PARTS)).optional(),
    partialAcceptance: z.boolean(),
    source,
  }),
  addressing: z.strictObject({
    unit: z.array(pattern),
    person: z.array(pattern),
    namespace: z.enum(['domain', 'unit']),
    collision: z.strictObject({
      suffix: z.enum(['number', 'birth_year', 'id_digits', 'manual']),
      position: z.enum(['before_dot', 'end']),
      leaderPriority: z.enum(['none', 'same_unit', 'same_day']),
      allocateAt: z.enum(['immediately', 'end_of_receipt_day']),
      source,
    }),
    reuseDeleted: z.literal('never'),
  }),
  deadlines: z.partialRecord(z.enum([...REQUEST_KINDS, '*']), deadline),
  replies: z.strictObject({
    acknowledgement: z.enum(['same_day', 'none']),
    completion: sourced(z.enum(['email', 'signed_document'])),
    documentFor: z.array(kind).optional(),
  }),
  passwords: z.strictObject({
    user: passwordPolicy,
    admin: passwordPolicy.optional(),
    mustChangeAtFirstLogin: z.boolean(),
    lockIfNotChanged: sourced(z.union([z.literal('at_first_login'), duration])).optional(),
    reopenNotBefore: sourced(duration).optional(),
  }),
  lifecycle: z.strictObject({
    lockAfter: sourced(duration).optional(),
    lockBasis: z.enum(['last_login', 'last_use']).optional(),
    reasonSuspendsLock: z.boolean().optional(),
    warnBefore: sourced(duration).optional(),
    deleteAfter: sourced(duration).optional(),
    deleteClockFrom: z.enum(['last_use', 'lock']).optional(),
    lockedStillReceives: z.boolean(),
    notifyOn: z.array(z.enum(['lock', 'delete'])),
  }),
  quotas: z.strictObject({
    person: bytes.optional(),
    unit: bytes.optional(),
    overrideNeedsDecision: z.boolean(),
    source,
  }),
  unitMailbox: z.strictObject({
    onePerUnit: z.boolean(),
    maxDelegates: z.number().int().positive().optional(),
    handoverOnHeadChange: z.boolean(),
    source: source.optional(),
  }),
  directory: z.strictObject({
    reviewEvery: duration.optional(),
    publish: z.boolean(),
    source: source.optional(),
  }),
  reports: z.array(
    z.strictObject({
      id: z.string(),
      audience: z.string(),
      schedule: schedule,
      from: z.enum(['operator', 'units']),
      source,
    }),
  ),
  userDuties: sourced(z.array(z.string().min(1))).optional(),
  upkeep: z.array(z.strictObject({ id: z.string(), duty: z.string().min(1), schedule, source })).optional(),
  log: sourced(z.strictObject({ retainMonths: z.number().int().min(1) })),
  officeHours: z.strictObject({
    hours: z.array(z.tuple([clock, clock])).min(1),
    cutOff: clock,
    afterHours: z.enum(['next_working_day', 'same_day']),
  }),
  templates: z.string().min(1).describe('vi'),
  articles: z.strictObject({
    request: article,
    deadline: article,
    password: article,
    address: article,
    attachment: article,
    secrecy: article,
    encoding: article,
    lock: article,
  }),
  notes: z.array(z.string()),
});

type Plain = Record<string, unknown>;
const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Objects merge key by key, anything else replaces. */
function merge(base: unknown, over: unknown): unknown {
  if (!isPlain(base) || !isPlain(over)) return over;
  const merged: Plain = { ...base };
  for (const [key, value] of Object.entries(over)) {
    merged[key] = key in base ? merge(base[key], value) : value;
  }
  return merged;
}

/**
 * Reads one regulation file over the known ones.
 * @throws UserError naming every fault with its path ("deadlines.CANCEL.duration.n: …")
 */
export function parseRegulation(text: string, name: string, known: readonly Regulation[]): Regulation {
  const { base, ...given } = plainOf(text, name);
  const from = base === undefined ? {} : known.find(({ id }) => id === base);
  if (from === undefined) {
    throw new UserError(
      `${name}: base: no regulation “${String(base)}”`,
      known.map(({ id }) => id).join(', '),
    );
  }
  const merged = merge(from, given);
  const checked = schema.safeParse(merged);
  if (checked.success) {
    // Absent and undefined keys are the same in JSON and YAML, so the optional keys of the schema fit the type.
    const regulation = freezeDeep(checked.data as Regulation);
    const holes = holesIn(regulation, []);
    const unfit =
      holes.length > 0 ? holes : [...inconsistencies(regulation), ...withoutTemplates(regulation)];
    if (unfit.length > 0)
      throw faulty(
        name,
        unfit.map(({ path: at, message }) => `  ${at}: ${message}`),
      );
    return regulation;
  }
  throw faulty(
    name,
    checked.error.issues.map((issue) => told(issue, merged)),
  );
}

const faulty = (name: string, faults: readonly string[]): UserError =>
  new UserError(
    `${name}: ${faults.length} fault(s)\n${faults.join('\n')}`,
    'What is missing is shown as YAML to copy and fill in; values of the shipped regulations stand in src/rules/regulations.',
  );

let form: SchemaNode | null = null;
const formOf = (): SchemaNode =>
  (form ??= z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as SchemaNode);

/** One fault with its path and what to write there. */
function told(issue: z.core.$ZodIssue, given: unknown): string {
  const path = issue.path.join('.') || '(file)';
  const node = nodeAt(formOf(), issue.path);
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(node?.properties ?? node?.items?.properties ?? {});
    return `  ${path}: unknown key ${issue.keys.map((key) => `"${key}"`).join(', ')}; known: ${known.join(', ')}`;
  }
  if (node === null || valueAt(given, issue.path) !== undefined) return `  ${path}: ${issue.message}`;
  const stub = stubOf(String(issue.path.at(-1) ?? ''), node);
  return `  ${path}: missing. To write:\n${stub.replaceAll(/^/gmu, '      ')}`;
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined,
    value,
  );

/** Values of a stub that were copied and not filled in. */
function holesIn(value: unknown, at: readonly string[]): { path: string; message: string }[] {
  if (typeof value === 'string')
    return isHole(value) ? [{ path: at.join('.'), message: `${value} is still to be filled in` }] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => holesIn(inner, [...at, key]));
}

const TEMPLATES = path.join(import.meta.dirname, '..', 'templates');

function withoutTemplates({ templates }: Regulation): { path: string; message: string }[] {
  const folders = fs
    .readdirSync(TEMPLATES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && fs.existsSync(path.join(TEMPLATES, entry.name, 'received.txt')))
    .map((entry) => entry.name);
  if (folders.includes(templates)) return [];
  return [
    { path: 'templates', message: `no folder of notices "${templates}"; there is ${folders.join(', ')}` },
  ];
}

function plainOf(text: string, name: string): Plain {
  if (Buffer.byteLength(text) > LARGEST_FILE) throw new UserError(`${name}: larger than 256 KiB`);
  let value: unknown;
  try {
    // A few anchors are useful; a bomb of aliases is not.
    value = YAML.parse(text, { maxAliasCount: 20 });
  } catch (error) {
    throw new UserError(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (value === null || value === undefined)
    throw new UserError(
      `${name}: the file is empty. Begin with a line like\n      id: vn-province-41-2026`,
      'Or with `base: <id of a shipped regulation>` to change single figures of it.',
    );
  if (!isPlain(value)) throw new UserError(`${name}: a mapping is expected ("key: value" lines)`);
  return value;
}

/** All *.yaml, *.yml and *.json of a folder, by name; a file with the id of a shipped regulation takes its place. */
export function readRegulations(folder: string, shipped: readonly Regulation[]): readonly Regulation[] {
  const files = fs
    .readdirSync(folder)
    .filter((name) => /\.(?:ya?ml|json)$/u.test(name))
    .sort();
  return files.reduce<readonly Regulation[]>((known, name) => {
    const own = parseRegulation(fs.readFileSync(path.join(folder, name), 'utf8'), name, known);
    return [...known.filter(({ id }) => id !== own.id), own];
  }, shipped);
}
