import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import { BlockList, createServer, type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { clamd } from '../../src/doctor/clamd.ts';
import { clockProbe } from '../../src/doctor/clock.ts';
import { dataDirectory } from '../../src/doctor/data-directory.ts';
import { smtpDoor, tlsFiles } from '../../src/doctor/door.ts';
import { imap } from '../../src/doctor/imap.ts';
import { dkim, dmarc, mx, spf } from '../../src/doctor/mail-domains.ts';
import { provisioner } from '../../src/doctor/provisioner.ts';
import { publicUrl, regulations } from '../../src/doctor/regulations.ts';
import { relay } from '../../src/doctor/relay.ts';
import { revocationData, signingKey, trustStore } from '../../src/doctor/trust.ts';
import { EICAR, startClamd, withoutClamd } from '../harness/clamd.ts';
import { freshDatabase } from '../harness/database.ts';
import { startDns, type DnsServer, type Zone } from '../harness/dns.ts';
import { grades, lookWith } from '../harness/doctor.ts';
import { openDoor } from '../harness/door.ts';
import { startDovecot, withoutDovecot, type Dovecot } from '../harness/dovecot.ts';
import { freePort } from '../harness/free-port.ts';
import { OK } from '../harness/gate.ts';
import { buildPki, openssl, type Pki } from '../harness/openssl-pki.ts';
import { startPostfix, withoutPostfix } from '../harness/postfix.ts';
import { startSlapd, withoutSlapd } from '../harness/slapd.ts';

let dir: string;
/** No check of these tests gets as far as a database. */
let env: Record<string, string>;
beforeAll(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-neighbours-'));
  fs.chmodSync(dir, 0o755);
  env = { CONGTHU_DATA_DIR: dir, DATABASE_URL: `postgres://x@127.0.0.1:${await freePort()}/x` };
});
afterAll(() => {
  fs.rmSync(dir, { recursive: true });
});

/** Key and certificate for a server's TLS, good for so many days from now. */
function serverPair(name: string, days: number, host = 'localhost'): { key: string; cert: string } {
  const [key, cert] = [path.join(dir, `${name}.key`), path.join(dir, `${name}.pem`)];
  const names = ['-subj', `/CN=${host}`, '-addext', `subjectAltName=DNS:${host},IP:127.0.0.1`];
  openssl([
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    String(days),
    '-keyout',
    key,
    '-out',
    cert,
    ...names,
  ]);
  return { key, cert };
}

