import { crc32, inflateRawSync } from 'node:zlib';

export type ZipFault =
  /** A part needs a password. */
  | 'encrypted'
  | 'too_large'
  | 'malformed'
  /** Two readers could see two different files. */
  | 'ambiguous';

/** A zip file that is not read; nothing else is thrown. */
export class ZipError extends Error {
  override name = 'ZipError';
  readonly code: ZipFault;
  constructor(code: ZipFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Documents of hundreds of sheets or pictures stay below 1,000 parts. */
const MAX_ENTRIES = 2_000;
/** All parts inflated: an official document with its scans is below 50 MB; a 688 KB bomb of 202 MB was seen. */
const MAX_INFLATED = 100 * 1024 * 1024;
/** Office XML packs about 1:10; 1:100 is a bomb. */
const MAX_RATIO = 100;
/** Below this a part may pack better than MAX_RATIO by chance (an empty sheet, a blank bitmap). */
const RATIO_MATTERS_FROM = 1024 * 1024;

const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
const ZIP64_LOCATOR = 0x07064b50;
/** APPNOTE 4.4.4. */
const FLAG = { encrypted: 1, descriptor: 1 << 3, patch: 1 << 5, strong: 1 << 6, masked: 1 << 13 } as const;

interface Entry {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly header: number;
  readonly data: number;
}

/** A zip file whose directory has been checked; parts are inflated when read. */
export interface ZipArchive {
  /** File names in directory order; folders are left out. */
  readonly names: readonly string[];
  /** The inflated bytes of a part, its length and checksum verified. @throws ZipError */
  read(name: string): Uint8Array;
}

/**
 * Opens a zip file (APPNOTE.TXT 6.3.10) that every reader reads alike: one directory at the very end, local headers that say
 * the same, parts side by side without gap or overlap, no name twice in any case. @throws ZipError
 */
export function openZip(bytes: Uint8Array): ZipArchive {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = findEnd(view);
  const entries = readDirectory(view, end);
  checkSizes(entries);
  checkNames(entries);
  checkPlaces(view, entries, view.readUInt32LE(end + 16));
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  return {
    names: [...byName.keys()].filter((name) => !name.endsWith('/')),
    read(name) {
      const entry = byName.get(name);
      if (entry === undefined) throw new ZipError('malformed', `the zip has no part ${name}`);
      return inflate(view, entry);
    },
  };
}

/** The end record must end the file; a second one in its comment would be found first by other readers. */
function findEnd(view: Buffer): number {
  const mark = Buffer.from([0x50, 0x4b, 0x05, 0x06]);
  const at = view.lastIndexOf(mark);
  if (at < 0 || at + 22 > view.length || at + 22 + view.readUInt16LE(at + 20) !== view.length) {
    throw new ZipError('malformed', 'the zip does not end with its end record');
  }
  if (view.readUInt16LE(at + 4) !== 0 || view.readUInt16LE(at + 6) !== 0)
    throw new ZipError('malformed', 'a zip in several volumes');
  // Some readers (Python's zipfile) follow it whenever it is there, others only when the counts overflow.
  if (at >= 20 && view.readUInt32LE(at - 20) === ZIP64_LOCATOR)
    throw new ZipError('ambiguous', 'a zip of the 64-bit kind');
  if (view.readUInt16LE(at + 8) !== view.readUInt16LE(at + 10))
    throw new ZipError('ambiguous', 'the zip counts its parts twice');
  if (view.readUInt32LE(at + 12) + view.readUInt32LE(at + 16) !== at) {
    throw new ZipError('malformed', 'the zip directory does not stand before its end record');
  }
  return at;
}

function readDirectory(view: Buffer, end: number): Entry[] {
  const count = view.readUInt16LE(end + 10);
  if (count > MAX_ENTRIES) throw new ZipError('too_large', `more than ${MAX_ENTRIES} parts in the zip`);
  const entries: Entry[] = [];
  let at = view.readUInt32LE(end + 16);
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > end || view.readUInt32LE(at) !== DIRECTORY_ENTRY)
      throw new ZipError('malformed', 'the zip directory is damaged');
    const next =
      at + 46 + view.readUInt16LE(at + 28) + view.readUInt16LE(at + 30) + view.readUInt16LE(at + 32);
    if (next > end) throw new ZipError('malformed', 'the zip directory is damaged');
    entries.push(readEntry(view, at));
    at = next;
  }
  if (at !== end) throw new ZipError('ambiguous', 'the zip directory holds more than it counts');
  return entries;
}

