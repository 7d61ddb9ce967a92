import { generateKeyPairSync, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { BlockList } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { readConfig } from '../../src/config.ts';
import { createConsole } from '../../src/console/server.ts';
import type { ConsoleDeps } from '../../src/console/deps.ts';
import { hashPassword } from '../../src/console/password-hash.ts';
import { codeOf, createSeal, newTotpSecret, stepAt } from '../../src/console/totp.ts';
import { stepDeps } from '../../src/gateway.ts';
import { writeWorkbook } from '../../src/lists/write-workbook.ts';
import { createBackgroundCheck } from '../../src/mail-log/background-check.ts';
import type { LogKey } from '../../src/mail-log/checkpoint.ts';
import { prepareMonths } from '../../src/mail-log/sequencer.ts';
import { createActivationLinks } from '../../src/notices/activation-link.ts';
import { createParserPool } from '../../src/parser-process/pool.ts';
import { postgresMail } from '../../src/provisioners/postgres-mail.ts';
import type { Role } from '../../src/rules/accounts.ts';
import { regulationById } from '../../src/rules/regulations.ts';
import { addAccount } from '../../src/store/accounts.ts';
import type { OpenDatabase } from '../../src/store/database.ts';
import { freshDatabase } from './database.ts';

export const PASSWORD = 'Song-Nhat-Le-2026!x';

/** A clock the test moves. */
export interface TestClock {
  now(): Date;
  forward(minutes: number): void;
}

export interface RunningConsole {
  readonly db: OpenDatabase;
  readonly url: string;
  readonly clock: TestClock;
  /** The log's key. */
  readonly key: LogKey;
  /** An account that is ready to work; `secret` makes its codes. */
  account(
    name: string,
    role: Role,
    options?: { enrolled?: boolean; mustChange?: boolean },
  ): Promise<TestAccount>;
  close(): Promise<void>;
}

export interface TestAccount {
  readonly name: string;
  /** The code that shows now; each call takes the next time step, because a code counts once. */
  code(): string;
}

/** The console alone, on a database of its own. */
export async function runConsole(extra: Partial<ConsoleDeps> = {}): Promise<RunningConsole> {
  const db = await freshDatabase();
  let ahead = 0;
  const clock: TestClock = {
    now: () => new Date(Date.now() + ahead),
    forward(minutes) {
      ahead += minutes * 60_000;
    },
  };
  await prepareMonths(db.sql, clock.now());
  const secret = randomBytes(32);
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-console-'));
  const links = createActivationLinks(secret, 'http://127.0.0.1');
  const config = readConfig({ CONGTHU_DATA_DIR: dataDir });
  const pool = createParserPool({ children: 1 });
  const key = logKey();
  const check = createBackgroundCheck(db.url);
  const server = createConsole({
    db,
    clock,
    links,
    regulations: [regulationById('vn-quangbinh-41-2015')!],
    provisioner: postgresMail,
    secret,
    publicUrl: 'http://127.0.0.1',
    listenHost: '127.0.0.1',
    proxies: new BlockList(),
    oidc: null,
    obstacles: () => Promise.resolve([]),
    desk: stepDeps(config, db, clock, pool, links, null),
    mailLog: {
      key: () => key,
      check,
      workbook: (rows) => writeWorkbook('Nhật ký', rows),
      failed(error) {
        throw error;
      },
    },
    ...extra,
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    db,
    url: `http://127.0.0.1:${port}`,
    clock,
    key,
    account: (name, role, options) => makeAccount(db, clock, secret, name, role, options),
    async close() {
      await server.close();
      await check.close();
      pool.close();
      await db.drop();
      fs.rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function logKey(): LogKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  return { origin: 'test.invalid/mail-log', privateKey, publicKey: raw };
}

export async function makeAccount(
  db: OpenDatabase,
  clock: Pick<TestClock, 'now'>,
  installation: Buffer,
  name: string,
  role: Role,
  { enrolled = true, mustChange = false } = {},
): Promise<TestAccount> {
  const totp = newTotpSecret();
  const passwordHash = await hashPassword(PASSWORD);
  const sealed = createSeal(installation).close(totp);
  await db.transaction((tx) =>
    addAccount(tx.orm, {
      name,
      fullName: `Cán bộ ${name}`,
      role,
      passwordHash,
      passwordChangedAt: clock.now(),
      mustChange,
      totpSecret: enrolled ? sealed : null,
      createdAt: clock.now(),
    }),
  );
  let used = 0;
  return {
    name,
    code() {
      used = Math.max(stepAt(clock.now()) - 1, used + 1);
      return codeOf(totp, used);
    },
  };
}

/** A browser without eyes: keeps cookies, follows no redirect, sends forms with the page's own CSRF token. */
export function visitor(url: string) {
  const jar = new Map<string, string>();
  const headers = () => ({ cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') });
  const keep = (response: Response): Response => {
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      jar.set(name!, value!);
    }
    return response;
  };
  const get = async (path: string): Promise<Response> =>
    keep(await fetch(url + path, { headers: headers(), redirect: 'manual' }));
  let page = '';
  const open = async (path: string): Promise<string> => {
    page = await (await get(path)).text();
    return page;
  };
  const post = async (path: string, fields: Record<string, string | Blob>): Promise<Response> => {
    const body = new FormData();
    body.set('csrf', /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '');
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    return keep(await fetch(url + path, { method: 'POST', headers: headers(), body, redirect: 'manual' }));
  };
  const login = async (account: TestAccount): Promise<Response> => {
    await open('/dang-nhap');
    await post('/dang-nhap', { name: account.name, password: PASSWORD });
    await open('/dang-nhap/ma');
    return post('/dang-nhap/ma', { code: account.code() });
  };
  return { jar, get, open, post, login };
}
