import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readConfig, type Config } from '../../src/config.ts';
import { receiveDeps } from '../../src/doors.ts';
import { stepDeps } from '../../src/gateway.ts';
import { letterOf } from '../../src/intake/raw-letter.ts';
import type { Incoming } from '../../src/intake/gatekeeper.ts';
import { receive } from '../../src/intake/receive.ts';
import type { ReceiveDeps } from '../../src/intake/take-in.ts';
import { runJobs } from '../../src/jobs/run-jobs.ts';
import { writeWorkbook } from '../../src/lists/write-workbook.ts';
import { createActivationLinks } from '../../src/notices/activation-link.ts';
import { createParserPool, type ParserPool } from '../../src/parser-process/pool.ts';
import { createRevocationCache } from '../../src/revocation/cache.ts';
import { regulationById } from '../../src/rules/regulations.ts';
import type { Mailbox, Unit } from '../../src/rules/registry.ts';
import type { Database, OpenDatabase } from '../../src/store/database.ts';
import { attachmentsOf, type Attachment } from '../../src/store/notices.ts';
import { upsertMailboxes, upsertUnits } from '../../src/store/registry.ts';
import { createCalendarSource } from '../../src/work/calendar-source.ts';
import { workOnce } from '../../src/work/runner.ts';
import type { StepDeps } from '../../src/work/step.ts';
import { freshDatabase } from './database.ts';
import { readListFile } from './list-file.ts';
import { buildPki, openssl, signedLetter, type Leaf, type Pki } from './openssl-pki.ts';

export type Cells = readonly (string | number | null)[];

/** A letter as a test speaks of it. */
export interface Written {
  readonly from: string;
  readonly subject: string;
  readonly text?: string;
  /** Rows of danh-sach.xlsx, heading first. */
  readonly list?: readonly Cells[];
  readonly files?: readonly { readonly name: string; readonly bytes: Buffer }[];
  /** false: no S/MIME signature. */
  readonly signed?: boolean;
  /** The signature as application/pkcs7-mime, which hides the words from the door. */
  readonly opaque?: boolean;
  readonly to?: string;
}

export interface Told {
  readonly template: string;
  readonly recipient: string;
  readonly subject: string;
  readonly text: string;
  readonly attachments: readonly Attachment[];
}

export interface Office {
  readonly db: OpenDatabase;
  readonly deps: StepDeps;
  readonly pki: Pki;
  /** What the doors hand to the funnel; the sender is proven. */
  readonly door: ReceiveDeps;
  /** A letter's bytes as they come in by SMTP. */
  write(letter: Written): Buffer;
  /** Key and certificate of whoever writes from this address. */
  leafOf(email: string): Leaf;
  /** Time is the test's own: ISO with offset. */
  at(moment: string): void;
  /** Receives one letter and carries on everything that is due; resolves to the letter, or to the refusal. */
  send(letter: Written): Promise<{ id: string | null; reply: string }>;
  work(): Promise<void>;
  jobs(): Promise<void>;
  letter(id: string | null): Promise<{ state: string; dossier: string | null; reason: string | null }>;
  dossier(number: string | null): Promise<Record<string, unknown>>;
  /** "address state" of the rows of a dossier, oldest first. */
  rows(number: string | null): Promise<string[]>;
  /** Notices queued since the last time this was asked. */
  told(): Promise<Told[]>;
  log(event: string): Promise<string[]>;
  close(): Promise<void>;
}

export interface Opening {
  readonly regulation: string;
  readonly at: string;
  readonly units: readonly (Partial<Unit> & { readonly code: string; readonly mailbox: string })[];
  readonly mailboxes?: readonly (Partial<Mailbox> & { readonly address: string; readonly unit: string })[];
  readonly env?: Readonly<Record<string, string>>;
  /** Further extensions of the units' certificates, as openssl writes them. */
  readonly leafExtensions?: string;
  /** Their keyUsage and extendedKeyUsage, when not those of a signer. */
  readonly leafUsages?: string;
  /** Stands between the office and what it is built on: what a trouble test makes fail. */
  readonly through?: <T extends object>(port: OfficePort, real: T) => T;
  /** One made before, where many offices open in one test. */
  readonly pki?: Pki;
  /** Likewise, and not closed by the office: to start a child takes longer than what it then reads. */
  readonly pool?: ParserPool;
  /** A database of its own, where no test runner provides one (benches). */
  readonly database?: () => Promise<OpenDatabase & { drop(): Promise<void> }>;
  /** YAML of the operator's own file over the regulation. */
  readonly overrides?: string;
}

/** What the office is built on. */
export type OfficePort =
  | 'database'
  | 'clock'
  | 'parsers'
  | 'revocation'
  | 'provisioner'
  | 'documents'
  | 'virus scanner'
  | 'sender proof';