function readEntry(view: Buffer, at: number): Entry {
  const name = readName(view, at + 46, view.readUInt16LE(at + 28));
  const header = view.readUInt32LE(at + 42);
  const entry = {
    name,
    flags: view.readUInt16LE(at + 8),
    method: view.readUInt16LE(at + 10),
    crc: view.readUInt32LE(at + 16),
    packed: view.readUInt32LE(at + 20),
    size: view.readUInt32LE(at + 24),
    header,
  };
  if ((entry.flags & (FLAG.encrypted | FLAG.strong | FLAG.masked | FLAG.patch)) !== 0) {
    throw new ZipError('encrypted', `${name} is encrypted`);
  }
  if (entry.method !== 0 && entry.method !== 8)
    throw new ZipError('malformed', `${name} is packed by an unusual method`);
  if (view.readUInt16LE(at + 34) !== 0)
    throw new ZipError('malformed', `${name} is said to lie in another volume`);
  if (name.endsWith('/') && entry.size > 0) throw new ZipError('ambiguous', `the folder ${name} holds bytes`);
  const extra = at + 46 + view.readUInt16LE(at + 28);
  checkExtra(view, extra, extra + view.readUInt16LE(at + 30), entry);
  return { ...entry, data: checkLocalHeader(view, entry) };
}

/** APPNOTE 4.5.3, 4.6.9: extra fields by which some readers take another size, place or name than the header's. */
const EXTRA = { zip64: 0x0001, unicodePath: 0x7075 } as const;

function checkExtra(view: Buffer, from: number, to: number, entry: Omit<Entry, 'data'>): void {
  for (let at = from; at + 4 <= to; at += 4 + view.readUInt16LE(at + 2)) {
    const id = view.readUInt16LE(at);
    const value = view.subarray(at + 4, Math.min(at + 4 + view.readUInt16LE(at + 2), to));
    if (id === EXTRA.unicodePath || (id === EXTRA.zip64 && !repeats(value, entry)))
      throw new ZipError(
        'ambiguous',
        `${entry.name} is described twice, in the header and in an extra field`,
      );
  }
}

/** Java leaves a 64-bit field that is empty or says the same again. */
function repeats(zip64: Buffer, { size, packed, header }: Omit<Entry, 'data'>): boolean {
  if (zip64.length % 8 !== 0) return false;
  const known = [0, size, packed, header].map(BigInt);
  for (let at = 0; at < zip64.length; at += 8) if (!known.includes(zip64.readBigUInt64LE(at))) return false;
  return true;
}

/** Names of parts are ASCII in OPC; anything that is not clean UTF-8 has more than one reading. */
function readName(view: Buffer, at: number, length: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(view.subarray(at, at + length));
  } catch (cause) {
    throw new ZipError('ambiguous', 'a part has a name that is not UTF-8', { cause });
  }
}

/** Streaming readers believe the local header, all others the directory: they must agree. Returns where data starts. */
function checkLocalHeader(view: Buffer, entry: Omit<Entry, 'data'>): number {
  const at = entry.header;
  if (at + 30 > view.length || view.readUInt32LE(at) !== LOCAL_HEADER) {
    throw new ZipError('malformed', `${entry.name} has no local header`);
  }
  const extra = at + 30 + view.readUInt16LE(at + 26);
  const data = extra + view.readUInt16LE(at + 28);
  if (data + entry.packed > view.length)
    throw new ZipError('malformed', `${entry.name} reaches past the end`);
  checkExtra(view, extra, data, entry);
  const later = (entry.flags & FLAG.descriptor) !== 0;
  const told = [view.readUInt32LE(at + 14), view.readUInt32LE(at + 18), view.readUInt32LE(at + 22)];
  const known = [entry.crc, entry.packed, entry.size];
  const agree = told.every((value, index) => value === known[index] || (later && value === 0));
  if (
    !agree ||
    readName(view, at + 30, view.readUInt16LE(at + 26)) !== entry.name ||
    view.readUInt16LE(at + 6) !== entry.flags ||
    view.readUInt16LE(at + 8) !== entry.method
  ) {
    throw new ZipError('ambiguous', `the local header of ${entry.name} differs from the directory`);
  }
  return data;
}

