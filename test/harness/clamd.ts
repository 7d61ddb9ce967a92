import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClamd } from '../../src/virus/clamd.ts';
import { freePort } from './free-port.ts';

/** Debian's clamav-daemon; its signatures come from here, since none may be downloaded. */
export const withoutClamd = !fs.existsSync('/usr/sbin/clamd') && process.env['CONGTHU_TEST_ALL'] !== '1';

/** The harmless test file every scanner knows (eicar.org), in two halves so that no scanner takes this file for it. */
export const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

export interface RunningClamd {
  readonly port: number;
  stop(): Promise<void>;
}

/** A clamd of the test's own that knows EICAR and takes streams of at most `streamMaxLength`. */
export async function startClamd(streamMaxLength = '25M'): Promise<RunningClamd> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-clamd-'));
  fs.chmodSync(dir, 0o755);
  const port = await freePort();
  fs.mkdirSync(path.join(dir, 'db'));
  fs.writeFileSync(
    path.join(dir, 'db/test.ndb'),
    `Eicar-Test-Signature:0:*:${Buffer.from(EICAR).toString('hex')}\n`,
  );
  const conf = path.join(dir, 'clamd.conf');
  const settings = [
    'Foreground yes',
    `TCPSocket ${port}`,
    'TCPAddr 127.0.0.1',
    `DatabaseDirectory ${dir}/db`,
    `TemporaryDirectory ${dir}`,
    `StreamMaxLength ${streamMaxLength}`,
    'ScanMail yes',
  ];
  fs.writeFileSync(conf, `${settings.join('\n')}\n`);
  const child = spawn('/usr/sbin/clamd', ['-c', conf], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const clamd = createClamd({ address: { host: '127.0.0.1', port } });
  for (let tries = 0; ; tries += 1) {
    if (await clamd.version().then(Boolean, () => false)) break;
    if (tries > 200 || child.exitCode !== null) throw new Error('clamd does not start');
    await sleep(50);
  }
  return {
    port,
    async stop() {
      child.kill('SIGKILL');
      await ended;
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}
