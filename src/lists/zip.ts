import { ListError } from './port.ts';

/**
 * Looks at a zip's central directory before anything is inflated, and refuses what no office program writes: a
 * 688 KB xlsx was seen that inflates to 202 MB. Returns nothing; a file that passes may be handed to a reader.
 */
export function checkZip(bytes: Buffer): void {
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0 || end + 22 > bytes.length) throw new ListError('malformed', 'zip without an end record');
  const count = bytes.readUInt16LE(end + 10);
  // Office files of hundreds of sheets stay below a few hundred parts.
  if (count > MAX_ENTRIES) throw new ListError('too_large', `${count} entries in the zip`);
  const names = new Set<string>();
  let inflated = 0;
  let at = bytes.readUInt32LE(end + 16);
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50)
      throw new ListError('malformed', 'broken zip directory');
    const packed = bytes.readUInt32LE(at + 20);
    const size = bytes.readUInt32LE(at + 24);
    const name = bytes.subarray(at + 46, at + 46 + bytes.readUInt16LE(at + 28)).toString('utf8');
    checkLocalHeader(bytes, bytes.readUInt32LE(at + 42), name);
    if (names.has(name)) throw new ListError('forbidden_content', `two entries called ${name}`);
    names.add(name);
    if ((bytes.readUInt16LE(at + 8) & 1) !== 0) throw new ListError('encrypted', 'encrypted entry');
    inflated += size;
    // Spreadsheet XML packs about 1:10; 1:100 is a bomb. Small parts may pack better by chance.
    if (size > MAX_RATIO * Math.max(packed, 1) && size > 1024 * 1024)
      throw new ListError('too_large', `${name} is packed too tightly`);
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  if (inflated > MAX_INFLATED) throw new ListError('too_large', `${inflated} bytes after inflating`);
}

const MAX_ENTRIES = 2000;
const MAX_INFLATED = 100 * 1024 * 1024;
const MAX_RATIO = 100;

/** Two readers must see the same file: the local header has to tell the same name. */
function checkLocalHeader(bytes: Buffer, at: number, name: string): void {
  if (at + 30 > bytes.length || bytes.readUInt32LE(at) !== 0x04034b50)
    throw new ListError('malformed', 'broken local header');
  const local = bytes.subarray(at + 30, at + 30 + bytes.readUInt16LE(at + 26)).toString('utf8');
  if (local !== name)
    throw new ListError('forbidden_content', `the zip tells two names, ${name} and ${local}`);
}
