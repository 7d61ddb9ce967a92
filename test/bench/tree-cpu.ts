import fs from 'node:fs';

/** CPU milliseconds of processes since they began, by what they are. */
export type Cpu = Readonly<Record<'gateway' | 'child' | 'postgres', number>>;

/**
 * This process and all that descend from it (Linux): the scheduler's own nanoseconds of every thread. What ended meanwhile
 * is not counted, so it is for processes that stay.
 */
export function treeCpu(): Cpu {
  const sum = { gateway: 0, child: 0, postgres: 0 };
  const parents = new Map<number, number>();
  const names = new Map<number, string>();
  for (const entry of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = readOrNull(`/proc/${entry}/stat`);
    if (stat === null) continue;
    const end = stat.lastIndexOf(')');
    names.set(Number(entry), stat.slice(stat.indexOf('(') + 1, end));
    parents.set(Number(entry), Number(stat.slice(end + 2).split(' ')[1]));
  }
  for (const pid of parents.keys()) {
    if (!descends(pid, parents)) continue;
    const kind = pid === process.pid ? 'gateway' : names.get(pid) === 'postgres' ? 'postgres' : 'child';
    for (const thread of threadsOf(pid))
      sum[kind] += Number(readOrNull(`/proc/${pid}/task/${thread}/schedstat`)?.split(' ')[0] ?? 0) / 1e6;
  }
  return sum;
}

function descends(pid: number, parents: ReadonlyMap<number, number>): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 0; at = parents.get(at))
    if (at === process.pid) return true;
  return false;
}

/** None when the process has ended meanwhile. */
function threadsOf(pid: number): string[] {
  try {
    return fs.readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function readOrNull(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

export const minus = (after: Cpu, before: Cpu): Cpu => ({
  gateway: after.gateway - before.gateway,
  child: after.child - before.child,
  postgres: after.postgres - before.postgres,
});
