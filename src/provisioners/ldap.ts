import { AlreadyExistsError, Attribute, Change, Client, NoSuchObjectError, type Entry } from 'ldapts';
import { firstTime, notCarriedOut } from './carried-out.ts';
import type { LdapMap } from './ldap-map.ts';
import type { Order, Outcome, Provisioner, TargetMailbox } from './port.ts';
import type { SqlTx } from './sql-tx.ts';

export interface LdapTarget {
  /** ldaps://…, or ldap:// for StartTLS; only a loopback address may stay in the clear. */
  readonly url: string;
  readonly bindDn: string;
  readonly password: string;
  /** Where entries are made. */
  readonly base: string;
  readonly map: LdapMap;
}

/** A directory on the same network answers in milliseconds; the caller's transaction waits for it. */
const ANSWER_MS = 10_000;

/**
 * Mailboxes as entries of a directory. What was carried out is recorded in the caller's transaction; when that is lost
 * after the directory had changed, the order's id in the entry tells the repeated order from somebody else's entry.
 */
export function ldapProvisioner(target: LdapTarget): Provisioner<SqlTx> {
  return {
    name: 'ldap',
    setsPasswords: true,
    async carryOut(order: Order, tx: SqlTx): Promise<Outcome> {
      if (!(await firstTime(order, tx))) return { done: true, changed: false };
      const refused = await withDirectory(target, (directory) => change(directory, order, target));
      if (refused === null) return { done: true, changed: true };
      await notCarriedOut(order, tx);
      return { done: false, refused };
    },
    inspect: (address) =>
      withDirectory(target, async (directory) => {
        const entry = await find(directory, address, target);
        return entry === null ? null : described(address, entry, target.map);
      }),
  };
}

/** Binds and looks for the base, without writing. @throws what the directory said */
export async function probeLdap(target: LdapTarget): Promise<void> {
  await withDirectory(target, (directory) =>
    directory.search(target.base, { scope: 'base', attributes: ['1.1'] }),
  );
}

async function withDirectory<T>(target: LdapTarget, work: (directory: Client) => Promise<T>): Promise<T> {
  const directory = new Client({
    url: target.url,
    timeout: ANSWER_MS,
    connectTimeout: ANSWER_MS,
    strictDN: true,
  });
  try {
    if (needsStartTls(target.url)) await directory.startTLS({});
    await directory.bind(target.bindDn, target.password);
    return await work(directory);
  } finally {
    await directory.unbind().catch(() => undefined);
  }
}

const needsStartTls = (url: string): boolean =>
  url.startsWith('ldap:') && !/^(localhost|\[::1\]|127(\.\d+){3})$/.test(new URL(url).hostname);

/** RFC 4514 §2.4: what would end or split the name is escaped. Addresses hold none of it, and must not need to. */
const dnOf = (address: string, { map, base }: LdapTarget): string =>
  `${map.address}=${address.replaceAll(/[\\,+"<>;=#\0]/g, (c) => `\\${c.charCodeAt(0).toString(16).padStart(2, '0')}`)},${base}`;

const all = (entry: Entry, name: string): string[] =>
  [entry[name] ?? []].flat().map((value) => value.toString());

const first = (entry: Entry, name: string): string | null => all(entry, name)[0] ?? null;

async function find(directory: Client, address: string, target: LdapTarget): Promise<Entry | null> {
  const { map } = target;
  const attributes = [
    map.address,
    map.fullName,
    map.password,
    map.order,
    map.state.attribute,
    map.reason,
    map.lock?.attribute,
    map.quota,
    map.lastLogin,
  ];
  try {
    const { searchEntries } = await directory.search(dnOf(address, target), {
      scope: 'base',
      attributes: attributes.filter((name) => name !== undefined),
    });
    return searchEntries[0] ?? null;
  } catch (error) {
    if (error instanceof NoSuchObjectError) return null;
    throw error;
  }
}

function described(address: string, entry: Entry, map: LdapMap): TargetMailbox {
  const state = first(entry, map.state.attribute);
  const hasPassword = first(entry, map.password) !== null;
  const quota = map.quota === undefined ? null : first(entry, map.quota);
  return {
    address,
    fullName: first(entry, map.fullName) ?? '',
    canLogIn: state === map.state.active && hasPassword,
    receives: state === map.state.active || state === map.state.locked,
    hasPassword,
    quota: quota === null ? null : Number(quota),
    lastLogin: map.lastLogin === undefined ? null : generalizedTime(first(entry, map.lastLogin)),
  };
}

