import { execFile, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashPassword } from '../../src/console/password-hash.ts';
import { deliver } from '../../src/notices/send.ts';
import { postgresMail } from '../../src/provisioners/postgres-mail.ts';
import { selfSigned } from '../harness/door.ts';
import { ODD, PLAIN } from '../harness/from-headers.ts';
import { INTAKE, runGateway, type RunningGateway } from '../harness/gateway.ts';
import { startPostfix, withoutPostfix, type Postfix } from '../harness/postfix.ts';
import { lineClient } from '../harness/smtp-client.ts';

const UNIT = 'snv@quangbinh.gov.vn';
const PASSWORD = 'Ky-niem-2026';
const all = process.env['CONGTHU_TEST_ALL'] === '1';
const noSwaks = spawnSync('swaks', ['--version']).status !== 0;
let run: RunningGateway;
let keys: string;

beforeAll(async () => {
  keys = fs.mkdtempSync('/tmp/congthu-keys-');
  const { key, cert } = selfSigned('congthu.test');
  fs.writeFileSync(path.join(keys, 'key.pem'), key);
  fs.writeFileSync(path.join(keys, 'cert.pem'), cert);
  run = await runGateway({
    CONGTHU_LMTP_LISTEN: '127.0.0.1:0',
    CONGTHU_SUBMISSION: 'yes',
    CONGTHU_TLS_KEY: path.join(keys, 'key.pem'),
    CONGTHU_TLS_CERT: path.join(keys, 'cert.pem'),
  });
  const hash = await hashPassword(PASSWORD);
  const at = new Date();
  await run.db.transaction(async (tx) => {
    await postgresMail.carryOut(
      { id: 'u', at, address: UNIT, action: 'create', kind: 'unit', fullName: 'Sở Nội vụ', quota: null },
      tx,
    );
    await postgresMail.carryOut({ id: 'p', at, address: UNIT, action: 'set-password', hash }, tx);
  });
}, 60_000);
afterAll(async () => {
  await run.gateway.stop();
  await run.close();
  fs.rmSync(keys, { recursive: true });
});

const letters = async () =>
  run.db.sql<{ door: string; subject: string; proof: string }[]>`
    select door, facts->>'subject' as subject, facts->'proof'->>'method' as proof from letter order by received_at`;

describe.skipIf(noSwaks && !all)('submission by a unit', () => {
  /** Its dialogue. The gateway lives in this process, so nothing here may block. */
  const submit = (user: string, password: string, from = UNIT, tls = ['-tls']): Promise<string> =>
    new Promise((resolve) => {
      const auth = ['--auth', 'PLAIN', '--auth-user', user, '--auth-password', password];
      const server = ['--server', `127.0.0.1:${run.gateway.smtp.port}`, '--from', from, '--to', INTAKE];
      const words = ['--header', 'Subject: tu don vi', '--body', `Kinh gui ${from}`];
      execFile('swaks', [...server, ...tls, ...auth, ...words], (_error, stdout) => {
        resolve(stdout);
      });
    });

  test('the password of the unit’s mailbox opens the door, and the login proves the sender', async () => {
    expect(await submit(UNIT, PASSWORD)).toContain('received as');
    expect(await letters()).toMatchObject([{ door: 'smtp', subject: 'tu don vi', proof: 'submission' }]);
  });

  test.each([
    ['a wrong password', UNIT, 'sai'],
    ['nobody', 'khongco@quangbinh.gov.vn', PASSWORD],
    ['the mark of a mailbox without password', UNIT, '*'],
  ])('%s is refused', async (_, user, password) => {
    expect(await submit(user, password)).toContain('535 5.7.8');
  });

  test('another author than the login is refused, and AUTH is not offered without TLS', async () => {
    expect(await submit(UNIT, PASSWORD, 'stc@quangbinh.gov.vn')).toContain('550 5.7.26');
    expect(await submit(UNIT, PASSWORD, UNIT, [])).not.toContain('235');
  });
});

describe.each(['smtp', 'lmtp'] as const)('an author at the %s door', (door) => {
  let count = 0;
  /** What the door says of a letter with this head; the relay vouches for the domain. */
  async function answerTo(head: string): Promise<string> {
    const client = await lineClient(run.gateway[door]!.port);
    await client.reply();
    const hello = door === 'lmtp' ? 'LHLO' : 'EHLO';
    for (const line of [`${hello} may.vn`, `MAIL FROM:<${UNIT}>`, `RCPT TO:<${INTAKE}>`, 'DATA']) {
      client.send(`${line}\r\n`);
      await client.reply();
    }
    const proof = 'Authentication-Results: mx.quangbinh.gov.vn; dmarc=pass header.from=quangbinh.gov.vn';
    client.send(
      `${head}\r\n${proof}\r\nSubject: odd ${door} ${(count += 1)}\r\n\r\nKinh gui ${count}\r\n.\r\n`,
    );
    const answer = await client.reply();
    client.close();
    return answer;
  }
  const stored = async (): Promise<number> =>
    (await run.db.sql`select 1 from letter where facts->>'subject' like ${`odd ${door} %`}`).length;

  test('is refused in each odd form, and nothing is kept', async () => {
    const heard: string[] = [];
    for (const [head] of ODD) heard.push(`${(await answerTo(head)).slice(0, 1)} ${JSON.stringify(head)}`);
    expect(heard.filter((one) => !one.startsWith('5 '))).toEqual([]);
    expect(await stored()).toBe(0);
  });

  test('is taken in each plain form', async () => {
    const own = PLAIN.filter(([, address]) => address === UNIT);
    const heard: string[] = [];
    for (const [head] of own) heard.push((await answerTo(head)).slice(0, 3));
    expect(new Set(heard)).toEqual(new Set(['250']));
    expect(await stored()).toBe(own.length);
  });
});

describe.skipIf(withoutPostfix)('LMTP from a real Postfix', () => {
  let postfix: Postfix;
  beforeAll(async () => {
    postfix = await startPostfix({
      smtpd_reject_unlisted_recipient: 'no',
      transport_maps: `inline:{ quangbinh.gov.vn=lmtp:inet:127.0.0.1:${run.gateway.lmtp!.port} }`,
    });
  });
  afterAll(() => postfix.stop());

  test('a letter with the relay’s stamp comes through, one reply for each recipient', async () => {
    const stamp = 'Authentication-Results: mx.quangbinh.gov.vn; dmarc=pass header.from=quangbinh.gov.vn';
    const raw = Buffer.from(
      `${stamp}\r\nFrom: ${UNIT}\r\nTo: ${INTAKE}\r\nSubject: qua LMTP\r\n\r\nKinh gui\r\n`,
    );
    expect(await deliver(`smtp://127.0.0.1:${postfix.port}`, UNIT, INTAKE, raw)).toMatchObject({ code: 250 });
    await expect
      .poll(letters, { timeout: 10_000 })
      .toContainEqual({ door: 'lmtp', subject: 'qua LMTP', proof: 'trusted-relay' });
  });
});
