import { randomUUID } from 'node:crypto';

import { readHead, valuesOf } from './head.ts';
import { leafSize } from './leaf-size.ts';
import type { LeafSize } from './leaf-size.ts';

/** 2.1 MB of head make a parser say there is none (threats.md); no honest one reaches a tenth of this. */
export const MAX_HEAD = 256 * 1024;
const MAX_PART_HEAD = 64 * 1024;
/** Of all parts together, with their boundaries: an outline is kept while its letter comes in, as slowly as the sender likes. */
const MAX_PART_HEADS = 256 * 1024;
/** A signed, forwarded letter with alternatives is 6 deep; parsers recurse. */
export const MAX_DEPTH = 20;
/** A request carries a dozen files; parsers take a turn of the loop for each part. */
export const MAX_PARTS = 200;
/** Of all texts together, and of all HTML: more than `bodyText` keeps, in any encoding. */
const KEPT_TEXT = 256 * 1024;
/** RFC 2046 §5.1.1: a boundary has at most 70 characters; with "--" at both ends and blanks it stays below this. */
const MAX_BOUNDARY_LINE = 1000;

/**
 * A letter's structure, found while it streams by: nothing of an attachment is kept or decoded, so a letter of any
 * size costs a parser the same.
 */
export interface Outline {
  /** The letter's own header block, with the blank line. */
  readonly head: Buffer;
  /** The same letter with every attachment empty and every text cut short; empty when `limit` is "header". */
  readonly reduced: Buffer;
  /** A field at the top of every leaf in `reduced` whose value is the leaf's place in `sizes`; nobody can guess it. */
  readonly leafField: string;
  /** Decoded bytes of each leaf. */
  readonly sizes: readonly number[];
  readonly limit: 'header' | 'part-header' | 'depth' | 'parts' | null;
}

export interface Outliner {
  feed(chunk: Buffer): void;
  end(): Outline;
}

interface Leaf {
  readonly size: LeafSize;
  /** Which text is kept of it. */
  readonly kept: 'text' | 'html' | null;
}

const LF = 0x0a;
const CRLF = Buffer.from('\r\n');
const NOTHING = Buffer.alloc(0);
const DASHES = Buffer.from('--');
const DASHES_ON_A_LINE = Buffer.from('\n--');
const TEXT_TYPE = /^\s*(?:text\/(?:plain|html)\b|message\/delivery-status\b|$)/i;

