import { execFileSync } from 'node:child_process';
import os from 'node:os';

/** Figures of several rounds: the middle one counts, the others tell how noisy the machine is. */
export interface Rounds {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function roundsOf(figures: readonly number[]): Rounds {
  const sorted = figures.toSorted((a, b) => a - b);
  return { median: sorted[sorted.length >> 1]!, least: sorted[0]!, most: sorted.at(-1)! };
}

export const shown = ({ median, least, most }: Rounds): string =>
  `${median.toFixed(2)} ms CPU (${least.toFixed(2)}–${most.toFixed(2)})`;

/** CPU milliseconds of this process per call of `one`, user and system. */
export function cpuEach<T>(items: readonly T[], one: (item: T) => void): number {
  const before = process.cpuUsage();
  for (const item of items) one(item);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / items.length;
}

/** CPU milliseconds of the programs a shell starts, per command; a command may fail when `status` says so. */
export function spawnedCpuEach(commands: readonly string[]): number {
  const times = execFileSync('bash', ['-c', [...commands, 'times'].join('\n')], { encoding: 'utf8' });
  const children = times.trim().split('\n').at(-1)!;
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest),
    0,
  );
  return (seconds * 1000) / commands.length;
}

/** Load while measuring: figures of a busy machine are to be read with care. */
export const load = (): string => `load ${os.loadavg()[0]!.toFixed(1)} on ${os.cpus().length} cores`;
