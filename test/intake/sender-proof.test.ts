import { Resolver } from 'node:dns/promises';

import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { fixedClock, systemClock } from '../../src/clock.ts';
import { ownCheck } from '../../src/intake/own-check.ts';
import type { Finding } from '../../src/intake/own-check.ts';
import { parseLetter } from '../../src/intake/parse.ts';
import { letterOf } from '../../src/intake/raw-letter.ts';
import { createResolver } from '../../src/intake/resolver.ts';
import type { Ask } from '../../src/intake/resolver.ts';
import { proveSender } from '../../src/intake/sender-proof.ts';
import type { SenderProof } from '../../src/rules/letter-facts.ts';
import { dkimKey, signHostile } from '../harness/dkim.ts';
import { startDns } from '../harness/dns.ts';
import type { DnsServer } from '../harness/dns.ts';
import { networksOf } from '../harness/door.ts';

const UNIT = 'snv@quangbinh.gov.vn';
const EVIL = 'evil@example.com';
const MAIL_SERVER = '203.0.113.10';
const STRANGER = '198.51.100.66';

const unitKey = dkimKey();
const evilKey = dkimKey();
const shortKey = dkimKey(1024 - 256);

let dns: DnsServer;
let ask: Ask;

const ZONE = {
  'quangbinh.gov.vn': {
    TXT: [`v=spf1 ip4:${MAIL_SERVER} -all`],
    MX: [[10, 'mail.quangbinh.gov.vn']],
    A: [MAIL_SERVER],
  },
  'mail.quangbinh.gov.vn': { A: [MAIL_SERVER] },
  '_dmarc.quangbinh.gov.vn': { TXT: ['v=DMARC1; p=reject; adkim=r; aspf=r'] },
  's1._domainkey.quangbinh.gov.vn': { TXT: [unitKey.record] },
  'short._domainkey.quangbinh.gov.vn': { TXT: [shortKey.record] },
  // A province that publishes SPF and DKIM but no DMARC.
  'soctrang.gov.vn': { TXT: [`v=spf1 mx -all`], MX: [[10, 'mail.soctrang.gov.vn']] },
  'mail.soctrang.gov.vn': { A: [MAIL_SERVER] },
  's1._domainkey.soctrang.gov.vn': { TXT: [unitKey.record] },
  // The forger's own domain, in perfect order.
  'example.com': { TXT: [`v=spf1 ip4:${STRANGER} -all`] },
  '_dmarc.example.com': { TXT: ['v=DMARC1; p=reject'] },
  's1._domainkey.example.com': { TXT: [evilKey.record] },
  // Trouble.
  'loi.gov.vn': 'SERVFAIL',
  '_dmarc.loi.gov.vn': 'SERVFAIL',
  's1._domainkey.loi.gov.vn': 'SERVFAIL',
  'im.gov.vn': 'silent',
  '_dmarc.im.gov.vn': 'silent',
} as const;

beforeAll(async () => {
  dns = await startDns(ZONE);
});
beforeEach(() => {
  ask = createResolver({ server: dns.address, timeoutMs: 300, clock: systemClock });
});
afterAll(() => dns.close());

interface Situation {
  readonly from?: string;
  readonly ip?: string;
  readonly authenticatedAs?: string;
  readonly server?: Ask;
}

async function prove(bytes: Buffer | string, how: Situation = {}): Promise<SenderProof> {
  const raw = letterOf(Buffer.from(bytes));
  const { author } = await parseLetter(raw);
  return proveSender(
    {
      raw,
      author,
      envelopeFrom: how.from === '' ? null : (how.from ?? UNIT),
      session: {
        remoteAddress: how.ip ?? STRANGER,
        helo: 'may.example.com',
        authenticatedAs: how.authenticatedAs ?? null,
      },
    },
    { trustedRelays: networksOf('10.0.0.0/8'), authservId: 'relay.vn', hostname: 'congthu.test' },
    how.server ?? ask,
  );
}

const plain = (from: string): string => `From: ${from}\r\nTo: x@y.vn\r\nSubject: Kinh gui\r\n\r\nDe nghi\r\n`;

/** Signed by an honest signer: nodemailer. */
async function signed(
  from: string,
  domainName: string,
  privateKey = unitKey.privateKey,
  keySelector = 's1',
): Promise<Buffer> {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const mail = {
    from,
    to: 'x@y.vn',
    subject: 'Đề nghị',
    text: 'Kính gửi',
    dkim: { domainName, keySelector, privateKey },
  };
  return (await transport.sendMail(mail)).message as Buffer;
}

