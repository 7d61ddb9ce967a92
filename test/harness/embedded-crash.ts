import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const pidOf = (dir: string): number => {
  const file = path.join(dir, 'postgres/cluster/postmaster.pid');
  return fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8').split('\n')[0]) : 0;
};

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** An immediate stop of the embedded server below `dir` (SIGQUIT): no checkpoint, every connection cut. */
export async function stopAtOnce(dir: string): Promise<void> {
  const pid = pidOf(dir);
  if (pid === 0 || !isAlive(pid)) return;
  process.kill(pid, 'SIGQUIT');
  while (isAlive(pid)) await sleep(20);
}
