import { connect, type Socket } from 'node:net';

/** What the scanner says of some bytes: the name of what it found, or null when it found nothing. */
export interface VirusScanner {
  /**
   * @throws when no clear answer came: no connection, an error, a limit, silence. Never "clean" then (threats.md "virus").
   */
  scan(bytes: Uint8Array): Promise<string | null>;
  /** "ClamAV 1.4.3/27400/…": program and signatures. @throws as `scan` does */
  version(): Promise<string>;
  /** @throws when it does not answer PONG */
  ping(): Promise<void>;
}

export interface ClamdOptions {
  /** host:port, or the path of a socket. */
  readonly address: { readonly host: string; readonly port: number } | { readonly path: string };
  /** A large archive takes clamd its own limit of 120 s (MaxScanTime) at most. */
  readonly answerMs?: number;
  /** Whoever waits for an answer is told at once that none will come. */
  readonly stopping?: AbortSignal | undefined;
}

const ANSWER_MS = 150_000;
/** clamd reads chunk by chunk; the size is ours to choose. */
const CHUNK = 64 * 1024;
/** Names of signatures are short; a peer that writes more is no clamd. */
const LONGEST_ANSWER = 4096;

/** clamd by its INSTREAM command (clamd(8)): one connection a question, as every client does it. */
export function createClamd({ address, answerMs = ANSWER_MS, stopping }: ClamdOptions): VirusScanner {
  const ask = (question: (socket: Socket) => void): Promise<string> =>
    answerTo(question, address, answerMs, stopping);
  return {
    async scan(bytes) {
      const answer = await ask((socket) => {
        writeStream(socket, bytes);
      });
      if (answer === 'stream: OK') return null;
      const found = /^stream: (.+) FOUND$/.exec(answer)?.[1];
      if (found === undefined) throw new Error(`clamd: ${answer}`);
      return found;
    },
    version: () => ask((socket) => socket.write('zVERSION\0')),
    async ping() {
      const answer = await ask((socket) => socket.write('zPING\0'));
      if (answer !== 'PONG') throw new Error(`clamd: ${answer}`);
    },
  };
}

function writeStream(socket: Socket, bytes: Uint8Array): void {
  socket.write('zINSTREAM\0');
  for (let at = 0; at < bytes.length; at += CHUNK) {
    const piece = bytes.subarray(at, at + CHUNK);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(piece.length);
    socket.write(length);
    socket.write(piece);
  }
  socket.write(Buffer.alloc(4));
}

function answerTo(
  question: (socket: Socket) => void,
  address: ClamdOptions['address'],
  answerMs: number,
  stopping: AbortSignal | undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    stopping?.throwIfAborted();
    const socket = connect(address);
    let answer = '';
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    // A limit of its own, whatever the peer dribbles: an idle time-out alone would wait for ever.
    const timer = setTimeout(() => {
      fail(new Error(`clamd did not answer within ${answerMs} ms`));
    }, answerMs);
    const stop = (): void => {
      fail(new Error('the gateway stops'));
    };
    stopping?.addEventListener('abort', stop);
    socket.setEncoding('utf8');
    socket.on('connect', () => {
      question(socket);
    });
    socket.on('data', (text: string) => {
      answer += text;
      if (answer.length > LONGEST_ANSWER) fail(new Error('clamd: an answer without end'));
    });
    // A reset in the middle of our stream is how clamd refuses what exceeds StreamMaxLength; it may have said so before.
    socket.on('error', (error) => {
      fail(answer === '' ? error : new Error(`clamd: ${answer.replace('\0', '')}`, { cause: error }));
    });
    socket.on('close', () => {
      clearTimeout(timer);
      stopping?.removeEventListener('abort', stop);
      // Only an answer that was ended by its NUL was said to its end, and only one was asked for.
      if (answer.indexOf('\0') === answer.length - 1 && answer !== '') resolve(answer.slice(0, -1));
      else fail(new Error('clamd: the connection ended without an answer'));
    });
  });
}
