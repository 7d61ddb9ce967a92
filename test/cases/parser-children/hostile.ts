import { readFrames, writeFrame } from '../../../src/parser-process/frames.ts';

/** A parsing child under a stranger's command: what it does is named by the letter it is given. */
const DEEDS: Readonly<Record<string, () => void>> = {
  hang: () => {
    for (;;);
  },
  bomb: () => {
    for (const kept: Buffer[] = []; ;) kept.push(Buffer.alloc(8 << 20, 1));
  },
  die: () => {
    process.exit(3);
  },
  babble: () => {
    process.stdout.write(Buffer.alloc(64, 0xff));
  },
};

for await (const { bytes } of readFrames(process.stdin)) {
  DEEDS[bytes.toString()]?.();
  writeFrame(process.stdout, { ok: true, value: { letter: bytes.toString(), wanted: [] } });
}