describe('DNS', () => {
  let dns: DnsServer;
  const good: Zone = {
    'quangbinh.gov.vn': { MX: [[10, 'mail.quangbinh.gov.vn']], TXT: ['v=spf1 mx -all', 'something else'] },
    'mail.quangbinh.gov.vn': { A: ['203.0.113.25'] },
    '_dmarc.quangbinh.gov.vn': { TXT: ['v=DMARC1; p=reject'] },
    'k1._domainkey.quangbinh.gov.vn': { TXT: [] },
  };
  beforeAll(async () => {
    dns = await startDns(good);
    const pair = serverPair('dkim', 1);
    const pem = openssl(['rsa', '-in', pair.key, '-pubout']).toString();
    const key = pem.replaceAll(/-----.*-----|\s/g, '');
    dns.set({ 'k1._domainkey.quangbinh.gov.vn': { TXT: [`v=DKIM1; k=rsa; p=${key}`] } });
  });
  afterAll(() => dns.close());
  const asked = (more: Record<string, string> = {}) => ({
    ...env,
    CONGTHU_DNS_SERVER: dns.address,
    CONGTHU_NOTICE_FROM: 'stttt@quangbinh.gov.vn',
    CONGTHU_DKIM_SELECTORS: 'k1',
    ...more,
  });

  test('all in order', async () => {
    for (const probe of [mx, spf, dkim, dmarc])
      expect(await lookWith(probe, asked()), probe.id).toMatchObject([{ grade: 'ok', hint: null }]);
  });

  test('each of them missing', async () => {
    const other = asked({
      CONGTHU_NOTICE_FROM: 'stttt@nothing.vn',
      CONGTHU_BOUNCE_ADDRESS: 'tra-lai@thu.nothing.vn',
    });
    expect((await lookWith(mx, other)).map(({ grade, seen }) => `${grade} ${seen}`)).toEqual([
      'ok quangbinh.gov.vn: 10 mail.quangbinh.gov.vn',
      'failure thu.nothing.vn has no MX record',
    ]);
    expect(grades(await lookWith(spf, other))).toBe('ok|warning|warning');
    expect(grades(await lookWith(dmarc, other))).toBe('ok|warning|warning');
    expect(await lookWith(dkim, other)).toMatchObject([
      { grade: 'failure', seen: 'k1._domainkey.nothing.vn holds no key' },
    ]);
    const { CONGTHU_DKIM_SELECTORS: _, ...unnamed } = asked();
    expect(grades(await lookWith(dkim, unnamed))).toBe('skipped');
  });

  test('an exchanger without an address, a policy of the parent domain, a name server in trouble', async () => {
    dns.set({
      'so.quangbinh.gov.vn': { MX: [[10, 'gone.quangbinh.gov.vn']] },
      'loi.vn': 'SERVFAIL',
      '_dmarc.loi.vn': 'SERVFAIL',
    });
    const sub = asked({ CONGTHU_INTAKE: 'a@so.quangbinh.gov.vn' });
    expect((await lookWith(mx, sub))[1]).toMatchObject({
      grade: 'failure',
      seen: expect.stringContaining('none has an address') as string,
    });
    expect((await lookWith(dmarc, sub))[1]).toMatchObject({
      grade: 'ok',
      seen: expect.stringContaining('_dmarc.quangbinh.gov.vn') as string,
    });
    const broken = asked({ CONGTHU_INTAKE: 'a@loi.vn' });
    for (const probe of [mx, spf, dmarc])
      expect((await lookWith(probe, broken))[1], probe.id).toMatchObject({
        grade: 'failure',
        seen: expect.stringContaining('loi.vn: DNS does not answer') as string,
      });
  });
});

