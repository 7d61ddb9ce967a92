import { DOCUMENT_FORMATS } from '../evidence/formats.ts';
import { causeText } from '../errors.ts';
import { readFrames, writeFrame } from './frames.ts';
import { carryOut } from './jobs.ts';
import type { ParserAnswer, ParserRequest } from './protocol.ts';

/**
 * Main of the parsing child. It holds no secret, no database and no socket; its parent kills it when a job takes
 * too long or too much memory, so nothing here needs to survive.
 */
async function answer(request: ParserRequest, bytes: Buffer): Promise<ParserAnswer> {
  try {
    return { ok: true, value: await carryOut(request, bytes, DOCUMENT_FORMATS) };
  } catch (error) {
    // A failed allocation leaves the heap in an unknown state.
    const fatal = error instanceof RangeError;
    return { ok: false, error: causeText(error), fatal };
  }
}

for await (const { message, bytes } of readFrames(process.stdin)) {
  writeFrame(process.stdout, await answer(message as ParserRequest, bytes));
}
