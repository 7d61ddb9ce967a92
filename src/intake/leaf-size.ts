/** Counts what a leaf of the letter has after its transfer encoding is taken off (RFC 2045 §6), without decoding it. */
export interface LeafSize {
  add(bytes: Buffer): void;
  /** Bytes. `endedByBoundary`: the last line end belongs to the boundary that followed (RFC 2046 §5.1.1). */
  total(endedByBoundary: boolean): number;
}

export function leafSize(encoding: string): LeafSize {
  if (encoding === 'base64') return base64Size();
  return encoding === 'quoted-printable' ? quotedSize() : plainSize();
}

const IN_BASE64 = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[A-Za-z0-9+/]/.test(String.fromCharCode(byte)) ? 1 : 0,
);

function base64Size(): LeafSize {
  let characters = 0;
  return {
    add(bytes) {
      for (let i = 0; i < bytes.length; i += 1) characters += IN_BASE64[bytes[i]!]!;
    },
    total: () => Math.floor((characters * 3) / 4),
  };
}

const LF = 0x0a;
const CR = 0x0d;
const EQUALS = 0x3d;

/** "=XX" is one byte and "=" at a line end is none; a stray "=" may make the count two bytes too small. */
function quotedSize(): LeafSize {
  let size = 0;
  let line = { soft: false, cr: false, end: 0 };
  const step = (byte: number): void => {
    if (byte === CR) line.cr = true;
    else if (byte === LF) {
      const end = line.cr ? 2 : 1;
      // The "=" of "=41" is one byte less than its two digits; the "=" of a soft break gives that byte back.
      size += line.soft ? 1 : end;
      line = { soft: false, cr: false, end: line.soft ? 0 : end };
    } else {
      size += byte === EQUALS ? -1 : 1;
      line = { soft: byte === EQUALS, cr: false, end: 0 };
    }
  };
  return {
    add(bytes) {
      for (let i = 0; i < bytes.length; i += 1) step(bytes[i]!);
    },
    total: (endedByBoundary) => Math.max(0, size - (endedByBoundary ? line.end : 0)),
  };
}

function plainSize(): LeafSize {
  let size = 0;
  let tail = '';
  return {
    add(bytes) {
      size += bytes.length;
      tail = (tail + bytes.subarray(-2).toString('latin1')).slice(-2);
    },
    total: (endedByBoundary) => {
      if (!endedByBoundary || !tail.endsWith('\n')) return size;
      return size - (tail === '\r\n' ? 2 : 1);
    },
  };
}
