import { randomBytes } from 'node:crypto';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Incoming } from '../../src/intake/gatekeeper.ts';
import { Refusal } from '../../src/rules/reply.ts';
import type { Reply } from '../../src/rules/reply.ts';
import { networksOf, openDoor, selfSigned } from '../harness/door.ts';
import { OK, recordingGate } from '../harness/gate.ts';
import { lineClient } from '../harness/smtp-client.ts';
import type { LineClient } from '../harness/smtp-client.ts';
import { standstill } from '../harness/standstill.ts';

const hasSwaks = spawnSync('swaks', ['--version']).status === 0;

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeAll(() => process.on('unhandledRejection', note).on('uncaughtException', note));
afterAll(() => {
  process.off('unhandledRejection', note).off('uncaughtException', note);
  expect(unhandled).toEqual([]);
});

async function greeted(port: number): Promise<LineClient> {
  const client = await lineClient(port);
  expect(await client.reply()).toMatch(/^220 /);
  client.send('EHLO may.vn\r\n');
  await client.reply();
  return client;
}

async function untilData(port: number): Promise<LineClient> {
  const client = await greeted(port);
  client.send('MAIL FROM:<a@b.vn>\r\nRCPT TO:<hotro@quangbinh.gov.vn>\r\nDATA\r\n');
  expect(await client.reply()).toMatch(/^250/);
  expect(await client.reply()).toMatch(/^250/);
  expect(await client.reply()).toMatch(/^354/);
  return client;
}

/** Spool files are unlinked at once, so only the open descriptors betray one that was not given back. */
const openSpoolFiles = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes('.letter');
    } catch {
      return false;
    }
  }).length;

