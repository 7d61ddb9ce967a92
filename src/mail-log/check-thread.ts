import { parentPort, workerData } from 'node:worker_threads';
import { postgresClient } from '../store/driver.ts';
import { causeText } from '../errors.ts';
import type { CheckMessage, CheckTask } from './background-check.ts';
import { verifyLog } from './verify.ts';

/** The thread of background-check.ts, with a connection of its own that may read for long. */
const { url, origin, publicKey, from } = workerData as CheckTask;
const tell = (message: CheckMessage): void => parentPort?.postMessage(message);

const sql = postgresClient(url, {
  max: 1,
  onnotice: () => undefined,
  connection: { application_name: 'congthu log check' },
});
try {
  const report = await verifyLog(
    sql,
    { origin, publicKey: Buffer.from(publicKey) },
    {
      ...(from === null ? {} : { from }),
      now: new Date(),
      progress: (done, all) => {
        tell({ done, all });
      },
    },
  );
  tell({ result: 'checked', report });
} catch (error) {
  tell({ result: 'failed', error: causeText(error) });
} finally {
  await sql.end({ timeout: 5 });
}
