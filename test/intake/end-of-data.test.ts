import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import '../../src/intake/smtp-library.ts';
import { chance } from '../scans/random.ts';

// After the mends, as the library itself is.
const { SMTPStream } = await import('smtp-server/lib/smtp-stream.js');

const LINES = [
  '',
  '.',
  '..',
  '...',
  '. ',
  '.a',
  'a.',
  'a.b',
  'Kính gửi Sở. ',
  'x'.repeat(200),
  '.'.repeat(70),
];
const AFTERWARDS = 'NOOP\r\n';

interface Heard {
  readonly letter: string;
  readonly commands: string[];
}

/** A parser in the middle of DATA is given the pieces one after the other. */
async function hear(pieces: readonly Buffer[]): Promise<Heard> {
  const parser = new SMTPStream();
  const commands: string[] = [];
  parser.oncommand = (command, done) => {
    commands.push(command.toString('latin1'));
    done?.();
  };
  const letter = buffer(parser.startDataMode()).then((bytes) => {
    parser.continue();
    return bytes.toString('utf8');
  });
  for (const piece of pieces) await new Promise((resolve) => parser.write(piece, resolve));
  return { letter: await letter, commands };
}

test('a letter comes out as it was before its dots were doubled, in whatever pieces it comes', async () => {
  const random = chance(20_261_129);
  for (let round = 0; round < 1500; round += 1) {
    const lines = Array.from({ length: random.whole(1, 12) }, () => random.pick(LINES));
    const stuffed = lines.map((line) => line.replace(/^\./, '..')).join('\r\n');
    const wire = Buffer.from(`${stuffed}\r\n.\r\n${AFTERWARDS}`);
    const pieces: Buffer[] = [];
    const longest = [1, 3, 7, 40, 400][round % 5]!;
    for (let at = 0; at < wire.length;) {
      const size = random.whole(1, longest);
      pieces.push(wire.subarray(at, at + size));
      at += size;
    }
    const { letter, commands } = await hear(pieces);
    expect({ letter, commands }, JSON.stringify(lines)).toEqual({
      letter: `${lines.join('\r\n')}\r\n`,
      commands: ['NOOP'],
    });
  }
});
