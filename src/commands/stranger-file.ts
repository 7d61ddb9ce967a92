import { constants } from 'node:fs';
import fs from 'node:fs/promises';
import { UserError } from '../errors.ts';

/** The door takes 50 MB; two such files and their frames fit into what the parsing child is sent (MAX_FRAME_BYTES). */
const MAX_FILE_BYTES = 75 * 1024 * 1024;

/**
 * A file somebody names at the command line, whole. Devices and pipes may have no end or never begin, and what is
 * larger than any letter is not read into memory at all.
 * @throws UserError for what is no ordinary file or too large; what the system says for what cannot be opened
 */
export async function readStrangerFile(file: string): Promise<Buffer> {
  // Non-blocking: opening a pipe nobody writes to would wait for ever.
  const handle = await fs.open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await handle.stat();
    if (!found.isFile())
      throw new UserError(found.isDirectory() ? 'a folder, not a file' : 'not an ordinary file');
    if (found.size > MAX_FILE_BYTES)
      throw new UserError(`${found.size} bytes; files up to ${MAX_FILE_BYTES} are examined`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
