import type { Mailer } from '../notices/send.ts';
import { ParserCrash, type ParserPool } from '../parser-process/pool.ts';
import type { Metrics } from './metrics.ts';

/** The same pool; children that die or are killed are counted. */
export function countedPool(pool: ParserPool, metrics: Pick<Metrics, 'parserCrash'>): ParserPool {
  const counted = <T>(job: Promise<T>): Promise<T> =>
    job.catch((error: unknown) => {
      if (error instanceof ParserCrash) metrics.parserCrash();
      throw error;
    });
  return {
    examine: (job) => counted(pool.examine(job)),
    screen: (job) => counted(pool.screen(job)),
    readLists: (job) => counted(pool.readLists(job)),
    examineScan: (job) => counted(pool.examineScan(job)),
    recognise: (job) => counted(pool.recognise(job)),
    unpack: (job) => counted(pool.unpack(job)),
    verifyFile: (job) => counted(pool.verifyFile(job)),
    close: () => {
      pool.close();
    },
  };
}

/** The same mailer; what became of each try is counted. */
export function countedMailer(mailer: Mailer, metrics: Pick<Metrics, 'sending'>): Mailer {
  return {
    async send(notice, at, attachments) {
      const sending = await mailer.send(notice, at, attachments);
      metrics.sending(sending.result);
      return sending;
    },
    probe: () => mailer.probe(),
    close: () => {
      mailer.close();
    },
  };
}

/** The same scanner; a throw stays a throw. */
export function countedScan(
  scan: (bytes: Uint8Array) => Promise<string | null>,
  metrics: Pick<Metrics, 'virusScan'>,
): (bytes: Uint8Array) => Promise<string | null> {
  return async (bytes) => {
    try {
      const found = await scan(bytes);
      metrics.virusScan(found === null ? 'clean' : 'infected');
      return found;
    } catch (error) {
      metrics.virusScan('failed');
      throw error;
    }
  };
}
