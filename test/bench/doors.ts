import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { open } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { receiveDeps } from '../../src/doors.ts';
import type { Gatekeeper } from '../../src/intake/gatekeeper.ts';
import { createGatekeeper } from '../../src/intake/receive.ts';
import { prepareMonths } from '../../src/mail-log/sequencer.ts';
import { migrate, openDatabase } from '../../src/store/database.ts';
import { upsertUnits } from '../../src/store/registry.ts';
import { createWake } from '../../src/store/wake.ts';
import { openDoor } from '../harness/door.ts';
import { OK, recordingGate } from '../harness/gate.ts';

export interface Running {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/** The real door with any gatekeeper behind it. */
async function doorBefore(gatekeeper: Gatekeeper, afterwards: () => void | Promise<void>): Promise<Running> {
  const { port, door } = await openDoor(gatekeeper, { maxConnectionsPerClient: 500 });
  return {
    port,
    async stop() {
      await door.close(1000);
      await afterwards();
    },
  };
}

/** The least a mail server must do: one file per letter, fsynced with its folder, before 250 — as Postfix does. */
export function doorWithFiles(): Promise<Running> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-bench-'));
  const gate = recordingGate({
    async receive({ raw }) {
      const file = await open(path.join(folder, randomUUID()), 'wx');
      for await (const chunk of raw.chunks()) await file.write(chunk);
      await file.sync();
      await file.close();
      return OK;
    },
  });
  return doorBefore(gate, () => {
    fs.rmSync(folder, { recursive: true });
  });
}

/** The gateway's own accept path: parse, admission, and one durable transaction of letter, bytes and log entry. */
export async function gateway(): Promise<Running> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-bench-'));
  fs.chmodSync(dir, 0o755);
  const db = await openDatabase({ url: undefined, dataDir: dir });
  await migrate(db.url);
  await prepareMonths(db.sql, new Date());
  const unit = {
    code: 'snv',
    name: 'Sở Nội vụ',
    regulation: 'vn-quangbinh-41-2015',
    mailbox: 'snv@quangbinh.gov.vn',
    level: 'so',
    abbreviation: 'snv',
  };
  await db.transaction((tx) => upsertUnits(tx, [unit]));
  const config = readConfig({ CONGTHU_DATA_DIR: dir, CONGTHU_INTAKE: 'hotro@quangbinh.gov.vn' });
  const gatekeeper = createGatekeeper({
    ...receiveDeps(config, db, systemClock, 'bench'),
    wake: createWake(db.sql),
    prove: () =>
      Promise.resolve({
        method: 'trusted-relay',
        result: 'pass',
        domain: 'quangbinh.gov.vn',
        detail: 'bench',
      }),
  });
  return doorBefore(gatekeeper, async () => {
    const [stored] = await db.sql<{ letters: string }[]>`select count(*) as letters from letter`;
    console.log(`(the gateway holds ${stored?.letters ?? '?'} letters)`);
    await db.close();
    fs.rmSync(dir, { recursive: true, force: true });
  });
}
