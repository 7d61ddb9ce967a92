import { setTimeout as sleep } from 'node:timers/promises';
import { BlockList } from 'node:net';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readReturned } from '../../src/intake/bounces.ts';
import { createGatekeeper } from '../../src/intake/receive.ts';
import { createBounceAddresses } from '../../src/notices/bounce-address.ts';
import { createMailer, deliver } from '../../src/notices/send.ts';
import { regulationById, namedIntakes } from '../../src/rules/regulations.ts';
import { queueNotice } from '../../src/store/notices.ts';
import { sendNextNotice } from '../../src/work/outbox.ts';
import { systemClock } from '../../src/clock.ts';
import { freshDatabase } from '../harness/database.ts';
import { openDoor, type OpenDoor } from '../harness/door.ts';
import { startPostfix, withoutPostfix, type Postfix } from '../harness/postfix.ts';

const INTAKE = 'stttt@quangbinh.gov.vn';
const BASE = 'tra-loi@quangbinh.gov.vn';
const addresses = createBounceAddresses(Buffer.alloc(32, 7), BASE);
const regulation = regulationById('vn-quangbinh-41-2015')!;

test.each([
  [
    'Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such user',
    'failed',
    '5.1.1 smtp; 550 no such user',
  ],
  ['Action: delayed\nStatus: 4.4.1', 'delayed', '4.4.1'],
  ['Action: delivered\nStatus: 2.0.0', 'other', ''],
  [
    'Hi. This is the qmail-send program.\n<a@b.vn>:\n550 5.7.1 Blocked by policy',
    'failed',
    '550 5.7.1 Blocked by policy',
  ],
  ['host mx said: 452-4.2.2 mailbox full', 'delayed', '452-4.2.2 mailbox full'],
  ['Auto-Submitted: auto-replied\n\nTôi nghỉ phép 3 ngày.', 'other', ''],
  ['', 'other', ''],
])('%j is read as %s', (text, action, words) => {
  expect(readReturned(Buffer.from(text.replaceAll('\n', '\r\n')))).toEqual({ action, words });
});

test('an address holds the notice, and nobody else can make one', () => {
  const id = randomUUID();
  const address = addresses.addressOf(id);
  expect(address).toMatch(/^tra-loi\+[0-9a-f]{40}@quangbinh\.gov\.vn$/);
  expect(addresses.hashIn(address.toUpperCase())).toEqual(addresses.hashFor(id));
  for (const other of [BASE, INTAKE, address.replace('quangbinh', 'quangninh'), address.replace('+', '-')])
    expect(addresses.hashIn(other)).toBeNull();
  const theirs = createBounceAddresses(Buffer.alloc(32, 8), BASE);
  expect(addresses.hashIn(theirs.addressOf(id))).not.toEqual(addresses.hashFor(id));
});

describe.skipIf(withoutPostfix)('behind a real Postfix', () => {
  let db: Awaited<ReturnType<typeof freshDatabase>>;
  let door: OpenDoor;
  let postfix: Postfix;
  beforeAll(async () => {
    db = await freshDatabase();
    door = await openDoor(
      createGatekeeper({
        db,
        clock: systemClock,
        door: 'smtp',
        regulations: [regulation],
        intakes: namedIntakes([regulation]),
        ownAddresses: [INTAKE],
        prove: () => Promise.resolve({ method: 'none', result: 'fail', domain: null, detail: '' }),
        bounces: addresses,
        wake: () => undefined,
        tellRefusalsAs: null,
      }),
      { trustedRelays: new BlockList() },
    );
    postfix = await startPostfix({
      smtpd_reject_unlisted_recipient: 'no',
      transport_maps: `inline:{ khongco.vn=error:5.1.1, quangbinh.gov.vn=smtp:[127.0.0.1]:${door.port} }`,
    });
  });
  afterAll(async () => {
    await postfix.stop();
    await door.door.close(500);
    await db.drop();
  });

  async function send(recipient: string): Promise<string> {
    const id = randomUUID();
    const now = new Date();
    await db.transaction((tx) =>
      queueNotice(tx, {
        id,
        event: id,
        template: 'completed',
        recipient,
        subject: 'Hoàn tất',
        text: 'Kính gửi',
        html: '<p>Kính gửi</p>',
        messageId: `<${id}@gw>`,
        inReplyTo: null,
        createdAt: now,
        state: 'queued',
        dueAt: now,
      }),
    );
    const mailer = createMailer({
      relayUrl: `smtp://127.0.0.1:${postfix.port}`,
      from: INTAKE,
      returnPathOf: addresses.addressOf,
      senderName: 'Sở',
      key: null,
      fillIn: (text) => text,
    });
    await sendNextNotice({ db, clock: systemClock, mailer, bounceHash: addresses.hashFor });
    mailer.close();
    return id;
  }
  const stateOf = async (id: string): Promise<string> => {
    const [row] = await db.sql<{ state: string; last_error: string | null }[]>`
      select state, last_error from notice where id = ${id}`;
    return `${row!.state} ${row!.last_error ?? ''}`.trim();
  };
  const logged = async (): Promise<number> => {
    const [row] = await db.sql<{ count: number }[]>`
      select count(*)::int as count from mail_log.mail_event where entry like '%notice.bounced%'`;
    return row!.count;
  };

  test('a notice that cannot be delivered is marked as bounced, once', async () => {
    const id = await send('annv@khongco.vn');
    await expect.poll(() => stateOf(id), { timeout: 10_000 }).toMatch(/^bounced 5\.1\.1/);
    expect(await logged()).toBe(1);
    const again = await deliver(
      `smtp://127.0.0.1:${door.port}?ignoreTLS=true`,
      '',
      addresses.addressOf(id),
      Buffer.from('Action: failed\r\nStatus: 5.0.0\r\n\r\n'),
    );
    expect(again.code).toBe(250);
    expect([await stateOf(id), await logged()]).toEqual([expect.stringContaining('5.1.1'), 1]);
  });

  test('a forged return path is refused, an answering machine changes nothing', async () => {
    const id = await send('annv@elsewhere.vn');
    expect(await stateOf(id)).toBe('sent');
    const forged = createBounceAddresses(Buffer.alloc(32, 9), BASE).addressOf(id);
    const url = `smtp://127.0.0.1:${door.port}?ignoreTLS=true`;
    const report = Buffer.from('Action: failed\r\nStatus: 5.1.1\r\n\r\n');
    expect(await deliver(url, '', forged, report)).toMatchObject({ code: 550 });
    const holiday = Buffer.from('Auto-Submitted: auto-replied\r\n\r\nToi di vang.\r\n');
    expect(await deliver(url, '', addresses.addressOf(id), holiday)).toMatchObject({ code: 250 });
    await sleep(50);
    expect(await stateOf(id)).toBe('sent');
  });
});
