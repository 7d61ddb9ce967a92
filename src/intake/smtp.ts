import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecureContext } from 'node:tls';

import type {
  SMTPServer as Server,
  SMTPServerAddress,
  SMTPServerDataStream,
  SMTPServerOptions,
  SMTPServerSession,
} from 'smtp-server';

import { Refusal, TROUBLE } from '../rules/reply.ts';
import type { Reply } from '../rules/reply.ts';
import { createConnectionLimits } from './connection-limits.ts';
import { takeLetter } from './data.ts';
import type { TakenLetter } from './data.ts';
import { createAsk } from './door-answer.ts';
import type { Envelope, Stage } from './door-answer.ts';
import type { DoorReply } from './door-replies.ts';
import * as say from './door-replies.ts';
import type { Gatekeeper, SmtpSession } from './gatekeeper.ts';
import { createLogin } from './login.ts';
import { covers, plainAddress } from './networks.ts';
import { SMTPServer } from './smtp-library.ts';
import type { SmtpDoorOptions, TlsIdentity } from './smtp-options.ts';
import { createRoomCheck } from './shortage.ts';
import { SpokenError, spoken, voiced } from './voice.ts';

export interface SmtpDoor {
  /** @throws when the port cannot be had */
  listen(): Promise<{ host: string; port: number }>;
  /** New key and certificate for the connections to come. @throws when they do not fit; the old ones then stay. */
  useTls(identity: TlsIdentity): void;
  /**
   * New clients and new letters hear 421 from now on; letters under way are finished within the grace, then
   * everything is cut.
   */
  close(graceMs: number): Promise<void>;
}

const BODY_PARAMETERS: ReadonlySet<string> = new Set(['SIZE', 'BODY', 'SMTPUTF8']);
/** RFC 4954 §5: MAIL may carry AUTH= once AUTH is offered; we take no notice of it. */
const BODY_AND_AUTH_PARAMETERS: ReadonlySet<string> = new Set([...BODY_PARAMETERS, 'AUTH']);
const NO_PARAMETERS: ReadonlySet<string> = new Set();

/** Commands smtp-server carries from sendmail's folklore, and XFORWARD, which nothing here uses. */
const NEVER = ['WIZ', 'SHELL', 'KILL', 'XFORWARD'];

/**
 * Bytes per millisecond at which large letters that wait for each other are still stored in time: twenty of 50 MB at
 * once are no trouble of ours. The largest one's limit stays far below the ten minutes that a client waits
 * (RFC 5321 §4.5.3.2.6).
 */
const SLOWEST = 500;

