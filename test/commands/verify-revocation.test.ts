import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { verify } from '../../src/commands/verify.ts';
import { derBlocks } from '../../src/evidence/trust-store.ts';
import { buildPki, openssl, signedLetter, type Pki } from '../harness/openssl-pki.ts';

/**
 * `congthu verify` and revocation lists that lie on real HTTP servers: the CA's own, and one the sender chose in the
 * certificate to have us call (SSRF).
 */
const entity = 'Content-Type: text/plain; charset=utf-8\n\nĐề nghị cấp mới hộp thư.\n';
const headers = { From: 'snv@quangbinh.gov.vn', To: 'stttt@quangbinh.gov.vn', Subject: 'V/v cap moi' };
const AT = '2026-01-05T01:15:00Z';

let dir: string;
let pki: Pki;
let list: Buffer;
let letter: string;
let elsewhere: string;
let run = 0;

interface Host {
  readonly server: http.Server;
  readonly name: string;
  readonly asked: string[];
  answer: (response: http.ServerResponse) => void;
}
const hosts: Host[] = [];
async function host(): Promise<Host> {
  const server = http.createServer((request, response) => {
    made.asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    made.answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const made: Host = {
    server,
    name: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    answer: (response) => response.end(list),
  };
  hosts.push(made);
  return made;
}
let authority: Host;
let internal: Host;

beforeAll(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-verify-crl-'));
  pki = buildPki(dir);
  authority = await host();
  internal = await host();
  const signed = (name: string, urls: readonly string[], access = ''): string => {
    const points = urls.map((url) => `URI:${url}`).join(',');
    const leaf = pki.leaf(name, {
      email: headers.From,
      commonName: 'So Noi vu',
      extensions: `crlDistributionPoints=${points}\n${access}`,
    });
    const file = path.join(dir, `${name}.eml`);
    fs.writeFileSync(file, signedLetter(entity, leaf, pki, headers));
    return file;
  };
  letter = signed('both', [
    `http://${authority.name}/issuing.crl`,
    `http://${internal.name}/admin?delete=all`,
  ]);
  elsewhere = signed(
    'elsewhere',
    [`http://${internal.name}/latest/meta-data`, 'file:///etc/passwd'],
    `authorityInfoAccess=OCSP;URI:http://${internal.name}/ocsp,caIssuers;URI:http://${internal.name}/ca.cer\n`,
  );
  const kept = path.join(pki.crls, 'issuing.crl');
  [list] = derBlocks(fs.readFileSync(kept)) as [Buffer];
  fs.rmSync(kept);
}, 60_000);
afterAll(() => {
  for (const { server } of hosts) {
    server.closeAllConnections();
    server.close();
  }
  fs.rmSync(dir, { recursive: true, force: true });
});
beforeEach(() => {
  for (const one of hosts) {
    one.asked.length = 0;
    one.answer = (response) => response.end(list);
  }
});

/** Each call with an empty cache, unless `data` names one that was used before. */
async function said(
  file: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
  data = `data-${run++}`,
) {
  let text = '';
  const out = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  const folders = ['--anchors', pki.anchors, '--intermediates', pki.intermediates, '--crls', pki.crls];
  const status = await verify.run([file, '--json', '--at', AT, ...folders, ...args], {
    env: { CONGTHU_DATA_DIR: path.join(dir, data), ...env },
    out,
    err: out,
    signal: new AbortController().signal,
  });
  const { verdict, subIndication } = JSON.parse(text) as { verdict: string; subIndication?: string };
  return { status, said: [verdict, subIndication].filter(Boolean).join(' ') };
}
const passed = { status: 0, said: 'TOTAL-PASSED' };
const later = { status: 2, said: 'INDETERMINATE TRY_LATER' };
const configured = () => ({ CONGTHU_REVOCATION_HOSTS: authority.name });

test('without configured hosts nobody is asked, and nothing passes', async () => {
  expect(await said(letter)).toEqual(later);
  expect(hosts.flatMap(({ asked }) => asked)).toEqual([]);
});

test('the configured host is asked, the other that the certificate names is not', async () => {
  expect(await said(letter, [], configured())).toEqual(passed);
  expect(authority.asked).toEqual(['GET /issuing.crl']);
  expect(internal.asked).toEqual([]);
});

test('a certificate that names only hosts of the sender’s choice reaches none of them', async () => {
  expect(await said(elsewhere, [], configured())).toEqual(later);
  expect(hosts.flatMap(({ asked }) => asked)).toEqual([]);
});

test('--offline asks nobody, even with hosts configured; what was fetched before is not looked at', async () => {
  expect(await said(letter, ['--offline'], configured())).toEqual(later);
  expect(authority.asked).toEqual([]);
});

test('what was fetched is kept: the next call asks nobody', async () => {
  expect(await said(letter, [], configured(), 'kept')).toEqual(passed);
  authority.asked.length = 0;
  expect(await said(letter, [], configured(), 'kept')).toEqual(passed);
  expect(authority.asked).toEqual([]);
});

test.each<[string, (response: http.ServerResponse) => void]>([
  [
    'sends elsewhere',
    (response) => response.writeHead(302, { location: `http://${internal.name}/secret` }).end(),
  ],
  ['is in trouble', (response) => response.writeHead(503).end()],
  ['answers with a page', (response) => response.end('<html>no such list</html>')],
  [
    'breaks off',
    (response) =>
      response.writeHead(200, { 'content-length': '999999' }).write('30', () => response.destroy()),
  ],
  [
    'hands out the list of another CA',
    (response) => response.end(derBlocks(fs.readFileSync(path.join(pki.crls, 'root.crl')))[0]),
  ],
])('a host that %s settles nothing', async (_name, answer) => {
  authority.answer = answer;
  expect(await said(letter, [], configured())).toEqual(later);
  expect(authority.asked).toEqual(['GET /issuing.crl']);
  expect(internal.asked).toEqual([]);
});

test('--crls: the same list in the folder needs no network; a folder without --crls needs none either', async () => {
  const folder = fs.mkdtempSync(path.join(dir, 'crls-'));
  fs.copyFileSync(path.join(pki.crls, 'root.crl'), path.join(folder, 'root.crl'));
  fs.writeFileSync(path.join(folder, 'issuing.crl'), list);
  expect(await said(letter, ['--crls', folder])).toEqual(passed);
  expect(hosts.flatMap(({ asked }) => asked)).toEqual([]);
});

test('a revoked certificate fails however its list comes', async () => {
  const leaf = pki.leaf('revoked', {
    email: headers.From,
    commonName: 'So Noi vu',
    extensions: `crlDistributionPoints=URI:http://${authority.name}/issuing.crl`,
  });
  const file = path.join(dir, 'revoked.eml');
  fs.writeFileSync(file, signedLetter(entity, leaf, pki, headers));
  pki.revoke(leaf);
  const kept = path.join(pki.crls, 'issuing.crl');
  const [fresh] = derBlocks(fs.readFileSync(kept));
  fs.rmSync(kept);
  authority.answer = (response) => response.end(fresh);
  // openssl revokes at today's date.
  const after = ['--at', '2040-01-05T01:15:00Z'];
  expect(await said(file, after, configured())).toEqual({ status: 1, said: 'TOTAL-FAILED REVOKED' });
});

test('--intermediates: without the issuing CA a letter that carries only its own certificate leads nowhere', async () => {
  const leaf = pki.leaf('alone', { email: headers.From, commonName: 'So Noi vu' });
  const part = path.join(dir, 'part');
  fs.writeFileSync(part, entity.replaceAll('\n', '\r\n'));
  const sign = [
    'cms',
    '-sign',
    '-in',
    part,
    '-binary',
    '-signer',
    leaf.cert,
    '-inkey',
    leaf.key,
    '-md',
    'sha256',
  ];
  const file = path.join(dir, 'alone.eml');
  fs.writeFileSync(
    file,
    Buffer.concat([
      Buffer.from(`From: ${headers.From}\r\n`),
      openssl([...sign, '-outform', 'SMIME', '-crlfeol']),
    ]),
  );
  const folder = fs.mkdtempSync(path.join(dir, 'crls-'));
  fs.copyFileSync(path.join(pki.crls, 'root.crl'), path.join(folder, 'root.crl'));
  fs.writeFileSync(path.join(folder, 'issuing.crl'), list);
  const empty = fs.mkdtempSync(path.join(dir, 'none-'));
  const crls = ['--crls', folder];
  expect(await said(file, crls)).toEqual(passed);
  expect(await said(file, [...crls, '--intermediates', empty])).toEqual({
    status: 2,
    said: 'INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND',
  });
  expect(await said(file, [...crls, '--anchors', empty])).toMatchObject({ status: 2 });
});

test('--at decides the moment: before, within and after the certificate’s time', async () => {
  const leaf = pki.leaf('dated', {
    email: headers.From,
    commonName: 'So Noi vu',
    from: '20250101000000Z',
    until: '20251201000000Z',
  });
  const file = path.join(dir, 'dated.eml');
  fs.writeFileSync(file, signedLetter(entity, leaf, pki, headers));
  const folder = fs.mkdtempSync(path.join(dir, 'crls-'));
  fs.copyFileSync(path.join(pki.crls, 'root.crl'), path.join(folder, 'root.crl'));
  fs.writeFileSync(path.join(folder, 'issuing.crl'), list);
  const at = async (moment: string) => (await said(file, ['--crls', folder, '--at', moment])).said;
  expect(await at('2024-12-31T23:59:59Z')).toBe('TOTAL-FAILED NOT_YET_VALID');
  expect(await at('2025-06-01T07:00:00+07:00')).toBe('TOTAL-PASSED');
  expect(await at('2025-12-01T00:00:01Z')).toBe('TOTAL-FAILED EXPIRED');
});
