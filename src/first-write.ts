import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/**
 * Writes a file for this account alone (mode 0600) unless it is there. Whoever writes first wins and nobody reads half of
 * it, however many gateways start at once in a new data directory: the whole file appears under its name by one link.
 */
export function firstWrite(file: string, content: string | Buffer): void {
  const folder = path.dirname(file);
  fs.mkdirSync(folder, { recursive: true });
  const draft = path.join(folder, `.${path.basename(file)}.${randomBytes(6).toString('hex')}`);
  fs.writeFileSync(draft, content, { mode: 0o600, flag: 'wx', flush: true });
  try {
    fs.linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    fs.unlinkSync(draft);
  }
}
