import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket, type PeerCertificate } from 'node:tls';

/** What an SMTP server shows before any letter: EHLO in the clear, STARTTLS where offered, EHLO again, QUIT. */
export interface SmtpShown {
  readonly greeting: string;
  /** Keywords of the last EHLO, upper-case, with their parameters. */
  readonly extensions: readonly string[];
  readonly tls: { readonly certificate: PeerCertificate; readonly protocol: string } | null;
}

const ANSWER_MS = 10_000;
/** EHLO answers are a few hundred bytes; a peer that writes without end is no mail server. */
const MOST_BYTES = 16_384;

/** @throws when there is no connection, no SMTP answer, or a handshake that fails */
export async function talk(
  address: { readonly host: string; readonly port: number; readonly implicitTls: boolean },
  hello: string,
): Promise<SmtpShown> {
  const { host, port } = address;
  const wire = open(connectTcp({ host, port }));
  const say = (line: string): Promise<string[]> => {
    wire.socket.write(`${line}\r\n`);
    return wire.reader.reply();
  };
  const overall = setTimeout(() => {
    wire.socket.destroy(new Error(`${host}:${port} took longer than ${ANSWER_MS} ms`));
  }, ANSWER_MS);
  try {
    if (address.implicitTls) await secure(wire, host);
    const [greeting = ''] = await wire.reader.reply();
    let extensions = await say(`EHLO ${hello}`);
    if (extensions.includes('STARTTLS')) {
      await say('STARTTLS');
      await secure(wire, host);
      extensions = await say(`EHLO ${hello}`);
    }
    await say('QUIT').catch(() => []);
    const { socket } = wire;
    return {
      greeting,
      extensions: extensions.slice(1),
      tls: socket instanceof TLSSocket ? shown(socket) : null,
    };
  } finally {
    clearTimeout(overall);
    wire.socket.destroy();
  }
}

interface Wire {
  socket: Socket;
  reader: Reader;
}

const open = (socket: Socket): Wire => ({ socket, reader: createReader(socket) });

/** Looked at, not trusted: an end long past is to be told, too. */
async function secure(wire: Wire, host: string): Promise<void> {
  Object.assign(wire, open(await handshake(wire.socket, host)));
}

const shown = (socket: TLSSocket): SmtpShown['tls'] => ({
  certificate: socket.getPeerCertificate(),
  protocol: socket.getProtocol() ?? '?',
});

function handshake(socket: Socket, host: string): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const servername = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
    const secured = connectTls({ socket, rejectUnauthorized: false, ...servername }, () => {
      resolve(secured);
    });
    secured.once('error', reject);
    socket.once('close', () => {
      reject(new Error('the connection ended within the TLS handshake'));
    });
  });
}

interface Reader {
  /** Texts of the next reply's lines, upper-case keywords as the server wrote them. @throws on 4xx, 5xx, end */
  reply(): Promise<string[]>;
}

function createReader(socket: Socket): Reader {
  let held = '';
  let trouble: Error | null = null;
  let wake = (): void => undefined;
  socket.setEncoding('latin1');
  socket.on('data', (piece: string) => {
    held += piece;
    if (held.length > MOST_BYTES) socket.destroy(new Error('an answer without end'));
    wake();
  });
  const over = (error: Error): void => {
    trouble ??= error;
    wake();
  };
  socket.on('error', over);
  socket.on('close', () => {
    over(new Error('the server ended the connection'));
  });
  const line = async (): Promise<string> => {
    for (;;) {
      const end = held.indexOf('\n');
      if (end >= 0) {
        const found = held.slice(0, end).replace(/\r$/, '');
        held = held.slice(end + 1);
        return found;
      }
      if (trouble !== null) throw trouble;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return {
    async reply() {
      const lines: string[] = [];
      for (;;) {
        const next = await line();
        const match = /^(\d)\d\d([ -])?(.*)$/.exec(next);
        if (match === null) throw new Error(`no SMTP answer: ${next.slice(0, 80)}`);
        if (match[1] !== '2' && match[1] !== '3') throw new Error(next.slice(0, 200));
        lines.push(match[3]!);
        if (match[2] !== '-') return lines;
      }
    },
  };
}
