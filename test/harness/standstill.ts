import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * How long the event loop stands still while the work runs: the 99th percentile in milliseconds. The best of three runs,
 * because other programs on the machine can only make it worse. Tests ask only that it stays below a second: what blocks,
 * blocks for many seconds, and finer figures belong to a bench on a quiet machine.
 */
export async function standstill(work: () => Promise<unknown>): Promise<number> {
  const runs: number[] = [];
  for (let run = 0; run < 3; run += 1) {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    await work();
    await sleep(5);
    delay.disable();
    runs.push(delay.percentile(99) / 1e6);
    if (runs.at(-1)! < 20) break;
  }
  return Math.min(...runs);
}
