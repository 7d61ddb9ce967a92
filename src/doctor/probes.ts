import { clamd } from './clamd.ts';
import { clockProbe, databaseClock } from './clock.ts';
import { dataDirectory, disk } from './data-directory.ts';
import { connections, database, databaseRights, durability, migrations } from './database.ts';
import { smtpDoor, tlsFiles } from './door.ts';
import { imap } from './imap.ts';
import { dkim, dmarc, mx, spf } from './mail-domains.ts';
import { checkpointAge, mailLog, outsideCheckpoints, pastRetention } from './mail-log.ts';
import type { Probe } from './probe.ts';
import { provisioner } from './provisioner.ts';
import { letters, outbox } from './queue.ts';
import { publicUrl, regulations } from './regulations.ts';
import { relay } from './relay.ts';
import { node, tools } from './runtime.ts';
import { revocationData, signingKey, trustStore } from './trust.ts';

/** Everything `congthu check` looks at, in this order; a new probe is one file and one line here. */
export const PROBES: readonly Probe[] = [
  regulations,
  node,
  tools,
  dataDirectory,
  disk,
  clockProbe,
  database,
  durability,
  connections,
  databaseClock,
  migrations,
  databaseRights,
  mx,
  spf,
  dkim,
  dmarc,
  tlsFiles,
  smtpDoor,
  imap,
  publicUrl,
  relay,
  clamd,
  provisioner,
  trustStore,
  revocationData,
  signingKey,
  letters,
  outbox,
  checkpointAge,
  outsideCheckpoints,
  pastRetention,
  mailLog,
];
