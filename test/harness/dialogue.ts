import { setTimeout as sleep } from 'node:timers/promises';

import type { Gatekeeper } from '../../src/intake/gatekeeper.ts';
import type { SmtpDoorOptions } from '../../src/intake/smtp-options.ts';
import type { Reply } from '../../src/rules/reply.ts';
import { networksOf, openDoor, selfSigned } from './door.ts';
import { recordingGate } from './gate.ts';
import type { RecordingGate } from './gate.ts';
import { lineClient } from './smtp-client.ts';
import type { LineClient } from './smtp-client.ts';

/*
 * A dialogue file, read top to bottom; `c` is any name of a client, which connects when it is first named, and from
 * 127.0.1.2 when it is called `c@127.0.1.2`.
 *
 *   # why this dialogue exists
 *   door maxSize=2000 tls          the door is built with these options; `tls` makes a certificate
 *   gate rcpt a@b.vn 550 5.1.1 …   what the gatekeeper answers: a reply, `throws` or `hangs`
 *   c -> EHLO may.vn               the client sends the line and CRLF
 *   c => bytes\r\n                 the client sends the bytes, nothing added; \r \n \0 \\ and {x*1000} (repeat x)
 *   c <- 250 2.1.0                 the next line the server sends begins so
 *   c <... 250 SIZE                lines are skipped until one begins so; "250" alone: until the reply's last line
 *   c <| 250-STARTTLS              no line of the next reply is this one
 *   c <!                           the server has closed the connection
 *   c starttls                     the TLS handshake after 220
 *   c resets                       the client drops the connection with RST
 *   wait 200                       milliseconds
 *   letters 1                      the gatekeeper has been given this many letters by now
 *   letter has bytes               the last letter contains them
 */
export async function runDialogue(text: string): Promise<void> {
  const lines = text.split('\n').map((line, i) => ({ line: line.trimEnd(), number: i + 1 }));
  const steps = lines.filter(({ line }) => line !== '' && !line.startsWith('#'));
  const given = (word: string): string[] =>
    steps.filter(({ line }) => line.startsWith(`${word} `)).map(({ line }) => line.slice(word.length + 1));
  const gate = recordingGate(gateOf(given('gate')));
  const { port, door } = await openDoor(gate, doorOptions(given('door').join(' ')));
  const stage: Stage = { port, gate, clients: new Map() };
  try {
    for (const { line, number } of steps) {
      await play(line, stage).catch((error: unknown) => {
        throw new Error(`line ${number}: ${line}\n${error instanceof Error ? error.message : String(error)}`);
      });
    }
  } finally {
    for (const client of stage.clients.values()) client.close();
    await door.close(0);
  }
}

interface Stage {
  readonly port: number;
  readonly gate: RecordingGate;
  readonly clients: Map<string, LineClient>;
}

async function play(line: string, stage: Stage): Promise<void> {
  const [who = '', verb = ''] = line.split(' ', 2);
  const rest = line.slice(who.length + verb.length + 2);
  if (who === 'door' || who === 'gate') return;
  if (who === 'wait') return sleep(Number(verb));
  if (who === 'letters') {
    expectEqual(stage.gate.letters.length, Number(verb), 'letters given to the gatekeeper');
    return;
  }
  if (who === 'letter') {
    expectHas(stage.gate.letters.at(-1)?.text ?? '(no letter)', bytesOf(rest));
    return;
  }
  const client = stage.clients.get(who) ?? (await lineClient(stage.port, '127.0.0.1', who.split('@')[1]));
  stage.clients.set(who, client);
  return speak(client, verb, rest);
}

