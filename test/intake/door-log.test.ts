import { expect, test } from 'vitest';
import { fixedClock } from '../../src/clock.ts';
import type { DoorEvent } from '../../src/intake/door-answer.ts';
import { createDoorLog } from '../../src/intake/door-log.ts';
import * as say from '../../src/intake/door-replies.ts';
import type { LogEvent } from '../../src/mail-log/event.ts';
import { openDoor } from '../harness/door.ts';
import { recordingGate } from '../harness/gate.ts';
import { lineClient } from '../harness/smtp-client.ts';

const clock = fixedClock(new Date('2026-11-24T03:00:00Z'));
const NOBODY = { from: null, recipients: [] };

const refused = (
  over: Partial<Extract<DoorEvent, { event: 'refused' }>>,
  address = '192.0.2.7',
): DoorEvent => ({
  event: 'refused',
  stage: 'connection',
  session: { id: 'x', remoteAddress: address, helo: '', tls: false, authenticatedAs: null },
  reply: say.TOO_MANY_FROM_YOU,
  envelope: NOBODY,
  ...over,
});

function collected() {
  const written: LogEvent[] = [];
  let broken = false;
  const log = createDoorLog((_at, events) => {
    if (broken) return Promise.reject(new Error('no database'));
    written.push(...events);
    return Promise.resolve();
  }, clock);
  return { log, written, breakDown: (value: boolean) => (broken = value) };
}

test('many refusals of one client and minute are one entry with a count', async () => {
  const { log, written } = collected();
  for (let i = 0; i < 5000; i++) log.note(refused({}));
  log.note(refused({}, '192.0.2.8'));
  await log.flush();
  expect(written).toMatchObject([
    { event: 'connection.refused', client: '192.0.2.7', outcome: '421', count: 5000 },
    { event: 'connection.refused', client: '192.0.2.8', count: 1 },
  ]);
});

test('a flood from countless addresses stays bounded and loses no count', async () => {
  const { log, written } = collected();
  for (let i = 0; i < 20_000; i++) log.note(refused({}, `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`));
  await log.flush();
  expect(written.length).toBeLessThan(1100);
  expect(written.reduce((sum, { count }) => sum + (count ?? 0), 0)).toBe(20_000);
});

test('a letter the door refuses names sender and recipients; a rule’s refusal is left to the gatekeeper', async () => {
  const { log, written } = collected();
  const envelope = { from: 'snv@quangbinh.gov.vn', recipients: ['stttt@quangbinh.gov.vn'] };
  log.note(refused({ stage: 'data', reply: say.TOO_LARGE, envelope, cause: undefined }));
  log.note(refused({ stage: 'rcpt', reply: { code: 550, status: '5.7.1', text: 'by rule' }, envelope }));
  await log.flush();
  expect(written).toMatchObject([
    {
      event: 'sender.refused',
      sender: 'snv@quangbinh.gov.vn',
      recipient: 'stttt@quangbinh.gov.vn',
      outcome: '552 5.3.4',
    },
  ]);
});

test('tallies survive a database that is away', async () => {
  const { log, written, breakDown } = collected();
  log.note(refused({}));
  breakDown(true);
  await expect(log.flush()).rejects.toThrow('no database');
  log.note(refused({}));
  breakDown(false);
  await log.flush();
  expect(written).toMatchObject([{ count: 2 }]);
});

test('the real door tells who sent the letter that it refused', async () => {
  const { log, written } = collected();
  const { door, port } = await openDoor(recordingGate(), {
    maxSize: 1000,
    log: (event) => {
      log.note(event);
    },
  });
  const client = await lineClient(port);
  await client.reply();
  for (const line of [
    'EHLO a.test',
    'MAIL FROM:<snv@quangbinh.gov.vn>',
    'RCPT TO:<stttt@quangbinh.gov.vn>',
    'DATA',
  ]) {
    client.send(`${line}\r\n`);
    await client.reply();
  }
  client.send(`Subject: x\r\n\r\n${'a'.repeat(70)}\r\n`.repeat(100) + '.\r\n');
  expect(await client.reply()).toMatch(/^552/);
  client.close();
  await door.close(0);
  await log.flush();
  expect(written).toMatchObject([
    {
      event: 'sender.refused',
      sender: 'snv@quangbinh.gov.vn',
      recipient: 'stttt@quangbinh.gov.vn',
      client: '127.0.0.1',
    },
  ]);
});