/** "20260105011500Z" or with a fraction; null for anything else. */
function generalizedTime(text: string | null): Date | null {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z$/.exec(text ?? '');
  if (parts === null) return null;
  const [, year, month, day, hour, minute, second] = parts;
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** null when it was done, else why it cannot be. */
async function change(directory: Client, order: Order, target: LdapTarget): Promise<string | null> {
  if (order.action === 'create') return create(directory, order, target);
  const { map } = target;
  const entry = await find(directory, order.address, target);
  if (order.action === 'rename') return rename(directory, entry, order, target);
  if (entry === null) return `there is no mailbox ${order.address}`;
  const cancelled = first(entry, map.state.attribute) === map.state.cancelled;
  if (cancelled && order.action !== 'cancel' && order.action !== 'describe')
    return `the mailbox ${order.address} was cancelled`;
  await directory.modify(dnOf(order.address, target), replacing(changes(order, map)));
  return null;
}

/** Attributes to replace; an empty list removes the attribute. */
type Values = Readonly<Record<string, readonly string[]>>;

function changes(order: Exclude<Order, { action: 'create' | 'rename' }>, map: LdapMap): Values {
  const lock = (values: string[]): Values => (map.lock === undefined ? {} : { [map.lock.attribute]: values });
  switch (order.action) {
    case 'describe':
      return named(order.fullName, map);
    case 'lock':
      return {
        [map.state.attribute]: [map.state.locked],
        [map.reason]: [order.reason],
        ...lock(map.lock === undefined ? [] : [map.lock.value]),
      };
    case 'unlock':
      return { [map.state.attribute]: [map.state.active], [map.reason]: [], ...lock([]) };
    case 'cancel':
      return { [map.state.attribute]: [map.state.cancelled], [map.password]: [], [map.reason]: [] };
    case 'reset-password':
      return { [map.password]: [] };
    case 'set-password':
      return { [map.password]: [openldap(order.hash)] };
  }
}

/** Dovecot says {ARGON2ID}, OpenLDAP's argon2 module {ARGON2}; the rest is the same PHC string. */
const openldap = (hash: string): string => hash.replace(/^\{ARGON2ID\}/, '{ARGON2}');

/** Vietnamese names begin with the family name. */
const named = (fullName: string, map: LdapMap): Values => ({
  [map.fullName]: [fullName],
  [map.surname]: [fullName.split(' ')[0] ?? fullName],
});

const replacing = (values: Values): Change[] =>
  Object.entries(values).map(
    ([type, list]) =>
      new Change({ operation: 'replace', modification: new Attribute({ type, values: [...list] }) }),
  );

async function create(
  directory: Client,
  order: Extract<Order, { action: 'create' }>,
  target: LdapTarget,
): Promise<string | null> {
  const { map } = target;
  const values: Values = {
    objectClass: map.objectClasses,
    [map.address]: [order.address],
    ...named(order.fullName, map),
    [map.state.attribute]: [map.state.active],
    [map.order]: [order.id],
    ...(map.quota === undefined || order.quota === null ? {} : { [map.quota]: [String(order.quota)] }),
  };
  const attributes = Object.entries(values).map(([type, list]) => new Attribute({ type, values: [...list] }));
  try {
    await directory.add(dnOf(order.address, target), attributes);
    return null;
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) throw error;
    const there = await find(directory, order.address, target);
    const ours = there !== null && first(there, map.order) === order.id;
    return ours ? null : `the mailbox ${order.address} exists already`;
  }
}

/** The entry is marked, then moved: whoever finds the mark under the new name knows that this order moved it. */
async function rename(
  directory: Client,
  entry: Entry | null,
  order: Extract<Order, { action: 'rename' }>,
  target: LdapTarget,
): Promise<string | null> {
  const { map } = target;
  let there = await find(directory, order.newAddress, target);
  const moved = there !== null && first(there, map.order) === order.id;
  if (there !== null && !moved) return `the mailbox ${order.newAddress} exists already`;
  if (!moved) {
    if (entry === null) return `there is no mailbox ${order.address}`;
    await directory.modify(dnOf(order.address, target), replacing({ [map.order]: [order.id] }));
    await directory.modifyDN(dnOf(order.address, target), dnOf(order.newAddress, target));
    there = entry;
  }
  const addresses = new Set([
    order.newAddress,
    order.address,
    ...(there === null ? [] : all(there, map.address)),
  ]);
  await directory.modify(
    dnOf(order.newAddress, target),
    replacing({ ...named(order.fullName, map), [map.address]: [...addresses] }),
  );
  return null;
}
