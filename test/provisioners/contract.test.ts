import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ldapMap } from '../../src/provisioners/ldap-map.ts';
import { ldapProvisioner } from '../../src/provisioners/ldap.ts';
import { manual } from '../../src/provisioners/manual.ts';
import { postgresMail } from '../../src/provisioners/postgres-mail.ts';
import type { Order, Outcome, Provisioner, TargetMailbox } from '../../src/provisioners/port.ts';
import type { SqlTx } from '../../src/provisioners/sql-tx.ts';
import { decideManualOrder, openManualOrders } from '../../src/store/manual-orders.ts';
import { freshDatabase } from '../harness/database.ts';
import { startSlapd, withoutSlapd, type Slapd } from '../harness/slapd.ts';

type Db = Awaited<ReturnType<typeof freshDatabase>>;

/** The contract every target has to keep; a new target is one more row in this table. */
interface Contestant {
  readonly name: Provisioner<SqlTx>['name'];
  readonly skip?: boolean;
  readonly start: () => Promise<{ target: Provisioner<SqlTx>; stop: () => Promise<void> }>;
}

let slapd: Slapd | null = null;
const TARGETS: readonly Contestant[] = [
  {
    name: 'postgres-mail',
    start: () => Promise.resolve({ target: postgresMail, stop: () => Promise.resolve() }),
  },
  {
    name: 'ldap',
    skip: withoutSlapd,
    async start() {
      slapd = await startSlapd();
      const lock = { attribute: 'pwdAccountLockedTime', value: '000001010000Z' };
      // inetOrgPerson has no place for a quota; a real directory brings its mail system's schema.
      const map = ldapMap.parse({ lock, quota: 'departmentNumber', lastLogin: 'pwdLastSuccess' });
      return { target: ldapProvisioner({ ...slapd, map }), stop: () => slapd!.stop() };
    },
  },
  { name: 'manual', start: () => Promise.resolve({ target: manual, stop: () => Promise.resolve() }) },
];

const at = new Date('2026-01-05T01:15:00Z');
const address = 'annv.stttt@quangbinh.gov.vn';
const AN = {
  id: 'c1',
  at,
  address,
  action: 'create',
  kind: 'person',
  fullName: 'Nguyễn Văn An',
  quota: 2e9,
} as const;

describe.each(TARGETS.filter(({ skip }) => skip !== true))('$name', ({ start }) => {
  let db: Db;
  let target: Provisioner<SqlTx>;
  let stop: () => Promise<void>;
  beforeAll(async () => {
    db = await freshDatabase();
    ({ target, stop } = await start());
  });
  afterAll(async () => {
    await stop();
    await db.drop();
  });

  const once = (order: Order): Promise<Outcome> => db.transaction((tx) => target.carryOut(order, tx));
  /** Asks; where people do it, ticks it off and asks again, as the desk does. */
  async function ask(order: Order, refused: string | null = null): Promise<Outcome> {
    const outcome = await once(order);
    if (outcome.done || !('waitingFor' in outcome)) return outcome;
    await db.transaction((tx) => decideManualOrder(tx, order, { by: 'binh', at, refused }));
    return once(order);
  }
  const look = (who: string): Promise<TargetMailbox | null> =>
    db.transaction((tx) => target.inspect!(who, tx));
  /** The target's picture of a mailbox, where somebody can look. */
  async function expectMailbox(who: string, picture: Partial<TargetMailbox> | null): Promise<void> {
    if (target.inspect === null) return;
    const found = await look(who);
    if (picture === null) expect(found).toBeNull();
    else expect(found).toMatchObject(picture);
  }

  test('a mailbox goes through its life, and asking twice changes nothing', async () => {
    expect(await ask(AN)).toMatchObject({ done: true });
    expect(await ask(AN)).toEqual({ done: true, changed: false });
    await expectMailbox(address, {
      fullName: 'Nguyễn Văn An',
      canLogIn: false,
      receives: true,
      hasPassword: false,
      quota: 2e9,
    });
    if (target.setsPasswords) {
      await ask({
        id: 'p1',
        at,
        address,
        action: 'set-password',
        hash: '{ARGON2ID}$argon2id$v=19$m=8,t=1,p=1$x$y',
      });
      await expectMailbox(address, { canLogIn: true, hasPassword: true });
    }
    await ask({ id: 'l1', at, address, action: 'lock', reason: 'quá 03 tháng' });
    await expectMailbox(address, { canLogIn: false, receives: true });
    await ask({ id: 'u1', at, address, action: 'unlock' });
    await expectMailbox(address, { canLogIn: target.setsPasswords });
    await ask({ id: 'd1', at, address, action: 'describe', fullName: 'Nguyễn Văn Ân' });
    await expectMailbox(address, { fullName: 'Nguyễn Văn Ân' });
    await ask({ id: 'r1', at, address, action: 'reset-password' });
    await expectMailbox(address, { canLogIn: false, receives: true, hasPassword: false });
    expect(await ask({ id: 'x1', at, address, action: 'cancel' })).toMatchObject({ done: true });
    await expectMailbox(address, { canLogIn: false, receives: false });
    expect(await once(AN), 'an order of long ago').toEqual({ done: true, changed: false });
    await expectMailbox(address, { receives: false });
  });

  test('a second owner for an address is refused, and so is work on a mailbox that is not there', async () => {
    const second: Order = { ...AN, id: 'c2', fullName: 'Ngô Vĩnh An' };
    const nobody = 'nobody@quangbinh.gov.vn';
    const outcomes = [
      await ask(second, 'địa chỉ đã có người dùng'),
      await ask({ id: 'u2', at, address: nobody, action: 'unlock' }, 'không có hộp thư này'),
    ];
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ done: false });
      expect('refused' in outcome && outcome.refused).toBeTruthy();
    }
    await expectMailbox(address, { fullName: 'Nguyễn Văn Ân' });
  });

  test('a renamed mailbox is found under its new name, also when it is renamed again', async () => {
    const [a, b, c] = ['binht.snv', 'binht.stttt', 'binht.stc'].map((name) => `${name}@quangbinh.gov.vn`) as [
      string,
      string,
      string,
    ];
    await ask({
      id: 'c3',
      at,
      address: a,
      action: 'create',
      kind: 'person',
      fullName: 'Trần Bình',
      quota: null,
    });
    const move = (id: string, from: string, to: string): Promise<Outcome> =>
      ask({ id, at, address: from, action: 'rename', newAddress: to, fullName: 'Trần Thị Bình' });
    expect(await move('m1', a, b)).toMatchObject({ done: true });
    expect(await move('m1', a, b)).toEqual({ done: true, changed: false });
    expect(await move('m2', b, c)).toMatchObject({ done: true });
    await expectMailbox(a, null);
    await expectMailbox(b, null);
    await expectMailbox(c, { fullName: 'Trần Thị Bình', receives: true });
  });

  test('a transaction that is lost afterwards: the repeated orders come to the same end', async () => {
    const lost = (order: Order): Promise<void> =>
      db
        .transaction(async (tx) => {
          await target.carryOut(order, tx);
          throw new Error('killed here');
        })
        .catch(() => undefined);
    const [from, to] = ['hoal.snv@quangbinh.gov.vn', 'hoal.stc@quangbinh.gov.vn'];
    const create: Order = { ...AN, id: 'c4', address: from, fullName: 'Lê Hoa' };
    await lost(create);
    expect(await ask(create)).toMatchObject({ done: true });
    const rename: Order = {
      id: 'm4',
      at,
      address: from,
      action: 'rename',
      newAddress: to,
      fullName: 'Lê Hoa',
    };
    await lost(rename);
    expect(await ask(rename)).toMatchObject({ done: true });
    await expectMailbox(from, null);
    await expectMailbox(to, { fullName: 'Lê Hoa', receives: true });
    const cancel: Order = { id: 'x4', at, address: to, action: 'cancel' };
    await lost(cancel);
    expect(await ask(cancel)).toMatchObject({ done: true });
    await expectMailbox(to, { receives: false });
  });
});

