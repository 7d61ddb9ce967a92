import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createParserPool, ParserCrash, type ParserPool } from '../../src/parser-process/pool.ts';
import type { Database } from '../../src/store/database.ts';
import { startClamd, withoutClamd, type RunningClamd } from '../harness/clamd.ts';
import { openOffice, type Opening } from '../harness/office.ts';
import { buildPki } from '../harness/openssl-pki.ts';
import { createTrouble, MOODS, type Mood } from './trouble.ts';
import { openWorld, type Picture, type Port, type Posted, type World } from './world.ts';

/**
 * Every port in turn fails while letters come in: nothing is refused, nothing is lost, and once the trouble is over
 * everything stands as if there had been none.
 */
const UNIT = 'snv@quangbinh.gov.vn';
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-trouble-'));
let pool: ParserPool;
let opening: Opening;
let posted: Posted[];
let calm: Picture;
let revocation: http.Server;
let clamd: RunningClamd | null = null;

/** The revocation list lies on a real HTTP server, so that it has to be fetched in every world. */
beforeAll(async () => {
  const pki = buildPki(path.join(dir, 'pki'));
  const kept = path.join(pki.crls, 'issuing.crl');
  const list = fs.readFileSync(kept);
  revocation = http.createServer((_, response) => response.end(list));
  await new Promise<void>((resolve) => revocation.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(revocation.address() as AddressInfo).port}`;
  if (!withoutClamd) clamd = await startClamd();
  pool = createParserPool({ children: 2 });
  opening = {
    regulation: 'vn-quangbinh-41-2015',
    at: '2026-03-02T08:00:00+07:00',
    units: [{ code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT }],
    leafExtensions: 'crlDistributionPoints=URI:http://crl.ca.gov.vn/issuing.crl',
    pki,
    pool,
    env: {
      CONGTHU_SIGN_REPLIES: 'yes',
      CONGTHU_REVOCATION_HOSTS: host,
      CONGTHU_REVOCATION_MAP: `http://crl.ca.gov.vn/*=http://${host}/`,
      ...(clamd === null ? {} : { CONGTHU_CLAMD: `127.0.0.1:${clamd.port}` }),
    },
  };
  const office = await openOffice(opening);
  const subject = 'V/v đề nghị cấp mới hộp thư điện tử công vụ';
  const heading = ['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại'];
  const list1 = [
    heading,
    [1, 'Đỗ Hữu Nam', 'Chuyên viên', '0905123408'],
    [2, 'Lê Thị Hoa', 'Văn thư', '0905123409'],
  ];
  const list2 = [heading, [1, 'Trần Bình', '', '0905123410']];
  posted = [
    { from: UNIT, raw: office.write({ from: UNIT, subject, list: list1 }) },
    { from: UNIT, raw: office.write({ from: UNIT, subject, list: list2 }) },
    { from: UNIT, raw: office.write({ from: UNIT, subject, signed: false }) },
  ];
  fs.rmSync(kept);
  await office.close();
  const world = await openWorld(opening, posted, (_port, real) => real);
  expect(await world.offer()).toEqual([250, 250, 250]);
  await finish(world);
  calm = await world.picture();
  await world.close();
}, 120_000);
afterAll(async () => {
  pool.close();
  revocation.closeAllConnections();
  revocation.close();
  await clamd?.stop();
  fs.rmSync(dir, { recursive: true, force: true });
});

/** Two days at most: what is tried for longer has gone wrong. */
const ROUNDS = 60;
async function finish(world: World): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    await world.offer();
    if (!(await world.carryOn())) return;
  }
  throw new Error('it never comes to rest');
}

test('without trouble: carried out, sent back for correction, refused for want of a signature', () => {
  expect(calm).toMatchObject({ received: 3, dossiers: 3, repeated: 0 });
  expect(calm.letters.map((told) => told.split(':')[0])).toEqual(['completed', 'correction', 'refused']);
  expect(calm.rows).toContain('namdh.snv@quangbinh.gov.vn done namdh.snv@quangbinh.gov.vn');
  expect(calm.arrived).toBe(calm.notices);
});

const broken = (): Error => Object.assign(new Error('trouble'), { code: 'CONNECTION_CLOSED' });
const PORTS: readonly (readonly [Port, () => Error])[] = [
  ['database', broken],
  ['clock', broken],
  ['parsers', () => new ParserCrash('died', 'the parsing child ended')],
  ['virus scanner', broken],
  ['revocation', broken],
  ['sender proof', broken],
  ['provisioner', broken],
  ['documents', broken],
  ['mailer', broken],
];

/** Chance is tried in more than one order of events; CONGTHU_TEST_SEEDS=30 tries as many. */
const SEEDS = Number(process.env['CONGTHU_TEST_SEEDS'] ?? 2);
const seedsOf = (mood: Mood): number[] =>
  Array.from({ length: mood === 'by chance' ? SEEDS : 1 }, (_, nth) => nth + 1);

test.concurrent.each(
  PORTS.flatMap(([port, failure]) =>
    MOODS.flatMap((mood) => seedsOf(mood).map((seed) => [port, mood, seed, failure] as const)),
  ),
)(
  '%s fails (%s, seed %i)',
  { timeout: 120_000 },
  async (port: Port, mood: Mood, seed: number, failure: () => Error) => {
    if (port === 'virus scanner' && withoutClamd) return;
    const trouble = createTrouble(mood, failure, seed);
    const world = await openWorld(opening, posted, <T extends object>(name: Port, real: T): T => {
      if (name !== port) return real;
      return name === 'database'
        ? (trouble.database(real as unknown as Database) as unknown as T)
        : trouble.port(real);
    });
    const answers: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      answers.push(...(await world.offer()));
      await world.carryOn();
    }
    const strikes = trouble.strikes();
    trouble.end();
    await finish(world);
    const picture = await world.picture();
    await world.close();
    expect(strikes).toBeGreaterThan(0);
    expect(answers.filter((code) => code !== 250 && (code < 400 || code > 499))).toEqual([]);
    expect({ ...picture, repeated: 0 }).toEqual({ ...calm, repeated: 0 });
    // Only a lost answer can make a notice come twice, and once per loss.
    expect(picture.repeated).toBeLessThanOrEqual(mood === 'always' || mood === 'first' ? 0 : strikes);
  },
);
