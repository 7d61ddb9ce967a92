import { spawnSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import fs from 'node:fs';
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eq } from 'drizzle-orm';
import { ImapFlow } from 'imapflow';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readImapAccount, type ImapAccount } from '../../src/imap-account.ts';
import type { Incoming } from '../../src/intake/gatekeeper.ts';
import { createImapDoor, FOLDERS, type ImapDoor } from '../../src/intake/imap.ts';
import { Refusal, type Reply } from '../../src/rules/reply.ts';
import { refusalReply } from '../../src/rules/admission-replies.ts';
import type { OpenDatabase } from '../../src/store/database.ts';
import { imapMessage } from '../../src/store/schema.ts';
import { freshDatabase } from '../harness/database.ts';
import { startDovecot, withoutDovecot, type Dovecot } from '../harness/dovecot.ts';
import { OK } from '../harness/gate.ts';
import { startProxy } from '../harness/tcp-proxy.ts';

const INTAKE = 'stttt@quangbinh.gov.vn';
const PATIENCE_MS = 10_000;

const letter = (subject: string, from = 'snv@quangbinh.gov.vn', top = `Return-Path: <${from}>\r\n`): string =>
  `${top}From: ${from}\r\nTo: ${INTAKE}\r\nSubject: ${subject}\r\nMessage-ID: <${subject}@x>\r\n\r\nKinh gui.\r\n`;

