import { execFileSync, spawnSync } from 'node:child_process';
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
import { heartbeat } from '../../src/mail-log/events.ts';
import { searchLog } from '../../src/mail-log/search.ts';
import { latestCheckpoint, prepareMonths, sequenceAll } from '../../src/mail-log/sequencer.ts';
import { freshDatabase } from '../harness/database.ts';
import { testKey } from './harness.ts';

const now = new Date('2026-11-24T03:00:00Z');
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-anchors-'));
let db: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  db = await freshDatabase();
  await prepareMonths(db.sql, now);
  await append(db.sql, now, heartbeat());
  await sequenceAll(db.sql, testKey(), now);
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

test('a place that fails is told in the log and tried again', async () => {
  const clock = fixedClock(new Date(now.getTime() + 3_600_000));
  const places = {
    file: path.join(dir, 'no/such/place'),
    syslog: undefined,
    tsaUrl: undefined,
    hostname: 'x',
  };
  await layDownCheckpoints(db.sql, clock, places);
  const [found] = await searchLog(db.sql, { event: 'log.anchored', limit: 1 });
  expect(found!.entry['error']).toMatch(/ENOENT/);
  fs.mkdirSync(path.join(dir, 'no/such'), { recursive: true });
  await layDownCheckpoints(db.sql, clock, places);
  expect(fs.existsSync(places.file)).toBe(true);
});
