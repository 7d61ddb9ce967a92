import { BlockList } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { receiveDeps } from '../../src/doors.ts';
import { createGatekeeper } from '../../src/intake/receive.ts';
import { SMTP_DOOR_DEFAULTS } from '../../src/intake/smtp-options.ts';
import { createSmtpDoor } from '../../src/intake/smtp.ts';
import { letterOf } from '../../src/intake/raw-letter.ts';
import { openDatabase } from '../../src/store/database.ts';

/**
 * The control that must lose: the same door and the same funnel, but the answer is given before the commit, as a gateway
 * with a queue in memory does. If the crash test finds nothing lost here, it cannot find anything.
 */
const LATER_MS = 200;
const config = readConfig(process.env);
const db = await openDatabase({ url: config.databaseUrl, dataDir: config.dataDir });
const honest = createGatekeeper(receiveDeps(config, db, systemClock, 'smtp'));
const door = createSmtpDoor(
  {
    ...SMTP_DOOR_DEFAULTS,
    ...config.smtpListen,
    name: 'control',
    trustedRelays: config.trustedRelays,
    xclientFrom: new BlockList(),
    spoolDir: '/tmp',
    clock: systemClock,
    log: () => undefined,
  },
  {
    ...honest,
    async receive(incoming) {
      const raw = letterOf(await incoming.raw.bytes());
      void sleep(LATER_MS)
        .then(() => honest.receive({ ...incoming, raw }))
        .catch(() => undefined);
      return { code: 250, status: '2.0.0', text: 'queued in memory' };
    },
  },
);
await door.listen();