/** A proxy before the server that says NO to the commands named, and lets everything else through. */
async function refusing(to: number, no: (line: string) => boolean): Promise<{ port: number; close(): void }> {
  const wires = new Set<Socket>();
  const server = createTcpServer((inner) => {
    const outer = connect(to, '127.0.0.1');
    inner.on('data', (bytes: Buffer) => {
      const line = bytes.toString('latin1');
      if (no(line)) inner.write(`${line.split(' ')[0]!} NO [OVERQUOTA] not now\r\n`);
      else outer.write(bytes);
    });
    outer.on('data', (bytes: Buffer) => inner.write(bytes));
    for (const [wire, other] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      wires.add(wire);
      wire.on('error', () => undefined);
      wire.on('close', () => other.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      for (const wire of wires) wire.destroy();
      server.close();
    },
  };
}

describe.skipIf(withoutDovecot)('the IMAP door beside a real Dovecot', () => {
  let dovecot: Dovecot;
  let db: Awaited<ReturnType<typeof freshDatabase>>;
  let tokens: Server;
  let spoolDir: string;
  /** The user of one test; each has a mailbox of its own. */
  let user = '';
  let door: ImapDoor | null = null;
  let users = 0;

  beforeAll(async () => {
    spoolDir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-imap-'));
    const [key, cert] = [path.join(spoolDir, 'key.pem'), path.join(spoolDir, 'cert.pem')];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    spawnSync('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      ...names,
    ]);
    tokens = createServer((request, response) => {
      const bearer = request.headers.authorization?.replace('Bearer ', '') ?? '';
      const known = request.url === '/token' ? 'refresh' : bearer;
      response.statusCode = known === 'refresh' || known === 'fresh-token' ? 200 : 401;
      response.setHeader('content-type', 'application/json');
      const grant = { access_token: 'fresh-token', refresh_token: 'second', token_type: 'Bearer' };
      response.end(JSON.stringify(request.url === '/token' ? grant : { email: user, active: true }));
    }).listen(0, '127.0.0.1');
    await once(tokens, 'listening');
    const { port } = tokens.address() as AddressInfo;
    fs.writeFileSync(
      path.join(spoolDir, 'oauth2.ext'),
      `introspection_mode = auth\nintrospection_url = http://127.0.0.1:${port}/who\nusername_attribute = email\nactive_attribute = active\nactive_value = true\n`,
    );
    dovecot = await startDovecot({
      tls: { key, cert },
      config: `
auth_mechanisms = plain login oauthbearer xoauth2
passdb {
  driver = oauth2
  mechanisms = oauthbearer xoauth2
  args = ${spoolDir}/oauth2.ext
}
passdb {
  driver = static
  mechanisms = plain login
  args = password=secret
}
userdb {
  driver = static
  args = home={dir}/mail/%u
}
`,
    });
    db = await freshDatabase();
  });
  afterEach(async () => {
    await door?.stop(5000);
    door = null;
  });
  afterAll(async () => {
    tokens.close();
    await db.drop();
    await dovecot.stop();
    fs.rmSync(spoolDir, { recursive: true, force: true });
  });

  const newUser = (): string => (user = `u${(users += 1)}@quangbinh.gov.vn`);
  const url = (port = dovecot.imap, rest = ''): string =>
    `imap://${encodeURIComponent(user)}:secret@127.0.0.1:${port}/INBOX?intake=${INTAKE}${rest}`;

  /** Takes letters by `receive`, faster than in production. */
  function watch(
    receive: (incoming: Incoming) => Promise<Reply>,
    account = readImapAccount(url()) as ImapAccount,
    over: { db?: OpenDatabase; pollMs?: number; answerMs?: number; now?: () => Date } = {},
  ): string[] {
    const events: string[] = [];
    door = createImapDoor({
      account,
      db: over.db ?? db,
      clock: { now: over.now ?? (() => new Date()) },
      receive,
      maxSize: 100_000,
      spoolDir,
      pollMs: over.pollMs ?? 60_000,
      answerMs: over.answerMs ?? 5000,
      log: ({ event }) => events.push(event),
    });
    door.start();
    return events;
  }

  async function client(): Promise<ImapFlow> {
    const auth = { user, pass: 'secret' };
    const flow = new ImapFlow({
      host: '127.0.0.1',
      port: dovecot.imap,
      secure: false,
      doSTARTTLS: false,
      auth,
      logger: false,
    });
    await flow.connect();
    return flow;
  }

  async function put(...letters: string[]): Promise<void> {
    const flow = await client();
    for (const text of letters) await flow.append('INBOX', text, [], new Date('2026-01-05T01:15:00Z'));
    await flow.logout();
  }

  /** Subjects by folder, once `settled` holds of it. */
  async function picture(
    settled: (folders: Record<string, string[]>) => boolean,
  ): Promise<Record<string, string[]>> {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const folders: Record<string, string[]> = {};
      const flow = await client();
      for (const { path: folder } of await flow.list()) {
        await flow.mailboxOpen(folder);
        const found = await flow.fetchAll('1:*', { envelope: true }).catch(() => []);
        folders[folder] = found.map(({ envelope }) => envelope?.subject ?? '').sort();
      }
      await flow.logout();
      if (settled(folders)) return folders;
      if (Date.now() > until) throw new Error(`not settled: ${JSON.stringify(folders)}`);
      await sleep(50);
    }
  }
  const recorded = () =>
    db.transaction((tx) =>
      tx.orm
        .select()
        .from(imapMessage)
        .where(eq(imapMessage.mailbox, `${user}@127.0.0.1/INBOX`)),
    );
  const inboxEmpty = (folders: Record<string, string[]>): boolean => folders['INBOX']?.length === 0;

  test('letters are committed, then moved to the folder that tells their fate; later ones come by IDLE', async () => {
    newUser();
    const seen: Incoming[] = [];
    await put(letter('mot'), letter('hai'));
    watch((incoming) => {
      seen.push(incoming);
      return Promise.resolve(seen.length === 2 ? refusalReply('unregistered', null) : OK);
    });
    expect(await picture(inboxEmpty)).toEqual({
      INBOX: [],
      [FOLDERS.taken]: ['mot'],
      [FOLDERS.refused]: ['hai'],
      [FOLDERS.for_officer]: [],
    });
    await put(letter('ba'));
    expect((await picture(inboxEmpty))[FOLDERS.taken]).toEqual(['ba', 'mot']);
    expect(seen[0]).toMatchObject({
      envelopeFrom: 'snv@quangbinh.gov.vn',
      recipients: [INTAKE],
      receivedAt: new Date('2026-01-05T01:15:00Z'),
    });
    expect((await seen[0]!.raw.bytes().catch(() => Buffer.alloc(0))).toString()).toBe(letter('mot'));
    await expect.poll(recorded).toEqual([]);
  });

  test('the null path and a missing Return-Path are told apart', async () => {
    newUser();
    const paths: (string | null)[] = [];
    await put(
      letter('a', 'snv@quangbinh.gov.vn', 'Return-Path: <>\r\n'),
      letter('b', 'stc@quangbinh.gov.vn', ''),
    );
    await put('From: a@b.vn, c@d.vn\r\nSubject: c\r\n\r\nx\r\n');
    watch(({ envelopeFrom }) => {
      paths.push(envelopeFrom);
      return Promise.resolve(OK);
    });
    await picture(inboxEmpty);
    expect(paths).toEqual([null, 'stc@quangbinh.gov.vn', '']);
  });

  test('a poison letter does not block the next, is tried again, and in the end waits for a person', async () => {
    newUser();
    await put(letter('poison'), letter('good'));
    let now = Date.now();
    let tries = 0;
    watch(
      async ({ raw }) => {
        if ((await raw.bytes()).includes('poison')) {
          tries += 1;
          throw new Error('the parser stumbled');
        }
        return OK;
      },
      undefined,
      { pollMs: 100, now: () => new Date((now += 3600_000)) },
    );
    const folders = await picture(inboxEmpty);
    expect(folders[FOLDERS.taken]).toEqual(['good']);
    expect(folders[FOLDERS.for_officer]).toEqual(['poison']);
    expect(tries).toBeGreaterThan(8);
    const [entry] = await db.sql<{ entry: string }[]>`
      select entry from mail_log.mail_event where entry like '%the parser stumbled%'`;
    expect(entry?.entry).toContain(`IMAP ${user}@127.0.0.1/INBOX`);
  });

  test('a temporary answer leaves the letter where it is', async () => {
    newUser();
    await put(letter('later'));
    let asked = 0;
    watch(
      () => {
        asked += 1;
        return Promise.resolve({ code: 451, status: '4.7.0', text: 'DNS' } as const);
      },
      undefined,
      { pollMs: 100 },
    );
    while (asked === 0) await sleep(20);
    await sleep(300);
    expect(await picture(() => true)).toMatchObject({ INBOX: ['later'], [FOLDERS.taken]: [] });
    expect(asked, 'not before its pause is over').toBe(1);
  });

  test('what the door itself cannot take goes to a person: nobody was told', async () => {
    newUser();
    await put(letter('large').replace('Kinh gui.', 'x'.repeat(70).concat('\r\n').repeat(2000)));
    watch(() => Promise.reject(new Error('never asked')));
    expect(await picture(inboxEmpty)).toMatchObject({ [FOLDERS.for_officer]: ['large'] });
  });

  test('a database that is down leaves everything in place, and the letters come through when it is back', async () => {
    newUser();
    await put(letter('mot'), letter('hai'));
    let down = true;
    const lame: OpenDatabase = {
      ...db,
      transaction: (fn) => (down ? Promise.reject(new Error('database down')) : db.transaction(fn)),
    };
    const events = watch(() => Promise.resolve(OK), undefined, { db: lame });
    while (!events.includes('imap-lost')) await sleep(20);
    expect((await picture(() => true))['INBOX']).toEqual(['hai', 'mot']);
    down = false;
    expect((await picture(inboxEmpty))[FOLDERS.taken]).toEqual(['hai', 'mot']);
  });

  test('a crash between commit and move: the record moves the letter, it is not taken again', async () => {
    newUser();
    await put(letter('mot'));
    await db.transaction(async (tx) => {
      const flow = await client();
      const box = await flow.mailboxOpen('INBOX');
      await flow.logout();
      await tx.orm.insert(imapMessage).values({
        mailbox: `${user}@127.0.0.1/INBOX`,
        uidValidity: Number(box.uidValidity),
        uid: 1,
        fate: 'taken',
        attempts: 1,
        dueAt: new Date(),
      });
    });
    watch(() => Promise.reject(new Refusal(refusalReply('unregistered', null))));
    expect(await picture(inboxEmpty)).toMatchObject({ [FOLDERS.taken]: ['mot'], [FOLDERS.for_officer]: [] });
  });

  test('a new UIDVALIDITY voids the records: the letter is looked at anew', async () => {
    newUser();
    await put(letter('mot'));
    await db.transaction((tx) =>
      tx.orm.insert(imapMessage).values({
        mailbox: `${user}@127.0.0.1/INBOX`,
        uidValidity: 1,
        uid: 1,
        fate: 'refused',
        attempts: 1,
        dueAt: new Date(),
      }),
    );
    watch(() => Promise.resolve(OK));
    expect(await picture(inboxEmpty)).toMatchObject({ [FOLDERS.taken]: ['mot'], [FOLDERS.refused]: [] });
    await expect.poll(recorded).toEqual([]);
  });

  test('the server numbers its mailbox anew: what waited is looked at anew, and each is taken once', async () => {
    newUser();
    await put(letter('mot'), letter('hai'));
    let later = true;
    const taken: string[] = [];
    watch(
      async ({ raw }) => {
        if (later) return { code: 451, status: '4.3.0', text: 'later' };
        taken.push(/Subject: (\S+)/.exec((await raw.bytes()).toString())![1]!);
        return OK;
      },
      undefined,
      { pollMs: 200 },
    );
    const validity = async (): Promise<number[]> => (await recorded()).map((row) => row.uidValidity);
    await expect.poll(validity, { timeout: PATIENCE_MS }).toHaveLength(2);
    const [before] = await validity();
    const folder = path.join(dovecot.dir, 'mail', user);
    for (const file of fs.readdirSync(folder).filter((name) => /^dovecot[.-](?:uidlist|index)/.test(name)))
      fs.rmSync(path.join(folder, file));
    await dovecot.restart();
    const flow = await client();
    expect(Number((await flow.mailboxOpen('INBOX')).uidValidity)).not.toBe(before);
    await flow.logout();
    later = false;
    expect((await picture(inboxEmpty))[FOLDERS.taken]).toEqual(['hai', 'mot']);
    expect(taken.toSorted()).toEqual(['hai', 'mot']);
    await expect.poll(recorded).toEqual([]);
  });

  test('a connection that dies in silence is noticed and made again', async () => {
    newUser();
    const wires = new Set<Socket>();
    let frozen = false;
    const proxy = createTcpServer((inner) => {
      const outer = connect(dovecot.imap, '127.0.0.1');
      for (const [from, to] of [
        [inner, outer],
        [outer, inner],
      ] as const) {
        wires.add(from);
        from.on('data', (bytes) => {
          if (!frozen) to.write(bytes);
        });
        from.on('error', () => undefined);
        from.on('close', () => {
          to.destroy();
        });
      }
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const through = readImapAccount(url((proxy.address() as AddressInfo).port)) as ImapAccount;
    const events = watch(() => Promise.resolve(OK), through, { pollMs: 300, answerMs: 500 });
    while (!events.includes('imap-connected')) await sleep(20);
    frozen = true;
    await put(letter('missed'));
    while (!events.includes('imap-lost')) await sleep(20);
    frozen = false;
    expect((await picture(inboxEmpty))[FOLDERS.taken]).toEqual(['missed']);
    await door?.stop(5000);
    for (const wire of wires) wire.destroy();
    proxy.close();
  });

  test('a full folder holds up no other letter, and what was taken is moved once there is room', async () => {
    newUser();
    await put(letter('mot'), letter('hai'));
    let full = true;
    const proxied = await refusing(dovecot.imap, (line) => full && /^\S+ UID MOVE /i.test(line));
    const taken: string[] = [];
    const events = watch(
      async ({ raw }) => {
        taken.push(/Subject: (\S+)/.exec((await raw.bytes()).toString())![1]!);
        return OK;
      },
      readImapAccount(url(proxied.port)) as ImapAccount,
      { pollMs: 200 },
    );
    while (!events.includes('imap-not-moved')) await sleep(20);
    await put(letter('ba'));
    await expect.poll(() => taken, { timeout: PATIENCE_MS }).toEqual(['mot', 'hai', 'ba']);
    expect((await picture(() => true))['INBOX']).toEqual(['ba', 'hai', 'mot']);
    full = false;
    expect((await picture(inboxEmpty))[FOLDERS.taken]).toEqual(['ba', 'hai', 'mot']);
    expect(taken).toEqual(['mot', 'hai', 'ba']);
    expect(events).not.toContain('imap-lost');
    await door?.stop(5000);
    proxied.close();
  });

  test('a folder somebody deletes is made again', async () => {
    newUser();
    const events = watch(() => Promise.resolve(OK), undefined, { pollMs: 200 });
    while (!events.includes('imap-connected')) await sleep(20);
    const flow = await client();
    await flow.mailboxDelete(FOLDERS.taken);
    await flow.logout();
    await put(letter('mot'));
    expect((await picture(inboxEmpty))[FOLDERS.taken]).toEqual(['mot']);
  });

  test('a message the server cannot even describe does not block the next', async () => {
    newUser();
    await put(letter('krank'), letter('good'));
    const proxied = await refusing(dovecot.imap, (line) => /^\S+ UID FETCH 1 /i.test(line));
    let now = Date.now();
    watch(() => Promise.resolve(OK), readImapAccount(url(proxied.port)) as ImapAccount, {
      pollMs: 100,
      now: () => new Date((now += 3600_000)),
    });
    const folders = await picture(inboxEmpty);
    expect(folders[FOLDERS.taken]).toEqual(['good']);
    expect(folders[FOLDERS.for_officer]).toEqual(['krank']);
    await door?.stop(5000);
    proxied.close();
  });

  test('the server is restarted while letters are moved: each is taken once and ends in its folder', async () => {
    newUser();
    const names = Array.from({ length: 30 }, (_, n) => `thu${String(n).padStart(2, '0')}`);
    await put(...names.map((name) => letter(name)));
    const taken: string[] = [];
    watch(
      async ({ raw }) => {
        taken.push(/Subject: (\S+)/.exec((await raw.bytes()).toString())![1]!);
        return OK;
      },
      undefined,
      { pollMs: 200 },
    );
    for (const at of [5, 15]) {
      await expect.poll(() => taken.length, { timeout: PATIENCE_MS, interval: 1 }).toBeGreaterThan(at);
      await dovecot.restart();
    }
    const folders = await picture(inboxEmpty);
    expect(folders[FOLDERS.taken]).toEqual(names);
    // At most the one in hand at each stroke comes again, and its digest is known to the funnel.
    expect(taken.length).toBeLessThanOrEqual(names.length + 2);
    expect(new Set(taken)).toEqual(new Set(names));
    await expect.poll(recorded).toEqual([]);
  });

  test('a server that keeps a letter waiting does not hold up a stop', async () => {
    newUser();
    await put(letter('mot'));
    const proxy = await startProxy(dovecot.imap);
    let began = false;
    watch(
      () => {
        began = true;
        proxy.mood('frozen');
        return Promise.resolve(OK);
      },
      readImapAccount(url(proxy.port)) as ImapAccount,
      { answerMs: 30_000 },
    );
    await expect.poll(() => began, { timeout: PATIENCE_MS }).toBe(true);
    const since = performance.now();
    await door?.stop(500);
    door = null;
    expect(performance.now() - since).toBeLessThan(3000);
    proxy.close();
    // It was committed: whoever comes next only moves it.
    watch(() => Promise.reject(new Error('asked twice')));
    expect((await picture(inboxEmpty))[FOLDERS.taken]).toEqual(['mot']);
  });

  test('TLS with the server’s own CA; an unknown CA is refused', async () => {
    newUser();
    await put(letter('mot'));
    const secure = url(dovecot.imaps, `&ca=${path.join(spoolDir, 'cert.pem')}`).replace('imap:', 'imaps:');
    const events = watch(() => Promise.resolve(OK), readImapAccount(secure.split('&ca=')[0]!) as ImapAccount);
    while (!events.includes('imap-lost')) await sleep(20);
    expect((await picture(() => true))['INBOX']).toEqual(['mot']);
    await door?.stop(5000);
    watch(() => Promise.resolve(OK), readImapAccount(secure) as ImapAccount);
    expect((await picture(inboxEmpty))[FOLDERS.taken]).toEqual(['mot']);
  });

  test('OAuth2: the refresh token is exchanged, and a new one kept', async () => {
    newUser();
    await put(letter('mot'));
    const file = path.join(spoolDir, 'oauth.json');
    const { port } = tokens.address() as AddressInfo;
    const tokenUrl = `http://127.0.0.1:${port}/token`;
    fs.writeFileSync(file, JSON.stringify({ tokenUrl, clientId: 'congthu', refreshToken: 'first' }));
    const account = readImapAccount(url(dovecot.imap, `&oauth=${file}`).replace(':secret@', '@'));
    watch(() => Promise.resolve(OK), account as ImapAccount);
    expect((await picture(inboxEmpty))[FOLDERS.taken]).toEqual(['mot']);
    expect(JSON.parse(fs.readFileSync(file, 'utf8'))).toMatchObject({ refreshToken: 'second' });
  });
});

test.each([
  ['http://u:p@h/', 'must begin with imaps:// or imap://'],
  ['imaps://h/INBOX', 'names no user'],
  ['imaps://u@h/', 'needs a password or oauth=FILE, one of the two'],
  ['imaps://u:p@h/?oauth=f', 'needs a password or oauth=FILE, one of the two'],
  ['imaps://u:p@h/', 'needs intake=ADDRESS, since its user is no address'],
  ['nonsense', 'not a URL'],
])('%s is told to be wrong', (text, fault) => {
  expect(readImapAccount(text)).toBe(fault);
});

test('an account is read with its defaults; only loopback may stay in the clear', () => {
  const account = readImapAccount('imaps://stttt%40tphcm.gov.vn:a%2Fb@mail.tphcm.gov.vn');
  expect(account).toMatchObject({
    port: 993,
    tls: 'implicit',
    folder: 'INBOX',
    intake: 'stttt@tphcm.gov.vn',
  });
  expect(account).toMatchObject({ login: { kind: 'password', password: 'a/b' } });
  expect(readImapAccount('imap://a%40b.vn:p@mail.b.vn')).toMatchObject({ port: 143, tls: 'starttls' });
  expect(readImapAccount('imap://a%40b.vn:p@127.0.0.1')).toMatchObject({ tls: 'none' });
});
