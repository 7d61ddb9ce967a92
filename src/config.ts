import fs from 'node:fs';
import { BlockList, isIP } from 'node:net';
import path from 'node:path';
import { UserError } from './errors.ts';
import type { TrustDirs } from './evidence/trust-store.ts';
import { parseMapping, permitted, type SourceRules } from './revocation/sources.ts';
import { readImapAccount, type ImapAccount } from './imap-account.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** The configuration of a gateway, checked. README lists the variables in one table. */
export interface Config {
  /** Undefined = the embedded PostgreSQL. */
  readonly databaseUrl: string | undefined;
  readonly dataDir: string;
  readonly regulations: readonly string[];
  /** Folder with the operator's own regulations (src/regulation-files.ts). */
  readonly regulationFiles: string | undefined;
  readonly smtpListen: ListenAddress;
  /** For a mail server that hands over directly (RFC 2033). */
  readonly lmtpListen: ListenAddress | undefined;
  /** Units may log in (AUTH) with the password of their mailbox; needs TLS. */
  readonly submission: boolean;
  /** Mailboxes the IMAP door watches. */
  readonly imap: readonly ImapAccount[];
  readonly consoleListen: ListenAddress;
  /** Metrics and health checks. The default port may be taken by another gateway of this machine; one that was set may not. */
  readonly opsListen: ListenAddress & { readonly chosen: boolean };
  /** No trailing slash. */
  readonly publicUrl: string;
  readonly hostname: string;
  /** smtp://user:pass@host:port or smtps://…; undefined = notices wait in the outbox. */
  readonly relayUrl: string | undefined;
  readonly trustedRelays: BlockList;
  readonly authservId: string | undefined;
  readonly xclientFrom: BlockList;
  readonly dnsServer: string | undefined;
  /** Names the relay signs our notices under (DKIM); only `check` asks for them. */
  readonly dkimSelectors: readonly string[];
  /** A time server `check` compares our clock with. */
  readonly ntpServer: ListenAddress | undefined;
  readonly intake: readonly string[];
  readonly trustDirs: TrustDirs;
  /** Where revocation data may be fetched from; no hosts = off-line. */
  readonly revocation: SourceRules;
  readonly tls: { readonly key: string; readonly cert: string } | undefined;
  readonly signing: { readonly p12: string; readonly passphrase: string } | undefined;
  /** Reply documents are signed with the operator's key, without an officer (QB-4.2). */
  readonly signReplies: boolean;
  /** Links to set passwords go to units in a slip encrypted to their certificate, where one allows it. */
  readonly credentialSlips: boolean;
  /** Certificates of units (PEM or DER); those whose fingerprint is pinned for a unit count. */
  readonly unitCertificates: string | undefined;
  readonly noticeFrom: string | undefined;
  /** Notices come back to this mailbox with a token behind a plus sign; undefined = to `noticeFrom`, unread. */
  readonly bounceAddress: string | undefined;
  /** clamd, as host:port or a socket's path; undefined = letters are not scanned. */
  readonly clamd: ListenAddress | { readonly path: string } | undefined;
  readonly provisioner: 'postgres-mail' | 'ldap' | 'manual';
  /** Set when the provisioner is `ldap`. */
  readonly ldap: LdapSettings | undefined;
  /** Mailboxes of the officers: reminders, alarms, links that must not go to a locked mailbox. */
  readonly officers: readonly string[];
  /** Get the log's checkpoint every morning. */
  readonly auditors: readonly string[];
  /** Where the log's checkpoints are laid down every hour. */
  readonly checkpointPlaces: {
    readonly file: string | undefined;
    readonly syslog: ListenAddress | undefined;
    readonly tsaUrl: string | undefined;
  };
  readonly workers: number;
  readonly activationDays: number;
  /** Reverse proxies in front of the console whose X-Forwarded-For counts. */
  readonly consoleProxies: BlockList;
  readonly oidc:
    { readonly issuer: string; readonly clientId: string; readonly clientSecret: string } | undefined;
}