describe('TLS and the listening door', () => {
  test('files: none, in order, soon over, another key, another name', async () => {
    expect(grades(await lookWith(tlsFiles, env))).toBe('warning');
    const look = (cert: string, key: string, hostname = 'localhost') =>
      lookWith(tlsFiles, {
        ...env,
        CONGTHU_TLS_CERT: cert,
        CONGTHU_TLS_KEY: key,
        CONGTHU_HOSTNAME: hostname,
      });
    const [long, short] = [serverPair('long', 90), serverPair('short', 3)];
    expect(grades(await look(long.cert, long.key))).toBe('ok');
    expect(grades(await look(short.cert, short.key))).toBe('failure');
    expect(grades(await look(long.cert, short.key))).toBe('ok|failure');
    expect(grades(await look(long.cert, long.key, 'mx.quangbinh.gov.vn'))).toBe('ok|warning');
  });

  test('the door: not there, with STARTTLS, without it, with another certificate, something else on the port', async () => {
    const nobody = { ...env, CONGTHU_SMTP_LISTEN: `127.0.0.1:${await freePort()}` };
    expect(grades(await lookWith(smtpDoor, nobody))).toBe('skipped');
    const pair = serverPair('door', 10);
    const identity = { key: fs.readFileSync(pair.key, 'utf8'), cert: fs.readFileSync(pair.cert, 'utf8') };
    const yes = (): Promise<null> => Promise.resolve(null);
    const keeper = { connection: yes, mailFrom: yes, rcptTo: yes, receive: () => Promise.resolve(OK) };
    const withTls = await openDoor(keeper, { tls: identity, trustedRelays: new BlockList() });
    const tls = { CONGTHU_TLS_CERT: pair.cert, CONGTHU_TLS_KEY: pair.key };
    const listening = { ...env, ...tls, CONGTHU_SMTP_LISTEN: `127.0.0.1:${withTls.port}` };
    expect(await lookWith(smtpDoor, listening)).toMatchObject([
      { grade: 'ok' },
      { grade: 'warning', seen: expect.stringMatching(/^STARTTLS \(TLSv1\.3\): 9 days left/) as string },
    ]);
    const renewed = serverPair('renewed', 90);
    const changed = { ...listening, CONGTHU_TLS_CERT: renewed.cert, CONGTHU_TLS_KEY: renewed.key };
    expect(grades(await lookWith(smtpDoor, changed))).toBe('ok|warning|warning');
    await withTls.door.close(0);

    const plain = await openDoor(keeper, { trustedRelays: new BlockList() });
    const port = { CONGTHU_SMTP_LISTEN: `127.0.0.1:${plain.port}` };
    expect(grades(await lookWith(smtpDoor, { ...env, ...port }))).toBe('ok');
    expect(grades(await lookWith(smtpDoor, { ...env, ...tls, ...port }))).toBe('ok|failure');
    await plain.door.close(0);

    const web = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(
      0,
      '127.0.0.1',
    );
    await once(web, 'listening');
    const wrong = { ...env, CONGTHU_SMTP_LISTEN: `127.0.0.1:${(web.address() as AddressInfo).port}` };
    expect(await lookWith(smtpDoor, wrong)).toMatchObject([
      { grade: 'failure', seen: expect.stringContaining('no SMTP answer') as string },
    ]);
    web.close();
  });

  test('the address of the activation page', async () => {
    expect(grades(await lookWith(publicUrl, env))).toBe('ok');
    expect(
      grades(await lookWith(publicUrl, { ...env, CONGTHU_PUBLIC_URL: 'https://thu.quangbinh.gov.vn' })),
    ).toBe('ok');
    expect(
      grades(await lookWith(publicUrl, { ...env, CONGTHU_PUBLIC_URL: 'http://thu.quangbinh.gov.vn' })),
    ).toBe('failure');
  });
});

