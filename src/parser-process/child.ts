import { Console } from 'node:console';
import { DOCUMENT_FORMATS } from '../evidence/formats.ts';
import { causeText } from '../errors.ts';
import { readFrames, writeFrame } from './frames.ts';
import { carryOut } from './jobs.ts';
import type { ParserAnswer, ParserRequest } from './protocol.ts';

/**
 * Main of the parsing child. It holds no secret, no database and no socket; its parent kills it when a job takes
 * too long or too much memory, so nothing here needs to survive.
 */
async function answer(
  request: ParserRequest,
  bytes: Buffer,
): Promise<{ answer: ParserAnswer; pieces: readonly Uint8Array[] }> {
  try {
    const { value, pieces } = await carryOut(request, bytes, DOCUMENT_FORMATS);
    return { answer: { ok: true, value }, pieces };
  } catch (error) {
    // A failed allocation leaves the heap in an unknown state.
    const fatal = error instanceof RangeError;
    return { answer: { ok: false, error: causeText(error), fatal }, pieces: [] };
  }
}

// Libraries that warn must not write between the frames.
globalThis.console = new Console(process.stderr, process.stderr);

for await (const { message, bytes } of readFrames(process.stdin)) {
  const { answer: told, pieces } = await answer(message as ParserRequest, bytes);
  writeFrame(process.stdout, told, pieces);
}
