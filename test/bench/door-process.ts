import fs from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { doorWithFiles, gateway } from './doors.ts';
import { minus, treeCpu } from './tree-cpu.ts';

/*
 * A door in a process of its own, so that its memory and its event loop are its own: fork(…, ['gateway' | 'files']).
 * Sends {port}; answers "reset" by forgetting what it measured, "read" with {lagP99, rss}, "stop" by ending.
 */
const delay = monitorEventLoopDelay({ resolution: 5 });
const { port, stop } = await (process.argv[2] === 'gateway' ? gateway() : doorWithFiles());
delay.enable();
let cpu = treeCpu();

/** KiB of memory at most since the last `forgetPeak` (Linux: VmHWM, /proc/PID/clear_refs). */
const peak = (): number =>
  Number(/^VmHWM:\s*(\d+) kB/m.exec(fs.readFileSync('/proc/self/status', 'utf8'))?.[1]);
const forgetPeak = (): void => {
  fs.writeFileSync('/proc/self/clear_refs', '5');
};

process.on('message', (asked) => {
  if (asked === 'reset') {
    delay.reset();
    forgetPeak();
    cpu = treeCpu();
    process.send?.({});
  } else if (asked === 'read') {
    process.send?.({ lagP99: delay.percentile(99) / 1e6, rss: peak() / 1024, cpu: minus(treeCpu(), cpu) });
  } else {
    void stop().then(() => process.exit());
  }
});
process.send?.({ port });
