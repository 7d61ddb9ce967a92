import { sniff } from '../../src/evidence/sniff.ts';
import { readList } from '../../src/lists/formats.ts';
import type { Grid } from '../../src/lists/port.ts';

/** A list file read as the parsing child reads it: the content tells what it is. */
export const readListFile = (bytes: Buffer, filename: string): Promise<Grid[]> =>
  readList({ bytes, filename, ...sniff(bytes, filename) });