describe('the SMTP door', () => {
  it('hands over a large letter byte for byte and gives its file back', async () => {
    const body = randomBytes(3_000_000).toString('base64').replace(/.{76}/g, '$&\r\n');
    const letter = `From: a@b.vn\r\n\r\n${body}\r\n`;
    const gate = recordingGate();
    const { port, door } = await openDoor(gate);
    const client = await untilData(port);
    client.send(`${letter}.\r\n`);
    expect(await client.reply()).toMatch(/^250/);
    expect(gate.letters).toHaveLength(1);
    const [{ text, incoming }] = gate.letters as [(typeof gate.letters)[0]];
    expect(text === letter).toBe(true);
    expect(incoming.raw.size).toBe(letter.length);
    expect(incoming).toMatchObject({
      envelopeFrom: 'a@b.vn',
      recipients: ['hotro@quangbinh.gov.vn'],
      session: { remoteAddress: '127.0.0.1', helo: 'may.vn', tls: false, authenticatedAs: null },
    });
    expect(openSpoolFiles()).toBe(0);
    client.close();
    await door.close(0);
  });

  it('keeps the letter readable for a gatekeeper that is late, then gives it back', async () => {
    const seen = Promise.withResolvers<number>();
    const heard = Promise.withResolvers<undefined>();
    const gate = recordingGate({
      async receive({ raw }: Incoming): Promise<Reply> {
        await heard.promise;
        seen.resolve((await raw.bytes()).length);
        return OK;
      },
    });
    const { port, door, events } = await openDoor(gate, { answerMs: 50 });
    const client = await untilData(port);
    client.send(`Subject: x\r\n\r\n${'x'.repeat(998)}\r\n`.repeat(500) + '.\r\n');
    expect(await client.reply()).toMatch(/^451-4\.3\.0/);
    heard.resolve(undefined);
    expect(await seen.promise).toBeGreaterThan(500_000);
    await sleep(50);
    expect(openSpoolFiles()).toBe(0);
    expect(events.map(({ event }) => event)).toEqual(['trouble', 'late']);
    client.close();
    await door.close(0);
  });

  it('gives the gatekeeper longer for a large letter, which may wait behind others', async () => {
    const gate = recordingGate({ receive: () => sleep(1000, OK) });
    const { port, door } = await openDoor(gate, { answerMs: 50 });
    for (const [lines, answer] of [
      [1, /^451-4\.3\.0/],
      [3000, /^250/],
    ] as const) {
      const client = await untilData(port);
      client.send(`Subject: x\r\n\r\n${`${'x'.repeat(998)}\r\n`.repeat(lines)}.\r\n`);
      expect(await client.reply()).toMatch(answer);
      client.close();
    }
    await door.close(0);
  });

  it('speaks the reply of a Refusal thrown anywhere, and logs its cause', async () => {
    const gate = recordingGate({
      receive: () =>
        Promise.reject(
          new Refusal({ code: 552, status: '5.3.4', text: 'QB-9: quá 20 MB' }, new Error('inner')),
        ),
    });
    const { port, door, events } = await openDoor(gate);
    const client = await untilData(port);
    client.send('x\r\n.\r\n');
    expect(await client.reply()).toBe('552 5.3.4 QB-9: qua 20 MB');
    expect(events).toMatchObject([{ event: 'refused', stage: 'receive', cause: { message: 'inner' } }]);
    client.close();
    await door.close(0);
  });

  const canMount = process.getuid?.() === 0 || process.env['CONGTHU_TEST_ALL'] === '1';
  it.skipIf(!canMount)('answers 452 when the disk is full', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'congthu-full-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
    try {
      const { port, door } = await openDoor(recordingGate(), { spoolDir: folder, minFree: 0 });
      const client = await untilData(port);
      client.send('x'.repeat(998).concat('\r\n').repeat(600) + '.\r\n');
      expect(await client.reply()).toMatch(/^452-4\.3\.1/);
      expect(openSpoolFiles()).toBe(0);
      client.close();
      await door.close(0);
    } finally {
      execFileSync('umount', ['-l', folder]);
    }
  });

  it.skipIf(!canMount)('takes no letter at all while the disk is nearly full', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'congthu-full-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder]);
    try {
      const { port, door } = await openDoor(recordingGate(), { spoolDir: folder });
      const client = await greeted(port);
      client.send('MAIL FROM:<a@b.vn>\r\n');
      expect(await client.reply()).toMatch(/^452-4\.3\.1/);
      client.close();
      await door.close(0);
    } finally {
      execFileSync('umount', ['-l', folder]);
    }
  });

  it('answers 451 when the spool folder is gone', async () => {
    const { port, door, events } = await openDoor(recordingGate(), {
      spoolDir: '/no/such/folder',
      minFree: 0,
    });
    const client = await untilData(port);
    client.send('x'.repeat(998).concat('\r\n').repeat(600) + '.\r\n');
    expect(await client.reply()).toMatch(/^451-4\.3\.0/);
    expect(events).toMatchObject([{ event: 'trouble', stage: 'data' }]);
    client.close();
    await door.close(0);
  });

  it('serves 200 connections at once, half of which are cut in the middle', async () => {
    const gate = recordingGate();
    const { port, door } = await openDoor(gate, { maxConnectionsPerClient: 200 });
    const deliver = async (i: number): Promise<void> => {
      const client = await untilData(port);
      if (i % 2 === 1) {
        client.send('Subject: half\r\n\r\nhalf');
        await sleep(20);
        client.reset();
        return;
      }
      client.send(`Subject: ${i}\r\n\r\nx\r\n.\r\n`);
      expect(await client.reply()).toMatch(/^250/);
      client.close();
    };
    await Promise.all(Array.from({ length: 200 }, (_, i) => deliver(i)));
    expect(gate.letters).toHaveLength(100);
    await door.close(0);
  });

  it('does not stand still while a 50 MB letter comes in', async () => {
    const gate = recordingGate({ receive: () => Promise.resolve(OK) });
    const { port, door } = await openDoor(gate);
    const client = await greeted(port);
    const line = `${'A'.repeat(76)}\r\n`;
    const piece = Buffer.from(line.repeat(800));
    const deliver = async (): Promise<void> => {
      client.send('MAIL FROM:<a@b.vn>\r\nRCPT TO:<c@d.vn>\r\nDATA\r\n');
      for (const code of ['250', '250', '354']) expect(await client.reply()).toMatch(code);
      for (let sent = 0; sent < 50e6; sent += piece.length) {
        client.send(piece);
        await sleep(0);
      }
      client.send('.\r\n');
      expect(await client.reply()).toMatch(/^250/);
    };
    expect(await standstill(deliver)).toBeLessThan(1000);
    client.close();
    await door.close(0);
  });

  it('closes gracefully: 421 to new clients and letters, the letter under way is finished', async () => {
    const gate = recordingGate();
    const { port, door } = await openDoor(gate);
    const busy = await untilData(port);
    const idle = await greeted(port);
    const closed = door.close(5000);
    await sleep(30);
    const late = await lineClient(port);
    expect(await late.reply()).toMatch(/^421-4\.3\.2/);
    idle.send('MAIL FROM:<a@b.vn>\r\n');
    expect(await idle.reply()).toMatch(/^421-4\.3\.2/);
    busy.send('Subject: last\r\n\r\nx\r\n.\r\n');
    expect(await busy.reply()).toMatch(/^250/);
    await closed;
    expect(gate.letters).toHaveLength(1);
    await expect(lineClient(port)).rejects.toThrow('ECONNREFUSED');
  });

  it('cuts what is not finished within the grace', async () => {
    const { port, door } = await openDoor(recordingGate());
    const busy = await untilData(port);
    const begun = performance.now();
    await door.close(200);
    expect(performance.now() - begun).toBeLessThan(3000);
    expect(await busy.reply()).toMatch(/^421-4\.3\.2/);
  });

  it('takes letters over TLS, and a new certificate without a restart', async () => {
    const gate = recordingGate();
    const { port, door } = await openDoor(gate, { tls: selfSigned('cu.vn'), requireTls: true });
    const send = async (): Promise<unknown> => {
      const transport = createTransport({ host: '127.0.0.1', port, tls: { rejectUnauthorized: false } });
      return transport.sendMail({ from: 'a@b.vn', to: 'c@quangbinh.gov.vn', text: 'Kính gửi' });
    };
    await send();
    door.useTls(selfSigned('moi.vn'));
    await send();
    expect(gate.letters.map(({ incoming }) => incoming.session.tls)).toEqual([true, true]);
    expect(() => {
      door.useTls({ key: 'no key', cert: 'no certificate' });
    }).toThrow();
    await send();
    expect(gate.letters).toHaveLength(3);
    await door.close(0);
  });

  it('sees the client XCLIENT names, with its login, and nobody else', async () => {
    const gate = recordingGate();
    const { port, door } = await openDoor(gate, { xclientFrom: networksOf('127.0.0.1/32') });
    const client = await greeted(port);
    client.send('XCLIENT ADDR=IPV6:2001:db8::7 LOGIN=Snv@quangbinh.gov.vn\r\n');
    expect(await client.reply()).toMatch(/^220/);
    client.send('EHLO may.snv\r\n');
    await client.reply();
    client.send('MAIL FROM:<>\r\nRCPT TO:<c@d.vn>\r\nDATA\r\n');
    for (const code of ['250', '250', '354']) expect(await client.reply()).toMatch(code);
    client.send('x\r\n.\r\n');
    expect(await client.reply()).toMatch(/^250/);
    expect(gate.letters[0]?.incoming).toMatchObject({
      envelopeFrom: null,
      session: { remoteAddress: '2001:db8::7', helo: 'may.snv', authenticatedAs: 'snv@quangbinh.gov.vn' },
    });
    client.close();
    await door.close(0);
  });

  it('takes what swaks sends', { timeout: 20_000 }, async ({ skip }) => {
    skip(!hasSwaks && process.env['CONGTHU_TEST_ALL'] !== '1', 'swaks is not installed');
    const gate = recordingGate();
    const { port, door } = await openDoor(gate);
    const where = ['--server', '127.0.0.1', '--port', String(port), '--helo', 'may.vn'];
    const what = [
      '--from',
      'a@b.vn',
      '--to',
      'c@d.vn',
      '--attach',
      '@/etc/hostname',
      '--body',
      '.\\n..\\nhết',
    ];
    await promisify(execFile)('swaks', [...where, ...what]);
    expect(gate.letters[0]?.text).toMatch(/\r\n\.\r\n\.\.\r\n/);
    await door.close(0);
  });

  it('tells when its port is taken', async () => {
    const { port, door } = await openDoor(recordingGate());
    await expect(openDoor(recordingGate(), { port })).rejects.toThrow('EADDRINUSE');
    await door.close(0);
  });

  it('listens on IPv6 and counts a /64 as one client', async () => {
    const { port, door } = await openDoor(recordingGate(), { host: '::1', maxConnectionsPerClient: 1 });
    const first = await lineClient(port, '::1');
    expect(await first.reply()).toMatch(/^220/);
    const second = await lineClient(port, '::1');
    expect(await second.reply()).toMatch(/^421-4\.7\.0/);
    first.close();
    await door.close(0);
  });
});
