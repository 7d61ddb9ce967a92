import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { append } from '../../src/mail-log/append.ts';
import { verifierKey } from '../../src/mail-log/checkpoint.ts';
import { letterReceived } from '../../src/mail-log/events.ts';
import { consistencyText, formatProof, proofOfEntry } from '../../src/mail-log/proof.ts';
import { latestCheckpoint, prepareMonths, sequenceAll } from '../../src/mail-log/sequencer.ts';
import { verifyLog } from '../../src/mail-log/verify.ts';
import { freshDatabase } from '../harness/database.ts';
import { testKey } from './harness.ts';

const now = new Date('2026-11-24T03:00:00Z');
const key = testKey();
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-outside-'));
let db: Awaited<ReturnType<typeof freshDatabase>>;
beforeAll(async () => {
  db = await freshDatabase();
  await prepareMonths(db.sql, now);
});
afterAll(async () => {
  await db.drop();
  fs.rmSync(dir, { recursive: true, force: true });
});

const write = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await append(db.sql, now, letterReceived({ subject: `Đề nghị ${i}` }));
};

test('killed between any two statements, nothing of the round has happened, and the next one does it', async () => {
  const pem = key.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const child = path.join(import.meta.dirname, 'crash-child.ts');
  const node = path.resolve('node_modules/.bin/node');
  const sequence = (n: number) => spawnSync(node, [child, db.url, pem, String(n)], { encoding: 'utf8' });
  await write(300);
  let kills = 0;
  for (let n = 1; n < 30; n++) {
    const { signal, stderr } = sequence(n);
    const { size, pending, faults } = await verifyLog(db.sql, key);
    if (signal !== 'SIGKILL') {
      expect(stderr).toBe('');
      expect({ size, pending, faults }).toEqual({ size: 300, pending: 0, faults: [] });
      break;
    }
    kills++;
    expect({ size, pending, faults }).toEqual({ size: 0, pending: 300, faults: [] });
  }
  expect(kills).toBeGreaterThan(5);
}, 120_000);

const go =
  spawnSync('go', ['version']).status === 0 && fs.existsSync('/usr/share/gocode/src/golang.org/x/mod/sumdb');

test.skipIf(!go && process.env['CONGTHU_TEST_ALL'] === undefined)(
  "Go's sumdb packages accept our notes, inclusion and consistency proofs",
  async () => {
    await write(7);
    await sequenceAll(db.sql, key, now);
    const kept = (await latestCheckpoint(db.sql))!;
    await write(400);
    await sequenceAll(db.sql, key, now);
    const note = (await latestCheckpoint(db.sql))!;
    const file = (name: string, text: string): string => {
      fs.writeFileSync(path.join(dir, name), text);
      return path.join(dir, name);
    };
    const proof = file('proof', formatProof(await proofOfEntry(db.sql, 299)));
    const old = Number(kept.split('\n')[1]);
    const consistency = file('consistency', await consistencyText(db.sql, old, note));
    const env = {
      ...process.env,
      GO111MODULE: 'off',
      GOPATH: '/usr/share/gocode',
      GOCACHE: path.join(dir, 'cache'),
      GOFLAGS: '',
    };
    const program = path.join(import.meta.dirname, 'go/check.go');
    const run = (vkey: string) =>
      spawnSync('go', ['run', program, vkey, proof, file('kept', kept), consistency], {
        env,
        encoding: 'utf8',
      });
    expect(run(verifierKey(key))).toMatchObject({ status: 0, stdout: 'holds\n' });
    expect(run(verifierKey(testKey())).status).not.toBe(0);
  },
  180_000,
);
