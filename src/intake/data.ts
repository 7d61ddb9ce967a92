import type { Readable } from 'node:stream';

import { Refusal } from '../rules/reply.ts';
import { NO_SPACE, NOT_CLEAN_TEXT, TOO_LARGE, TOO_MANY_HOPS } from './door-replies.ts';
import { readHead, valuesOf } from './head.ts';
import { createOutliner, type Outline } from './outline.ts';
import type { RawLetter } from './raw-letter.ts';
import { isShortage } from './shortage.ts';
import { createSpool } from './spool.ts';
import type { Spool } from './spool.ts';
import { createWireCheck } from './wire.ts';

/** RFC 5321 §6.3 asks for a large threshold; no real path inside a province comes near 25, and a loop reaches it soon. */
export const MAX_HOPS = 25;

/** One letter off the wire; `discard` gives its bytes back once nobody reads them any more. */
export interface TakenLetter {
  readonly raw: RawLetter;
  discard(): Promise<void>;
}

/**
 * Reads one letter to its end. The end is always awaited, also after the refusal is certain: answering earlier would
 * leave the rest of the letter to be read as commands.
 * @param maxSize bytes; what comes beyond is counted and dropped
 * @throws Refusal 552 5.3.4, 550 5.6.0, 554 5.4.6, 452 4.3.1; the stream's own error when the client went away
 */
export async function takeLetter(stream: Readable, maxSize: number, spoolDir: string): Promise<TakenLetter> {
  const spool = createSpool(spoolDir);
  try {
    const outline = await fill(spool, stream, maxSize);
    if (valuesOf(readHead(outline.head), 'received').length > MAX_HOPS) throw new Refusal(TOO_MANY_HOPS);
    return { raw: { ...(await spool.finish()), outline }, discard: () => spool.discard() };
  } catch (error) {
    await spool.discard();
    throw isShortage(error) ? new Refusal(NO_SPACE, error) : error;
  }
}

async function fill(spool: Spool, stream: Readable, maxSize: number): Promise<Outline> {
  const wire = createWireCheck();
  const outliner = createOutliner();
  let size = 0;
  let trouble: Error | null = null;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    const fault = wire.check(chunk);
    if (size > maxSize || fault !== null || trouble !== null) continue;
    outliner.feed(chunk);
    trouble = await spool.write(chunk).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error : new Error('spool', { cause: error })),
    );
  }
  if (size > maxSize) throw new Refusal(TOO_LARGE);
  const fault = wire.end();
  if (fault !== null) throw new Refusal(NOT_CLEAN_TEXT, new Error(`${fault} in DATA`));
  if (trouble !== null) throw trouble;
  return outliner.end();
}
