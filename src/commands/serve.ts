import pino from 'pino';
import { systemClock } from '../clock.ts';
import { printable, readConfig } from '../config.ts';
import { startGateway } from '../gateway.ts';
import type { Command } from './command.ts';
import { useDatabase } from './database.ts';

export const serve: Command = {
  name: 'serve',
  summary: 'runs the gateway: SMTP door, work, outbox, mail log, console',
  usage:
    'congthu serve\nConfiguration: environment variables, see README. SIGTERM drains and ends with status 0.\n',
  async run(_args, io) {
    const config = readConfig(io.env);
    const log = pino();
    log.info({ configuration: printable(io.env) }, 'starting');
    await useDatabase(config, io, async (db) => {
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
      await gateway.stop();
    });
    return 0;
  },
};
