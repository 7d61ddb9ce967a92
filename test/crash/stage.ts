import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate, openDatabase, type OpenDatabase } from '../../src/store/database.ts';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import { stopAtOnce } from '../harness/embedded-crash.ts';
import { freePort } from '../harness/free-port.ts';
import { openMailServer } from '../harness/mail-server.ts';
import { registerUnits } from '../harness/many-units.ts';
import { startProxy, type TcpProxy } from '../harness/tcp-proxy.ts';

export const INTAKE = 'stttt@quangbinh.gov.vn';

/** Everything a crash test plays on: a real PostgreSQL behind a proxy, gateways as processes, a mail server that counts. */
export interface Stage {
  readonly dir: string;
  readonly proxy: TcpProxy;
  readonly smtpPorts: readonly number[];
  /** How often each Message-ID arrived at the province's mail server. */
  readonly arrived: Map<string, number>;
  /** Gateways that ended by themselves; they are started again, as systemd does. */
  readonly ended: () => number;
  /** A connection past the proxy, for looking at the end. */
  look(): Promise<OpenDatabase>;
  /** Waits until the gateway greets, so that every blow strikes one at work; starts it again at once. */
  killGateway(n: number): Promise<void>;
  /** SIGQUIT: no checkpoint, every connection cut. Resolves when the server answers again. */
  crashPostgres(): Promise<void>;
  close(): Promise<void>;
}

export interface StageOptions {
  readonly gateways: number;
  /** The program each gateway is: the real one, or the control that must lose. */
  readonly program: readonly string[];
}

export const REAL = ['src/main.ts', 'serve'] as const;
/** RestartSec of the unit file. */
const RESTART_MS = 1000;
const ROOT = path.resolve(import.meta.dirname, '../..');

export async function raiseCurtain({ gateways, program }: StageOptions): Promise<Stage> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-crash-'));
  fs.chmodSync(dir, 0o755);
  let server = await startEmbeddedPostgres(dir);
  const proxy = await startProxy(Number(new URL(server.url).port));
  const url = new URL(server.url);
  url.port = String(proxy.port);
  await migrate(server.url);
  const db = await openDatabase({ url: server.url, dataDir: dir });
  await registerUnits(db);
  await db.close();
  const arrived = new Map<string, number>();
  const sink = await openMailServer(arrived);
  const smtpPorts = await Promise.all(Array.from({ length: gateways }, freePort));
  const children: ChildProcess[] = [];
  let ended = 0;
  let closing = false;
  const start = async (n: number): Promise<void> => {
    const out = fs.openSync(path.join(dir, `gateway-${n}.log`), 'a');
    const child = spawn(process.execPath, [...program], {
      cwd: ROOT,
      stdio: ['ignore', out, out],
      env: {
        PATH: process.env['PATH'],
        DATABASE_URL: url.href,
        CONGTHU_DATA_DIR: path.join(dir, 'shared'),
        CONGTHU_SMTP_LISTEN: `127.0.0.1:${smtpPorts[n]!}`,
        CONGTHU_CONSOLE_LISTEN: `127.0.0.1:${await freePort()}`,
        CONGTHU_RELAY_URL: `smtp://127.0.0.1:${sink.port}?ignoreTLS=true`,
        CONGTHU_NOTICE_FROM: INTAKE,
        CONGTHU_TRUSTED_RELAYS: '127.0.0.1',
        CONGTHU_AUTHSERV_ID: 'mx.quangbinh.gov.vn',
      },
    });
    children[n] = child;
    fs.closeSync(out);
    child.once('exit', () => {
      if (closing || child.killed) return;
      ended += 1;
      setTimeout(() => void start(n), RESTART_MS);
    });
  };
  for (let n = 0; n < gateways; n += 1) await start(n);
  return {
    dir,
    proxy,
    smtpPorts,
    arrived,
    ended: () => ended,
    look: () => openDatabase({ url: server.url, dataDir: dir }),
    async killGateway(n) {
      await greeting(smtpPorts[n]!);
      const child = children[n]!;
      // One that ended by itself this very moment is started again without us.
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      await start(n);
    },
    async crashPostgres() {
      await stopAtOnce(dir);
      server = await startEmbeddedPostgres(dir);
      proxy.target(Number(new URL(server.url).port));
    },
    async close() {
      closing = true;
      for (const child of children) child.kill('SIGKILL');
      await sink.door.close(100);
      proxy.close();
      await server.close();
      await stopAtOnce(dir);
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A machine whose cores are all busy takes a minute and more to start a process. */
const GREETING_MS = 300_000;

async function greeting(port: number): Promise<void> {
  const until = Date.now() + GREETING_MS;
  while (Date.now() < until) {
    const socket = connect(port, '127.0.0.1');
    const greets = await new Promise<boolean>((resolve) => {
      for (const [event, said] of [
        ['data', true],
        ['error', false],
        ['close', false],
      ] as const)
        socket.on(event, () => {
          resolve(said);
        });
    });
    socket.destroy();
    if (greets) return;
    await sleep(100);
  }
  throw new Error(`no gateway greets on port ${port}`);
}
