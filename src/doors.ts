import fs from 'node:fs';
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { configuredIntakes, configuredRegulations } from './configured.ts';
import { passwordMatches } from './console/password-hash.ts';
import { causeText } from './errors.ts';
import { createDoorLog } from './intake/door-log.ts';
import { createImapDoor, IMAP_DOOR_DEFAULTS, type ImapDoor } from './intake/imap.ts';
import type { Authenticate } from './intake/login.ts';
import { createGatekeeper } from './intake/receive.ts';
import type { ReceiveDeps } from './intake/take-in.ts';
import { createResolver } from './intake/resolver.ts';
import { proveSender, proveStoredSender } from './intake/sender-proof.ts';
import { SMTP_DOOR_DEFAULTS, type SmtpDoorOptions } from './intake/smtp-options.ts';
import { createSmtpDoor } from './intake/smtp.ts';
import { append } from './mail-log/append.ts';
import type { BounceAddresses } from './notices/bounce-address.ts';
import type { Metrics } from './ops/metrics.ts';
import { mailPasswordOf } from './provisioners/postgres-mail.ts';
import type { Database, OpenDatabase } from './store/database.ts';
import { createWake } from './store/wake.ts';

/** All ways in, open. */
export interface Doors {
  readonly smtp: { readonly host: string; readonly port: number };
  readonly lmtp: { readonly host: string; readonly port: number } | null;
  /** 421 to new clients; letters under way are finished within the grace, then everything is cut. */
  close(graceMs: number): Promise<void>;
}

export interface DoorDeps {
  readonly bounces: BounceAddresses | null;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'letter' | 'doorRefused' | 'imap'>;
  readonly failed: (error: unknown) => void;
}

/** One entry per client, answer and minute (src/intake/door-log.ts). */
const DOOR_LOG_MS = 60_000;

export async function openDoors(
  config: Config,
  db: OpenDatabase,
  clock: Clock,
  { bounces, log, metrics, failed }: DoorDeps,
): Promise<Doors> {
  const doorLog = createDoorLog((at, events) => db.transaction((tx) => append(tx.sql, at, ...events)), clock);
  const timer = setInterval(() => {
    doorLog.flush().catch(failed);
  }, DOOR_LOG_MS);
  const common: Omit<SmtpDoorOptions, 'host' | 'port' | 'lmtp'> = {
    ...SMTP_DOOR_DEFAULTS,
    name: config.hostname,
    tls:
      config.tls === undefined
        ? null
        : { key: fs.readFileSync(config.tls.key, 'utf8'), cert: fs.readFileSync(config.tls.cert, 'utf8') },
    trustedRelays: config.trustedRelays,
    xclientFrom: config.xclientFrom,
    spoolDir: config.dataDir,
    clock,
    log: (event) => {
      // An Error has no fields of its own: as it is, the log would show {}.
      log.info('cause' in event ? { ...event, cause: causeText(event.cause) } : event, 'smtp');
      if (event.event === 'refused') metrics.doorRefused(event.stage, event.reply.code);
      if (event.event === 'trouble') metrics.doorRefused(event.stage, 451);
      doorLog.note(event);
    },
  };
  const wake = createWake(db.sql);
  const deps = (door: string): ReceiveDeps => ({
    ...receiveDeps(config, db, clock, door, bounces),
    wake,
    count: (outcome, reason) => {
      metrics.letter(door, outcome, reason);
    },
  });
  const authenticate = config.submission ? unitLogin(db) : null;
  const smtpDoor = createSmtpDoor(
    { ...common, ...config.smtpListen, lmtp: false, authenticate },
    createGatekeeper(deps('smtp')),
  );
  const lmtpDoor =
    config.lmtpListen === undefined
      ? null
      : createSmtpDoor({ ...common, ...config.lmtpListen, lmtp: true }, createGatekeeper(deps('lmtp')));
  const smtp = await smtpDoor.listen();
  const lmtp = (await lmtpDoor?.listen()) ?? null;
  const mailboxes = watchMailboxes(config, db, clock, deps('imap'), metrics, log);
  return {
    smtp,
    lmtp,
    async close(graceMs) {
      const listening = [smtpDoor, ...(lmtpDoor === null ? [] : [lmtpDoor])];
      await Promise.all([
        ...listening.map((door) => door.close(graceMs)),
        ...mailboxes.map((mailbox) => mailbox.stop(graceMs)),
      ]);
      clearInterval(timer);
      await doorLog.flush().catch(failed);
    },
  };
}

const IMAP_EVENTS = {
  'imap-connected': 'connected',
  'imap-lost': 'lost',
  'imap-not-moved': 'not_moved',
} as const;

function watchMailboxes(
  config: Config,
  db: OpenDatabase,
  clock: Clock,
  deps: ReceiveDeps,
  metrics: Pick<Metrics, 'imap'>,
  log: Logger,
): ImapDoor[] {
  const gatekeeper = createGatekeeper(deps);
  return config.imap.map((account) => {
    const door = createImapDoor({
      ...IMAP_DOOR_DEFAULTS,
      account,
      db,
      clock,
      receive: (incoming) => gatekeeper.receive(incoming),
      maxSize: SMTP_DOOR_DEFAULTS.maxSize,
      spoolDir: config.dataDir,
      log: ({ event, cause }) => {
        const about = { event, user: account.user, host: account.host };
        metrics.imap(IMAP_EVENTS[event]);
        if (event === 'imap-connected') log.info(about, 'imap');
        else log.error({ ...about, error: causeText(cause) }, 'imap');
      },
    });
    door.start();
    return door;
  });
}

/** What the funnel needs for letters of one door; "imap" for those that lay in a mailbox. */
export function receiveDeps(
  config: Config,
  db: Database,
  clock: Clock,
  door: string,
  bounces: BounceAddresses | null = null,
): ReceiveDeps {
  const regulations = configuredRegulations(config);
  const ask = createResolver({ server: config.dnsServer ?? null, timeoutMs: 5000, clock });
  const proof = {
    trustedRelays: config.trustedRelays,
    authservId: config.authservId ?? null,
    hostname: config.hostname,
  };
  return {
    db,
    clock,
    door,
    regulations,
    intakes: configuredIntakes(config, regulations),
    ownAddresses: config.noticeFrom === undefined ? [] : [config.noticeFrom],
    prove: (incoming, { author }) =>
      (door === 'imap' ? proveStoredSender : proveSender)({ ...incoming, author }, proof, ask),
    bounces,
    wake: () => undefined,
    tellRefusalsAs: door === 'imap' ? config.hostname : null,
  };
}

/**
 * A unit logs in with the password of its own mailbox; who may ask for what is decided as for any other letter. One
 * password after the other: argon2 takes 64 MB, and strangers must not take as many times as they have connections.
 */
function unitLogin(db: Database): Authenticate {
  let last: Promise<unknown> = Promise.resolve();
  return (user, password) => {
    const address = user.toLowerCase();
    const answer = last.then(async () => {
      const hash = await db.transaction((tx) => mailPasswordOf(address, tx));
      // Unknown accounts cost as much as known ones, so that the time does not tell them apart.
      return (await passwordMatches(password, hash ?? NOBODY)) && hash !== null ? address : null;
    });
    last = answer.catch(() => undefined);
    return answer;
  };
}

/** A hash no password has: its tag is all zeros. */
const NOBODY = `{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;
