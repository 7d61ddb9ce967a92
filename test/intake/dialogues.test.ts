import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, it } from 'vitest';

import { runDialogue } from '../harness/dialogue.ts';

const FOLDER = join(import.meta.dirname, '..', 'dialogues');

describe('SMTP dialogues', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.smtp'));

  it.concurrent.for(files)('%s', async (name) => {
    await runDialogue(readFileSync(join(FOLDER, name), 'utf8'));
  });

  // Whoever hands over by LMTP reads and writes DATA by the same rules; one recipient, so one reply.
  it.concurrent.for(files.filter((name) => name.startsWith('end-of-data-')))('%s over LMTP', async (name) => {
    const text = readFileSync(join(FOLDER, name), 'utf8');
    expect(text).toContain('c -> EHLO ');
    await runDialogue(`door lmtp\n${text.replaceAll('c -> EHLO ', 'c -> LHLO ')}`);
  });

  it('all ten ends of data that are none are tried', () => {
    const ends = files.filter((name) => /^end-of-data-(?:cr|lf|crlf)-/.test(name));
    expect(ends.length).toBe(10);
  });

  it('a dialogue that expects the wrong thing fails', async () => {
    await expect(runDialogue('c <- 220 congthu.test\nc -> NOOP\nc <- 500')).rejects.toThrow(
      'line 3: c <- 500',
    );
    await expect(runDialogue('c <- 220\nletters 1')).rejects.toThrow('letters given to the gatekeeper');
  });
});
