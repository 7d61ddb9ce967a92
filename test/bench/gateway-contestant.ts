import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { receiveDeps } from '../../src/doors.ts';
import { createGatekeeper } from '../../src/intake/receive.ts';
import { prepareMonths } from '../../src/mail-log/sequencer.ts';
import { migrate, openDatabase } from '../../src/store/database.ts';
import { upsertUnits } from '../../src/store/registry.ts';
import { doorContestant, type Contestant } from './accept.ts';

/** The gateway's own accept path: parse, admission, and one durable transaction of letter, bytes and log entry. */
export const gatewayContestant: Contestant = {
  name: 'gateway, one PostgreSQL transaction',
  async start() {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-bench-'));
    fs.chmodSync(dir, 0o755);
    const db = await openDatabase({ url: undefined, dataDir: dir });
    await migrate(db.url);
    await prepareMonths(db.sql, new Date());
    const regulation = 'vn-quangbinh-41-2015';
    const unit = {
      code: 'snv',
      name: 'Sở Nội vụ',
      regulation,
      mailbox: 'snv@quangbinh.gov.vn',
      level: 'so',
      abbreviation: 'snv',
    };
    await db.transaction((tx) => upsertUnits(tx, [unit]));
    const config = readConfig({ CONGTHU_DATA_DIR: dir, CONGTHU_INTAKE: 'hotro@quangbinh.gov.vn' });
    const gatekeeper = createGatekeeper({
      ...receiveDeps(config, db, systemClock, 'bench'),
      prove: () =>
        Promise.resolve({
          method: 'trusted-relay',
          result: 'pass',
          domain: 'quangbinh.gov.vn',
          detail: 'bench',
        }),
    });
    const { port, stop } = await doorContestant('gateway', () => gatekeeper).start();
    return {
      port,
      async stop() {
        await stop();
        const [stored] = await db.sql<{ letters: string }[]>`select count(*) as letters from letter`;
        console.log(`(the gateway holds ${stored?.letters ?? '?'} letters)`);
        await db.close();
        fs.rmSync(dir, { recursive: true, force: true });
      },
    };
  },
};
