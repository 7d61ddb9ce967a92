import fs from 'node:fs';
import path from 'node:path';
import { ImapFlow } from 'imapflow';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashPassword } from '../../src/console/password-hash.ts';
import { deliver } from '../../src/notices/send.ts';
import { postgresMail } from '../../src/provisioners/postgres-mail.ts';
import type { Order } from '../../src/provisioners/port.ts';
import { freshDatabase } from '../harness/database.ts';
import { startDovecot, withoutDovecot, type Dovecot } from '../harness/dovecot.ts';
import { startPostfix, withoutPostfix, type Postfix } from '../harness/postfix.ts';

const without = withoutDovecot || withoutPostfix;
const TEMPLATES = path.resolve(import.meta.dirname, '../../templates/mail-server');
const AN = 'annv.snv@quangbinh.gov.vn';
const PASSWORD = 'Ky-niem-2026';

/** The shipped configuration, filled in, before a real Postfix and a real Dovecot. */
describe.skipIf(without)('postgres-mail behind Postfix and Dovecot', () => {
  let db: Awaited<ReturnType<typeof freshDatabase>>;
  let dovecot: Dovecot;
  let postfix: Postfix;
  let dir: string;
  let orders = 0;

  beforeAll(async () => {
    db = await freshDatabase();
    dir = fs.mkdtempSync('/tmp/congthu-mail-system-');
    fs.chmodSync(dir, 0o755);
    const url = new URL(db.url);
    const holes: Record<string, string> = {
      host: url.hostname,
      port: url.port,
      user: url.username,
      password: decodeURIComponent(url.password),
      database: url.pathname.slice(1),
      mail_root: path.join(dir, 'mail'),
    };
    for (const file of [
      'postfix/domains.cf',
      'postfix/mailboxes.cf',
      'postfix/aliases.cf',
      'dovecot/sql.conf.ext',
      'dovecot/dict.conf.ext',
    ]) {
      const text = fs.readFileSync(path.join(TEMPLATES, file), 'utf8');
      fs.writeFileSync(
        path.join(dir, path.basename(file)),
        text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => holes[name]!),
      );
    }
    // Dovecot's own user for mail is nobody, as its harness says.
    fs.mkdirSync(path.join(dir, 'mail'), { mode: 0o777 });
    fs.chmodSync(path.join(dir, 'mail'), 0o777);
    dovecot = await startDovecot({
      config: `
auth_mechanisms = plain login
mail_plugins = quota
passdb {
  driver = sql
  args = ${dir}/sql.conf.ext
}
userdb {
  driver = sql
  args = ${dir}/sql.conf.ext
  default_fields = home={dir}/home/%u
}
dict {
  congthu = pgsql:${dir}/dict.conf.ext
}
protocol imap {
  mail_plugins = quota last_login
}
plugin {
  quota = maildir:User quota
  quota_grace = 0
  last_login_dict = proxy::congthu
  last_login_key = last-login/%u
}
service dict {
  unix_listener dict {
    mode = 0666
  }
}
`,
    });
    postfix = await startPostfix({
      virtual_mailbox_domains: `pgsql:${dir}/domains.cf`,
      virtual_mailbox_maps: `pgsql:${dir}/mailboxes.cf`,
      virtual_alias_maps: `pgsql:${dir}/aliases.cf`,
      virtual_transport: `lmtp:inet:127.0.0.1:${dovecot.lmtp}`,
      smtpd_recipient_restrictions: 'reject_unlisted_recipient,permit_mynetworks,reject',
    });
    await ask({ action: 'create', kind: 'person', fullName: 'Nguyễn Văn An', quota: 200_000 });
  });
  afterAll(async () => {
    await postfix.stop();
    await dovecot.stop();
    await db.drop();
    fs.rmSync(dir, { recursive: true, force: true });
  });

  type Change = Order extends infer O ? (O extends Order ? Omit<O, 'id' | 'at' | 'address'> : never) : never;
  const ask = (change: Change, address = AN): Promise<unknown> =>
    db.transaction((tx) =>
      postgresMail.carryOut({ ...change, id: String((orders += 1)), at: new Date(), address }, tx),
    );

  const send = (to: string, size = 10) =>
    deliver(
      `smtp://127.0.0.1:${postfix.port}`,
      'ubnd@quangbinh.gov.vn',
      to,
      Buffer.from(
        `From: ubnd@quangbinh.gov.vn\r\nSubject: thu ${size}\r\n\r\n${'x'.repeat(70).concat('\r\n').repeat(size)}`,
      ),
    );

  /** Subjects in the inbox, or what the server said. */
  async function logIn(user = AN, pass = PASSWORD): Promise<string[] | string> {
    const client = new ImapFlow({
      host: '127.0.0.1',
      port: dovecot.imap,
      secure: false,
      doSTARTTLS: false,
      auth: { user, pass },
      logger: false,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.mailboxOpen('INBOX');
      const found = await client.fetchAll('1:*', { envelope: true }).catch(() => []);
      return found.map(({ envelope }) => envelope?.subject ?? '');
    } catch (error) {
      return (error as { responseText?: string }).responseText ?? String(error);
    } finally {
      client.close();
    }
  }

  test('a created mailbox receives at once; its owner gets in with the password of the activation page', async () => {
    expect(await send(AN)).toMatchObject({ code: 250 });
    expect(await send('khongco@quangbinh.gov.vn')).toMatchObject({ code: 550 });
    expect(await logIn(AN, '*')).toContain('Authentication failed');
    await ask({ action: 'set-password', hash: await hashPassword(PASSWORD) });
    await expect.poll(() => logIn(), { timeout: 10_000 }).toEqual(['thu 10']);
    expect(await logIn(AN, 'sai')).toContain('Authentication failed');
  });

  test('the login comes back to us', async () => {
    const seen = () => db.transaction((tx) => postgresMail.inspect(AN, tx));
    await logIn();
    await expect
      .poll(async () => (await seen())?.lastLogin?.getTime() ?? 0)
      .toBeGreaterThan(Date.now() - 60_000);
  });

  test('a locked mailbox refuses the login with the reason and still receives', async () => {
    const reason = 'Tạm khóa: không sử dụng quá 03 tháng (Điều 9)';
    await ask({ action: 'lock', reason });
    expect(await logIn()).toContain(reason);
    expect(await send(AN, 11)).toMatchObject({ code: 250 });
    await ask({ action: 'unlock' });
    await expect.poll(() => logIn(), { timeout: 10_000 }).toEqual(['thu 10', 'thu 11']);
  });

  test('the quota holds', async () => {
    expect(await send(AN, 4000), 'Postfix takes it, Dovecot gives it back').toMatchObject({ code: 250 });
    await expect
      .poll(() => fs.readFileSync(dovecot.log, 'utf8'), { timeout: 10_000 })
      .toContain('Quota exceeded');
    expect(await logIn()).not.toContain('thu 4000');
  });

  test('a renamed mailbox is reached under both addresses and logged in under the new one', async () => {
    const renamed = 'annv.stttt@quangbinh.gov.vn';
    await ask({ action: 'rename', newAddress: renamed, fullName: 'Nguyễn Văn An' });
    expect(await send(AN, 12)).toMatchObject({ code: 250 });
    expect(await send(renamed, 13)).toMatchObject({ code: 250 });
    await expect
      .poll(async () => [await logIn(renamed)].flat().sort(), { timeout: 10_000 })
      .toEqual(['thu 10', 'thu 11', 'thu 12', 'thu 13']);
  });

  test('a cancelled mailbox is unknown, to senders and to its owner', async () => {
    const gone = 'annv.stttt@quangbinh.gov.vn';
    await ask({ action: 'cancel' }, gone);
    expect(await send(gone)).toMatchObject({ code: 550 });
    expect(await send(AN)).toMatchObject({ code: 550 });
    expect(await logIn(gone)).toContain('Authentication failed');
  });
});
