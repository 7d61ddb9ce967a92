import { X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nameDelegate } from '../../src/store/delegates.ts';
import { senderOf, unitByCode, upsertUnits } from '../../src/store/registry.ts';
import { runConsole, visitor, type RunningConsole } from '../harness/console.ts';
import { buildPki } from '../harness/openssl-pki.ts';

const REGULATION = 'vn-quangbinh-41-2015';
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-registry-'));
let run: RunningConsole;
let lan: ReturnType<typeof visitor>;
let minh: ReturnType<typeof visitor>;

beforeAll(async () => {
  run = await runConsole();
  const row = (code: string) => ({
    code,
    regulation: REGULATION,
    name: `Đơn vị ${code}`,
    mailbox: `${code}@quangbinh.gov.vn`,
    level: 'so',
    abbreviation: code,
  });
  await run.db.transaction((tx) => upsertUnits(tx, [row('snv'), row('sct')]));
  [lan, minh] = [visitor(run.url), visitor(run.url)];
  await lan.login(await run.account('lan', 'officer'));
  await minh.login(await run.account('minh', 'admin'));
}, 60_000);
afterAll(async () => {
  await run.close();
  fs.rmSync(dir, { recursive: true, force: true });
});

const entry = {
  name: 'Sở Nội vụ',
  mailbox: 'snv@quangbinh.gov.vn',
  level: `${REGULATION} so`,
  abbreviation: 'snv',
  active: 'yes',
};
const unit = (code: string) => run.db.transaction((tx) => unitByCode(tx.orm, code));
const logged = async () =>
  (
    await run.db.sql<{ entry: string }[]>`
      select entry from mail_log.mail_event where event = 'configuration.changed' order by at, entry`
  ).map(({ entry: text }) => JSON.parse(text) as Record<string, string>);
/** The page was opened, so that its stamp travels with the form. */
const stamped = (page: string) => /name="stamp" value="([^"]+)"/.exec(page)![1]!;

test('an entry is changed once; the one who comes second is told and nothing of it is recorded', async () => {
  const [first, second] = [stamped(await lan.open('/don-vi/snv')), stamped(await minh.open('/don-vi/snv'))];
  expect(first).toBe(second);
  const done = await lan.post('/don-vi/snv/thong-tin', { ...entry, stamp: first });
  expect([done.status, done.headers.get('location')]).toEqual([303, '/don-vi/snv?ghi=1']);
  const late = await minh.post('/don-vi/snv/thong-tin', { ...entry, name: 'Sở khác', stamp: second });
  expect(late.status).toBe(409);
  expect(await unit('snv')).toMatchObject({ name: 'Sở Nội vụ' });
  const [told] = await logged();
  expect(told).toMatchObject({ outcome: 'unit', actor: 'lan' });
  expect(told!['detail']).toBe('snv: name "Đơn vị snv" → "Sở Nội vụ"');
});

test('the same again changes nothing and leaves no entry', async () => {
  const before = (await logged()).length;
  const stamp = stamped(await lan.open('/don-vi/snv'));
  expect((await lan.post('/don-vi/snv/thong-tin', { ...entry, stamp })).status).toBe(303);
  expect(await logged()).toHaveLength(before);
});

test('a unit that moves to another mailbox is known by the former one until the day that is named', async () => {
  const stamp = stamped(await lan.open('/don-vi/sct'));
  const moved = { ...entry, name: 'Sở Công Thương', mailbox: 'congthuong@quangbinh.gov.vn', stamp };
  for (const formerUntil of ['2020-01-01', '2999-02-31', 'mai']) {
    const wrong = await lan.post('/don-vi/sct/thong-tin', { ...moved, formerUntil });
    expect([wrong.status, await wrong.text()]).toEqual([422, expect.stringContaining('từ hôm nay trở đi')]);
  }
  await lan.post('/don-vi/sct/thong-tin', { ...moved, formerUntil: '2999-12-31' });
  const speaks = (address: string) => run.db.transaction((tx) => senderOf(tx, address, '2026-06-01'));
  expect(await speaks('congthuong@quangbinh.gov.vn')).toMatchObject({ kind: 'unit', unit: { code: 'sct' } });
  expect(await speaks('sct@quangbinh.gov.vn')).toMatchObject({ kind: 'unit', unit: { code: 'sct' } });
  const taken = stamped(await lan.open('/don-vi/snv'));
  const refused = await lan.post('/don-vi/snv/thong-tin', {
    ...entry,
    mailbox: 'congthuong@quangbinh.gov.vn',
    stamp: taken,
  });
  expect(refused.status).toBe(422);
  expect(await refused.text()).toContain('đã là hộp thư của Sở Công Thương');
});