describe.skipIf(withoutDovecot || withoutPostfix)('relay and IMAP: real Postfix and Dovecot', () => {
  let dovecot: Dovecot;
  let pair: { key: string; cert: string };
  beforeAll(async () => {
    pair = serverPair('mail', 300);
    dovecot = await startDovecot({
      tls: pair,
      config: `
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = home={dir}/mail/%u
}
service auth {
  unix_listener {dir}/sasl {
    mode = 0666
  }
}
`,
    });
  });
  afterAll(() => dovecot.stop());

  test('the relay: in order, wrong password, not there, unset', async () => {
    const postfix = await startPostfix({
      smtpd_tls_security_level: 'may',
      smtpd_tls_cert_file: pair.cert,
      smtpd_tls_key_file: pair.key,
      smtpd_tls_auth_only: 'yes',
      smtpd_sasl_auth_enable: 'yes',
      smtpd_sasl_type: 'dovecot',
      smtpd_sasl_path: path.join(dovecot.dir, 'sasl'),
    });
    const to = (login: string) => ({
      ...env,
      CONGTHU_NOTICE_FROM: 'stttt@quangbinh.gov.vn',
      CONGTHU_RELAY_URL: `smtp://${login}127.0.0.1:${postfix.port}?tls.rejectUnauthorized=false&requireTLS=true`,
    });
    try {
      expect(await lookWith(relay, to('stttt:secret@'))).toMatchObject([
        { grade: 'ok', seen: expect.stringContaining('AUTH PLAIN') as string },
        { grade: 'ok', seen: expect.stringContaining('299 days left') as string },
        { grade: 'ok', seen: 'the login is accepted' },
      ]);
      expect(await lookWith(relay, to('stttt:wrong@'))).toMatchObject([
        { grade: 'ok' },
        { grade: 'ok' },
        { grade: 'failure', seen: expect.stringContaining('535') as string },
      ]);
      // The library does not trust this certificate: notices would not leave.
      const strict = to('').CONGTHU_RELAY_URL.replace('tls.rejectUnauthorized=false&', '');
      expect(grades(await lookWith(relay, { ...to(''), CONGTHU_RELAY_URL: strict }))).toBe('ok|ok|failure');
    } finally {
      await postfix.stop();
    }
    expect(grades(await lookWith(relay, to('')))).toBe('failure');
    expect(grades(await lookWith(relay, env))).toBe('warning');
  });

  test('IMAP: in order, wrong password, no such folder, a certificate nobody trusts, not there', async () => {
    const url = (login: string, more = '', port = dovecot.imaps) => ({
      ...env,
      CONGTHU_IMAP_URL: `imaps://${login}@127.0.0.1:${port}/INBOX${more}`,
    });
    const ca = `?ca=${pair.cert}`;
    const user = 'stttt%40quangbinh.gov.vn';
    expect(await lookWith(imap, url(`${user}:secret`, ca))).toMatchObject([
      { grade: 'ok', seen: expect.stringContaining('logged in, 0 letters') as string },
    ]);
    expect(await lookWith(imap, url(`${user}:wrong`, ca))).toMatchObject([
      { grade: 'failure', seen: expect.stringContaining('Authentication failed') as string },
    ]);
    expect(grades(await lookWith(imap, url(`${user}:secret`, `/nowhere${ca}`)))).toBe('failure');
    expect(await lookWith(imap, url(`${user}:secret`))).toMatchObject([
      { grade: 'failure', seen: expect.stringContaining('self-signed') as string },
    ]);
    expect(grades(await lookWith(imap, url(`${user}:secret`, ca, await freePort())))).toBe('failure');
    expect(grades(await lookWith(imap, env))).toBe('skipped');
  });
});

describe.skipIf(withoutClamd)('a real clamd', () => {
  test('finds EICAR; old and undated signatures; knows no EICAR; not there; unset', async () => {
    const fresh = await startClamd('25M', { signaturesOf: new Date() });
    const at = (port: number) => ({ ...env, CONGTHU_CLAMD: `127.0.0.1:${port}` });
    expect(await lookWith(clamd, at(fresh.port))).toMatchObject([
      { grade: 'ok', seen: expect.stringContaining('Eicar') as string },
      { grade: 'ok', seen: expect.stringContaining('signatures 0 days old') as string },
    ]);
    const month = { now: () => new Date(Date.now() + 30 * 86_400_000) };
    expect(grades(await lookWith(clamd, at(fresh.port), { clock: month }))).toBe('ok|failure');
    await fresh.stop();
    expect(await lookWith(clamd, at(fresh.port))).toMatchObject([
      { grade: 'failure', hint: expect.stringContaining('clamav-daemon') as string },
    ]);
    const undated = await startClamd();
    expect(grades(await lookWith(clamd, at(undated.port)))).toBe('ok|warning');
    await undated.stop();
    const blind = await startClamd('25M', { knows: 'something else' });
    expect((await lookWith(clamd, at(blind.port)))[0]).toMatchObject({
      grade: 'failure',
      seen: 'does not find the test file EICAR',
    });
    await blind.stop();
    const hysteric = await startClamd('25M', { knows: 'Danh sách' });
    expect((await lookWith(clamd, at(hysteric.port)))[0]).toMatchObject({
      grade: 'failure',
      seen: expect.stringContaining('clean text infected') as string,
    });
    await hysteric.stop();
    expect(grades(await lookWith(clamd, env))).toBe('warning');
    expect(EICAR).toHaveLength(68);
  });
});

