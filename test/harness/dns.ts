import { createSocket } from 'node:dgram';
import type { Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';

/** What a name answers; "SERVFAIL" and "silent" are the two ways a name server fails. */
export type Records =
  | 'SERVFAIL'
  | 'silent'
  | {
      readonly TXT?: readonly string[];
      readonly A?: readonly string[];
      readonly AAAA?: readonly string[];
      readonly MX?: readonly (readonly [number, string])[];
      readonly CNAME?: string;
    };

/** Names in lower case without the last dot. */
export type Zone = Record<string, Records>;

export interface DnsServer {
  /** For CONGTHU_DNS_SERVER and `Resolver.setServers`: "127.0.0.1:port". */
  readonly address: string;
  /** Every question so far, "TXT name"; a byte outside printable ASCII shows as \xNN. */
  readonly asked: string[];
  /** Replaces or adds names. */
  set(zone: Zone): void;
  close(): Promise<void>;
}

const TYPES: Record<number, string> = { 1: 'A', 5: 'CNAME', 12: 'PTR', 15: 'MX', 16: 'TXT', 28: 'AAAA' };
const NXDOMAIN = 3;
const SERVFAIL = 2;

/** A real name server on loopback, UDP and TCP (RFC 1035): answers over 512 bytes come truncated over UDP. */
export async function startDns(first: Zone): Promise<DnsServer> {
  const zone: Zone = { ...first };
  const asked: string[] = [];
  const answer = (query: Buffer): Buffer | null => reply(query, zone, asked);
  const { udp, tcp, port } = await bindBoth(answer);
  return {
    address: `127.0.0.1:${port}`,
    asked,
    set: (more) => Object.assign(zone, more),
    async close() {
      udp.close();
      tcp.close();
      await Promise.all([once(udp, 'close'), once(tcp, 'close')]);
    },
  };
}

async function bindBoth(
  answer: (query: Buffer) => Buffer | null,
): Promise<{ udp: DatagramSocket; tcp: Server; port: number }> {
  const tcp = createServer((socket) => {
    let held = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      while (held.length >= 2 && held.length >= 2 + held.readUInt16BE(0)) {
        const end = 2 + held.readUInt16BE(0);
        const response = answer(held.subarray(2, end));
        held = held.subarray(end);
        if (response !== null) socket.write(Buffer.concat([u16(response.length), response]));
      }
    });
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket('udp4');
  udp.on('message', (query, from) => {
    const response = answer(query);
    if (response !== null) udp.send(response.length > 512 ? truncated(response, query) : response, from.port);
  });
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  return { udp, tcp, port };
}

function reply(query: Buffer, zone: Zone, asked: string[]): Buffer | null {
  const { labels, end } = questionName(query);
  const type = TYPES[query.readUInt16BE(end)] ?? 'OTHER';
  const name = labels.join('.').toLowerCase();
  asked.push(
    `${type} ${name.replace(/[^\x21-\x7e]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)}`,
  );
  const records = zone[name];
  if (records === 'silent') return null;
  const question = query.subarray(12, end + 4);
  if (records === undefined) return message(query, question, hasChildren(zone, name) ? 0 : NXDOMAIN, []);
  if (records === 'SERVFAIL') return message(query, question, SERVFAIL, []);
  return message(query, question, 0, answersOf(records, type));
}

/** An empty non-terminal exists (RFC 8020), so it says "no such record", not "no such name". */
const hasChildren = (zone: Zone, name: string): boolean =>
  Object.keys(zone).some((key) => key.endsWith(`.${name}`));

function questionName(query: Buffer): { labels: string[]; end: number } {
  const labels: string[] = [];
  let at = 12;
  while (query[at] !== 0) {
    const length = query[at]!;
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { labels, end: at + 1 };
}

function answersOf(records: Exclude<Records, string>, type: string): Buffer[] {
  const typed = (wire: number, data: Buffer[]): Buffer[] => data.map((rdata) => record(wire, rdata));
  switch (type) {
    case 'TXT':
      return typed(16, (records.TXT ?? []).map(characterStrings));
    case 'A':
      return typed(
        1,
        (records.A ?? []).map((a) => Buffer.from(a.split('.').map(Number))),
      );
    case 'AAAA':
      return typed(28, (records.AAAA ?? []).map(ipv6));
    case 'MX':
      return typed(
        15,
        (records.MX ?? []).map(([rank, host]) => Buffer.concat([u16(rank), wireName(host)])),
      );
    case 'CNAME':
      return typed(5, records.CNAME === undefined ? [] : [wireName(records.CNAME)]);
    default:
      return [];
  }
}

function message(query: Buffer, question: Buffer, code: number, answers: Buffer[]): Buffer {
  // QR, AA, RD as asked, RA; one question.
  const flags = 0x8480 | (query.readUInt16BE(2) & 0x0100) | code;
  const head = [query.subarray(0, 2), u16(flags), u16(1), u16(answers.length), u16(0), u16(0)];
  return Buffer.concat([...head, question, ...answers]);
}

function truncated(response: Buffer, query: Buffer): Buffer {
  const { end } = questionName(query);
  const short = Buffer.from(response.subarray(0, end + 4));
  short.writeUInt16BE(short.readUInt16BE(2) | 0x0200, 2);
  short.writeUInt16BE(0, 6);
  return short;
}

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);

/** Owner by pointer to the question, class IN, a TTL of one minute. */
const record = (type: number, rdata: Buffer): Buffer =>
  Buffer.concat([u16(0xc00c), u16(type), u16(1), u16(0), u16(60), u16(rdata.length), rdata]);

const wireName = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);

/** One TXT record in strings of at most 255 bytes. */
const characterStrings = (text: string): Buffer =>
  Buffer.concat(
    (text.match(/[^]{1,255}/g) ?? ['']).map((part) =>
      Buffer.concat([Buffer.from([part.length]), Buffer.from(part)]),
    ),
  );

function ipv6(text: string): Buffer {
  const [front = '', back] = text.split('::');
  const groups = (part: string | undefined): string[] =>
    (part ?? '').split(':').filter((group) => group !== '');
  const [left, right] = [groups(front), groups(back)];
  const zeros = Array<string>(8 - left.length - right.length).fill('0');
  return Buffer.concat([...left, ...zeros, ...right].map((group) => u16(parseInt(group, 16))));
}