test('a certificate is pinned from its file and removed; one of an authority, or nonsense, is not', async () => {
  const pki = buildPki(path.join(dir, 'pki'));
  const leaf = {
    email: 'snv@quangbinh.gov.vn',
    commonName: 'Sở Nội vụ',
    from: '20260101000000Z',
    until: '29990101000000Z',
  };
  const pem = fs.readFileSync(pki.leaf('snv', leaf).cert);
  const fingerprint = new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
  const pin = async (bytes: Buffer) => {
    const stamp = stamped(await lan.open('/don-vi/snv'));
    return lan.post('/don-vi/snv/chung-thu', { file: new File([new Uint8Array(bytes)], 'a.pem'), stamp });
  };
  expect((await pin(Buffer.from('rác'))).status).toBe(422);
  const authority = await pin(fs.readFileSync(pki.issuing));
  expect([authority.status, await authority.text()]).toEqual([422, expect.stringContaining('tổ chức cấp')]);
  expect((await pin(pem)).status).toBe(303);
  expect((await unit('snv'))!.certificates).toEqual([fingerprint]);
  expect((await pin(pem)).status).toBe(422);
  const stamp = stamped(await lan.open('/don-vi/snv'));
  await lan.post('/don-vi/snv/bo-chung-thu', { fingerprint, stamp });
  expect((await unit('snv'))!.certificates).toEqual([]);
  expect((await logged()).slice(-2).map(({ detail }) => detail)).toEqual([
    expect.stringMatching(new RegExp(`^snv: pinned certificate sha256:${fingerprint} of .*until 2999`)),
    `snv: certificate sha256:${fingerprint} no longer pinned`,
  ]);
});

test('a seal is enrolled as a picture of our own path, never another kind of file', async () => {
  const enrol = async (bytes: Buffer, name: string) => {
    const stamp = stamped(await lan.open('/don-vi/snv'));
    return lan.post('/don-vi/snv/mau-dau', { file: new File([new Uint8Array(bytes)], name), stamp });
  };
  expect((await lan.get('/don-vi/snv/mau-dau')).status).toBe(404);
  expect((await enrol(Buffer.from('<svg onload="alert(1)"/>'), 'dau.png')).status).toBe(422);
  expect((await enrol(Buffer.concat([PNG, Buffer.alloc(3_000_000)]), 'dau.png')).status).toBe(422);
  expect((await enrol(PNG, 'dau.png')).status).toBe(303);
  const shown = await lan.get('/don-vi/snv/mau-dau');
  expect(shown.headers.get('content-type')).toBe('image/png');
  expect(Buffer.from(await shown.arrayBuffer()).equals(PNG)).toBe(true);
});

test('whoever is in charge of a mailbox may be released from it', async () => {
  await run.db.transaction((tx) =>
    nameDelegate(tx, {
      unit: 'snv',
      fullName: 'Lê Thị Hoa',
      position: 'Văn thư',
      phone: '0905123409',
      namedBy: 'import',
      since: run.clock.now(),
    }),
  );
  const page = await lan.open('/don-vi/snv');
  const delegate = /name="delegate" value="([^"]+)"/.exec(page)![1]!;
  await lan.post('/don-vi/snv/thoi-phu-trach', { delegate, stamp: stamped(page) });
  expect(await lan.open('/don-vi/snv')).not.toContain('Lê Thị Hoa');
});

test('a unit is registered; its code once only', async () => {
  await lan.open('/don-vi/moi');
  const fresh = {
    ...entry,
    code: 'ubnd.an-ninh',
    name: 'UBND xã An Ninh',
    mailbox: 'ubnd.an-ninh@quangbinh.gov.vn',
  };
  const done = await lan.post('/don-vi/moi', fresh);
  expect(done.headers.get('location')).toBe('/don-vi/ubnd.an-ninh?ghi=1');
  await lan.open('/don-vi/moi');
  expect((await lan.post('/don-vi/moi', { ...fresh, mailbox: '' })).status).toBe(422);
  expect(await lan.open('/don-vi?q=xa+an+ninh')).toContain('UBND xã An Ninh');
});

test('an auditor sees no registry; without a form of ours nothing changes', async () => {
  const auditor = visitor(run.url);
  await auditor.login(await run.account('kiem', 'auditor'));
  expect((await auditor.get('/don-vi')).status).toBe(403);
  const stamp = stamped(await lan.open('/don-vi/snv'));
  const forged = await fetch(`${run.url}/don-vi/snv/thong-tin`, {
    method: 'POST',
    headers: { cookie: `congthu=${lan.jar.get('congthu')!}` },
    body: new URLSearchParams({ ...entry, name: 'X', stamp }),
  });
  expect(forged.status).toBe(403);
  expect((await lan.get('/don-vi/khong-co')).status).toBe(404);
  expect((await lan.post('/don-vi/snv/khong-co', { stamp })).status).toBe(404);
});