describe('our own check', () => {
  it('passes by an aligned signature', async () => {
    expect(await prove(await signed(UNIT, 'quangbinh.gov.vn'))).toEqual({
      method: 'own-check',
      result: 'pass',
      domain: 'quangbinh.gov.vn',
      detail: 'dmarc=pass dkim=pass (d=quangbinh.gov.vn) spf=fail (quangbinh.gov.vn)',
    });
  });

  it('passes by an aligned SPF domain', async () => {
    expect(await prove(plain(UNIT), { ip: MAIL_SERVER })).toMatchObject({
      result: 'pass',
      domain: 'quangbinh.gov.vn',
    });
    expect(await prove(plain(UNIT), { ip: `::ffff:${MAIL_SERVER}` })).toMatchObject({ result: 'pass' });
  });

  it('fails without either', async () => {
    expect(await prove(plain(UNIT))).toMatchObject({ method: 'own-check', result: 'fail', domain: null });
  });

  it('asks an aligned pass also where no DMARC is published', async () => {
    expect(
      await prove(plain('snv@soctrang.gov.vn'), { from: 'snv@soctrang.gov.vn', ip: MAIL_SERVER }),
    ).toMatchObject({
      result: 'pass',
      domain: 'soctrang.gov.vn',
    });
    expect(await prove(await signed('snv@soctrang.gov.vn', 'soctrang.gov.vn'), { from: EVIL })).toMatchObject(
      { result: 'pass' },
    );
    expect(await prove(plain('snv@soctrang.gov.vn'), { from: EVIL })).toMatchObject({ result: 'fail' });
    expect(
      await prove(await signed('snv@soctrang.gov.vn', 'example.com', evilKey.privateKey), { from: EVIL }),
    ).toMatchObject({ result: 'fail' });
  });

  it('fails a letter altered by one byte', async () => {
    const letter = (await signed(UNIT, 'quangbinh.gov.vn')).toString('latin1');
    const body = letter.indexOf('\r\n\r\n') + 8;
    const altered = `${letter.slice(0, body)}${letter[body] === 'A' ? 'B' : 'A'}${letter.slice(body + 1)}`;
    expect(await prove(altered)).toMatchObject({ result: 'fail' });
  });

  it.each([
    ['SERVFAIL', 'snv@loi.gov.vn'],
    ['no answer', 'snv@im.gov.vn'],
  ])('cannot tell when DNS is in trouble: %s', async (_, author) => {
    expect(await prove(plain(author), { from: author })).toMatchObject({ result: 'temperror', domain: null });
  });

  it('cannot tell when there is no name server', async () => {
    const server = createResolver({ server: '127.0.0.1:1', timeoutMs: 200, clock: systemClock });
    expect(await prove(plain(UNIT), { server })).toMatchObject({ result: 'temperror' });
  });

  it('cannot tell when the resolver throws', async () => {
    const server: Ask = () => Promise.reject(new Error('broken'));
    expect(await prove(plain(UNIT), { server })).toMatchObject({ result: 'temperror' });
  });

  it("does not let a stranger's trouble hide a clear answer", async () => {
    const letter = signHostile(plain(UNIT), { domain: 'loi.gov.vn', selector: 's1', key: evilKey });
    expect(await prove(letter, { from: EVIL })).toMatchObject({ result: 'fail' });
  });
});

