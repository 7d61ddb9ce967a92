import type { Readable, Writable } from 'node:stream';
import { MAX_FRAME_BYTES, MAX_JSON_BYTES } from './protocol.ts';

/** Reads and writes the frames that protocol.ts describes. */

export interface Frame {
  readonly message: unknown;
  readonly bytes: Buffer;
}

const HEAD = 8;

export function writeFrame(to: Writable, message: unknown, pieces: readonly Uint8Array[] = []): void {
  const json = Buffer.from(JSON.stringify(message));
  const head = Buffer.alloc(HEAD);
  head.writeUInt32BE(json.length, 0);
  head.writeUInt32BE(
    pieces.reduce((sum, piece) => sum + piece.length, 0),
    4,
  );
  for (const piece of [head, json, ...pieces]) if (piece.length > 0) to.write(piece);
}

/** Frames as they arrive; ends with the stream. Throws on lengths that no honest side writes. */
export async function* readFrames(from: Readable): AsyncGenerator<Frame, undefined> {
  const head = Buffer.alloc(HEAD);
  let headFilled = 0;
  let body: Buffer | null = null;
  let filled = 0;
  for await (const chunk of from as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length;) {
      if (body === null) {
        const copied = chunk.copy(head, headFilled, at);
        headFilled += copied;
        at += copied;
        if (headFilled < HEAD) continue;
        body = Buffer.allocUnsafeSlow(bodyLength(head));
        filled = 0;
      }
      const copied = chunk.copy(body, filled, at);
      filled += copied;
      at += copied;
      if (filled < body.length) continue;
      yield frameOf(head, body);
      body = null;
      headFilled = 0;
    }
  }
}

function bodyLength(head: Buffer): number {
  const [json, bytes] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  if (json > MAX_JSON_BYTES || bytes > MAX_FRAME_BYTES) throw new Error('a frame larger than any letter');
  return json + bytes;
}

function frameOf(head: Buffer, body: Buffer): Frame {
  const json = head.readUInt32BE(0);
  return { message: JSON.parse(body.toString('utf8', 0, json)), bytes: body.subarray(json) };
}
