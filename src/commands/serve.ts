import { setTimeout as sleep } from 'node:timers/promises';
import pino, { type Logger } from 'pino';
import { systemClock } from '../clock.ts';
import { printable, readConfig } from '../config.ts';
import { startGateway, STOP_LIMIT_MS } from '../gateway.ts';
import { isAway } from '../store/reachable.ts';
import type { OpenDatabase } from '../store/database.ts';
import type { Command } from './command.ts';
import { useDatabase } from './database.ts';

/** Whatever still hangs after a stop (a socket that does not close) must not keep the process. */
const LAST_MS = 5000;

async function withinLimit(stopping: Promise<void>, log: Logger): Promise<void> {
  const limit = new AbortController();
  const late = sleep(STOP_LIMIT_MS, true, { signal: limit.signal }).catch(() => false);
  if (await Promise.race([late, stopping.then(() => false)]))
    log.error('not everything came to its end in time; it is taken up at the next start');
  limit.abort();
}

export const serve: Command = {
  name: 'serve',
  summary: 'runs the gateway: SMTP door, work, outbox, mail log, console',
  usage:
    'congthu serve\nConfiguration: environment variables, see README. SIGTERM drains and ends with status 0.\n',
  async run(_args, io) {
    const config = readConfig(io.env);
    const log = pino();
    log.info({ configuration: printable(io.env) }, 'starting');
    const run = async (db: OpenDatabase): Promise<void> => {
      const gateway = await startGateway(config, db, systemClock, log);
      log.info({ smtp: gateway.smtp, console: gateway.console, ops: gateway.ops }, 'ready');
      await new Promise<void>((resolve) => {
        if (io.signal.aborted) resolve();
        else
          io.signal.addEventListener(
            'abort',
            () => {
              resolve();
            },
            { once: true },
          );
      });
      log.info('draining');
      await withinLimit(gateway.stop(), log);
    };
    try {
      await useDatabase(config, io, run, 'wait');
    } catch (error) {
      // Told to end while it waited for its database: nothing was begun.
      if (!io.signal.aborted || !isAway(error)) throw error;
    }
    setTimeout(() => process.exit(), LAST_MS).unref();
    return 0;
  },
};