/** The SMTP (or LMTP) door: bounds and syntax here, every decision with the gatekeeper. */
export function createSmtpDoor(options: SmtpDoorOptions, gatekeeper: Gatekeeper): SmtpDoor {
  const limits = createConnectionLimits(
    options.maxConnectionsPerClient,
    options.maxConnectionsPerNetwork,
    options.maxConnections,
    options.trustedRelays,
  );
  const sessions = new Map<string, SMTPServerSession>();
  const envelopeOf = ({ id }: SmtpSession): Envelope => {
    const envelope = sessions.get(id)?.envelope;
    return {
      from: addressOf(envelope?.mailFrom ?? false),
      recipients: (envelope?.rcptTo ?? []).map(({ address }) => address.toLowerCase()),
    };
  };
  const ask = createAsk(options.answerMs, envelopeOf, (event) => {
    options.log(event);
  });
  const login = options.tls === null ? null : options.authenticate && createLogin(options.authenticate);
  const hasRoom = createRoomCheck(options.spoolDir, options.minFree);
  let draining = false;

  /** The one way from a callback to the gatekeeper and back; `answer` gets null when the peer may go on. */
  const decide = (
    stage: Stage,
    session: SMTPServerSession,
    answer: (error: SpokenError | null) => void,
    work: (session: SmtpSession) => DoorReply | null | Promise<DoorReply | null>,
  ): void => {
    const peer = peerOf(session);
    void ask(stage, peer, () => work(peer)).then((reply) => {
      answer(reply === null || reply.code === 250 ? null : new SpokenError(reply));
    });
  };

  const receive = async (letter: TakenLetter, session: SMTPServerSession): Promise<Reply> => {
    try {
      return await gatekeeper.receive({
        raw: letter.raw,
        envelopeFrom: addressOf(session.envelope.mailFrom),
        recipients: session.envelope.rcptTo.map(({ address }) => address.toLowerCase()),
        session: peerOf(session),
        receivedAt: options.clock.now(),
      });
    } finally {
      // Not when the peer gets its answer: a gatekeeper that is late still reads the letter.
      await letter.discard();
    }
  };

  const data = async (
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
  ): Promise<DoorReply | null> => {
    const peer = peerOf(session);
    const taken: { letter?: TakenLetter } = {};
    const deadline = setTimeout(() => stream.destroy(new Refusal(say.TOO_SLOW)), options.dataMs);
    const take = async (): Promise<null> => {
      taken.letter = await takeLetter(stream, options.maxSize, options.spoolDir);
      return null;
    };
    const refusal = await ask('data', peer, take, null);
    clearTimeout(deadline);
    const { letter } = taken;
    if (letter === undefined) return refusal;
    const limitMs = options.answerMs + letter.raw.size / SLOWEST;
    return ask('receive', peer, () => receive(letter, session), limitMs);
  };

  const server = new SMTPServer({
    ...libraryOptions(options, login !== null),
    onConnect(session, answer) {
      sessions.set(session.id, session);
      const mayXclient = covers(options.xclientFrom, session.remoteAddress);
      session.disabledCommands = [
        ...disabledCommands(options, login !== null),
        ...(mayXclient ? [] : ['XCLIENT']),
      ];
      decide('connection', session, answer, (peer) => {
        if (draining) return say.SHUTTING_DOWN;
        return limits.enter(session.id, session.remoteAddress) ?? gatekeeper.connection(peer);
      });
    },
    onClose(session) {
      sessions.delete(session.id);
      limits.leave(session.id);
    },
    onAuth(auth, session, answer) {
      if (auth.method === 'XCLIENT') {
        answer(null, { user: auth.username?.toLowerCase() });
        return;
      }
      let user: string | null = null;
      const work = async (): Promise<DoorReply | null> => {
        if (login === null) return TROUBLE;
        const outcome = await login(session, auth.username ?? '', auth.password ?? '');
        if (typeof outcome !== 'string') return outcome;
        user = outcome;
        return null;
      };
      decide(
        'auth',
        session,
        (error) => {
          answer(error, error === null ? { user } : undefined);
        },
        work,
      );
    },
    onMailFrom(address, session, answer) {
      decide('mail', session, answer, async (peer) => {
        if (draining) return say.SHUTTING_DOWN;
        if (options.requireTls && !session.secure) return say.TLS_FIRST;
        if (!(await hasRoom())) return say.NO_SPACE;
        const known = login === null ? BODY_PARAMETERS : BODY_AND_AUTH_PARAMETERS;
        return (
          addressFault(address, known, session.envelope.smtpUtf8 === true) ??
          gatekeeper.mailFrom(addressOf(address), peer)
        );
      });
    },
    onRcptTo(address, session, answer) {
      decide('rcpt', session, answer, (peer) => {
        if (session.envelope.rcptTo.length >= options.maxRecipients) return say.TOO_MANY_RECIPIENTS;
        return (
          addressFault(address, NO_PARAMETERS, session.envelope.smtpUtf8 === true) ??
          gatekeeper.rcptTo(address.address.toLowerCase(), peer, addressOf(session.envelope.mailFrom))
        );
      });
    },
    onData(stream, session, answer) {
      void data(stream, session).then((reply) => {
        if (reply === null) return;
        if (reply.code === 250) answer(null, spoken(reply));
        else answer(new SpokenError(reply));
      });
    },
  });
  server.connections = new VoicedConnections();
  server.on('error', (error) => {
    options.log({ event: 'connection-lost', cause: error });
  });

  const lettersUnderWay = (): boolean =>
    [...sessions.values()].some(({ envelope }) => envelope.mailFrom !== false);

  return {
    async listen() {
      const listener = server.listen(options.port, options.host);
      await once(listener, 'listening');
      const { address, port } = listener.address() as AddressInfo;
      return { host: address, port };
    },
    useTls(identity) {
      // The library drops the old context before it reads the new one; a pair that does not fit must not get there.
      createSecureContext({ ...identity });
      server.updateSecureContext({ ...identity });
    },
    async close(graceMs) {
      draining = true;
      const end = performance.now() + graceMs;
      while (lettersUnderWay() && performance.now() < end) await sleep(20);
      await cut(server);
    },
  };
}

