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

  it('a dialogue that expects the wrong thing fails', async () => {
    await expect(runDialogue('c <- 220 congthu.test\nc -> NOOP\nc <- 500')).rejects.toThrow(
      'line 3: c <- 500',
    );
    await expect(runDialogue('c <- 220\nletters 1')).rejects.toThrow('letters given to the gatekeeper');
  });
});
