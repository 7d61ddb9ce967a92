import { connect } from 'node:net';
import type { Socket } from 'node:net';

/*
 * The clients of the accept benchmark, in a process of their own so that they do not take the gateway's turns:
 *   node clients.ts PORT LETTERS CONNECTIONS LETTERS_PER_CONNECTION BYTES
 * Prints {"seconds", "accepted"}: a letter counts when its 250 has come.
 */
const [port = 0, letters = 0, connections = 0, perConnection = 0, bytes = 0] = process.argv
  .slice(2)
  .map(Number);

const HEAD = 'From: snv@quangbinh.gov.vn\r\nTo: hotro@quangbinh.gov.vn\r\nSubject: De nghi cap hop thu\r\n';
const LINE = `${'Kinh gui So Thong tin va Truyen thong. '.repeat(2).slice(0, 74)}\r\n`;
const BODY = LINE.repeat(Math.max(1, Math.floor((bytes - HEAD.length - 60) / LINE.length)));

let left = letters;
let accepted = 0;

/** Reads replies one after the other; resolves to the reply's last line. */
function replies(socket: Socket): () => Promise<string> {
  let held = '';
  let wake: (() => void) | null = null;
  let broken: Error | null = null;
  socket.on('data', (chunk: Buffer) => {
    held += chunk.toString('latin1');
    wake?.();
  });
  const end = (error?: Error | boolean): void => {
    broken = error instanceof Error ? error : new Error('closed');
    wake?.();
  };
  socket.on('error', end).on('close', end);
  return async () => {
    for (;;) {
      const found = /^\d{3} .*\r\n/m.exec(held);
      if (found !== null) {
        held = held.slice(found.index + found[0].length);
        return found[0];
      }
      if (broken !== null) throw broken;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
}

async function session(): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const reply = replies(socket);
  await reply();
  socket.write('EHLO mail.quangbinh.gov.vn\r\n');
  await reply();
  for (let sent = 0; sent < perConnection && left > 0; sent += 1) {
    left -= 1;
    const id = `Message-ID: <${port}.${left}.${Math.random()}@bench>\r\n\r\n`;
    socket.write('MAIL FROM:<snv@quangbinh.gov.vn>\r\nRCPT TO:<hotro@quangbinh.gov.vn>\r\nDATA\r\n');
    for (const wanted of ['250', '250', '354']) {
      const got = await reply();
      if (!got.startsWith(wanted)) throw new Error(got);
    }
    socket.write(`${HEAD}${id}${BODY}.\r\n`);
    const answer = await reply();
    if (!answer.startsWith('250')) throw new Error(answer);
    accepted += 1;
  }
  socket.end('QUIT\r\n');
}

const begun = performance.now();
const worker = async (): Promise<void> => {
  while (left > 0) await session();
};
await Promise.all(Array.from({ length: connections }, worker));
console.log(JSON.stringify({ seconds: (performance.now() - begun) / 1000, accepted }));