/** How long a peer may take to read its 421 before its socket is destroyed. */
const LAST_WORDS_MS = 500;

async function cut(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.options.closeTimeout = LAST_WORDS_MS;
    server.close(() => {
      resolve();
    });
  });
  for (const connection of [...server.connections]) connection.send(421, spoken(say.SHUTTING_DOWN));
  await closed;
}

/** Every connection passes here before its first reply, so no reply can miss the voice. */
class VoicedConnections extends Set<Connection> {
  override add(connection: Connection): this {
    const send = voiced(connection.send.bind(connection));
    connection.send = send;
    return super.add(connection);
  }
}
type Connection = Server['connections'] extends Set<infer C> ? C : never;

function libraryOptions(options: SmtpDoorOptions, withLogin: boolean): SMTPServerOptions {
  return {
    name: options.name,
    lmtp: options.lmtp,
    ...(options.tls ?? {}),
    size: options.maxSize,
    // `rejectOversized` would answer with a text without our status; `takeLetter` counts and answers itself.
    rejectOversized: false,
    disabledCommands: disabledCommands(options, withLogin),
    hideENHANCEDSTATUSCODES: false,
    authOptional: true,
    authMethods: ['PLAIN', 'LOGIN'],
    // Which peers may is decided per connection (networks, not single addresses), see onConnect.
    useXClient: true,
    disableReverseLookup: true,
    // Sockets still in the 100 ms greeting delay are not counted by our own limit; this one keeps them finite.
    maxClients: options.maxConnections * 2,
    socketTimeout: options.idleMs,
    heloResponse: '%s',
    logger: false,
  };
}

const disabledCommands = (options: SmtpDoorOptions, withLogin: boolean): string[] => [
  ...NEVER,
  ...(options.tls === null ? ['STARTTLS'] : []),
  ...(withLogin ? [] : ['AUTH']),
];

const addressOf = (address: SMTPServerAddress | false): string | null =>
  address === false || address.address === '' ? null : address.address.toLowerCase();

function peerOf(session: SMTPServerSession): SmtpSession {
  const user: unknown = session.user;
  return {
    id: session.id,
    remoteAddress: plainAddress(session.remoteAddress),
    // false until the peer has said hello, whatever the type says.
    helo: session.hostNameAppearsAs || '',
    tls: session.secure,
    authenticatedAs: typeof user === 'string' && user !== '' ? user : null,
  };
}

function addressFault(
  address: SMTPServerAddress,
  known: ReadonlySet<string>,
  utf8: boolean,
): DoorReply | null {
  const unknown = Object.keys(address.args || {}).some((parameter) => !known.has(parameter));
  if (unknown) return say.UNKNOWN_PARAMETER;
  return utf8 || /^[\x20-\x7e]*$/.test(address.address) ? null : say.UTF8_NOT_ANNOUNCED;
}
