import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The gateway as operators run it: a process of its own, told by environment variables and signals alone. */
export interface GatewayProcess {
  readonly smtpPort: number;
  /** Base address of metrics and health checks. */
  readonly ops: string;
  /** Everything it wrote so far. */
  output(): string;
  /** Tells it to end; resolves to its status and how long it took. */
  terminate(signal?: NodeJS.Signals): Promise<{ status: number | null; tookMs: number }>;
}

const ROOT = path.resolve(import.meta.dirname, '../..');
/** A machine whose cores are all busy takes a minute and more to start a process. */
const START_MS = 120_000;

/** Starts `congthu serve` and waits until it is ready. @throws with what it wrote when it ends before */
export async function startProcess(env: Readonly<Record<string, string>>): Promise<GatewayProcess> {
  const child = spawn(process.execPath, ['src/main.ts', 'serve'], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      CONGTHU_SMTP_LISTEN: '127.0.0.1:0',
      CONGTHU_CONSOLE_LISTEN: '127.0.0.1:0',
      CONGTHU_OPS_LISTEN: '127.0.0.1:0',
      ...env,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const ready = (): { smtp: { port: number }; ops: { port: number } } | null => {
    const line = output.split('\n').find((one) => one.includes('"msg":"ready"'));
    return line === undefined
      ? null
      : (JSON.parse(line) as { smtp: { port: number }; ops: { port: number } });
  };
  const until = Date.now() + START_MS;
  for (let told = ready(); ; told = ready()) {
    if (told !== null)
      return {
        smtpPort: told.smtp.port,
        ops: `http://127.0.0.1:${told.ops.port}`,
        output: () => output,
        async terminate(signal = 'SIGTERM') {
          const since = performance.now();
          child.kill(signal);
          const [status] = await ended;
          return { status, tookMs: performance.now() - since };
        },
      };
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > until) {
      child.kill('SIGKILL');
      throw new Error(`the gateway does not start:\n${output.slice(-4000)}`);
    }
    await sleep(50);
  }
}