/** Where the provisioner `ldap` makes its entries. */
export interface LdapSettings {
  readonly url: string;
  readonly bindDn: string;
  readonly password: string;
  readonly base: string;
  /** A JSON file that overrides attribute names (provisioners/ldap-map.ts). */
  readonly mapFile: string | undefined;
}

/** One variable: how it is read and what README says about it. Secrets are never printed. */
interface Variable {
  readonly name: string;
  readonly secret?: true;
}

export const VARIABLES: readonly Variable[] = [
  { name: 'DATABASE_URL', secret: true },
  { name: 'CONGTHU_DATA_DIR' },
  { name: 'CONGTHU_REGULATIONS' },
  { name: 'CONGTHU_REGULATION_FILES' },
  { name: 'CONGTHU_INTAKE' },
  { name: 'CONGTHU_SMTP_LISTEN' },
  { name: 'CONGTHU_LMTP_LISTEN' },
  { name: 'CONGTHU_SUBMISSION' },
  { name: 'CONGTHU_IMAP_URL', secret: true },
  { name: 'CONGTHU_CONSOLE_LISTEN' },
  { name: 'CONGTHU_OPS_LISTEN' },
  { name: 'CONGTHU_PUBLIC_URL' },
  { name: 'CONGTHU_HOSTNAME' },
  { name: 'CONGTHU_RELAY_URL', secret: true },
  { name: 'CONGTHU_NOTICE_FROM' },
  { name: 'CONGTHU_BOUNCE_ADDRESS' },
  { name: 'CONGTHU_TRUSTED_RELAYS' },
  { name: 'CONGTHU_AUTHSERV_ID' },
  { name: 'CONGTHU_XCLIENT_FROM' },
  { name: 'CONGTHU_DNS_SERVER' },
  { name: 'CONGTHU_DKIM_SELECTORS' },
  { name: 'CONGTHU_NTP_SERVER' },
  { name: 'CONGTHU_ANCHORS_DIR' },
  { name: 'CONGTHU_INTERMEDIATES_DIR' },
  { name: 'CONGTHU_CRLS_DIR' },
  { name: 'CONGTHU_TSA_ANCHORS_DIR' },
  { name: 'CONGTHU_REVOCATION_HOSTS' },
  { name: 'CONGTHU_REVOCATION_MAP' },
  { name: 'CONGTHU_REVOCATION_OFFLINE' },
  { name: 'CONGTHU_TLS_KEY' },
  { name: 'CONGTHU_TLS_CERT' },
  { name: 'CONGTHU_SIGNING_P12' },
  { name: 'CONGTHU_SIGNING_PASS', secret: true },
  { name: 'CONGTHU_CLAMD' },
  { name: 'CONGTHU_PROVISIONER' },
  { name: 'CONGTHU_LDAP_URL' },
  { name: 'CONGTHU_LDAP_BIND_DN' },
  { name: 'CONGTHU_LDAP_PASSWORD', secret: true },
  { name: 'CONGTHU_LDAP_BASE' },
  { name: 'CONGTHU_LDAP_MAP' },
  { name: 'CONGTHU_SIGN_REPLIES' },
  { name: 'CONGTHU_CREDENTIAL_SLIPS' },
  { name: 'CONGTHU_UNIT_CERTIFICATES_DIR' },
  { name: 'CONGTHU_OFFICERS' },
  { name: 'CONGTHU_AUDITORS' },
  { name: 'CONGTHU_CHECKPOINT_FILE' },
  { name: 'CONGTHU_CHECKPOINT_SYSLOG' },
  { name: 'CONGTHU_CHECKPOINT_TSA' },
  { name: 'CONGTHU_WORKERS' },
  { name: 'CONGTHU_ACTIVATION_DAYS' },
  { name: 'CONGTHU_CONSOLE_PROXIES' },
  { name: 'CONGTHU_OIDC_ISSUER' },
  { name: 'CONGTHU_OIDC_CLIENT_ID' },
  { name: 'CONGTHU_OIDC_CLIENT_SECRET', secret: true },
];

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the environment; every fault is collected, so that one start shows them all (UserError). */
export function readConfig(env: Environment): Config {
  const faults: string[] = [];
  const raw = (name: string): string | undefined => rawValue(env, name, faults);
  const known = new Set(VARIABLES.flatMap(({ name }) => [name, `${name}_FILE`]));
  for (const name of Object.keys(env)) {
    if (name.startsWith('CONGTHU_') && !name.startsWith('CONGTHU_TEST') && !known.has(name)) {
      faults.push(`${name} is no variable of congthu (a typing mistake?)`);
    }
  }
  const dataDir = path.resolve(raw('CONGTHU_DATA_DIR') ?? '.congthu');
  const consoleListen = listen(
    'CONGTHU_CONSOLE_LISTEN',
    raw('CONGTHU_CONSOLE_LISTEN') ?? '127.0.0.1:8080',
    faults,
  );
  const syslog = raw('CONGTHU_CHECKPOINT_SYSLOG');
  const p12 = readable('CONGTHU_SIGNING_P12', raw('CONGTHU_SIGNING_P12'), faults);
  const key = readable('CONGTHU_TLS_KEY', raw('CONGTHU_TLS_KEY'), faults);
  const cert = readable('CONGTHU_TLS_CERT', raw('CONGTHU_TLS_CERT'), faults);
  if ((key === undefined) !== (cert === undefined))
    faults.push('CONGTHU_TLS_KEY and CONGTHU_TLS_CERT belong together');
  const intermediates = raw('CONGTHU_INTERMEDIATES_DIR');
  const crls = raw('CONGTHU_CRLS_DIR');
  const tsaAnchors = raw('CONGTHU_TSA_ANCHORS_DIR');
  const config: Config = {
    databaseUrl: raw('DATABASE_URL'),
    dataDir,
    regulations: words(raw('CONGTHU_REGULATIONS') ?? 'vn-quangbinh-41-2015'),
    regulationFiles: readable('CONGTHU_REGULATION_FILES', raw('CONGTHU_REGULATION_FILES'), faults),
    intake: words(raw('CONGTHU_INTAKE') ?? '').map((address) => address.toLowerCase()),
    smtpListen: listen('CONGTHU_SMTP_LISTEN', raw('CONGTHU_SMTP_LISTEN') ?? '127.0.0.1:2525', faults),
    lmtpListen: optionalListen('CONGTHU_LMTP_LISTEN', raw('CONGTHU_LMTP_LISTEN'), faults),
    submission:
      oneOf('CONGTHU_SUBMISSION', raw('CONGTHU_SUBMISSION') ?? 'no', ['no', 'yes'], faults) === 'yes',
    imap: imapAccounts(raw('CONGTHU_IMAP_URL'), faults),
    consoleListen,
    opsListen: opsListen(raw('CONGTHU_OPS_LISTEN'), faults),
    publicUrl:
      url('CONGTHU_PUBLIC_URL', raw('CONGTHU_PUBLIC_URL'), ['http:', 'https:'], faults)?.replace(/\/$/, '') ??
      `http://${consoleListen.host}:${consoleListen.port}`,
    hostname: raw('CONGTHU_HOSTNAME') ?? 'congthu.localhost',
    relayUrl: url('CONGTHU_RELAY_URL', raw('CONGTHU_RELAY_URL'), ['smtp:', 'smtps:'], faults),
    signReplies: yesNo('CONGTHU_SIGN_REPLIES', raw('CONGTHU_SIGN_REPLIES') ?? 'no', faults),
    credentialSlips: yesNo('CONGTHU_CREDENTIAL_SLIPS', raw('CONGTHU_CREDENTIAL_SLIPS') ?? 'no', faults),
    unitCertificates: readable('CONGTHU_UNIT_CERTIFICATES_DIR', raw('CONGTHU_UNIT_CERTIFICATES_DIR'), faults),
    noticeFrom: raw('CONGTHU_NOTICE_FROM')?.toLowerCase(),
    bounceAddress: raw('CONGTHU_BOUNCE_ADDRESS')?.toLowerCase(),
    officers: words(raw('CONGTHU_OFFICERS') ?? '').map((address) => address.toLowerCase()),
    auditors: words(raw('CONGTHU_AUDITORS') ?? '').map((address) => address.toLowerCase()),
    checkpointPlaces: {
      file: raw('CONGTHU_CHECKPOINT_FILE'),
      syslog: syslog === undefined ? undefined : listen('CONGTHU_CHECKPOINT_SYSLOG', syslog, faults),
      tsaUrl: url('CONGTHU_CHECKPOINT_TSA', raw('CONGTHU_CHECKPOINT_TSA'), ['http:', 'https:'], faults),
    },
    trustedRelays: networks('CONGTHU_TRUSTED_RELAYS', raw('CONGTHU_TRUSTED_RELAYS'), faults),
    authservId: raw('CONGTHU_AUTHSERV_ID'),
    xclientFrom: networks('CONGTHU_XCLIENT_FROM', raw('CONGTHU_XCLIENT_FROM'), faults),
    dnsServer: raw('CONGTHU_DNS_SERVER'),
    dkimSelectors: words(raw('CONGTHU_DKIM_SELECTORS') ?? ''),
    ntpServer: optionalListen('CONGTHU_NTP_SERVER', raw('CONGTHU_NTP_SERVER'), faults),
    trustDirs: {
      anchors: path.resolve(raw('CONGTHU_ANCHORS_DIR') ?? path.join(dataDir, 'trust/anchors')),
      ...(intermediates === undefined ? {} : { intermediates: path.resolve(intermediates) }),
      ...(crls === undefined ? {} : { crls: path.resolve(crls) }),
      ...(tsaAnchors === undefined ? {} : { tsaAnchors: path.resolve(tsaAnchors) }),
      fetched: path.join(dataDir, 'revocation'),
    },
    revocation: revocation(raw, faults),
    tls: key !== undefined && cert !== undefined ? { key, cert } : undefined,
    signing: p12 === undefined ? undefined : { p12, passphrase: raw('CONGTHU_SIGNING_PASS') ?? '' },
    clamd: clamd(raw('CONGTHU_CLAMD'), faults),
    provisioner: oneOf(
      'CONGTHU_PROVISIONER',
      raw('CONGTHU_PROVISIONER') ?? 'postgres-mail',
      ['postgres-mail', 'ldap', 'manual'],
      faults,
    ),
    ldap: raw('CONGTHU_PROVISIONER') === 'ldap' ? ldap(raw, faults) : undefined,
    workers: count('CONGTHU_WORKERS', raw('CONGTHU_WORKERS') ?? '2', 1, 64, faults),
    activationDays: count('CONGTHU_ACTIVATION_DAYS', raw('CONGTHU_ACTIVATION_DAYS') ?? '5', 1, 90, faults),
    consoleProxies: networks('CONGTHU_CONSOLE_PROXIES', raw('CONGTHU_CONSOLE_PROXIES'), faults),
    oidc: oidc(raw, faults),
  };
  if (config.signReplies && config.signing === undefined)
    faults.push('CONGTHU_SIGN_REPLIES needs CONGTHU_SIGNING_P12: the key replies are signed with');
  // An encrypted slip proves nothing about who wrote it: only the signature round it does.
  if (config.credentialSlips && config.signing === undefined)
    faults.push(
      'CONGTHU_CREDENTIAL_SLIPS=yes needs CONGTHU_SIGNING_P12: a slip travels only in a signed notice',
    );
  if (config.relayUrl !== undefined && config.noticeFrom === undefined) {
    faults.push('CONGTHU_NOTICE_FROM is needed with CONGTHU_RELAY_URL: the address our notices come from');
  }
  if (config.submission && config.tls === undefined) {
    faults.push(
      'CONGTHU_SUBMISSION=yes needs CONGTHU_TLS_KEY and CONGTHU_TLS_CERT: no password travels in the clear',
    );
  }
  // 64 octets of a local part (RFC 5321 §4.5.3.1.1), of which plus sign and token take 41.
  if (config.bounceAddress !== undefined && !/^[^@\s+]{1,23}@[^@\s]+$/.test(config.bounceAddress)) {
    faults.push(
      'CONGTHU_BOUNCE_ADDRESS: an address with at most 23 letters before the @, without a plus sign',
    );
  }
  if (faults.length > 0) {
    throw new UserError(
      `The configuration has ${faults.length} fault(s):\n- ${faults.join('\n- ')}`,
      'See README "Configuration".',
    );
  }
  return config;
}