describe('forgeries of the unit, composed by somebody with a domain in perfect order', () => {
  const evilSigned = (letter: string, over: Partial<Parameters<typeof signHostile>[1]> = {}): Buffer =>
    signHostile(letter, { domain: 'example.com', selector: 's1', key: evilKey, ...over });
  const unitSigned = (letter: string, over: Partial<Parameters<typeof signHostile>[1]> = {}): Buffer =>
    signHostile(letter, { domain: 'quangbinh.gov.vn', selector: 's1', key: unitKey, ...over });
  const honest = unitSigned(plain(UNIT)).toString('latin1');
  const two = (a: string, b: string): string => `From: ${a}\r\nFrom: ${b}\r\nSubject: x\r\n\r\nx\r\n`;

  it("the forger's own letter is proven, so what follows fails for its own reason", async () => {
    expect(await prove(evilSigned(plain(EVIL)), { from: EVIL })).toMatchObject({
      result: 'pass',
      domain: 'example.com',
    });
    expect(await prove(honest, { from: EVIL })).toMatchObject({ result: 'pass', domain: 'quangbinh.gov.vn' });
  });

  const SPOOFS: Record<string, Buffer | string> = {
    'plain From of the unit': evilSigned(plain(UNIT)),
    'two From, unit first': evilSigned(two(UNIT, EVIL)),
    'two From, unit last': evilSigned(two(EVIL, UNIT)),
    'second From above a letter the unit signed': `From: ${EVIL}\r\n${honest}`,
    'second From below the fields of a letter the unit signed': honest.replace(
      '\r\n\r\n',
      `\r\nFrom: ${EVIL}\r\n\r\n`,
    ),
    'two mailboxes': evilSigned(plain(`${UNIT}, ${EVIL}`)),
    'two angle addresses': evilSigned(plain(`<${UNIT}> <${EVIL}>`)),
    'address as display name': evilSigned(plain(`"${UNIT}" <${EVIL}>`)),
    'address as encoded display name': evilSigned(
      plain(`=?utf-8?b?${Buffer.from(UNIT).toString('base64')}?= <${EVIL}>`),
    ),
    'address behind a comment': evilSigned(plain(`${UNIT} (${EVIL})`)),
    group: evilSigned(plain(`x: ${UNIT}, ${EVIL};`)),
    route: evilSigned(plain(`<@example.com:${UNIT}>`)),
    'sub-domain nobody has': evilSigned(plain('snv@so.quangbinh.gov.vn.example.org')),
    "NUL in the selector, the rest of the name being the forger's": evilSigned(plain(UNIT), {
      domain: 'quangbinh.gov.vn',
      selector: 's1._domainkey.example.com\0',
    }),
    'backslash-zero in the selector': evilSigned(plain(UNIT), {
      domain: 'quangbinh.gov.vn',
      selector: 's1._domainkey.example.com\\000',
    }),
    'domain with a NUL': evilSigned(plain(UNIT), { domain: 'example.com\0.quangbinh.gov.vn' }),
    'signature of a look-alike domain': evilSigned(plain(UNIT), { domain: 'quangbinh.gov.vn.example.com' }),
    'signature of the registry above': evilSigned(plain(UNIT), { domain: 'gov.vn' }),
    'signature that leaves From out': unitSigned(plain(EVIL), { signed: ['subject'] })
      .toString('latin1')
      .replace(EVIL, UNIT),
    'words added below a signature with l=': `${unitSigned(plain(UNIT), { bodyLength: 9 }).toString('latin1')}Cap cho toi\r\n`,
    'all of the body below a signature with l=0': unitSigned(plain(UNIT), { bodyLength: 0 }),
    'key too short to trust': signHostile(plain(UNIT), {
      domain: 'quangbinh.gov.vn',
      selector: 'short',
      key: shortKey,
    }),
    'a forged stamp of our relay': `Authentication-Results: relay.vn; dmarc=pass header.from=quangbinh.gov.vn\r\n${plain(UNIT)}`,
  };

  it.each(Object.entries(SPOOFS))('%s', async (_, letter) => {
    const proof = await prove(letter, { from: EVIL });
    expect(proof).toMatchObject({ result: 'fail', domain: null });
  });

  it('the guard alone stops the NUL in the selector, with which the forgery passes unguarded', async () => {
    const selector = 's1._domainkey.example.com\0';
    const letter = evilSigned(plain(UNIT), { domain: 'quangbinh.gov.vn', selector });
    const unguarded = new Resolver();
    unguarded.setServers([dns.address]);
    const check = (server: Ask): Promise<Finding> =>
      ownCheck(
        {
          raw: letterOf(letter),
          author: UNIT,
          envelopeFrom: EVIL,
          client: { remoteAddress: STRANGER, helo: 'x.example.com' },
        },
        server,
        'congthu.test',
      );
    expect(await check((name, type) => unguarded.resolve(name, type) as Promise<string[][]>)).toMatchObject({
      result: 'pass',
    });
    const before = dns.asked.length;
    expect(await check(ask)).toMatchObject({ result: 'fail' });
    expect(dns.asked.slice(before).filter((question) => question.includes('example.com.'))).toEqual([]);
  });

  it('does not hash a large letter for each of 500 signatures', async () => {
    const signature = (i: number): string =>
      `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=x.vn; s=s1; h=from; l=${i}; bh=AAAA; b=AAAA\r\n`;
    const letter = `${Array.from({ length: 500 }, (_, i) => signature(i)).join('')}${plain(UNIT)}${'x\r\n'.repeat(5e6)}`;
    const begun = performance.now();
    expect(await prove(letter, { from: EVIL })).toMatchObject({
      result: 'fail',
      detail: '500 DKIM signatures',
    });
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  it('never asks for a name with anything but letters, digits, ".", "_" and "-"', () => {
    expect(dns.asked.length).toBeGreaterThan(20);
    expect(dns.asked.filter((question) => !/^[A-Z]+ [a-z0-9._-]+$/.test(question))).toEqual([]);
  });
});

describe('trusted relays and logins', () => {
  const stamped = `Authentication-Results: relay.vn; dmarc=pass header.from=quangbinh.gov.vn\r\n${plain(UNIT)}`;

  it('believes the relay, and nobody else with the same stamp', async () => {
    expect(await prove(stamped, { ip: '10.1.2.3' })).toEqual({
      method: 'trusted-relay',
      result: 'pass',
      domain: 'quangbinh.gov.vn',
      detail: 'dmarc=pass (quangbinh.gov.vn)',
    });
    expect(await prove(stamped, { ip: '11.1.2.3' })).toMatchObject({ method: 'own-check', result: 'fail' });
  });

  it('does not check by itself what a relay left out', async () => {
    expect(await prove(await signed(UNIT, 'quangbinh.gov.vn'), { ip: '10.1.2.3' })).toMatchObject({
      method: 'trusted-relay',
      result: 'fail',
    });
  });

  it("takes a unit's login as proof of its own address only", async () => {
    expect(await prove(plain(UNIT), { authenticatedAs: UNIT })).toMatchObject({
      method: 'submission',
      result: 'pass',
    });
    expect(await prove(plain(UNIT), { authenticatedAs: 'stttt@quangbinh.gov.vn' })).toMatchObject({
      method: 'submission',
      result: 'fail',
      domain: null,
    });
  });
});

describe('the resolver', () => {
  it('reads long records over TCP', async () => {
    const long = `v=spf1 ${'ip4:203.0.113.1 '.repeat(60)}-all`;
    dns.set({ 'dai.vn': { TXT: [long] } });
    expect((await ask('dai.vn', 'TXT')).map((parts) => [parts].flat().join(''))).toEqual([long]);
  });

  it('asks once a minute, also for what is not there', async () => {
    let now = new Date('2026-11-24T00:00:00Z');
    const resolver = createResolver({ server: dns.address, timeoutMs: 300, clock: { now: () => now } });
    const count = (question: string): number => dns.asked.filter((it) => it === question).length;
    const twice = async (): Promise<void> => {
      for (const _ of [1, 2]) {
        await resolver('mail.quangbinh.gov.vn', 'A');
        await expect(resolver('khong-co.vn', 'A')).rejects.toMatchObject({ code: 'ENOTFOUND' });
        await expect(resolver('loi.gov.vn', 'A')).rejects.toMatchObject({ code: 'ESERVFAIL' });
      }
    };
    const before = count('A loi.gov.vn');
    await twice();
    expect([count('A mail.quangbinh.gov.vn'), count('A khong-co.vn')]).toEqual([1, 1]);
    // Trouble is not remembered.
    const troubled = count('A loi.gov.vn') - before;
    expect(troubled).toBeGreaterThanOrEqual(2);
    now = new Date('2026-11-24T00:01:01Z');
    await twice();
    expect([count('A mail.quangbinh.gov.vn'), count('A khong-co.vn')]).toEqual([2, 2]);
  });

  it.each([
    'a\0.vn',
    'a b.vn',
    '',
    '.',
    'a..vn',
    `${'a'.repeat(64)}.vn`,
    `${'a.'.repeat(130)}vn`,
    'a\\.vn',
    'ạ.vn',
  ])('refuses to ask for %j', async (name) => {
    const resolver = createResolver({ server: dns.address, timeoutMs: 300, clock: fixedClock(new Date(0)) });
    const before = dns.asked.length;
    await expect(resolver(name, 'TXT')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    expect(dns.asked.length).toBe(before);
  });
});
