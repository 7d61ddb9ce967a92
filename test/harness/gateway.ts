import fs from 'node:fs';
import { BlockList } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pino, { type Logger } from 'pino';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { startGateway, type Gateway } from '../../src/gateway.ts';
import { deliver, type Delivery } from '../../src/notices/send.ts';
import { isWorking } from '../../src/rules/letter.ts';
import type { OpenDatabase } from '../../src/store/database.ts';
import { rowsOfLetter } from '../../src/store/dossiers.ts';
import { letterById } from '../../src/store/letters.ts';
import { noticesOfLetter } from '../../src/store/notices.ts';
import { upsertMailboxes, upsertUnits } from '../../src/store/registry.ts';
import { freshDatabase } from './database.ts';
import { openDoor } from './door.ts';
import { buildPki, openssl, type Pki } from './openssl-pki.ts';

export const INTAKE = 'stttt@quangbinh.gov.vn';
export const PERSON = 'annv.snv@quangbinh.gov.vn';
const REGULATION = 'vn-quangbinh-41-2015';
const PATIENCE_MS = 80_000;

export interface RunningGateway {
  readonly dir: string;
  readonly db: OpenDatabase;
  readonly pki: Pki;
  readonly gateway: Gateway;
  /** Notices as they arrived at the province's mail server. */
  readonly arrived: Buffer[];
  send(from: string, raw: Buffer): Promise<Delivery>;
  /** Waits until the letter rests and its notices are sent, and tells what stands in the database. */
  picture(answer: Delivery): ReturnType<typeof settled>;
  close(): Promise<void>;
}

/** The real gateway on a database and folder of its own, a PKI by openssl, and a mail server that keeps all. */
export async function runGateway(
  settings: Readonly<Record<string, string>> = {},
  log: Logger = pino({ level: 'silent' }),
  /** The database as the gateway logs in to it, where that is not as its owner. */
  loggedIn: (db: OpenDatabase) => Promise<OpenDatabase> = (db) => Promise.resolve(db),
): Promise<RunningGateway> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-journey-'));
  fs.chmodSync(dir, 0o755);
  const pki = buildPki(path.join(dir, 'pki'));
  const operator = pki.leaf('operator', { email: INTAKE, commonName: 'So TTTT' });
  const p12 = path.join(dir, 'operator.p12');
  const pair = ['-inkey', operator.key, '-in', operator.cert, '-certfile', pki.issuing];
  openssl(['pkcs12', '-export', ...pair, '-passout', 'pass:test', '-out', p12]);
  const arrived: Buffer[] = [];
  const yes = (): Promise<null> => Promise.resolve(null);
  const sink = await openDoor(
    {
      connection: yes,
      mailFrom: yes,
      rcptTo: yes,
      async receive({ raw }) {
        arrived.push(await raw.bytes());
        return { code: 250, status: '2.0.0', text: 'kept' };
      },
    },
    { trustedRelays: new BlockList() },
  );
  const config = readConfig({
    CONGTHU_DATA_DIR: dir,
    CONGTHU_REGULATIONS: REGULATION,
    CONGTHU_SMTP_LISTEN: '127.0.0.1:0',
    CONGTHU_CONSOLE_LISTEN: '127.0.0.1:0',
    CONGTHU_OPS_LISTEN: '127.0.0.1:0',
    CONGTHU_RELAY_URL: `smtp://127.0.0.1:${sink.port}?ignoreTLS=true`,
    CONGTHU_NOTICE_FROM: INTAKE,
    CONGTHU_TRUSTED_RELAYS: '127.0.0.1',
    CONGTHU_AUTHSERV_ID: 'mx.quangbinh.gov.vn',
    CONGTHU_ANCHORS_DIR: pki.anchors,
    CONGTHU_INTERMEDIATES_DIR: pki.intermediates,
    CONGTHU_CRLS_DIR: pki.crls,
    CONGTHU_SIGNING_P12: p12,
    CONGTHU_SIGNING_PASS: 'test',
    CONGTHU_SIGN_REPLIES: 'yes',
    ...settings,
  });
  const db = await freshDatabase();
  await register(db);
  const own = await loggedIn(db);
  const gateway = await startGateway(config, own, systemClock, log);
  return {
    dir,
    db,
    pki,
    gateway,
    arrived,
    send: (from, raw) => deliver(`smtp://127.0.0.1:${gateway.smtp.port}?ignoreTLS=true`, from, INTAKE, raw),
    picture: (answer) => settled(db, /received as ([0-9a-f-]{36})/.exec(answer.text)?.[1] ?? answer.text),
    async close() {
      await sink.door.close(1000);
      if (own !== db) await own.close();
      await db.drop();
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function settled(db: OpenDatabase, id: string) {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await db.transaction(async (tx) => ({
      letter: await letterById(tx.orm, id),
      rows: await rowsOfLetter(tx.orm, id),
      notices: await noticesOfLetter(tx.orm, id),
    }));
    const { letter, rows, notices } = found;
    if (letter === null) throw new Error(`no letter ${id}`);
    if (!isWorking(letter.state) && notices.every(({ state }) => state === 'sent'))
      return {
        state: letter.state,
        reason: letter.reason,
        dossier: letter.dossier,
        rows: rows.map((row) => `${row.address ?? '-'} ${row.state}`),
        templates: notices.map(({ template }) => template),
        words: notices.at(-1)?.text ?? '',
      };
    if (Date.now() > until) throw new Error(`letter ${id} still ${letter.state}`);
    await sleep(40);
  }
}

async function register(db: OpenDatabase): Promise<void> {
  const unit = (code: string, name: string) => ({
    code,
    name,
    regulation: REGULATION,
    mailbox: `${code}@quangbinh.gov.vn`,
    parent: null,
    level: 'so',
    abbreviation: code,
  });
  const person = { kind: 'person', position: 'Chuyên viên', state: 'active', lastLogin: null } as const;
  const createdAt = new Date();
  await db.transaction(async (tx) => {
    await upsertUnits(tx, [
      unit('snv', 'Sở Nội vụ'),
      unit('stttt', 'Sở Thông tin và Truyền thông'),
      unit('stc', 'Sở Tài chính'),
    ]);
    await upsertMailboxes(tx, [
      { ...person, address: PERSON, fullName: 'Nguyễn Văn An', unit: 'snv', createdAt },
    ]);
  });
}