describe.skipIf(withoutSlapd)('a real slapd', () => {
  test('bound, wrong password, no such base, not there', async () => {
    const slapd = await startSlapd();
    const db = await freshDatabase();
    const to = (more: Record<string, string> = {}) => ({
      ...env,
      DATABASE_URL: db.url,
      CONGTHU_PROVISIONER: 'ldap',
      CONGTHU_LDAP_URL: slapd.url,
      CONGTHU_LDAP_BIND_DN: slapd.bindDn,
      CONGTHU_LDAP_PASSWORD: slapd.password,
      CONGTHU_LDAP_BASE: slapd.base,
      ...more,
    });
    expect(await lookWith(provisioner, to())).toMatchObject([{ grade: 'ok' }]);
    expect(await lookWith(provisioner, to({ CONGTHU_LDAP_PASSWORD: 'wrong' }))).toMatchObject([
      { grade: 'failure' },
    ]);
    expect(
      await lookWith(provisioner, to({ CONGTHU_LDAP_BASE: 'ou=nobody,dc=quangbinh,dc=gov,dc=vn' })),
    ).toMatchObject([{ grade: 'failure' }]);
    await slapd.stop();
    expect(await lookWith(provisioner, to())).toMatchObject([
      { grade: 'failure', hint: expect.stringContaining('CONGTHU_LDAP_URL') as string },
    ]);
    await db.drop();
  });
});

describe('the clock against a time server', () => {
  /** Speaks SNTP like any server, with a clock that is wrong by so much. */
  async function timeServer(wrongMs: number, stratum = 2) {
    const socket = createSocket('udp4');
    socket.on('message', (question, { port }) => {
      const answer = Buffer.alloc(48);
      answer[0] = 0x24;
      answer[1] = stratum;
      question.copy(answer, 24, 40, 48);
      for (const at of [32, 40]) {
        const ms = Date.now() + wrongMs;
        answer.writeUInt32BE((Math.floor(ms / 1000) + 2_208_988_800) % 2 ** 32, at);
        answer.writeUInt32BE(Math.floor(((ms % 1000) / 1000) * 2 ** 32), at + 4);
      }
      socket.send(answer, port);
    });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return { at: `127.0.0.1:${socket.address().port}`, close: () => socket.close() };
  }

  test.each([
    ['ok', 0, 2],
    ['warning', 10_000, 2],
    ['failure', -3_600_000, 2],
    // 2036 and after: the seconds begin anew.
    ['failure', 12 * 365 * 86_400_000, 2],
    ['failure', 0, 16],
  ])('%s: wrong by %d ms, stratum %d', async (grade, wrongMs, stratum) => {
    const server = await timeServer(wrongMs, stratum);
    const [found] = await lookWith(clockProbe, { ...env, CONGTHU_NTP_SERVER: server.at });
    server.close();
    expect(found?.grade).toBe(grade);
    if (wrongMs > 1e11) expect(found?.seen).toMatch(/^37843\d{7} ms behind/);
  });

  test('unset', async () => {
    expect(grades(await lookWith(clockProbe, env))).toBe('skipped');
  });
});

