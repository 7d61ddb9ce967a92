import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { postgresClient } from '../../src/store/driver.ts';
import { freePort } from './free-port.ts';

/** Debian's postgresql package, whatever its version: server and client programs that fit each other. */
const VERSIONS = '/usr/lib/postgresql';
const bin = fs.existsSync(VERSIONS)
  ? fs
      .readdirSync(VERSIONS)
      .map((version) => path.join(VERSIONS, version, 'bin'))
      .find((folder) => fs.existsSync(path.join(folder, 'postgres')))
  : undefined;
export const withoutPostgres = bin === undefined && process.env['CONGTHU_TEST_ALL'] !== '1';

/** PostgreSQL refuses to run as root. */
const account = (): { uid?: number; gid?: number } => {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'postgres']).toString()));
  return { uid: uid!, gid: gid! };
};

/** Runs one of its programs to its end. @throws with its words */
export const postgresProgram = (name: string, ...args: string[]): string =>
  execFileSync(path.join(bin!, name), args, {
    ...account(),
    cwd: '/',
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/** Starts one of its programs that goes on by itself. */
export const postgresDaemon = (name: string, ...args: string[]): ChildProcess =>
  spawn(path.join(bin!, name), args, { ...account(), cwd: '/', stdio: 'ignore' });

/** A folder that server and programs may write to. */
export function postgresFolder(folder: string): string {
  fs.mkdirSync(folder, { recursive: true });
  const { uid, gid } = account();
  if (uid !== undefined && gid !== undefined) fs.chownSync(folder, uid, gid);
  fs.chmodSync(folder, 0o700);
  return folder;
}

export interface PostgresServer {
  readonly port: number;
  /** postgres://…/name */
  url(database: string): string;
  /** As a lost machine does it: no checkpoint, nothing flushed any more, every connection cut. */
  kill(): Promise<void>;
}

/** A new cluster in this folder. */
export function createCluster(folder: string): void {
  postgresFolder(folder);
  postgresProgram('initdb', '-D', folder, '-U', 'congthu', '-A', 'trust', '-E', 'UTF8', '--locale=C');
}

/** Starts the cluster in this folder and waits until it takes writes (recovery from a backup included). */
export async function startCluster(folder: string): Promise<PostgresServer> {
  const port = await freePort();
  const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: '' };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = postgresDaemon('postgres', '-D', folder, ...args);
  const ended = once(child, 'exit');
  const url = (database: string): string => `postgres://congthu@127.0.0.1:${port}/${database}`;
  for (let tries = 0; !(await takesWrites(url('postgres'))); tries += 1) {
    if (tries > 300 || child.exitCode !== null) throw new Error('PostgreSQL does not start');
    await sleep(100);
  }
  return {
    port,
    url,
    async kill() {
      // Postmaster and children share no process group with us; SIGQUIT ends all of them at once.
      child.kill('SIGQUIT');
      await ended;
    },
  };
}

async function takesWrites(url: string): Promise<boolean> {
  const sql = postgresClient(url, { max: 1, connect_timeout: 2, onnotice: () => undefined });
  try {
    const [row] = await sql<{ recovering: boolean }[]>`select pg_is_in_recovery() as recovering`;
    return row?.recovering === false;
  } catch {
    return false;
  } finally {
    await sql.end({ timeout: 1 }).catch(() => undefined);
  }
}
