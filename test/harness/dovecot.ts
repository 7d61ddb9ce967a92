import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** Debian's dovecot-imapd and dovecot-lmtpd; only root may start it, for it gives its rights away itself. */
export const hasDovecot = fs.existsSync('/usr/sbin/dovecot') && process.getuid?.() === 0;
export const withoutDovecot = !hasDovecot && process.env['CONGTHU_TEST_ALL'] !== '1';

export interface Dovecot {
  readonly dir: string;
  readonly imap: number;
  readonly imaps: number;
  readonly lmtp: number;
  readonly log: string;
  /** `doveadm` against this instance. @throws with its words */
  doveadm(...args: string[]): string;
  /** Ends it at once, connections included, and starts it again on the same ports. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface DovecotOptions {
  /** passdb and userdb sections, and whatever else the test is about; {dir} is its folder. */
  readonly config: string;
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** A Dovecot of the test's own, on loopback ports, its mail below a temporary folder. */
export async function startDovecot(options: DovecotOptions): Promise<Dovecot> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-dovecot-'));
  fs.chmodSync(dir, 0o755);
  const mail = path.join(dir, 'mail');
  fs.mkdirSync(mail);
  const [uid, gid] = ['-u', '-g'].map((flag) =>
    Number(spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' }).stdout),
  ) as [number, number];
  fs.chownSync(mail, uid, gid);
  const [imap, imaps, lmtp] = [await freePort(), await freePort(), await freePort()];
  const log = path.join(dir, 'log');
  const file = path.join(dir, 'dovecot.conf');
  fs.writeFileSync(
    file,
    `
base_dir = ${dir}/run
state_dir = ${dir}/state
log_path = ${log}
auth_verbose = yes
protocols = imap lmtp
listen = 127.0.0.1
disable_plaintext_auth = no
ssl = ${options.tls === undefined ? 'no' : 'yes'}
${options.tls === undefined ? '' : `ssl_cert = <${options.tls.cert}\nssl_key = <${options.tls.key}`}
mail_location = maildir:${mail}/%u
mail_uid = ${uid}
mail_gid = ${gid}
first_valid_uid = 1
first_valid_gid = 1
service imap-login {
  inet_listener imap {
    port = ${imap}
  }
  inet_listener imaps {
    port = ${options.tls === undefined ? 0 : imaps}
  }
}
service lmtp {
  inet_listener lmtp {
    port = ${lmtp}
  }
}
namespace inbox {
  inbox = yes
}
${options.config.replaceAll('{dir}', dir)}
`,
  );
  const told = (): string => (fs.existsSync(log) ? fs.readFileSync(log, 'utf8') : '');
  const start = async (): Promise<() => Promise<void>> => {
    const child = spawn('/usr/sbin/dovecot', ['-F', '-c', file], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    for (let tries = 0; !(await answers(imap)); tries += 1) {
      if (tries > 100 || child.exitCode !== null) throw new Error(`dovecot does not start: ${told()}`);
      await sleep(50);
    }
    return async () => {
      child.kill('SIGTERM');
      await ended;
    };
  };
  let end = await start();
  return {
    dir,
    imap,
    imaps,
    lmtp,
    log,
    doveadm(...args) {
      const { status, stdout, stderr } = spawnSync('doveadm', ['-c', file, ...args], { encoding: 'utf8' });
      if (status !== 0) throw new Error(`doveadm ${args.join(' ')}: ${stderr}`);
      return stdout;
    },
    async restart() {
      await end();
      end = await start();
    },
    async stop() {
      await end();
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => {
      resolve(false);
    });
  });
