import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import dgram from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fixedClock } from '../../src/clock.ts';
import { layDownCheckpoints } from '../../src/jobs/anchors.ts';
import { append } from '../../src/mail-log/append.ts';
import { heartbeat, letterIgnored } from '../../src/mail-log/events.ts';
import { searchLog } from '../../src/mail-log/search.ts';
import {
  latestCheckpoint,
  lockHead,
  prepareMonths,
  sequenceAll,
  sequenceBatch,
} from '../../src/mail-log/sequencer.ts';
import { verifierKey } from '../../src/mail-log/checkpoint.ts';
import { freshDatabase } from '../harness/database.ts';
import { exported, testKey, verifier } from './harness.ts';

const now = new Date('2026-11-24T03:00:00Z');
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-anchors-'));
const key = testKey();
let db: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  db = await freshDatabase();
  await prepareMonths(db.sql, now);
  await append(db.sql, now, heartbeat());
  await sequenceAll(db.sql, key, now);
});
afterAll(async () => {
  await db.drop();
  fs.rmSync(dir, { recursive: true, force: true });
});

/** A real time-stamping authority: `openssl ts` behind HTTP. */
function tsa(): http.Server {
  const config = path.join(dir, 'tsa.cnf');
  fs.writeFileSync(
    config,
    `[req]\ndistinguished_name=dn\n[dn]\n[ext]\nextendedKeyUsage=critical,timeStamping\n[tsa]\ndefault_tsa=t\n[t]\nserial=${dir}/serial\nsigner_digest=sha256\ndefault_policy=1.2.3.4\ndigests=sha256\naccuracy=secs:1\n`,
  );
  const [key, cert] = [path.join(dir, 'tsa.key'), path.join(dir, 'tsa.pem')];
  const subject = ['-subj', '/CN=TSA', '-config', config, '-extensions', 'ext'];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, ...subject],
    {
      stdio: 'ignore',
    },
  );
  return http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const query = path.join(dir, 'query');
      fs.writeFileSync(query, Buffer.concat(chunks));
      const reply = [
        'ts',
        '-reply',
        '-queryfile',
        query,
        '-config',
        config,
        '-section',
        't',
        '-signer',
        cert,
        '-inkey',
        key,
      ];
      response.end(execFileSync('openssl', reply, { stdio: ['ignore', 'pipe', 'ignore'] }));
    });
  });
}

test('the checkpoint reaches file, syslog and a time-stamping authority once an hour; its token verifies', async () => {
  const server = tsa().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const syslog = dgram.createSocket('udp4');
  syslog.bind(0, '127.0.0.1');
  await once(syslog, 'listening');
  const heard = once(syslog, 'message');
  const file = path.join(dir, 'checkpoints');
  const places = {
    file,
    syslog: { host: '127.0.0.1', port: syslog.address().port },
    tsaUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    hostname: 'congthu.test',
  };
  await layDownCheckpoints(db.sql, fixedClock(now), places);
  await layDownCheckpoints(db.sql, fixedClock(now), places);
  const note = (await latestCheckpoint(db.sql))!;
  expect(fs.readFileSync(file, 'utf8')).toBe(`${note}\n`);
  expect(String((await heard)[0])).toContain(note.split('\n')[2]);
  const anchors = await db.sql<
    { place: string; token: Buffer | null }[]
  >`select place, token from mail_log.anchor`;
  expect(anchors).toHaveLength(3);
  const token = anchors.find(({ place }) => place.startsWith('tsa'))!.token!;
  fs.writeFileSync(path.join(dir, 'token'), token);
  fs.writeFileSync(path.join(dir, 'note'), note);
  const verify = ['ts', '-verify', '-data', 'note', '-in', 'token', '-CAfile', 'tsa.pem'];
  expect(spawnSync('openssl', verify, { cwd: dir, encoding: 'utf8' }).stdout).toContain('OK');
  expect(await searchLog(db.sql, { event: 'log.anchored', limit: 9 })).toHaveLength(3);
  server.close();
  syslog.close();
});

