import { createSocket } from 'node:dgram';
import { randomBytes } from 'node:crypto';

/** What a time server says about our clock, in milliseconds; positive = ours is behind. */
export interface TimeOffset {
  readonly offsetMs: number;
  /** The round trip: the offset is no better than half of it. */
  readonly delayMs: number;
}

/** Seconds from 1900 (NTP era 0) to 1970. */
const NTP_TO_UNIX = 2_208_988_800;
const PACKET = 48;
const ANSWER_MS = 5000;

/**
 * One SNTP question (RFC 4330 §5, RFC 5905 §14). The transmit timestamp we send is random, so that only the server that
 * got it can answer (data minimisation, RFC 9109 spirit); our own clock is kept here.
 * @throws when nobody answers, or the server says that it does not know the time
 */
export function askTime(host: string, port: number, now: () => number = Date.now): Promise<TimeOffset> {
  const question = Buffer.alloc(PACKET);
  // No leap warning, version 4, mode 3 (client).
  question[0] = 0x23;
  const cookie = randomBytes(8);
  cookie.copy(question, 40);
  return new Promise((resolve, reject) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    const end = (answer: TimeOffset | Error): void => {
      clearTimeout(timer);
      socket.close();
      if (answer instanceof Error) reject(answer);
      else resolve(answer);
    };
    const timer = setTimeout(() => {
      end(new Error(`${host}:${port} did not answer within ${ANSWER_MS} ms`));
    }, ANSWER_MS);
    let sent = 0;
    socket.on('error', end);
    socket.on('message', (answer) => {
      if (answer.length >= PACKET && answer.subarray(24, 32).equals(cookie))
        end(offsetOf(answer, sent, now()));
    });
    socket.connect(port, host, () => {
      sent = now();
      socket.send(question);
    });
  });
}

function offsetOf(answer: Buffer, sent: number, received: number): TimeOffset | Error {
  const leap = answer[0]! >> 6;
  const mode = answer[0]! & 7;
  const stratum = answer[1]!;
  // Leap 3 = clock not synchronised; stratum 0 = "kiss of death", 16 and more = unsynchronised.
  if (mode !== 4 || leap === 3 || stratum === 0 || stratum > 15)
    return new Error(
      `the time server does not know the time (mode ${mode}, leap ${leap}, stratum ${stratum})`,
    );
  const [theirReceive, theirSend] = [timestamp(answer, 32), timestamp(answer, 40)];
  return {
    offsetMs: (theirReceive - sent + (theirSend - received)) / 2,
    delayMs: received - sent - (theirSend - theirReceive),
  };
}

/** Unix milliseconds. Era 1 begins in 2036: a small number of seconds means that (RFC 4330 §3). */
function timestamp(packet: Buffer, at: number): number {
  const seconds = packet.readUInt32BE(at);
  const era = seconds < 0x80000000 ? 2 ** 32 : 0;
  return (seconds + era - NTP_TO_UNIX) * 1000 + (packet.readUInt32BE(at + 4) / 2 ** 32) * 1000;
}
