import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { BlockList } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { DoorEvent } from '../../src/intake/door-answer.ts';
import type { Gatekeeper } from '../../src/intake/gatekeeper.ts';
import { SMTP_DOOR_DEFAULTS } from '../../src/intake/smtp-options.ts';
import type { SmtpDoorOptions, TlsIdentity } from '../../src/intake/smtp-options.ts';
import { createSmtpDoor } from '../../src/intake/smtp.ts';
import type { SmtpDoor } from '../../src/intake/smtp.ts';
import { systemClock } from '../../src/clock.ts';

export interface OpenDoor {
  readonly port: number;
  readonly door: SmtpDoor;
  readonly events: DoorEvent[];
}

/** The real door on a free loopback port. */
export async function openDoor(gate: Gatekeeper, over: Partial<SmtpDoorOptions> = {}): Promise<OpenDoor> {
  const events: DoorEvent[] = [];
  const door = createSmtpDoor(
    {
      ...SMTP_DOOR_DEFAULTS,
      host: '127.0.0.1',
      port: 0,
      name: 'congthu.test',
      trustedRelays: new BlockList(),
      xclientFrom: new BlockList(),
      spoolDir: tmpdir(),
      clock: systemClock,
      log: (event) => events.push(event),
      ...over,
    },
    gate,
  );
  const { port } = await door.listen();
  return { port, door, events };
}

/** A fresh self-signed key and certificate, made by openssl. */
export function selfSigned(name: string): TlsIdentity {
  const folder = mkdtempSync(join(tmpdir(), 'congthu-tls-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync('openssl', [...args, '-keyout', key, '-out', cert, '-days', '2', '-subj', `/CN=${name}`], {
      stdio: 'ignore',
    });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function networksOf(...cidrs: string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', bits = ''] = cidr.split('/');
    list.addSubnet(address, Number(bits), address.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}