describe('files', () => {
  let pki: Pki;
  beforeAll(() => {
    pki = buildPki(path.join(dir, 'pki'));
  });
  const trusting = () => ({
    ...env,
    CONGTHU_ANCHORS_DIR: pki.anchors,
    CONGTHU_INTERMEDIATES_DIR: pki.intermediates,
    CONGTHU_CRLS_DIR: pki.crls,
  });
  const in2049 = { now: () => new Date('2049-12-20T00:00:00Z') };
  const in2051 = { now: () => new Date('2051-01-01T00:00:00Z') };

  test('trust store: in order, near its end, ended, empty, unreadable', async () => {
    expect(grades(await lookWith(trustStore, trusting()))).toBe('ok|ok|ok');
    expect(grades(await lookWith(trustStore, trusting(), { clock: in2049 }))).toBe('ok|warning|warning');
    expect((await lookWith(trustStore, trusting(), { clock: in2051 }))[1]?.seen).toMatch(
      /expired on 2050-01-01$/,
    );
    expect(await lookWith(trustStore, env)).toMatchObject([
      { grade: 'failure', seen: expect.stringContaining('no trust anchor') as string },
    ]);
    fs.writeFileSync(path.join(pki.anchors, 'broken.pem'), 'hello');
    expect(await lookWith(trustStore, trusting())).toMatchObject([
      { grade: 'failure', seen: expect.stringContaining('broken.pem') as string },
    ]);
    fs.rmSync(path.join(pki.anchors, 'broken.pem'));
  });

  test('revocation lists that ended', async () => {
    expect(grades(await lookWith(revocationData, trusting()))).toBe('ok');
    expect(grades(await lookWith(revocationData, trusting(), { clock: in2051 }))).toBe('ok|warning|warning');
  });

  test('signing key: in order, of another address, soon over, wrong passphrase, unset', async () => {
    const INTAKE = 'stttt@quangbinh.gov.vn';
    const leaf = pki.leaf('operator', { email: INTAKE, commonName: 'So TTTT' });
    const p12 = path.join(dir, 'operator.p12');
    const pair = ['-inkey', leaf.key, '-in', leaf.cert, '-certfile', pki.issuing];
    openssl(['pkcs12', '-export', ...pair, '-passout', 'pass:test', '-out', p12]);
    const signing = {
      ...env,
      CONGTHU_SIGNING_P12: p12,
      CONGTHU_SIGNING_PASS: 'test',
      CONGTHU_NOTICE_FROM: INTAKE,
    };
    expect(grades(await lookWith(signingKey, signing))).toBe('ok');
    expect(
      grades(await lookWith(signingKey, { ...signing, CONGTHU_NOTICE_FROM: 'x@quangbinh.gov.vn' })),
    ).toBe('ok|warning');
    expect(
      grades(await lookWith(signingKey, signing, { clock: { now: () => new Date('2048-12-01T00:00:00Z') } })),
    ).toBe('warning');
    expect(grades(await lookWith(signingKey, signing, { clock: in2049 }))).toBe('failure');
    expect(await lookWith(signingKey, { ...signing, CONGTHU_SIGNING_PASS: 'wrong' })).toMatchObject([
      { grade: 'failure', hint: expect.stringContaining('CONGTHU_SIGNING_PASS') as string },
    ]);
    expect(grades(await lookWith(signingKey, env))).toBe('skipped');
  });

  test('rights in the data directory', async () => {
    const data = path.join(dir, 'data');
    const mine = { ...env, CONGTHU_DATA_DIR: data };
    expect(grades(await lookWith(dataDirectory, mine))).toBe('skipped');
    fs.mkdirSync(data);
    fs.writeFileSync(path.join(data, 'secret'), 'x', { mode: 0o600 });
    expect(grades(await lookWith(dataDirectory, mine))).toBe('ok|ok');
    fs.chmodSync(path.join(data, 'secret'), 0o644);
    expect((await lookWith(dataDirectory, mine))[1]).toMatchObject({
      grade: 'failure',
      hint: expect.stringContaining('chmod 600') as string,
    });
    expect(fs.readdirSync(data)).toEqual(['secret']);
    // A file in its place: not even root can write there.
    expect(
      grades(await lookWith(dataDirectory, { ...env, CONGTHU_DATA_DIR: path.join(data, 'secret') })),
    ).toBe('failure');
  });

  test('a regulation without an intake address', async () => {
    expect(grades(await lookWith(regulations, env))).toBe('ok');
    expect(await lookWith(regulations, { ...env, CONGTHU_REGULATIONS: 'vn-nowhere' })).toMatchObject([
      { grade: 'failure' },
    ]);
    expect(systemClock.now()).toBeInstanceOf(Date);
  });
});
