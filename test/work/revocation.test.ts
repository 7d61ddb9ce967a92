import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openOffice, type Office } from '../harness/office.ts';

/** The list that the unit's certificate names lies on a real HTTP server; ours has none of that CA. */
const UNIT = 'snv@quangbinh.gov.vn';
let office: Office;
let server: http.Server;
let list: Buffer | null = null;
let asked = 0;

beforeAll(async () => {
  server = http.createServer((_, response) => {
    asked += 1;
    if (list === null) response.writeHead(503).end();
    else response.end(list);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  office = await openOffice({
    regulation: 'vn-quangbinh-41-2015',
    at: '2026-03-02T08:00:00+07:00',
    units: [{ code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT }],
    leafExtensions: 'crlDistributionPoints=URI:http://crl.ca.gov.vn/issuing.crl',
    env: {
      CONGTHU_SIGN_REPLIES: 'yes',
      CONGTHU_REVOCATION_HOSTS: host,
      CONGTHU_REVOCATION_MAP: `http://crl.ca.gov.vn/*=http://${host}/`,
    },
  });
  const kept = path.join(office.pki.crls, 'issuing.crl');
  published = fs.readFileSync(kept);
  fs.rmSync(kept);
}, 60_000);
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await office.close();
});
beforeEach(() => {
  asked = 0;
});

let published: Buffer;
let waiting: string | null;
const letter = (name: string) => ({
  from: UNIT,
  subject: 'V/v đề nghị cấp mới hộp thư điện tử công vụ',
  list: [
    ['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại'],
    [1, name, 'Chuyên viên', '0905123408'],
  ],
});
const evidence = () => office.log('evidence.found');

test('while the list is not to be had the letter has its receipt and waits; nothing passes, nothing is refused', async () => {
  ({ id: waiting } = await office.send(letter('Đỗ Hữu Nam')));
  expect(asked).toBeGreaterThan(0);
  expect((await office.letter(waiting)).state).toBe('registered');
  expect((await office.told()).map(({ template }) => template)).toEqual(['received']);
  expect((await evidence()).join()).toContain('TRY_LATER');
});

test('when it comes, the waiting letter is examined again and goes on', async () => {
  list = published;
  office.at('2026-03-02T08:20:00+07:00');
  await office.work();
  const { state, dossier, reason } = await office.letter(waiting);
  expect(state, reason ?? '').toBe('completed');
  expect(await office.rows(dossier)).toEqual(['namdh.snv@quangbinh.gov.vn done']);
});

test('the next letter finds it kept: nobody is asked', async () => {
  const { id } = await office.send(letter('Lê Thị Hoa'));
  expect((await office.letter(id)).state).toBe('completed');
  expect(asked).toBe(0);
});
