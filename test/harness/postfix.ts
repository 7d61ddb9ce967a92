import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** Why Postfix cannot take part, or null when it can. Its master process has to start as root. */
export function postfixMissing(): string | null {
  if (spawnSync('postconf', ['-h', 'mail_version']).status !== 0) return 'postfix is not installed';
  return process.getuid?.() === 0 ? null : 'postfix needs root';
}

/** True when tests of Postfix are to be skipped; where every component has to be there, they fail instead. */
export const withoutPostfix = process.env['CONGTHU_TEST_ALL'] !== '1' && postfixMissing() !== null;

export interface Postfix {
  readonly port: number;
  readonly stop: () => Promise<void>;
}

/**
 * A Postfix of its own: queue with fsync as always, everything then thrown away by discard(8), and no limit that
 * would hold it back against us. `settings` go over those of main.cf.
 */
export async function startPostfix(settings: Readonly<Record<string, string>> = {}): Promise<Postfix> {
  const folder = mkdtempSync(join(tmpdir(), 'congthu-postfix-'));
  chmodSync(folder, 0o755);
  const port = await freePort();
  const [config, queue, data] = ['config', 'queue', 'data'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [config, queue, data]) mkdirSync(path);
  chownSync(data, Number(execFileSync('id', ['-u', 'postfix'], { encoding: 'utf8' })), 0);
  writeFileSync(join(config, 'main.cf'), mainCf(queue, data, join(folder, 'maillog'), settings));
  writeFileSync(join(config, 'master.cf'), masterCf(port));
  execFileSync('postfix', ['-c', config, 'start'], { stdio: 'ignore' });
  await reachable(port);
  return {
    port,
    async stop() {
      spawnSync('postfix', ['-c', config, 'stop'], { stdio: 'ignore' });
      await sleep(500);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const mainCf = (
  queue: string,
  data: string,
  log: string,
  settings: Readonly<Record<string, string>>,
): string =>
  Object.entries({
    compatibility_level: '3.6',
    queue_directory: queue,
    data_directory: data,
    maillog_file: log,
    maillog_file_prefixes: '/tmp',
    myhostname: 'postfix.test',
    mydestination: '',
    inet_interfaces: '127.0.0.1',
    mynetworks: '127.0.0.0/8',
    default_transport: 'discard:',
    smtpd_relay_restrictions: 'permit_mynetworks,reject',
    default_process_limit: '300',
    smtpd_client_connection_count_limit: '0',
    in_flow_delay: '0',
    message_size_limit: '100000000',
    alias_maps: '',
    local_recipient_maps: '',
    ...settings,
  })
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');

/** service, type, private, unprivileged, chroot, wakeup, processes, program */
const masterCf = (port: number): string =>
  [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'trace unix - - n - 0 bounce',
    'error unix - - n - - error',
    'discard unix - - n - - discard',
    'lmtp unix - - n - - lmtp',
    'smtp unix - - n - - smtp',
    'proxymap unix - - n - - proxymap',
    'anvil unix - - n - 1 anvil',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'postlog unix-dgram n - n - 1 postlogd',
  ].join('\n') + '\n';

async function reachable(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('data', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => {
        resolve(false);
      });
    });
    if (open) return;
    await sleep(100);
  }
  throw new Error('postfix did not greet within 10 s');
}
