import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { promisify } from 'node:util';

import type { Gatekeeper } from '../../src/intake/gatekeeper.ts';
import { openDoor } from '../harness/door.ts';
import { OK, recordingGate } from '../harness/gate.ts';
import { postfixMissing, startPostfix } from '../harness/postfix.ts';

/** A server that says 250 only for a letter that is durable. */
export interface Contestant {
  readonly name: string;
  readonly start: () => Promise<{ readonly port: number; readonly stop: () => Promise<void> }>;
}

export interface Scenario {
  readonly name: string;
  readonly letters: number;
  /** At once. */
  readonly connections: number;
  readonly lettersPerConnection: number;
  readonly bytes: number;
}

export interface Measured {
  readonly contestant: string;
  readonly scenario: string;
  readonly letters: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** Of this process while the contestant worked: milliseconds, and MiB. Says nothing about a contestant outside it. */
  readonly lagP99: number;
  readonly rss: number;
}

export const SCENARIOS: readonly Scenario[] = [
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
];

/** The real door with any gatekeeper behind it; the gateway's own makes this the real accept path. */
export const doorContestant = (name: string, gatekeeper: () => Gatekeeper): Contestant => ({
  name,
  async start() {
    const { port, door } = await openDoor(gatekeeper(), { maxConnectionsPerClient: 500 });
    return { port, stop: () => door.close(1000) };
  },
});

/** The least a mail server must do: one file per letter, fsynced with its folder, before 250 — as Postfix does. */
export function doorWithFiles(): Contestant {
  const folder = mkdtempSync(join(tmpdir(), 'congthu-bench-'));
  const gate = recordingGate({
    async receive({ raw }) {
      const file = await open(join(folder, randomUUID()), 'wx');
      for await (const chunk of raw.chunks()) await file.write(chunk);
      await file.sync();
      await file.close();
      return OK;
    },
  });
  const inner = doorContestant('door, one fsynced file per letter', () => gate);
  return {
    name: inner.name,
    async start() {
      const { port, stop } = await inner.start();
      return {
        port,
        async stop() {
          await stop();
          rmSync(folder, { recursive: true });
        },
      };
    },
  };
}

export const postfixContestant: Contestant = {
  name: 'Postfix, queue with fsync, discard',
  start: startPostfix,
};

/** Every contestant through every scenario, one after the other, on this machine in this run. */
export async function run(
  contestants: readonly Contestant[] = [
    doorWithFiles(),
    ...(postfixMissing() === null ? [postfixContestant] : []),
  ],
  scenarios: readonly Scenario[] = SCENARIOS,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const contestant of contestants) {
    const { port, stop } = await contestant.start();
    try {
      // The first letters pay for loading and for processes that are not there yet.
      await clients(port, { ...scenarios[0]!, letters: 200 });
      for (const scenario of scenarios) measured.push(await measure(contestant.name, port, scenario));
    } finally {
      await stop();
    }
  }
  return measured;
}

async function measure(contestant: string, port: number, scenario: Scenario): Promise<Measured> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const { seconds, accepted } = await clients(port, scenario);
  delay.disable();
  if (accepted !== scenario.letters)
    throw new Error(`${contestant}: ${accepted} of ${scenario.letters} letters accepted`);
  return {
    contestant,
    scenario: scenario.name,
    letters: accepted,
    seconds,
    perSecond: accepted / seconds,
    lagP99: delay.percentile(99) / 1e6,
    rss: process.memoryUsage.rss() / 2 ** 20,
  };
}

async function clients(port: number, scenario: Scenario): Promise<{ seconds: number; accepted: number }> {
  const { letters, connections, lettersPerConnection, bytes } = scenario;
  const args = [port, letters, connections, lettersPerConnection, bytes].map(String);
  const script = join(import.meta.dirname, 'clients.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args]);
  return JSON.parse(stdout) as { seconds: number; accepted: number };
}

/** The table `npm run bench -- accept` prints. */
export const table = (rows: readonly Measured[]): string =>
  rows
    .map(
      ({ scenario, contestant, perSecond, lagP99, rss }) =>
        `${scenario.padEnd(42)} ${contestant.padEnd(36)} ${perSecond.toFixed(0).padStart(6)}/s  p99 lag ${lagP99.toFixed(1)} ms  ${rss.toFixed(0)} MiB`,
    )
    .join('\n');
