import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { postfixMissing, startPostfix } from '../harness/postfix.ts';
import { load } from './rounds.ts';
import type { Cpu } from './tree-cpu.ts';

/** A server that says 250 only for a letter that is durable, in processes of its own. */
interface Contestant {
  readonly name: string;
  readonly start: () => Promise<Server>;
}

interface Server {
  readonly port: number;
  readonly stop: () => Promise<void>;
  /** Forgets, or tells what it measured of itself since: milliseconds, and MiB at most. Absent for programs not ours. */
  readonly reset?: () => Promise<void>;
  readonly read?: () => Promise<Own>;
}

interface Own {
  readonly lagP99: number;
  readonly rss: number;
  readonly cpu: Cpu;
}

interface Scenario {
  readonly name: string;
  readonly letters: number;
  /** At once. */
  readonly connections: number;
  readonly lettersPerConnection: number;
  readonly bytes: number;
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: '4 KB, 200 connections, one letter each',
    letters: 3000,
    connections: 200,
    lettersPerConnection: 1,
    bytes: 4096,
  },
  {
    name: '4 KB, 50 reused connections',
    letters: 5000,
    connections: 50,
    lettersPerConnection: 100,
    bytes: 4096,
  },
  {
    name: '5 MB, 10 reused connections',
    letters: 100,
    connections: 10,
    lettersPerConnection: 10,
    bytes: 5_000_000,
  },
  { name: '50 MB, 20 at once', letters: 20, connections: 20, lettersPerConnection: 1, bytes: 50_000_000 },
];
/** The first letters pay for loading and for processes that are not there yet. */
const WARM_UP: Scenario = { ...SCENARIOS[0]!, letters: 200 };

/** What `npm start` gives to Node, so that memory is measured as it is run. */
function nodeFlags(): string[] {
  const text = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
  const { start } = (JSON.parse(text) as { scripts: { start: string } }).scripts;
  return start.split(' ').filter((word) => word.startsWith('--'));
}

const ours = (name: string, kind: 'gateway' | 'files'): Contestant => ({
  name,
  async start() {
    const child = fork(join(import.meta.dirname, 'door-process.ts'), [kind], { execArgv: nodeFlags() });
    const asked = async (question: string): Promise<unknown> => {
      child.send(question);
      return ((await once(child, 'message')) as [unknown])[0];
    };
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    return {
      port,
      async reset() {
        await asked('reset');
      },
      read: () => asked('read') as Promise<Own>,
      async stop() {
        child.send('stop');
        await once(child, 'exit');
      },
    };
  },
});

/** Every contestant through every scenario, one after the other, on this machine in this run. */
export async function run(): Promise<void> {
  const missing = postfixMissing();
  if (missing !== null) console.log(`(without Postfix: ${missing})`);
  const contestants: readonly Contestant[] = [
    ours('gateway, PostgreSQL', 'gateway'),
    ours('door, one fsynced file per letter', 'files'),
    ...(missing === null ? [{ name: 'Postfix, queue with fsync, discard', start: startPostfix }] : []),
  ];
  for (const contestant of contestants) {
    const server: Server = await contestant.start();
    try {
      await clients(server.port, WARM_UP);
      for (const scenario of SCENARIOS) console.log(await measured(contestant.name, server, scenario));
    } finally {
      await server.stop();
    }
  }
  console.log(load());
}

async function measured(contestant: string, server: Server, scenario: Scenario): Promise<string> {
  await server.reset?.();
  const { seconds, accepted } = await clients(server.port, scenario);
  if (accepted !== scenario.letters)
    throw new Error(`${contestant}: ${accepted} of ${scenario.letters} letters accepted`);
  const own = await server.read?.();
  const figures =
    own === undefined
      ? ''
      : `CPU ms per letter ${(own.cpu.gateway / accepted).toFixed(2)} + PostgreSQL ${(own.cpu.postgres / accepted).toFixed(2)}, event loop late by ${own.lagP99.toFixed(1)} ms (p99), ${own.rss.toFixed(0)} MiB at most`;
  const perSecond = (accepted / seconds).toFixed(accepted / seconds < 100 ? 1 : 0);
  return `${scenario.name.padEnd(40)} ${contestant.padEnd(36)} ${perSecond.padStart(6)}/s  ${figures}`.trimEnd();
}

async function clients(port: number, scenario: Scenario): Promise<{ seconds: number; accepted: number }> {
  const { letters, connections, lettersPerConnection, bytes } = scenario;
  const args = [port, letters, connections, lettersPerConnection, bytes].map(String);
  const script = join(import.meta.dirname, 'clients.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args]);
  return JSON.parse(stdout) as { seconds: number; accepted: number };
}
