import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
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

export interface ClamdKnowledge {
  /** The only bytes it calls infected. */
  readonly knows?: string;
  /** The date it tells for its daily signatures; without it tells none. */
  readonly signaturesOf?: Date;
}

/** A clamd of the test's own that knows EICAR and takes streams of at most `streamMaxLength`. */
export async function startClamd(
  streamMaxLength = '25M',
  { knows = EICAR, signaturesOf }: ClamdKnowledge = {},
): Promise<RunningClamd> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-clamd-'));
  fs.chmodSync(dir, 0o755);
  const port = await freePort();
  fs.mkdirSync(path.join(dir, 'db'));
  fs.writeFileSync(
    path.join(dir, 'db/test.ndb'),
    `Eicar-Test-Signature:0:*:${Buffer.from(knows).toString('hex')}\n`,
  );
  if (signaturesOf !== undefined) writeDaily(path.join(dir, 'db'), signaturesOf);
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

/**
 * Daily signatures of a date, in clamd's container for unsigned ones (libclamav/cvd.c): 512 bytes of header, then a tar
 * with the sizes and digests of its files and the files. What they detect does not matter here.
 */
function writeDaily(folder: string, date: Date): void {
  const [, day, month, year, clock] = date.toUTCString().split(/[ ,]+/);
  const time = clock!.slice(0, 5).replace(':', '-');
  const seconds = Math.floor(date.getTime() / 1000);
  const header = `ClamAV-VDB:${day} ${month} ${year} ${time} +0000:27831:1:90:X:X:test:${seconds}`;
  const signatures = `Test.Daily:0:*:${Buffer.from('nobody writes this').toString('hex')}\n`;
  const digest = createHash('sha256').update(signatures).digest('hex');
  const parts = ['daily.info', 'daily.ndb'];
  const contents = [`${header}\ndaily.ndb:${signatures.length}:${digest}\n`, signatures];
  parts.forEach((name, i) => {
    fs.writeFileSync(path.join(folder, name), contents[i]!);
  });
  const tar = execFileSync('tar', ['--format=ustar', '-C', folder, '-cf', '-', ...parts]);
  for (const name of parts) fs.rmSync(path.join(folder, name));
  fs.writeFileSync(path.join(folder, 'daily.cud'), Buffer.concat([Buffer.from(header.padEnd(512)), tar]));
}