/** An office with the real funnel, steps, jobs, parsing child and database; only the wire and the time are the test's. */
export async function openOffice(opening: Opening): Promise<Office> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-office-'));
  const pki = opening.pki ?? buildPki(path.join(dir, 'pki'));
  const through = opening.through ?? ((_port, real) => real);
  const regulation = regulationById(opening.regulation)!;
  const intake = regulation.intake[0]?.address?.value ?? `vhtt@${regulation.identity.domains[0]!.name}`;
  const operator = pki.leaf('operator', { email: intake, commonName: 'Co quan van hanh' });
  const p12 = path.join(dir, 'operator.p12');
  const pair = ['-inkey', operator.key, '-in', operator.cert, '-certfile', pki.issuing];
  openssl(['pkcs12', '-export', ...pair, '-passout', 'pass:test', '-out', p12]);
  const overrides = path.join(dir, 'regulations');
  fs.mkdirSync(overrides);
  if (opening.overrides !== undefined)
    fs.writeFileSync(path.join(overrides, 'own.yaml'), `base: ${opening.regulation}\n${opening.overrides}\n`);
  const config: Config = readConfig({
    CONGTHU_REGULATION_FILES: overrides,
    CONGTHU_DATA_DIR: dir,
    CONGTHU_REGULATIONS: opening.regulation,
    CONGTHU_INTAKE: intake,
    CONGTHU_ANCHORS_DIR: pki.anchors,
    CONGTHU_INTERMEDIATES_DIR: pki.intermediates,
    CONGTHU_CRLS_DIR: pki.crls,
    CONGTHU_SIGNING_P12: p12,
    CONGTHU_SIGNING_PASS: 'test',
    CONGTHU_OFFICERS: `canbo@${regulation.identity.domains[0]!.name}`,
    ...opening.env,
  });
  const db = await (opening.database ?? freshDatabase)();
  let now = new Date(opening.at);
  const clock = through('clock', { now: () => new Date(now) });
  const shaky = through<Database>('database', db);
  const pool = opening.pool ?? createParserPool({ children: 1 });
  const links = createActivationLinks(Buffer.alloc(32, 7), 'http://congthu.test');
  const revocation = through(
    'revocation',
    createRevocationCache({ dir: config.trustDirs.fetched!, rules: config.revocation, clock }),
  );
  const built = stepDeps(config, shaky, clock, through('parsers', pool), links, revocation, {
    calendar: createCalendarSource(db),
  });
  const deps: StepDeps = {
    ...built,
    provisioner: through('provisioner', built.provisioner),
    documents: through('documents', built.documents),
    ...(built.scanForVirus === null
      ? {}
      : { scanForVirus: through('virus scanner', { scan: built.scanForVirus }).scan }),
  };
  const proof = through('sender proof', {
    prove: ({ envelopeFrom }: Incoming) => {
      const domain = envelopeFrom!.split('@')[1]!;
      return Promise.resolve({ method: 'trusted-relay', result: 'pass', domain, detail: 'test' } as const);
    },
  });
  const door: ReceiveDeps = { ...receiveDeps(config, shaky, clock, 'smtp'), prove: proof.prove };
  await register(db, opening);
  const leafs = new Map<string, Leaf>();
  const leafFor = (email: string): Leaf => {
    const leaf =
      leafs.get(email) ??
      pki.leaf(`leaf-${leafs.size}`, {
        email,
        commonName: 'Don vi',
        extensions: opening.leafExtensions ?? '',
        ...(opening.leafUsages === undefined ? {} : { usages: opening.leafUsages }),
      });
    leafs.set(email, leaf);
    return leaf;
  };
  let count = 0;
  const known = new Set<string>();
  const work = async (): Promise<void> => {
    while (await workOnce(deps));
  };
  const write = (written: Written): Buffer => {
    const headers = {
      From: written.from,
      To: written.to ?? intake,
      Subject: `=?utf-8?B?${Buffer.from(written.subject).toString('base64')}?=`,
      'Message-ID': `<${++count}.${opening.regulation}@office.test>`,
      Date: now.toUTCString(),
    };
    const body = entityOf(written);
    if (written.signed !== false)
      return signedLetter(body, leafFor(written.from), pki, headers, written.opaque === true);
    const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return Buffer.from(`${head.join('')}MIME-Version: 1.0\r\n${body.replaceAll('\n', '\r\n')}`);
  };
  return {
    db,
    deps,
    door,
    pki,
    write,
    leafOf: leafFor,
    work,
    at: (moment) => {
      now = new Date(moment);
    },
    async send(written) {
      const raw = write(written);
      const session = { id: 't', remoteAddress: '127.0.0.1', helo: 't', tls: false, authenticatedAs: null };
      const received = await receive(
        {
          raw: letterOf(raw),
          envelopeFrom: written.from,
          recipients: [written.to ?? intake],
          session,
          receivedAt: now,
        },
        door,
      );
      await work();
      // No two letters come at the very same moment: which of them is the later one must not be chance.
      now = new Date(now.getTime() + 1);
      return { id: received.letter, reply: received.reply.text };
    },
    jobs: () => runJobs(deps),
    async letter(id) {
      const [row] = await db.sql<{ state: string; dossier: string | null; reason: string | null }[]>`
        select state, dossier, reason from letter where id = ${id}`;
      if (row === undefined) throw new Error(`no letter ${id ?? 'was stored'}`);
      const trouble =
        await db.sql`select entry from mail_log.mail_event where event = 'failure' and letter = ${id}`;
      if (trouble.length > 0) throw new Error(JSON.stringify(trouble.at(-1)));
      return { ...row };
    },
    async dossier(number) {
      const [row] = await db.sql`select state, kinds, unit, due_date, complete_at, regulation from dossier
        where number = ${number}`;
      return { ...row };
    },
    async rows(number) {
      const rows = await db.sql<{ address: string | null; state: string }[]>`
        select r.address, r.state from dossier_row r join letter l on l.id = r.letter
        where r.dossier = ${number} order by l.received_at, r.position`;
      return rows.map(({ address, state }) => `${address ?? '-'} ${state}`);
    },
    async told() {
      const rows = await db.sql<(Told & { id: string })[]>`
        select id, template, recipient, subject, text from notice order by created_at, event`;
      const fresh: Told[] = [];
      for (const { id, ...row } of rows.filter((one) => !known.has(one.id)))
        fresh.push({ ...row, attachments: await db.transaction((tx) => attachmentsOf(tx.orm, id)) });
      for (const { id } of rows) known.add(id);
      return fresh;
    },
    async log(event) {
      const rows = await db.sql<{ entry: string }[]>`
        select entry from mail_log.mail_event where event = ${event} order by at, id`;
      return rows.map(({ entry }) => entry);
    },
    async close() {
      if (opening.pool === undefined) pool.close();
      await db.drop();
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function register(db: OpenDatabase, { regulation, units, mailboxes = [], at }: Opening): Promise<void> {
  await db.transaction(async (tx) => {
    await upsertUnits(
      tx,
      units.map((unit) => ({
        name: unit.code,
        parent: null,
        level: 'so',
        abbreviation: unit.code,
        regulation,
        ...unit,
        certificates: [...(unit.certificates ?? [])],
      })),
    );
    if (mailboxes.length === 0) return;
    const fresh = {
      kind: 'person',
      fullName: 'Nguyễn Văn An',
      position: 'Chuyên viên',
      state: 'active',
    } as const;
    await upsertMailboxes(
      tx,
      mailboxes.map((box) => ({ ...fresh, createdAt: new Date(at), lastLogin: null, ...box })),
    );
    // The target has them too.
    for (const { address, fullName = 'Nguyễn Văn An' } of mailboxes) {
      const [local = '', domain = ''] = address.split('@');
      await tx.sql`insert into mail.domain (domain, created, modified) values (${domain}, now(), now())
        on conflict do nothing`;
      await tx.sql`insert into mail.mailbox (username, password, name, maildir, quota, local_part, domain, active, created, modified)
        values (${address}, '{ARGON2ID}x', ${fullName}, ${address}, 0, ${local}, ${domain}, true, now(), now())`;
    }
  });
}

/** A MIME entity with text, list and files. */
function entityOf({
  text = 'Đề nghị thực hiện theo danh sách kèm theo.',
  list,
  files = [],
}: Written): string {
  const attached = [
    ...(list === undefined ? [] : [{ name: 'danh-sach.xlsx', bytes: writeWorkbook('Danh sách', list) }]),
    ...files,
  ];
  const parts = attached.map(
    ({ name, bytes }) => `--ranh
Content-Type: application/octet-stream
Content-Disposition: attachment; filename="${name}"
Content-Transfer-Encoding: base64

${bytes.toString('base64').replaceAll(/.{76}/g, '$&\n')}
`,
  );
  return `Content-Type: multipart/mixed; boundary=ranh

--ranh
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

${text}

${parts.join('')}--ranh--
`;
}

/** The cells of an xlsx of ours, row by row, as texts. */
export async function cellsOf({ content, filename }: Attachment): Promise<string[][]> {
  const [grid] = await readListFile(content, filename);
  return grid!.rows.map(({ cells }) => cells.map((cell) => cell?.text ?? ''));
}