export function createOutliner(): Outliner {
  const leafField = `x-leaf-${randomUUID()}`;
  const reduced = createBytes();
  const sizes: number[] = [];
  /** With the two dashes before each, outermost first. */
  const boundaries: Buffer[] = [];
  let limit: Outline['limit'] = null;
  let rootHead: Buffer | null = null;
  /** The lines of the head being read; null in a body, a preamble or an epilogue. */
  let head: Bytes | null = createBytes();
  let headSize = 0;
  let partHeads = 0;
  /** HTML, of which nothing is read where there is text, must not take the text's place. */
  const room = { text: KEPT_TEXT, html: KEPT_TEXT };
  let leaf: Leaf | null = null;
  let carry: Buffer = NOTHING;
  /** In the rest of a line that was too long to be a boundary. */
  let midLine = false;

  const stop = (reason: NonNullable<Outline['limit']>): void => {
    limit ??= reason;
    head = null;
    leaf = null;
    boundaries.length = 0;
  };

  const headLine = (line: Buffer): void => {
    headSize += line.length;
    if (headSize > (rootHead === null ? MAX_HEAD : MAX_PART_HEAD)) {
      if (rootHead === null) rootHead = head?.all() ?? NOTHING;
      stop(sizes.length === 0 && boundaries.length === 0 ? 'header' : 'part-header');
      return;
    }
    head?.add(line);
    if (/^\r?\n$/.test(line.toString('latin1'))) endHead();
  };

  const endHead = (): void => {
    const bytes = head?.all() ?? NOTHING;
    head = null;
    if (rootHead === null) rootHead = bytes;
    else if ((partHeads += bytes.length) > MAX_PART_HEADS) {
      stop('part-header');
      return;
    }
    const fields = readHead(bytes);
    const value = (name: string): string => valuesOf(fields, name).at(-1) ?? '';
    const boundary = boundaryOf(value('content-type'));
    if (boundary !== null) {
      if (boundaries.length >= MAX_DEPTH) {
        stop('depth');
        return;
      }
      boundaries.push(Buffer.from(`--${boundary}`, 'latin1'));
      reduced.add(bytes);
      return;
    }
    if (sizes.length >= MAX_PARTS) {
      stop('parts');
      return;
    }
    const type = value('content-type');
    const isText = TEXT_TYPE.test(type) && /^\s*(?:inline\b|$)/i.test(value('content-disposition'));
    leaf = {
      size: leafSize(value('content-transfer-encoding').trim().toLowerCase()),
      kept: !isText ? null : /^\s*text\/html\b/i.test(type) ? 'html' : 'text',
    };
    reduced.add(Buffer.from(`${leafField}: ${sizes.length}\r\n`), bytes);
    sizes.push(0);
  };

  const body = (bytes: Buffer): void => {
    if (leaf === null) return;
    leaf.size.add(bytes);
    if (leaf.kept === null) return;
    const kept = bytes.subarray(0, room[leaf.kept]);
    room[leaf.kept] -= kept.length;
    if (kept.length > 0) reduced.add(kept);
  };

  const endLeaf = (byBoundary: boolean): void => {
    if (head !== null) endHead();
    if (leaf !== null) sizes[sizes.length - 1] = leaf.size.total(byBoundary);
    leaf = null;
  };

  /** True when the line is a boundary of any multipart still open (an outer one ends the inner ones). */
  const boundaryLine = (line: Buffer): boolean => {
    const level = boundaries.findLastIndex((open) => isBoundary(line, open));
    if (level < 0) return false;
    const closes = line[boundaries[level]!.length] === DASHES[0];
    endLeaf(true);
    // endLeaf may have met a limit and closed everything.
    if (limit !== null) return true;
    boundaries.length = closes ? level : level + 1;
    reduced.add(CRLF, line);
    partHeads += line.length;
    head = closes ? null : createBytes();
    headSize = 0;
    return true;
  };

  /** Handles what stands at `at`; returns where to go on, or -1 when more bytes are needed. */
  const step = (data: Buffer, at: number): number => {
    if (midLine || (head === null && boundaries.length === 0)) return restOfLine(data, at);
    if (head === null && !startsWithDashes(data, at)) return toNextDashes(data, at);
    const end = data.indexOf(LF, at);
    if (end >= 0) {
      const line = data.subarray(at, end + 1);
      const handled = startsWithDashes(data, at) && line.length <= MAX_BOUNDARY_LINE && boundaryLine(line);
      if (!handled) (head === null ? body : headLine)(line);
      return end + 1;
    }
    const rest = data.length - at;
    if (head === null && rest > MAX_BOUNDARY_LINE) return restOfLine(data, at);
    if (rest > MAX_HEAD) {
      headLine(data.subarray(at));
      return data.length;
    }
    return -1;
  };

  const restOfLine = (data: Buffer, at: number): number => {
    const end = boundaries.length === 0 ? -1 : data.indexOf(LF, at);
    midLine = end < 0 && boundaries.length > 0;
    const to = end < 0 ? data.length : end + 1;
    body(data.subarray(at, to));
    return to;
  };

  const toNextDashes = (data: Buffer, at: number): number => {
    const found = data.indexOf(DASHES_ON_A_LINE, at);
    if (found >= 0) {
      body(data.subarray(at, found + 1));
      return found + 1;
    }
    const lineStart = data.lastIndexOf(LF) + 1;
    const tail = data.length - Math.max(lineStart, at);
    // One dash at the start of a line may become two with the next chunk.
    const undecided = lineStart >= at && tail === 1 && data[lineStart] === DASHES[0];
    const to = undecided ? lineStart : data.length;
    midLine = !undecided && tail > 0;
    body(data.subarray(at, to));
    if (!undecided) return to;
    carry = data.subarray(to);
    return -1;
  };

  return {
    feed(chunk) {
      const data = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
      carry = NOTHING;
      let at = 0;
      while (at < data.length) {
        const next = step(data, at);
        if (next < 0) {
          if (carry.length === 0) carry = data.subarray(at);
          return;
        }
        at = next;
      }
    },
    end() {
      if (carry.length > 0 && !(startsWithDashes(carry, 0) && boundaryLine(carry))) {
        (head === null ? body : headLine)(carry);
      }
      endLeaf(false);
      return {
        head: rootHead ?? NOTHING,
        reduced: limit === 'header' ? NOTHING : reduced.all(),
        leafField,
        sizes,
        limit,
      };
    },
  };
}

interface Bytes {
  add(...pieces: readonly Buffer[]): void;
  all(): Buffer;
}

const MOST_PIECES = 500;

/** Bytes that come in pieces, kept as copies (a view of a few bytes would keep a whole chunk) and in few objects. */
function createBytes(): Bytes {
  let held: Buffer[] = [];
  return {
    add(...pieces) {
      for (const piece of pieces) held.push(Buffer.from(piece));
      if (held.length > MOST_PIECES) held = [Buffer.concat(held)];
    },
    all: () => Buffer.concat(held),
  };
}

const startsWithDashes = (data: Buffer, at: number): boolean =>
  data[at] === DASHES[0] && data[at + 1] === DASHES[1];

/** "--boundary" or "--boundary--", then blanks only (RFC 2046 §5.1.1). */
const isBoundary = (line: Buffer, open: Buffer): boolean =>
  line.subarray(0, open.length).equals(open) &&
  /^(?:--)?[ \t]*\r?\n?$/.test(line.toString('latin1', open.length));

/** The boundary of a multipart type, or null for a leaf. */
function boundaryOf(contentType: string): string | null {
  if (!/^\s*multipart\//i.test(contentType)) return null;
  const [, quoted, bare] = /;\s*boundary\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))/i.exec(contentType) ?? [];
  const boundary = (quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '').trimEnd();
  return boundary === '' ? null : boundary;
}
