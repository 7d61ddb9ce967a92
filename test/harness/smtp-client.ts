import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** A client that sends exactly what it is told and reads line by line; good manners are the test's business. */
export interface LineClient {
  send(bytes: string | Buffer): void;
  /** The next line without CRLF; null when the server closed. @throws after 10 s of silence */
  line(): Promise<string | null>;
  /** All lines of the next reply. */
  reply(): Promise<string>;
  starttls(): Promise<void>;
  reset(): void;
  close(): void;
}

const SILENCE_MS = 10_000;

/** @param from the address it comes from, where that matters */
export async function lineClient(port: number, host = '127.0.0.1', from?: string): Promise<LineClient> {
  const own = from === undefined ? {} : { localAddress: from };
  let socket: Socket = connect({ port, host, noDelay: true, ...own });
  await once(socket, 'connect');
  let buffered = '';
  let ended = false;
  let wake: () => void = () => undefined;
  const listen = (): void => {
    socket.on('data', (chunk: Buffer) => {
      buffered += chunk.toString('latin1');
      wake();
    });
    const end = (): void => {
      ended = true;
      wake();
    };
    socket.on('end', end).on('close', end).on('error', end);
  };
  listen();
  const more = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`the server said nothing for ${SILENCE_MS} ms`));
      }, SILENCE_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const line = async (): Promise<string | null> => {
    while (!buffered.includes('\r\n')) {
      if (ended) return null;
      await more();
    }
    const end = buffered.indexOf('\r\n');
    const found = buffered.slice(0, end);
    buffered = buffered.slice(end + 2);
    return found;
  };
  return {
    send: (bytes) => void socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes),
    line,
    async reply() {
      const lines: string[] = [];
      for (;;) {
        const next = await line();
        if (next === null) return lines.join('\n');
        lines.push(next);
        if (!/^\d{3}-/.test(next)) return lines.join('\n');
      }
    },
    async starttls() {
      socket.removeAllListeners('data');
      socket = connectTls({ socket, rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      listen();
    },
    reset() {
      socket.resetAndDestroy();
    },
    close() {
      socket.destroy();
    },
  };
}
