import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { play, type Played, type Scene } from '../../src/commands/replay.ts';
import { readConfig } from '../../src/config.ts';
import { prepareMonths } from '../../src/mail-log/sequencer.ts';
import { createParserPool } from '../../src/parser-process/pool.ts';
import type { Mailbox, Unit } from '../../src/rules/registry.ts';
import { upsertMailboxes, upsertUnits } from '../../src/store/registry.ts';
import { X509Certificate } from 'node:crypto';
import { freshDatabase } from './database.ts';

/**
 * Whole letters as files: `NN-name.eml`, `NN-name.expect.json` (what has to become of it) and `NN-name.readme` (why it
 * is there). A folder has besides a `registry/<regulation>.json`: the units and mailboxes that are known.
 */
export const FOLDERS = ['fixtures/letters', 'fixtures/letters-private'].filter((folder) =>
  fs.existsSync(folder),
);

/** What is told of a letter. Left out: not asked about. */
export interface Expectation {
  readonly regulation: string;
  /** Ids of requirements.md this letter shows. */
  readonly rules: readonly string[];
  /** Moment of receipt, ISO. */
  readonly at: string;
  /** Envelope recipient; default: the regulation's intake. */
  readonly to?: string;
  /** Envelope sender; default: the author. "<>": none. */
  readonly envelopeFrom?: string;
  /** "none": the author's domain is not proven. */
  readonly proof?: 'none';
  /** Letters that came before, of the same folder, each at its own moment. */
  readonly before?: readonly string[];
  /** Placeholder line in the letter → bytes (decoded) that stand there: large files are not committed. */
  readonly fill?: Readonly<Record<string, number>>;
  readonly reply?: string;
  readonly state?: string | null;
  readonly kinds?: readonly string[];
  readonly dossier?: string;
  readonly number?: string;
  /** Date in Việt Nam; null: no clock runs. */
  readonly due?: string | null;
  /** "address KIND state codes…" */
  readonly rows?: readonly string[];
  /** Faults of the request as a whole, by code. */
  readonly problems?: readonly string[];
  /** "template recipient" in the order of the alphabet. */
  readonly notices?: readonly string[];
  /** Words that stand in the reply, the reason, or a notice; and words that stand in none. */
  readonly says?: readonly string[];
  readonly saysNot?: readonly string[];
}

export interface LetterCase {
  readonly name: string;
  readonly folder: string;
  readonly expectation: Expectation;
}

export const letterCases = (): LetterCase[] =>
  FOLDERS.flatMap((folder) =>
    fs
      .readdirSync(folder)
      .filter((file) => file.endsWith('.eml'))
      .map((file) => file.slice(0, -4))
      .map((name) => ({ name, folder, expectation: expectationOf(folder, name) })),
  );

const expectationOf = (folder: string, name: string): Expectation =>
  JSON.parse(fs.readFileSync(path.join(folder, `${name}.expect.json`), 'utf8')) as Expectation;

interface Registry {
  readonly intake: string;
  readonly abuse?: string;
  /** Mailbox of the executor, where the regulation leaves it to the operator. */
  readonly executor?: string;
  readonly units: readonly (Partial<Unit> & { readonly code: string; readonly pinned?: string })[];
  readonly mailboxes: readonly (Partial<Mailbox> & {
    readonly address: string;
    readonly unit: string;
    readonly fullName: string;
  })[];
}

export interface PostRoom {
  /** Plays the case where nothing lasts; the same twice gives the same. */
  play(letter: LetterCase): Promise<Played>;
  close(): Promise<void>;
}