describe.skipIf(withoutSlapd)('ldap before a real slapd', () => {
  test('the owner binds with the password of the activation page, and not while locked', async () => {
    const { hashPassword } = await import('../../src/console/password-hash.ts');
    const db = await freshDatabase();
    const server = await startSlapd();
    const lock = { attribute: 'pwdAccountLockedTime', value: '000001010000Z' };
    const target = ldapProvisioner({ ...server, map: ldapMap.parse({ lock, lastLogin: 'pwdLastSuccess' }) });
    const ask = (order: Order): Promise<Outcome> => db.transaction((tx) => target.carryOut(order, tx));
    const dn = `mail=${address},${server.base}`;
    const logsIn = (): Promise<boolean> => server.logsIn(dn, 'Ky-niem-2026');
    try {
      await ask(AN);
      expect(await logsIn()).toBe(false);
      await ask({ id: '2', at, address, action: 'set-password', hash: await hashPassword('Ky-niem-2026') });
      expect(await logsIn()).toBe(true);
      const seen = await db.transaction((tx) => target.inspect!(address, tx));
      expect(seen?.lastLogin?.getTime()).toBeGreaterThan(Date.now() - 60_000);
      await ask({ id: '3', at, address, action: 'lock', reason: 'Điều 9' });
      expect(await logsIn()).toBe(false);
      await ask({ id: '4', at, address, action: 'unlock' });
      expect(await logsIn()).toBe(true);
      await ask({ id: '5', at, address, action: 'cancel' });
      expect(await logsIn()).toBe(false);
    } finally {
      await server.stop();
      await db.drop();
    }
  });

  test('a directory that does not answer is trouble, not a refusal', async () => {
    const db = await freshDatabase();
    const target = ldapProvisioner({
      url: 'ldap://127.0.0.1:1',
      bindDn: 'cn=x',
      password: 'x',
      base: 'dc=x',
      map: ldapMap.parse({}),
    });
    await expect(db.transaction((tx) => target.carryOut(AN, tx))).rejects.toThrow();
    expect(await db.sql`select 1 from mail.carried_out`).toHaveLength(0);
    await db.drop();
  });
});

test('manual: the work list shows what is open, and two officers cannot both decide', async () => {
  const db = await freshDatabase();
  await db.transaction((tx) => manual.carryOut(AN, tx));
  const open = await db.transaction((tx) => openManualOrders(tx.orm));
  expect(open).toMatchObject([
    { action: 'create', address, detail: { fullName: 'Nguyễn Văn An', quota: 2e9 } },
  ]);
  const decide = (by: string) =>
    db.transaction((tx) => decideManualOrder(tx, open[0]!, { by, at, refused: null }));
  expect([await decide('an'), await decide('binh')]).toEqual([true, false]);
  expect(await db.transaction((tx) => openManualOrders(tx.orm))).toEqual([]);
  expect(
    await db.transaction((tx) =>
      manual.carryOut({ id: 'p', at, address, action: 'set-password', hash: 'x' }, tx),
    ),
  ).toHaveProperty('refused');
  await db.drop();
});