function oidc(raw: (name: string) => string | undefined, faults: string[]): Config['oidc'] {
  const name = 'CONGTHU_OIDC_ISSUER';
  const issuer = url(name, raw(name), ['https:', 'http:'], faults);
  const clientId = raw('CONGTHU_OIDC_CLIENT_ID');
  const clientSecret = raw('CONGTHU_OIDC_CLIENT_SECRET');
  if (issuer === undefined && clientId === undefined && clientSecret === undefined) return undefined;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) {
    faults.push(`${name}, CONGTHU_OIDC_CLIENT_ID and CONGTHU_OIDC_CLIENT_SECRET belong together`);
    return undefined;
  }
  const { protocol, hostname } = new URL(issuer);
  // Tokens and the client's secret travel to the issuer: never in clear over a network.
  if (protocol === 'http:' && !['127.0.0.1', '[::1]', 'localhost'].includes(hostname))
    faults.push(`${name}: http is only for an issuer on this machine`);
  return { issuer, clientId, clientSecret };
}

/** NAME, or the content of the file that NAME_FILE names (Docker and systemd secrets). */
function rawValue(env: Environment, name: string, faults: string[]): string | undefined {
  const file = env[`${name}_FILE`];
  const direct = env[name];
  if (file !== undefined && file !== '') {
    if (direct !== undefined && direct !== '') faults.push(`${name} and ${name}_FILE are both set`);
    try {
      return fs.readFileSync(file, 'utf8').trimEnd();
    } catch {
      faults.push(`${name}_FILE: ${file} cannot be read`);
      return undefined;
    }
  }
  return direct === undefined || direct.trim() === '' ? undefined : direct.trim();
}

