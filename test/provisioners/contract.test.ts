import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresMail, type SqlTx } from '../../src/provisioners/postgres-mail.ts';
import type { Order, Outcome, Provisioner, TargetMailbox } from '../../src/provisioners/port.ts';
import { freshDatabase } from '../harness/database.ts';

/** The contract every target has to keep; a new target is one more row in this table. */
const targets: { name: string; target: Provisioner<SqlTx> }[] = [
  { name: 'postgres-mail', target: postgresMail },
];

describe.each(targets)('$name', ({ target }) => {
  let db: Awaited<ReturnType<typeof freshDatabase>>;
  beforeAll(async () => {
    db = await freshDatabase();
  });
  afterAll(() => db.drop());
  const at = new Date('2026-01-05T01:15:00Z');
  const address = 'annv.stttt@quangbinh.gov.vn';
  const ask = (order: Order): Promise<Outcome> => db.transaction((tx) => target.carryOut(order, tx));
  const look = (who = address): Promise<TargetMailbox | null> =>
    db.transaction((tx) => target.inspect(who, tx));

  test('a mailbox goes through its life, and asking twice changes nothing', async () => {
    const create: Order = {
      id: '1',
      at,
      address,
      action: 'create',
      kind: 'person',
      fullName: 'Nguyễn Văn An',
      quota: 2e9,
    };
    expect(await ask(create)).toEqual({ done: true, changed: true });
    expect(await ask(create)).toEqual({ done: true, changed: false });
    expect(await look()).toMatchObject({ canLogIn: false, receives: true, hasPassword: false, quota: 2e9 });
    await ask({ id: '2', at, address, action: 'set-password', hash: '{ARGON2ID}x' });
    expect(await look()).toMatchObject({ canLogIn: true });
    await ask({ id: '3', at, address, action: 'lock', reason: 'quá 03 tháng' });
    expect(await look()).toMatchObject({ canLogIn: false, receives: true, hasPassword: true });
    await ask({ id: '4', at, address, action: 'unlock' });
    expect(await look()).toMatchObject({ canLogIn: true });
    await ask({ id: '5', at, address, action: 'cancel' });
    expect(await look()).toMatchObject({ canLogIn: false, receives: false });
  });

  test('a second owner for an address is refused, and so is work on a mailbox that is not there', async () => {
    const second: Order = {
      id: '9',
      at,
      address,
      action: 'create',
      kind: 'person',
      fullName: 'Ngô Vĩnh An',
      quota: null,
    };
    expect(await ask(second)).toMatchObject({ done: false });
    expect(await look()).toMatchObject({ fullName: 'Nguyễn Văn An' });
    expect(await ask({ id: '10', at, address: 'nobody@quangbinh.gov.vn', action: 'unlock' })).toMatchObject({
      done: false,
    });
  });

  test('a renamed mailbox is found under its new name', async () => {
    const from = 'binht.snv@quangbinh.gov.vn';
    const to = 'binht.stttt@quangbinh.gov.vn';
    await ask({
      id: '20',
      at,
      address: from,
      action: 'create',
      kind: 'person',
      fullName: 'Trần Bình',
      quota: null,
    });
    expect(
      await ask({ id: '21', at, address: from, action: 'rename', newAddress: to, fullName: 'Trần Bình' }),
    ).toMatchObject({ done: true });
    expect(await look(from)).toBeNull();
    expect(await look(to)).toMatchObject({ fullName: 'Trần Bình', receives: true });
  });
});
