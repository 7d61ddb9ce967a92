import { Writable } from 'node:stream';
import fs from 'node:fs';
import pino from 'pino';
import { expect, test } from 'vitest';
import { printable } from '../../src/config.ts';
import { INTAKE, runGateway } from '../harness/gateway.ts';
import { openssl } from '../harness/openssl-pki.ts';
import { lineClient } from '../harness/smtp-client.ts';
import { freePort } from '../harness/free-port.ts';

const UNIT = 'snv@quangbinh.gov.vn';
const BODY = 'Mat khau moi cua Ba Lan la Hoa-Sua-1975';

/** Every line the process log gets while a gateway goes through what has secrets in it. */
test('no password, token or word of a letter reaches the process log', async () => {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const dir = fs.mkdtempSync('/tmp/congthu-redaction-');
  const [key, cert] = [`${dir}/key.pem`, `${dir}/cert.pem`];
  openssl([
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    key,
    '-out',
    cert,
    '-subj',
    '/CN=localhost',
  ]);
  const run = await runGateway(
    {
      CONGTHU_TLS_KEY: key,
      CONGTHU_TLS_CERT: cert,
      CONGTHU_SUBMISSION: 'yes',
      CONGTHU_IMAP_URL: `imap://stttt%40quangbinh.gov.vn:imap-geheim@127.0.0.1:${await freePort()}/INBOX`,
      CONGTHU_RELAY_URL: `smtp://stttt:relay-geheim@127.0.0.1:${await freePort()}`,
      CONGTHU_CLAMD: `127.0.0.1:${await freePort()}`,
    },
    pino({ level: 'trace' }, sink),
  );
  const raw = (from: string): Buffer =>
    Buffer.from(
      `Authentication-Results: mx.quangbinh.gov.vn; dmarc=pass header.from=quangbinh.gov.vn\r\nFrom: ${from}\r\nTo: ${INTAKE}\r\nSubject: chu-de-rieng\r\nMessage-ID: <1@x>\r\n\r\n${BODY}\r\n`,
    );
  expect((await run.send(UNIT, raw(UNIT))).code).toBe(250);
  await run.send('la@example.org', raw('la@example.org'));
  // A unit's wrong password, as PLAIN and LOGIN carry it.
  const client = await lineClient(run.gateway.smtp.port);
  await client.reply();
  client.send('EHLO x\r\n');
  await client.reply();
  client.send('STARTTLS\r\n');
  await client.reply();
  await client.starttls();
  client.send('EHLO x\r\n');
  await client.reply();
  const plain = Buffer.from(`\0${UNIT}\0smtp-geheim`).toString('base64');
  client.send(`AUTH PLAIN ${plain}\r\n`);
  expect(await client.reply()).toMatch(/^535/);
  // A letter that breaks off, and one with bytes nobody may send.
  client.send(`MAIL FROM:<${UNIT}>\r\nRCPT TO:<${INTAKE}>\r\nDATA\r\n`);
  client.send(`Subject: x\r\n\r\n${BODY}\nbare line feed\r\n.\r\n`);
  for (let n = 0; n < 4; n += 1) await client.reply();
  client.close();
  // A token of an activation link, and a login at the console.
  const web = `http://127.0.0.1:${run.gateway.console.port}`;
  await fetch(`${web}/kich-hoat/token-geheim-0123456789`);
  await fetch(`${web}/dang-nhap`, {
    method: 'POST',
    body: new URLSearchParams({ name: 'lan', password: 'web-geheim' }),
  });
  // The relay, the mailbox and the scanner are away: their failures are logged.
  await expect.poll(() => lines.join(''), { timeout: 15_000 }).toMatch(/imap-lost/);
  await run.gateway.stop();
  await run.close();
  fs.rmSync(dir, { recursive: true });
  const log = lines.join('');
  expect(log).toContain('535');
  for (const secret of [
    'geheim',
    plain,
    BODY,
    'Hoa-Sua',
    'chu-de-rieng',
    Buffer.from('smtp-geheim').toString('base64'),
  ])
    expect(log.includes(secret), secret).toBe(false);
}, 60_000);

test('the configuration prints itself without its secrets', () => {
  const shown = printable({
    DATABASE_URL: 'postgres://a:geheim@b/c',
    CONGTHU_RELAY_URL: 'smtp://a:geheim@b',
    CONGTHU_IMAP_URL: 'imaps://a:geheim@b',
    CONGTHU_SIGNING_PASS: 'geheim',
    CONGTHU_LDAP_PASSWORD: 'geheim',
    CONGTHU_OIDC_CLIENT_SECRET: 'geheim',
    CONGTHU_HOSTNAME: 'thu.quangbinh.gov.vn',
  });
  expect(shown).not.toContain('geheim');
  expect(shown).toContain('CONGTHU_HOSTNAME=thu.quangbinh.gov.vn');
});