async function speak(client: LineClient, verb: string, rest: string): Promise<void> {
  switch (verb) {
    case '->':
      client.send(`${rest}\r\n`);
      return;
    case '=>':
      client.send(bytesOf(rest));
      return;
    case '<-':
      expectPrefix(await client.line(), rest);
      return;
    case '<...':
      for (;;) {
        const line = await client.line();
        if (line === null) throw new Error(`closed before a line beginning "${rest}"`);
        if (line.startsWith(/^\d{3}$/.test(rest) ? `${rest} ` : rest)) return;
      }
    case '<|': {
      const reply = await client.reply();
      if (reply.split('\n').includes(rest)) throw new Error(`the reply has the line "${rest}"`);
      return;
    }
    case '<!':
      expectEqual(await client.line(), null, 'line after the close');
      return;
    case 'starttls':
      await client.starttls();
      return;
    case 'resets':
      client.reset();
      return;
    default:
      throw new Error(`no such step: ${verb}`);
  }
}

function bytesOf(text: string): string {
  const repeated = text.replace(/\{(.+?)\*(\d+)\}/g, (_, unit: string, times: string) =>
    unit.repeat(Number(times)),
  );
  const escapes: Record<string, string> = { r: '\r', n: '\n', 0: '\0', '\\': '\\' };
  return repeated.replace(/\\([rn0\\])/g, (_, letter: string) => escapes[letter] ?? '');
}

function doorOptions(words: string): Partial<SmtpDoorOptions> {
  const options: Record<string, unknown> = {};
  for (const word of words.split(' ').filter((part) => part !== '')) {
    const [name = '', value] = word.split('=');
    if (name === 'tls') options['tls'] = selfSigned('congthu.test');
    else if (name === 'xclientFrom' || name === 'trustedRelays') options[name] = networksOf(value ?? '');
    else if (name === 'account') options['authenticate'] = accountOf(value ?? '');
    else options[name] = value === undefined ? true : Number(value);
  }
  return options;
}

const accountOf =
  (pair: string) =>
  (user: string, password: string): Promise<string | null> =>
    Promise.resolve(`${user}:${password}` === pair ? user : null);

/** "rcpt a@b.vn 550 5.1.1 text", "receive throws", "mail <> 550 …": the address is optional and "<>" is the null one. */
function gateOf(lines: readonly string[]): Partial<Gatekeeper> {
  const rules = lines.map((line) => {
    const match = /^(connection|mail|rcpt|receive)(?: (\S*@\S*|<>))? (.+)$/.exec(line);
    if (match === null) throw new Error(`cannot read: gate ${line}`);
    return { what: match[1], address: match[2], answer: match[3]! };
  });
  const find = (what: string, address: string | null) => () => {
    const rule = rules.find((r) => r.what === what && (r.address ?? address) === (address ?? '<>'));
    const bare = rules.find((r) => r.what === what && r.address === undefined);
    const answer = (rule ?? bare)?.answer;
    return answer === undefined ? null : answerOf(answer);
  };
  const over: Partial<Gatekeeper> = {
    connection: () => Promise.resolve(find('connection', null)()).then((reply) => reply),
    mailFrom: (address) => Promise.resolve().then(find('mail', address)),
    rcptTo: (address) => Promise.resolve().then(find('rcpt', address)),
  };
  const receive = rules.find((r) => r.what === 'receive')?.answer;
  return receive === undefined
    ? over
    : { ...over, receive: () => Promise.resolve().then(() => answerOf(receive)) };
}

function answerOf(answer: string): Reply | Promise<Reply> {
  if (answer === 'throws') throw new Error('postgres://gateway:secret@db/ is gone');
  if (answer === 'hangs') return new Promise<Reply>(() => undefined);
  const [code, status, ...text] = answer.split(' ');
  return { code: Number(code), status, text: text.join(' ') } as Reply;
}

function expectEqual(got: unknown, want: unknown, what: string): void {
  if (got !== want) throw new Error(`${what}: ${JSON.stringify(got)}, expected ${JSON.stringify(want)}`);
}

function expectPrefix(got: string | null, want: string): void {
  if (got?.startsWith(want) !== true) throw new Error(`the server said ${JSON.stringify(got)}`);
}

function expectHas(text: string, part: string): void {
  if (!text.includes(part)) throw new Error(`the letter is ${JSON.stringify(text.slice(0, 400))}`);
}
