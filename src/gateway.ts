import { createHash } from 'node:crypto';
import path from 'node:path';
import pino, { type Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { configuredIntakes, configuredProvisioner, configuredRegulations } from './configured.ts';
import { configuredSlips } from './credential-slips.ts';
import { createConsole, type ConsoleServer } from './console/server.ts';
import { openDoors } from './doors.ts';
import { SMTP_DOOR_DEFAULTS } from './intake/smtp-options.ts';
import { causeText, UserError } from './errors.ts';
import { every, keepWorking } from './loops.ts';
import { layDownCheckpoints } from './jobs/anchors.ts';
import { checkpointMail } from './jobs/checkpoint-mail.ts';
import { forgetApproved } from './jobs/retention.ts';
import { JOBS, runJobs } from './jobs/run-jobs.ts';
import { append } from './mail-log/append.ts';
import { createBackgroundCheck } from './mail-log/background-check.ts';
import { keptMonths } from './mail-log/forget.ts';
import { startEntries, type InForce } from './mail-log/in-force.ts';
import { watchedLogKey } from './mail-log/key-file.ts';
import { createSequencer, prepareMonths } from './mail-log/sequencer.ts';
import { createActivationLinks, loadSecret, type ActivationLinks } from './notices/activation-link.ts';
import { writeWorkbook } from './lists/write-workbook.ts';
import { officialDocx } from './notices/official-docx.ts';
import { officialPdf } from './notices/official-pdf.ts';
import { createBounceAddresses, type BounceAddresses } from './notices/bounce-address.ts';
import { createMailer, type Mailer } from './notices/send.ts';
import { signPdf } from './notices/sign-pdf.ts';
import { loadSigningKey, type SigningKey } from './notices/sign.ts';
import { countedMailer, countedPool, countedScan } from './ops/counted.ts';
import { createMetrics, type Metrics } from './ops/metrics.ts';
import { freeBytes, obstacles, type Phase } from './ops/readiness.ts';
import { openOpsServer, type OpsPages, type OpsServer } from './ops/server.ts';
import { blaming } from './parser-process/blame.ts';
import { createParserPool, ParserCrash, type ParserPool } from './parser-process/pool.ts';
import { createRevocationCache, type RevocationCache } from './revocation/cache.ts';
import type { Regulation } from './rules/regulation.ts';
import type { ScanFact } from './rules/scan-facts.ts';
import type { Database, OpenDatabase } from './store/database.ts';
import { WORK_CHANNEL } from './store/wake.ts';
import { createClamd, type VirusScanner } from './virus/clamd.ts';
import { scanLetter } from './virus/letter-scan.ts';
import { createCalendarSource, type CalendarSource } from './work/calendar-source.ts';
import { sendNextNotice } from './work/outbox.ts';
import { workOnce } from './work/runner.ts';
import { KillsItsParser, type StepDeps } from './work/step.ts';

/** The one place that builds things and hands them over. */
export interface Gateway {
  readonly smtp: { host: string; port: number };
  /** null when no LMTP door is configured. */
  readonly lmtp: { host: string; port: number } | null;
  readonly console: { host: string; port: number };
  /** Metrics and health checks; null when their default port belongs to another gateway of this machine. */
  readonly ops: { host: string; port: number } | null;
  /**
   * Nothing new is begun: 421 to new clients, no further letter or notice is claimed. What is under way has 30 s; then
   * letters still on the wire are cut, and steps still waiting for the world leave their letters to the next gateway.
   * The log comes last. A relay may take longer (src/notices/send.ts); `STOP_LIMIT_MS` is for whoever waits for all of it.
   */
  stop(): Promise<void>;
}

const DRAIN_MS = 30_000;
/**
 * All of `stop` together, a relay that keeps silent for its 60 s included. Only a database that does not answer takes
 * longer, and then nothing is lost by ending: what is under way was never acknowledged. Below TimeoutStopSec of the unit.
 */
export const STOP_LIMIT_MS = 90_000;

/** How often kept revocation lists are looked through for those that end soon. */
const REVOCATION_REFRESH_MS = 15 * 60_000;
/** The finest period of a job is a minute: deadlines in hours exist. */
const JOB_ROUND_MS = 60_000;
/** Months are forgotten; nobody waits for it. */
const RETENTION_ROUND_MS = 10 * 60_000;

/** What only a gateway that runs on has. */
export interface Alive {
  readonly calendar?: CalendarSource;
  readonly metrics?: Metrics | null;
  readonly stopping?: AbortSignal;
}

/** What the journey of a letter needs; shared by the gateway and by `replay`. */
export function stepDeps(
  config: Config,
  db: Database,
  clock: Clock,
  pool: ParserPool,
  links: ActivationLinks,
  revocation: Pick<RevocationCache, 'obtain'> | null,
  { calendar = createCalendarSource(db), metrics = null, stopping }: Alive = {},
): StepDeps {
  const clamd = scannerOf(config, stopping);
  const clean = clamd === null ? null : (bytes: Uint8Array) => clamd.scan(bytes);
  const scan = clean === null || metrics === null ? clean : countedScan(clean, metrics);
  const inChild = <T>(job: () => Promise<T>): Promise<T> =>
    blaming(pool, job).catch((error: unknown) => {
      throw error instanceof ParserCrash ? new KillsItsParser(error.message, { cause: error }) : error;
    });
  const { trustDirs } = config;
  return {
    db,
    clock,
    stopping,
    regulations: configuredRegulations(config),
    get calendar() {
      return calendar.current();
    },
    async examine(raw, at) {
      const look = () => inChild(() => pool.examine({ raw, at, now: clock.now(), trustDirs }));
      const first = await look();
      // Asked again only when something came that may change the answer; else the letter is tried later.
      const more = first.wanted.length > 0 && revocation !== null && (await revocation.obtain(first.wanted));
      return more ? (await look()).letter : first.letter;
    },
    scanForVirus:
      scan === null
        ? null
        : (raw) => scanLetter(raw, scan, (letter) => inChild(() => pool.unpack({ raw: letter }))),
    timed(step, result, seconds) {
      metrics?.step(step, result, seconds);
    },
    async screenFiles(raw, documents) {
      const asked = documents.map(({ index, sha256 }) => ({ index, sha256 }));
      return asked.length === 0 ? null : inChild(() => pool.screen({ raw, documents: asked }));
    },
    async examineScan(raw, document) {
      try {
        return await blaming(pool, () => pool.examineScan({ raw, document }));
      } catch (error) {
        if (!(error instanceof ParserCrash)) throw error;
        return { fact: unseen(error.message), pictures: [] };
      }
    },
    async recognise(raw, document, page) {
      try {
        return await pool.recognise({ raw, document, page });
      } catch {
        // It only helps an officer's eyes: whatever fails here must not hold the letter up.
        return 'failed';
      }
    },
    readLists: (raw, documents, body) =>
      pool.readLists({ raw, documents, includeBody: body === 'with body' }),
    provisioner: configuredProvisioner(config),
    officers: config.officers,
    writeWorkbook,
    documents: documentDeps(config, pool, clock, revocation),
    notices: {
      hostname: config.hostname,
      activationDays: config.activationDays,
      hashOfActivation: (id) => links.hashOf(links.tokenOf(id)),
      sealSlip: configuredSlips(config, clock, links),
    },
  };
}

const scannerOf = ({ clamd }: Config, stopping?: AbortSignal): VirusScanner | null =>
  clamd === undefined ? null : createClamd({ address: clamd, stopping });

/** How official documents are written, and signed where the operator has switched that on. */
function documentDeps(
  config: Config,
  pool: ParserPool,
  clock: Clock,
  revocation: Pick<RevocationCache, 'obtain'> | null,
): StepDeps['documents'] {
  const { signing, signReplies, trustDirs, noticeFrom } = config;
  const own = signing === undefined ? null : loadSigningKey(signing.p12, signing.passphrase);
  const key = signReplies ? own : null;
  const intakes = configuredIntakes(config, configuredRegulations(config)).map(({ address }) => address);
  return {
    async verify(name, bytes) {
      const look = () => {
        const now = clock.now();
        return pool.verifyFile({ name, bytes, at: now, now, trustDirs });
      };
      const first = await look();
      const more = first.wanted.length > 0 && revocation !== null && (await revocation.obtain(first.wanted));
      return (more ? await look() : first).evidence;
    },
    operator: {
      addresses: [...intakes, ...(noticeFrom === undefined ? [] : [noticeFrom])].map((a) => a.toLowerCase()),
      certificates: own === null ? [] : [createHash('sha256').update(own.certificate).digest('hex')],
    },
    write: async (draft, at) => ({
      docx: await officialDocx(draft),
      pdf: await officialPdf(draft, at, key !== null),
    }),
    sign: key === null ? null : (pdf) => signPdf(pdf, key),
  };
}

const unseen = (limit: string): ScanFact => ({
  pageCount: null,
  pages: [],
  images: [],
  seenBefore: [],
  renderer: null,
  limit,
});

export async function startGateway(
  config: Config,
  db: OpenDatabase,
  clock: Clock,
  log: Logger = pino(),
): Promise<Gateway> {
  const scanner = scannerOf(config);
  const metrics = createMetrics({
    db,
    clock,
    freeBytes: () => freeBytes(config.dataDir),
    pingScanner: scanner === null ? null : () => scanner.ping(),
  });
  let phase: Phase = 'starting';
  const stopping = new AbortController();
  const { minFree } = SMTP_DOOR_DEFAULTS;
  const readiness = { db, dataDir: config.dataDir, minFree, phase: () => phase };
  const ready = (): Promise<string[]> => obstacles(readiness);
  // Before anything works: a port that cannot be had must not leave half a gateway behind.
  const ops = await openOps(config, { metrics, obstacles: ready }, log);
  const failed = (what: string) => (error: unknown) => {
    metrics.trouble(what);
    log.error({ what, error: causeText(error) }, 'trouble');
  };
  const secret = loadSecret(config.dataDir);
  const links = createActivationLinks(secret, config.publicUrl);
  const signing =
    config.signing === undefined ? null : loadSigningKey(config.signing.p12, config.signing.passphrase);
  const logKey = watchedLogKey(path.join(config.dataDir, 'mail-log.key'), `${config.hostname}/mail-log`);
  await prepareMonths(db.sql, clock.now());
  const sequencer = createSequencer({ sql: db.sql, key: logKey, clock, onError: failed('sequencer') });
  sequencer.start();
  const pool = countedPool(createParserPool({ children: config.workers }), metrics);
  const revocation = createRevocationCache({
    dir: config.trustDirs.fetched!,
    rules: config.revocation,
    clock,
    onFailure: (url, cause) => {
      log.warn({ url, cause }, 'revocation data not fetched');
    },
  });
  const calendar = createCalendarSource(db);
  await calendar.refresh();
  const deps = stepDeps(config, db, clock, pool, links, revocation, {
    calendar,
    metrics,
    stopping: stopping.signal,
  });
  const refreshing = setInterval(() => void revocation.refresh(), REVOCATION_REFRESH_MS);
  const bounces =
    config.bounceAddress === undefined ? null : createBounceAddresses(secret, config.bounceAddress);
  const relay = mailerOf(config, deps.regulations, signing, links, bounces);
  const mailer = relay === null ? null : countedMailer(relay, metrics);
  const bounceHash = bounces?.hashFor ?? (() => null);
  await db.transaction(async (tx) => {
    const { hostname } = config;
    const told = { hostname, settings: { ...config }, regulations: inForce(deps.regulations), secret };
    await append(tx.sql, clock.now(), ...(await startEntries(tx.sql, told)));
  });
  const loops = [
    ...Array.from({ length: config.workers }, () => keepWorking(() => workOnce(deps), failed('worker'))),
    ...(mailer === null
      ? []
      : [keepWorking(() => sendNextNotice({ db, clock, mailer, bounceHash }), failed('outbox'))]),
  ];
  const allJobs = [...JOBS, checkpointMail(config.auditors)];
  const jobs = every(
    JOB_ROUND_MS,
    () => calendar.refresh().then(() => runJobs(deps, allJobs)),
    failed('jobs'),
  );
  const places = { ...config.checkpointPlaces, hostname: config.hostname };
  const anchors = every(JOB_ROUND_MS, () => layDownCheckpoints(db.sql, clock, places), failed('anchors'));
  const keepMonths = keptMonths(deps.regulations);
  const retention = every(
    RETENTION_ROUND_MS,
    () => forgetApproved(db.sql, logKey(), clock, keepMonths),
    failed('retention'),
  );
  const wake = (): void => {
    for (const loop of loops) loop.wake();
  };
  const listening = await db.sql.listen(WORK_CHANNEL, wake);
  const check = createBackgroundCheck(db.url);
  const consoleServer: ConsoleServer = createConsole({
    db,
    clock,
    links,
    regulations: deps.regulations,
    provisioner: deps.provisioner,
    secret,
    publicUrl: config.publicUrl,
    listenHost: config.consoleListen.host,
    proxies: config.consoleProxies,
    oidc: config.oidc ?? null,
    desk: deps,
    mailLog: {
      key: logKey,
      check,
      workbook: (rows) => writeWorkbook('Nhật ký', rows),
      failed: failed('mail log page'),
    },
    obstacles: ready,
  });
  const consoleAddress = await consoleServer.listen(config.consoleListen);
  const doors = await openDoors(config, db, clock, {
    bounces,
    log,
    metrics,
    failed: failed('door log'),
  });
  phase = 'running';
  return {
    smtp: doors.smtp,
    lmtp: doors.lmtp,
    console: consoleAddress,
    ops: ops?.address ?? null,
    async stop() {
      phase = 'draining';
      clearInterval(refreshing);
      const drain = setTimeout(() => {
        stopping.abort();
      }, DRAIN_MS);
      await Promise.all([
        doors.close(DRAIN_MS),
        consoleServer.close(),
        check.close(),
        listening.unlisten(),
        ...[jobs, anchors, retention, ...loops].map((loop) => loop.stop()),
      ]);
      clearTimeout(drain);
      stopping.abort();
      pool.close();
      mailer?.close();
      await sequencer.stop();
      await ops?.close();
    },
  };
}

const inForce = (regulations: readonly Regulation[]): InForce['regulations'] =>
  regulations.map((regulation) => ({ ...regulation }));

/** Another gateway of this machine may have the default port; a port the operator chose has to be had. */
async function openOps({ opsListen }: Config, pages: OpsPages, log: Logger): Promise<OpsServer | null> {
  try {
    return await openOpsServer(opsListen, pages);
  } catch (error) {
    const { host, port, chosen } = opsListen;
    if (chosen) throw new UserError(`CONGTHU_OPS_LISTEN: ${host}:${port} cannot be had: ${causeText(error)}`);
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    log.warn({ host, port }, 'metrics port taken, set CONGTHU_OPS_LISTEN');
    return null;
  }
}

function mailerOf(
  config: Config,
  regulations: readonly Regulation[],
  key: SigningKey | null,
  links: ActivationLinks,
  bounces: BounceAddresses | null,
): Mailer | null {
  const { relayUrl, noticeFrom } = config;
  if (relayUrl === undefined || noticeFrom === undefined) return null;
  const senderName = regulations[0]?.identity.operatorName ?? 'Cổng thư';
  return createMailer({
    relayUrl,
    from: noticeFrom,
    returnPathOf: (notice) => bounces?.addressOf(notice) ?? noticeFrom,
    senderName,
    key,
    fillIn: links.fillIn,
  });
}