/** One gateway with every regulation that has a registry here, as in a merged province. */
export async function openPostRoom(cases: readonly LetterCase[]): Promise<PostRoom> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-letters-'));
  const registries = readRegistries();
  const config = readConfig({ CONGTHU_DATA_DIR: dir, ...environment(registries, dir) });
  const db = await freshDatabase();
  await db.transaction(async (tx) => {
    for (const [regulation, { units, mailboxes }] of registries) {
      await upsertUnits(
        tx,
        units.map(({ pinned, ...unit }) => unitOf(unit, pinned, regulation)),
      );
      for (const box of mailboxes) await addMailbox(tx, box);
    }
  });
  for (const month of new Set(cases.map(({ expectation }) => expectation.at.slice(0, 7))))
    await prepareMonths(db.sql, new Date(`${month}-15T00:00:00Z`));
  const pool = createParserPool({ children: 1 });
  return {
    play: ({ folder, name }) =>
      db.rehearse(async (stage) => {
        const expectation = expectationOf(folder, name);
        for (const earlier of expectation.before ?? [])
          await play(rawOf(folder, earlier), sceneOf(expectationOf(folder, earlier)));
        return play(rawOf(folder, name), sceneOf(expectation));

        function sceneOf({ at, proof, envelopeFrom, to, regulation }: Expectation): Scene {
          const recipients = [to ?? registries.get(regulation)!.intake];
          return {
            config,
            stage,
            pool,
            now: new Date(at),
            proven: proof !== 'none',
            envelopeFrom,
            recipients,
          };
        }
      }),
    async close() {
      pool.close();
      await db.drop();
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

function readRegistries(): Map<string, Registry> {
  const found = FOLDERS.map((folder) => path.join(folder, 'registry'))
    .filter((folder) => fs.existsSync(folder))
    .flatMap((folder) => fs.readdirSync(folder).map((file) => path.join(folder, file)))
    .map((file) => [path.parse(file).name, JSON.parse(fs.readFileSync(file, 'utf8')) as Registry] as const);
  return new Map(found);
}

const PKI = 'fixtures/pki';

function environment(registries: ReadonlyMap<string, Registry>, dir: string): Record<string, string> {
  const overrides = path.join(dir, 'regulations');
  fs.mkdirSync(overrides);
  const intakes: string[] = [];
  for (const [id, { intake, abuse, executor }] of registries) {
    intakes.push(`${intake}=${id}`);
    const own = [
      ...(executor === undefined
        ? []
        : [`identity: { executor: { address: { value: ${executor}, source: assumed } } }`]),
      ...(abuse === undefined
        ? []
        : [
            `intake: [{ kind: request, source: assumed }, { kind: abuse, address: { value: ${abuse}, source: assumed }, source: assumed }]`,
          ]),
    ];
    if (own.length > 0)
      fs.writeFileSync(path.join(overrides, `${id}.yaml`), [`base: ${id}`, ...own, ''].join('\n'));
  }
  return {
    CONGTHU_REGULATIONS: [...registries.keys()].join(' '),
    CONGTHU_REGULATION_FILES: overrides,
    CONGTHU_INTAKE: intakes.join(' '),
    CONGTHU_ANCHORS_DIR: `${PKI}/anchors`,
    CONGTHU_INTERMEDIATES_DIR: `${PKI}/intermediates`,
    CONGTHU_CRLS_DIR: `${PKI}/crls`,
    CONGTHU_SIGNING_P12: `${PKI}/leaves/operator.p12`,
    CONGTHU_SIGNING_PASS: 'fixtures',
    CONGTHU_SIGN_REPLIES: 'yes',
    CONGTHU_OFFICERS: 'canbo@congthu.test',
  };
}

const unitOf = (
  unit: Omit<Registry['units'][number], 'pinned'>,
  pinned: string | undefined,
  regulation: string,
): Unit & { readonly certificates: string[] } => ({
  name: unit.code,
  mailbox: null,
  parent: null,
  level: 'so',
  abbreviation: unit.code,
  active: true,
  ...unit,
  regulation,
  certificates: pinned === undefined ? [] : [fingerprint(pinned)],
});

const fingerprint = (leaf: string): string =>
  new X509Certificate(fs.readFileSync(`${PKI}/leaves/${leaf}.pem`)).fingerprint256
    .replaceAll(':', '')
    .toLowerCase();

/** In the registry and in the mail system. */
async function addMailbox(
  tx: Parameters<typeof upsertMailboxes>[0],
  { lockedAt, lockReason, ...box }: Registry['mailboxes'][number],
): Promise<void> {
  const createdAt = new Date('2024-01-01T00:00:00Z');
  const usual = { kind: 'person', position: null, state: 'active', createdAt, lastLogin: createdAt } as const;
  await upsertMailboxes(tx, [{ ...usual, ...box }]);
  await tx.sql`update mailbox set locked_at = ${lockedAt === undefined ? null : String(lockedAt)}::timestamptz,
    lock_reason = ${lockReason ?? null} where address = ${box.address}`;
  const [local = '', domain = ''] = box.address.split('@');
  await tx.sql`insert into mail.domain (domain, created, modified) values (${domain}, now(), now())
    on conflict do nothing`;
  await tx.sql`insert into mail.mailbox (username, password, name, maildir, quota, local_part, domain, active, created, modified)
    values (${box.address}, '{ARGON2ID}x', ${box.fullName}, ${box.address}, 0, ${local}, ${domain}, true, now(), now())`;
}

function rawOf(folder: string, name: string): Buffer {
  const raw = fs.readFileSync(path.join(folder, `${name}.eml`));
  const fill = Object.entries(expectationOf(folder, name).fill ?? {});
  return fill.length === 0
    ? raw
    : Buffer.from(
        fill.reduce((text, [place, size]) => text.replace(place, base64Of(size)), raw.toString('latin1')),
        'latin1',
      );
}

const base64Of = (size: number): string =>
  Buffer.alloc(size, 'x').toString('base64').replaceAll(/.{76}/gu, '$&\r\n');

/** What became of a letter, in the words of an expectation. */
export function told(
  played: Played,
): Required<
  Omit<
    Expectation,
    'says' | 'saysNot' | 'at' | 'rules' | 'regulation' | 'to' | 'envelopeFrom' | 'proof' | 'before' | 'fill'
  >
> {
  return {
    reply: `${played.smtp.code} ${played.smtp.status}`,
    state: played.state ?? played.outcome,
    kinds: played.dossier?.kinds ?? [],
    dossier: played.dossier?.state ?? 'none',
    number: played.dossier?.number ?? 'none',
    due: played.dossier?.due ?? null,
    rows: played.rows.map(({ address, kind, state, problems }) =>
      [address ?? '-', kind ?? '-', state, ...problems.map(({ code }) => code)].join(' '),
    ),
    problems: (played.problems as { code: string }[]).map(({ code }) => code),
    notices: played.notices.map(({ template, to }) => `${template} ${to}`).sort(),
  };
}

/** Everything anybody was told, and the reason the letter carries. */
export const wordsOf = (played: Played): string =>
  [
    played.smtp.text,
    played.reason ?? '',
    ...played.rows.map(({ needsOfficer, problems }) =>
      [needsOfficer ?? '', ...problems.map(({ text, fix }) => `${text} ${fix}`)].join(' '),
    ),
    ...played.notices.map(({ subject, text }) => `${subject}\n${text}`),
  ].join('\n');
