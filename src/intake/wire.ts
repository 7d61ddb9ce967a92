/**
 * What no line of a letter may carry on the wire (RFC 5321 §2.3.8, §4.5.2). A lone CR or LF is read as a line end by
 * some servers and not by others, which is how a second letter is smuggled inside the first; a NUL cuts names in
 * C libraries, which is how a forged DKIM selector once passed.
 */
export type WireFault = 'nul' | 'bare-cr' | 'bare-lf';

export interface WireCheck {
  /** The first fault seen so far. Faults across chunk borders are found with the next chunk, or by `end`. */
  check(chunk: Buffer): WireFault | null;
  end(): WireFault | null;
}

const NUL = 0x00;
const LF = 0x0a;
const CR = 0x0d;

export function createWireCheck(): WireCheck {
  let fault: WireFault | null = null;
  let afterCr = false;
  const scan = (chunk: Buffer): WireFault | null => {
    for (let i = 0; i < chunk.length; i += 1) {
      const byte = chunk[i]!;
      if (afterCr !== (byte === LF)) return afterCr ? 'bare-cr' : 'bare-lf';
      afterCr = byte === CR;
      if (byte === NUL) return 'nul';
    }
    return null;
  };
  return {
    check: (chunk) => (fault ??= scan(chunk)),
    end: () => (fault ??= afterCr ? 'bare-cr' : null),
  };
}
