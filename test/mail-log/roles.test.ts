import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type postgres from 'postgres';
import { postgresClient } from '../../src/store/driver.ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadLogKey } from '../../src/mail-log/key-file.ts';
import { verifyLog } from '../../src/mail-log/verify.ts';
import { openDatabase } from '../../src/store/database.ts';
import { PERSON, runGateway, type RunningGateway } from '../harness/gateway.ts';

/** templates/database/logins.sql with real logins: a whole gateway works with one, an auditor reads with the other. */
const SCRIPT = path.resolve(import.meta.dirname, '../../templates/database/logins.sql');
const PSQL = '/usr/bin/psql';
const withPsql = fs.existsSync(PSQL) || process.env['CONGTHU_TEST_ALL'] === '1';
const tag = randomBytes(4).toString('hex');
const LOGINS = { gateway: `app_${tag}`, auditor: `doc_${tag}` } as const;
const REFUSED = '42501';

describe.skipIf(!withPsql)('logins of least right', () => {
  let run: RunningGateway;
  const clients: Record<keyof typeof LOGINS, postgres.Sql> = {} as never;
  const urlOf = (url: string, login: keyof typeof LOGINS): string => {
    const own = new URL(url);
    own.username = LOGINS[login];
    own.password = 'mat-khau';
    return own.href;
  };

  beforeAll(async () => {
    run = await runGateway({}, undefined, async (db) => {
      // The script stands by itself: what the migration granted is taken away before.
      await db.sql`drop owned by congthu_gateway, congthu_auditor`;
      const variables = Object.entries(LOGINS).flatMap(([kind, name]) => [
        '-v',
        `${kind}=${name}`,
        '-v',
        `${kind}_password=mat-khau`,
      ]);
      for (let twice = 0; twice < 2; twice++)
        execFileSync(PSQL, ['-qX', ...variables, '-f', SCRIPT, db.url], { stdio: 'pipe' });
      return openDatabase({ url: urlOf(db.url, 'gateway'), dataDir: '' });
    });
    for (const login of ['gateway', 'auditor'] as const)
      clients[login] = postgresClient(urlOf(run.db.url, login), { max: 1, onnotice: () => undefined });
  }, 90_000);
  afterAll(async () => {
    for (const client of Object.values(clients)) await client.end();
    await run.gateway.stop();
    for (const login of Object.values(LOGINS))
      await run.db.sql.unsafe(`drop owned by ${login}; drop role ${login}`);
    await run.close();
  });

  test('the gateway does its whole work with it: a letter comes in, is answered and numbered', async () => {
    const raw = Buffer.from(
      [
        'Authentication-Results: mx.quangbinh.gov.vn; dmarc=pass header.from=quangbinh.gov.vn',
        'From: snv@quangbinh.gov.vn',
        'To: stttt@quangbinh.gov.vn',
        'Subject: de nghi',
        `Message-ID: <roles-${tag}@quangbinh.gov.vn>`,
        `Date: ${new Date().toUTCString()}`,
        '',
        `De nghi cap lai mat khau cho ${PERSON}.`,
        '',
      ].join('\r\n'),
    );
    const answer = await run.send('snv@quangbinh.gov.vn', raw);
    expect(answer.code).toBe(250);
    const { state, templates } = await run.picture(answer);
    expect(state).not.toBe('received');
    expect(templates.length).toBeGreaterThan(0);
    const failures = await run.db
      .sql`select entry from mail_log.mail_event where event in ('failure', 'row.failed')`;
    expect(failures).toEqual([]);
    await expect
      .poll(async () => Number((await clients.auditor`select size from mail_log.head`)[0]!['size']))
      .toBeGreaterThan(3);
    const key = loadLogKey(path.join(run.dir, 'mail-log.key'), 'congthu.localhost/mail-log');
    expect((await verifyLog(clients.auditor, key)).faults).toEqual([]);
  });

  /** Whatever would change, remove or hide something of the log. */
  const FORBIDDEN: readonly string[] = [
    ...['mail_event', 'sequenced', 'checkpoint', 'key', 'anchor'].flatMap((table) => [
      `delete from mail_log.${table}`,
      `truncate mail_log.${table} cascade`,
      `drop table mail_log.${table} cascade`,
      `alter table mail_log.${table} disable trigger all`,
    ]),
    `update mail_log.mail_event set entry = replace(entry, 'snv', 'stc')`,
    `update mail_log.sequenced set number = number + 1`,
    `update mail_log.checkpoint set note = ''`,
    `update mail_log.key set key = ''`,
    `update mail_log.anchor set note = ''`,
    ...['tile', 'head', 'tally', 'tally_unit'].flatMap((table) => [
      `delete from mail_log.${table}`,
      `truncate mail_log.${table}`,
      `alter table mail_log.${table} disable trigger all`,
    ]),
    'truncate mail_log.pending',
    `update mail_log.head set size = 0`,
    `update mail_log.tile set hashes = substring(hashes, 1, 32)::bytea || decode(repeat('00', 32), 'hex') where octet_length(hashes) > 32`,
    `set session_replication_role = replica`,
    `create function mail_log.refuse_change() returns trigger language plpgsql as 'begin return null; end'`,
    `create or replace function mail_log.refuse_change() returns trigger language plpgsql as 'begin return new; end'`,
    `create table mail_log.other ()`,
    `select mail_log.forget_month(to_char(now(), 'YYYY-MM'), '{}')`,
    `select mail_log.forget_month('2020-01', '{}')`,
    `set role congthu`,
  ];
  const partition = (): string =>
    `mail_event_${new Date(Date.now() + 7 * 3_600_000).toISOString().slice(0, 7).replace('-', '_')}`;

  test.each(FORBIDDEN)('neither may: %s', async (statement) => {
    for (const login of ['gateway', 'auditor'] as const) {
      const told = await clients[login]
        .begin(async (tx) => {
          await tx`set transaction read write`;
          await tx.unsafe(statement);
        })
        .then(
          () => 'done',
          (error: unknown) => (error as { code?: string }).code,
        );
      expect(told, login).toBe(REFUSED);
    }
  });

  test('a month is not reached behind the table’s back', async () => {
    for (const login of ['gateway', 'auditor'] as const)
      for (const deed of ['delete from', 'truncate', 'drop table'])
        await expect(
          clients[login].unsafe(`${deed} mail_log.${partition()}`),
          `${login}: ${deed}`,
        ).rejects.toMatchObject({
          code: expect.stringMatching(/42501|25006/) as string,
        });
  });

  test('an auditor reads the log and nothing else, and writes nothing', async () => {
    const { auditor } = clients;
    expect(await auditor`select entry from mail_log.mail_event limit 1`).toHaveLength(1);
    for (const table of ['public.letter', 'public.account', 'mail.mailbox', 'public.dossier'])
      await expect(auditor.unsafe(`select 1 from ${table}`), table).rejects.toMatchObject({ code: REFUSED });
    for (const write of [
      `insert into mail_log.pending (at, id, leaf) values (now(), gen_random_uuid(), '')`,
      `insert into mail_log.mail_event (at, id, entry, salt, leaf) values (now(), gen_random_uuid(), '{}', '', '')`,
      `insert into mail_log.tally (day, event, outcome, n) values (now(), 'x', '', 1)`,
      `select mail_log.ensure_month('2199-01-01')`,
    ])
      await expect(
        auditor.begin(async (tx) => {
          await tx`set transaction read write`;
          await tx.unsafe(write);
        }),
        write,
      ).rejects.toMatchObject({ code: REFUSED });
    await expect(auditor`create temporary table x ()`).rejects.toMatchObject({ code: '25006' });
  });
});