/** The hosts that revocation data may come from, and addresses asked in place of those in old certificates. */
export function revocation(raw: (name: string) => string | undefined, faults: string[]): SourceRules {
  const hosts = words(raw('CONGTHU_REVOCATION_HOSTS') ?? '').map((host) => host.toLowerCase());
  for (const host of hosts) {
    if (!/^([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/.test(host))
      faults.push(`CONGTHU_REVOCATION_HOSTS: "${host}" is not host or host:port`);
  }
  const offline = yesNo('CONGTHU_REVOCATION_OFFLINE', raw('CONGTHU_REVOCATION_OFFLINE') ?? 'no', faults);
  const map = (raw('CONGTHU_REVOCATION_MAP') ?? '')
    .split(/\s+/)
    .filter((entry) => entry !== '')
    .flatMap((entry) => {
      const mapping = parseMapping(entry);
      if (mapping !== null && permitted(mapping.to, { hosts, map: [] }) !== null) return [mapping];
      faults.push(
        `CONGTHU_REVOCATION_MAP: "${entry}" is not OLD=NEW or OLD*=NEW with NEW on a host of CONGTHU_REVOCATION_HOSTS`,
      );
      return [];
    });
  return { hosts: offline ? [] : hosts, map };
}

const words = (value: string): string[] => value.split(/[\s,;]+/).filter((word) => word !== '');

function listen(name: string, value: string, faults: string[]): ListenAddress {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(value);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) {
    faults.push(`${name}: "${value}" is not host:port`);
    return { host: '127.0.0.1', port: 0 };
  }
  return { host: match[1] ?? (match[2] === '' ? '0.0.0.0' : match[2]!), port };
}

function url(
  name: string,
  value: string | undefined,
  protocols: readonly string[],
  faults: string[],
): string | undefined {
  if (value === undefined) return undefined;
  if (URL.canParse(value) && protocols.includes(new URL(value).protocol)) return value;
  faults.push(`${name}: not a URL of the kind ${protocols.map((p) => `${p}//…`).join(' or ')}`);
  return undefined;
}

const optionalListen = (
  name: string,
  value: string | undefined,
  faults: string[],
): ListenAddress | undefined => (value === undefined ? undefined : listen(name, value, faults));

/** Unlike the doors, ":9464" is loopback here: the page has no login. 9464 is what exporters of metrics use. */
function opsListen(value: string | undefined, faults: string[]): Config['opsListen'] {
  const name = 'CONGTHU_OPS_LISTEN';
  const chosen = value !== undefined;
  const place = value ?? ':9464';
  return { ...listen(name, place.startsWith(':') ? `127.0.0.1${place}` : place, faults), chosen };
}

function imapAccounts(value: string | undefined, faults: string[]): ImapAccount[] {
  return (value ?? '')
    .split(/\s+/)
    .filter((word) => word !== '')
    .flatMap((word, i) => {
      const account = readImapAccount(word);
      if (typeof account !== 'string') return [account];
      faults.push(`CONGTHU_IMAP_URL, entry ${i + 1}: ${account}`);
      return [];
    });
}

function networks(name: string, value: string | undefined, faults: string[]): BlockList {
  const list = new BlockList();
  for (const network of words(value ?? '')) {
    const [address, bits] = network.split('/');
    const family = isIP(address!);
    const prefix = bits === undefined ? (family === 6 ? 128 : 32) : Number(bits);
    if (family === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > (family === 6 ? 128 : 32)) {
      faults.push(`${name}: "${network}" is no address or CIDR network`);
      continue;
    }
    list.addSubnet(address!, prefix, family === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

function readable(name: string, file: string | undefined, faults: string[]): string | undefined {
  if (file === undefined) return undefined;
  try {
    fs.accessSync(file, fs.constants.R_OK);
    return path.resolve(file);
  } catch {
    faults.push(`${name}: ${file} cannot be read`);
    return undefined;
  }
}

function clamd(value: string | undefined, faults: string[]): Config['clamd'] {
  if (value === undefined) return undefined;
  return value.startsWith('/') ? { path: value } : listen('CONGTHU_CLAMD', value, faults);
}

function ldap(raw: (name: string) => string | undefined, faults: string[]): LdapSettings {
  const needed = (name: string): string => {
    const value = raw(name);
    if (value === undefined) faults.push(`${name} is needed with CONGTHU_PROVISIONER=ldap`);
    return value ?? '';
  };
  return {
    url: url('CONGTHU_LDAP_URL', needed('CONGTHU_LDAP_URL') || undefined, ['ldap:', 'ldaps:'], faults) ?? '',
    bindDn: needed('CONGTHU_LDAP_BIND_DN'),
    password: needed('CONGTHU_LDAP_PASSWORD'),
    base: needed('CONGTHU_LDAP_BASE'),
    mapFile: readable('CONGTHU_LDAP_MAP', raw('CONGTHU_LDAP_MAP'), faults),
  };
}

function oneOf<T extends string>(name: string, value: string, known: readonly T[], faults: string[]): T {
  const found = known.find((one) => one === value);
  if (found === undefined) faults.push(`${name}: "${value}" is none of ${known.join(', ')}`);
  return found ?? known[0]!;
}

function count(name: string, value: string, least: number, most: number, faults: string[]): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  faults.push(`${name}: "${value}" is not a whole number from ${least} to ${most}`);
  return least;
}

function yesNo(name: string, value: string, faults: string[]): boolean {
  if (value !== 'yes' && value !== 'no') faults.push(`${name}: "${value}" is neither yes nor no`);
  return value === 'yes';
}

/** What is set, without secrets, for the log and `congthu check`. */
export function printable(env: Environment): string {
  const shown = VARIABLES.filter(({ name }) => env[name] !== undefined || env[`${name}_FILE`] !== undefined);
  return shown.map(({ name, secret }) => `${name}=${secret ? '•••' : (env[name] ?? '(file)')}`).join(' ');
}
