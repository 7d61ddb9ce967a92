import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { letterById } from '../../src/store/letters.ts';
import { EICAR, startClamd, withoutClamd, type RunningClamd } from '../harness/clamd.ts';
import { freePort } from '../harness/free-port.ts';
import { signedLetter } from '../harness/openssl-pki.ts';
import { storedZip } from '../harness/zip-writer.ts';
import { INTAKE, runGateway, type RunningGateway } from '../harness/gateway.ts';

const UNIT = 'snv@quangbinh.gov.vn';
const letter = (words: string): Buffer =>
  Buffer.from(
    `Authentication-Results: mx.quangbinh.gov.vn; dmarc=pass header.from=quangbinh.gov.vn\r\nFrom: ${UNIT}\r\nTo: ${INTAKE}\r\nSubject: cap moi hop thu\r\nMessage-ID: <${words.length}@x>\r\n\r\n${words}\r\n`,
  );

describe.skipIf(withoutClamd)('letters before a virus scanner', () => {
  let clamd: RunningClamd;
  let run: RunningGateway;
  beforeAll(async () => {
    clamd = await startClamd();
    run = await runGateway({ CONGTHU_CLAMD: `127.0.0.1:${clamd.port}` });
  }, 60_000);
  afterAll(async () => {
    await run.gateway.stop();
    await run.close();
    await clamd.stop();
  });

  test('an infected letter is sealed unopened and nobody is answered', async () => {
    const found = await run.picture(await run.send(UNIT, letter(EICAR)));
    expect(found).toMatchObject({ state: 'quarantine', dossier: null, templates: [] });
    expect(found.reason).toContain('Eicar-Test-Signature');
  });

  test('what lies packed in an opaque signature is found too', async () => {
    const leaf = run.pki.leaf('snv', { email: UNIT, commonName: 'So Noi vu' });
    const hidden = storedZip({ 'danh-sach.txt': EICAR }).toString('base64');
    const body = `Content-Type: multipart/mixed; boundary=r\n\n--r\nContent-Type: application/zip; name=ds.zip\nContent-Transfer-Encoding: base64\n\n${hidden}\n--r--\n`;
    const head = {
      'Authentication-Results': 'mx.quangbinh.gov.vn; dmarc=pass header.from=quangbinh.gov.vn',
      From: UNIT,
      To: INTAKE,
      Subject: 'cap moi hop thu',
    };
    const found = await run.picture(await run.send(UNIT, signedLetter(body, leaf, run.pki, head, true)));
    expect(found).toMatchObject({ state: 'quarantine', dossier: null, templates: [] });
    expect(found.reason).toMatch(/Eicar-Test-Signature.*\(ds\.zip/);
  });

  test('a letter packed beyond our bounds is an officer’s, never "clean"', async () => {
    let file = storedZip({ 'a.txt': 'x' });
    for (let n = 0; n < 9; n += 1) file = storedZip({ 'a.zip': file });
    const raw = letter('x')
      .toString()
      .replace(
        '\r\n\r\nx\r\n',
        `\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n${file.toString('base64')}\r\n`,
      );
    const found = await run.picture(await run.send(UNIT, Buffer.from(raw)));
    expect(found).toMatchObject({ state: 'quarantine', templates: [] });
    expect(found.reason).toBe('Vượt giới hạn kiểm tra: more than 8 layers of packing');
  });

  test('a clean one goes on', async () => {
    expect((await run.picture(await run.send(UNIT, letter('Kinh gui So')))).state).not.toBe('quarantine');
  });
});

test('without an answer from the scanner a letter waits, and nothing is lost', async () => {
  const run = await runGateway({ CONGTHU_CLAMD: `127.0.0.1:${await freePort()}` });
  const { code, text } = await run.send(UNIT, letter('Kinh gui'));
  expect(code).toBe(250);
  const id = /received as ([0-9a-f-]{36})/.exec(text)![1]!;
  const look = () => run.db.transaction((tx) => letterById(tx.orm, id));
  await expect.poll(async () => (await look())!.dueAt.getTime()).toBeGreaterThan(Date.now() + 30_000);
  await sleep(100);
  expect(await look()).toMatchObject({ state: 'received', attempts: 0 });
  await run.gateway.stop();
  await run.close();
}, 60_000);