test('an export hands the tokens on, and the independent verifier checks them', async () => {
  const files = await exported(db.sql, key);
  const pem = fs.readFileSync(path.join(dir, 'tsa.pem'), 'utf8');
  const tsa = verifier.certificatesIn(pem);
  const found = verifier.verifyExport(files, { key: verifierKey(key), tsa, whole: true });
  expect(found).toMatchObject({ faults: [], unclear: [] });
  expect(found.notes.join()).toMatch(/CN=TSA says that the first 1 entries stood on 2/);
  const asked = verifier.verifyExport(files, { key: verifierKey(key) });
  expect(asked.notes.join()).toMatch(/who that authority is was not checked/);

  const [token, note] = await tokenOf();
  expect(verifier.checkToken(token, note, tsa).authority).toBe('CN=TSA');
  expect(() => verifier.checkToken(token, `${note} `, tsa)).toThrow(/another checkpoint/);
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ed25519', '-nodes', '-keyout', path.join(dir, 'other.key')],
      ...['-out', path.join(dir, 'other.pem'), '-subj', '/CN=TSA'],
    ],
    { stdio: 'ignore' },
  );
  const other = verifier.certificatesIn(fs.readFileSync(path.join(dir, 'other.pem'), 'utf8'));
  expect(() => verifier.checkToken(token, note, other)).toThrow(/not of the given authority/);
  // No byte of what was signed, and none of the signature, may be another.
  const signed = token.lastIndexOf(createHash('sha256').update(note).digest());
  expect(signed).toBeGreaterThan(0);
  for (const at of [signed - 30, signed + 5, signed + 34, token.length - 1, token.length - 200]) {
    const bent = Buffer.from(token);
    bent[at]! ^= 1;
    expect(() => verifier.checkToken(bent, note, tsa), `byte ${at}`).toThrow(Error);
  }
});

const tokenOf = async (): Promise<[Buffer, string]> => {
  const [row] = await db.sql<{ token: Buffer; note: string }[]>`
    select token, note from mail_log.anchor where token is not null`;
  return [row!.token, row!.note];
};

test('a history rewritten and signed again is shown by the time-stamped checkpoint alone', async () => {
  const found = await db.sql
    .begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx`delete from mail_log.mail_event`;
      await tx`delete from mail_log.sequenced`;
      await tx`delete from mail_log.tile`;
      await tx`delete from mail_log.checkpoint`;
      await tx`delete from mail_log.pending`;
      await tx`update mail_log.head set size = 0, note = null`;
      await append(tx, now, letterIgnored({ why: 'rewritten' }), heartbeat());
      const head = await lockHead(tx, key);
      await sequenceBatch(tx, head, [key], now);
      const files = await exported(tx, key);
      throw Object.assign(new Error('undo'), {
        found: verifier.verifyExport(files, { key: verifierKey(key), whole: true }).faults,
      });
    })
    .catch((error: unknown) => (error as { found: string[] }).found);
  expect(found.join()).toMatch(/laid down in tsa .* shows that history before entry 1 was rewritten/);
});

test('a place that fails is told in the log once, tried again each minute, and told when it works again', async () => {
  const later = now.getTime() + 3_600_000;
  const file = path.join(dir, 'no/such', 'p'.repeat(120), 'place');
  const places = { file, syslog: undefined, tsaUrl: undefined, hostname: 'x' };
  for (const minute of [0, 1, 2, 61])
    await layDownCheckpoints(db.sql, fixedClock(new Date(later + minute * 60_000)), places);
  const said = async () =>
    (await searchLog(db.sql, { event: 'log.anchored', outcome: `file ${file}`, limit: 9 })).map(
      ({ entry }) => entry['error'] ?? 'laid down',
    );
  expect(await said()).toEqual([expect.stringMatching(/ENOENT/)]);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  for (const minute of [62, 63])
    await layDownCheckpoints(db.sql, fixedClock(new Date(later + minute * 60_000)), places);
  expect(fs.existsSync(file)).toBe(true);
  expect(await said()).toEqual(['laid down', expect.stringMatching(/ENOENT/)]);
  fs.rmSync(path.dirname(file), { recursive: true });
  for (const minute of [121, 122])
    await layDownCheckpoints(db.sql, fixedClock(new Date(later + minute * 60_000)), places);
  expect(await said()).toEqual([
    expect.stringMatching(/ENOENT/),
    'laid down',
    expect.stringMatching(/ENOENT/),
  ]);
});