function checkSizes(entries: readonly Entry[]): void {
  let total = 0;
  for (const { name, size, packed } of entries) {
    total += size;
    if (size > RATIO_MATTERS_FROM && size > MAX_RATIO * packed)
      throw new ZipError('too_large', `${name} is packed too tightly`);
  }
  if (total > MAX_INFLATED)
    throw new ZipError('too_large', `the zip inflates to more than ${MAX_INFLATED} bytes`);
}

/** Part names are compared without case (ECMA-376 part 2 §6.2.2.3), and readers walk no paths. */
function checkNames(entries: readonly Entry[]): void {
  const seen = new Set<string>();
  for (const { name } of entries) {
    const key = name.toLowerCase().replace(/\/$/, '');
    if (seen.has(key)) throw new ZipError('ambiguous', `two parts are called ${name}`);
    seen.add(key);
    const steps = name.replace(/\/$/, '').split('/');
    if (
      name.includes('\\') ||
      name.includes('\0') ||
      steps.some((step) => step === '' || /^\.+$/.test(step))
    ) {
      throw new ZipError('ambiguous', `the part name ${name} is a path`);
    }
  }
}

/** From the first byte to the directory every byte belongs to exactly one part. */
function checkPlaces(view: Buffer, entries: readonly Entry[], directory: number): void {
  let at = 0;
  for (const entry of entries.toSorted((a, b) => a.header - b.header)) {
    if (entry.header !== at)
      throw new ZipError('ambiguous', `${entry.name} overlaps another part or stands behind a gap`);
    at = entry.data + entry.packed;
    if ((entry.flags & FLAG.descriptor) !== 0) at += descriptorLength(view, at, entry);
  }
  if (at !== directory) throw new ZipError('ambiguous', 'unknown bytes stand before the zip directory');
}

/** APPNOTE 4.3.9: checksum and sizes behind the data, with or without a mark. */
function descriptorLength(view: Buffer, at: number, entry: Entry): number {
  const marked = at + 16 <= view.length && view.readUInt32LE(at) === DESCRIPTOR ? 4 : 0;
  const told = [0, 4, 8].map((offset) =>
    at + marked + offset + 4 <= view.length ? view.readUInt32LE(at + marked + offset) : -1,
  );
  if (told[0] !== entry.crc || told[1] !== entry.packed || told[2] !== entry.size) {
    throw new ZipError('ambiguous', `the descriptor of ${entry.name} differs from the directory`);
  }
  return marked + 12;
}

function inflate(view: Buffer, entry: Entry): Uint8Array {
  const packed = view.subarray(entry.data, entry.data + entry.packed);
  const out = entry.method === 0 ? packed : inflateCounted(packed, entry);
  if (out.length !== entry.size || crc32(out) !== entry.crc)
    throw new ZipError('malformed', `${entry.name} is damaged`);
  return out;
}

function inflateCounted(packed: Buffer, entry: Entry): Uint8Array {
  try {
    // One byte more than told, so that a longer stream is seen and not cut.
    const { buffer, engine } = inflateRawSync(packed, {
      maxOutputLength: entry.size + 1,
      info: true,
    }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    if (engine.bytesWritten !== packed.length)
      throw new ZipError('ambiguous', `bytes stand behind the data of ${entry.name}`);
    return buffer;
  } catch (cause) {
    if (cause instanceof ZipError) throw cause;
    throw new ZipError('malformed', `${entry.name} is damaged`, { cause });
  }
}
