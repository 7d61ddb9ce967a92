import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { validateSigner } from '../../src/evidence/path.ts';
import { derBlocks, loadTrustStore, type TrustDirs } from '../../src/evidence/trust-store.ts';
import { createRevocationCache } from '../../src/revocation/cache.ts';
import { FETCH_LIMITS } from '../../src/revocation/fetch.ts';
import { parseMapping, permitted, type SourceRules } from '../../src/revocation/sources.ts';
import { buildPki, openssl, type Leaf, type Pki } from '../harness/openssl-pki.ts';

/** A real HTTP server on loopback plays the CA's; another one must never hear from us. */
let dir: string;
let pki: Pki;
let server: http.Server;
let stranger: http.Server;
let answer: (request: http.IncomingMessage, response: http.ServerResponse) => void;
let asked: string[];
let strangerAsked: string[];
let cacheDir: string;
let failures: string[];

const listen = async (heard: () => string[], reply: typeof answer): Promise<http.Server> => {
  const made = http.createServer((request, response) => {
    heard().push(`${request.method ?? ''} ${request.url ?? ''}`);
    reply(request, response);
  });
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  return made;
};
const hostOf = (one: http.Server): string => `127.0.0.1:${(one.address() as AddressInfo).port}`;
const url = (of: string): string => `http://${hostOf(server)}${of}`;

beforeAll(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-cache-'));
  pki = buildPki(path.join(dir, 'pki'));
  server = await listen(
    () => asked,
    (request, response) => {
      answer(request, response);
    },
  );
  stranger = await listen(
    () => strangerAsked,
    (_, response) => response.end(crl()),
  );
}, 60_000);
afterAll(() => {
  for (const one of [server, stranger]) {
    one.closeAllConnections();
    one.close();
  }
  fs.rmSync(dir, { recursive: true, force: true });
});
beforeEach(() => {
  asked = [];
  strangerAsked = [];
  failures = [];
  cacheDir = fs.mkdtempSync(path.join(dir, 'kept-'));
  answer = (_, response) => response.end(crl());
});
afterEach(() => {
  expect(strangerAsked).toEqual([]);
});

const crl = (name = 'issuing'): Buffer => fs.readFileSync(path.join(pki.crls, `${name}.crl`));
const lists = (): string[] => fs.readdirSync(cacheDir).filter((file) => /\.(crl|ors)$/.test(file));
const clock = { at: new Date('2026-11-25T00:00:00Z'), now: () => clock.at };

const cacheWith = (rules: Partial<SourceRules> = {}, limits = {}) =>
  createRevocationCache({
    dir: cacheDir,
    rules: { hosts: [hostOf(server)], map: [], ...rules },
    clock,
    limits: { ...FETCH_LIMITS, deadlineMs: 1000, ...limits },
    onFailure: (_, cause) => failures.push(cause),
  });

/** A list of the issuing CA with these dates. */
function listOf(from: string, until: string): Buffer {
  const out = path.join(dir, 'made.crl');
  openssl([
    ...['ca', '-gencrl', '-config', path.join(pki.dir, 'ca-issuing', 'ca.cnf')],
    ...['-crl_lastupdate', from, '-crl_nextupdate', until, '-out', out],
  ]);
  return fs.readFileSync(out);
}

describe('what a certificate may make us ask', () => {
  const rules: SourceRules = { hosts: ['crl.ca.vn', 'mirror.vn:8080'], map: [] };
  test.each([
    ['http://crl.ca.vn/a.crl', true],
    ['https://CRL.ca.vn/a.crl', true],
    ['http://mirror.vn:8080/a', true],
    ['http://mirror.vn/a', false],
    ['http://crl.ca.vn:8080/a', false],
    ['http://crl.ca.vn.evil.example/a', false],
    ['http://crl.ca.vn@evil.example/a', false],
    ['http://user:pass@crl.ca.vn/a', false],
    ['http://evil.example/?crl.ca.vn', false],
    ['http://evil.example\\@crl.ca.vn/', false],
    ['http://127.0.0.1/a', false],
    ['http://[::1]/a', false],
    ['http://169.254.169.254/latest/meta-data', false],
    ['http://0x7f000001/a', false],
    ['file:///etc/passwd', false],
    ['ldap://crl.ca.vn/cn=x', false],
    ['gopher://crl.ca.vn/', false],
    ['crl.ca.vn/a.crl', false],
    ['', false],
  ])('%s: %s', (address, allowed) => {
    expect(permitted(address, rules) !== null).toBe(allowed);
  });

  test('an old address is asked elsewhere, whole or by its beginning; the new one must be allowed too', () => {
    const map = [
      parseMapping('http://ca.gov.vn/old.crl=http://crl.ca.vn/new.crl')!,
      parseMapping('ldap://ldap.gov.vn/*=http://mirror.vn:8080/')!,
      parseMapping('http://ca2*=http://crl.ca.vn')!,
    ];
    const to = (address: string) => permitted(address, { ...rules, map })?.href;
    expect(to('http://ca.gov.vn/old.crl')).toBe('http://crl.ca.vn/new.crl');
    expect(to('http://ca.gov.vn/old.crl?x')).toBeUndefined();
    expect(to('ldap://ldap.gov.vn/root.crl')).toBe('http://mirror.vn:8080/root.crl');
    expect(to('http://ca2.evil.example/x')).toBeUndefined();
    expect(parseMapping('nonsense')).toBeNull();
  });

  test.each<[string, () => string[]]>([
    ['another host', () => [`http://${hostOf(stranger)}/a.crl`]],
    ['another host behind a user name', () => [`http://${hostOf(server)}@${hostOf(stranger)}/a.crl`]],
    ['a file', () => [`file://${path.join(pki.crls, 'issuing.crl')}`]],
  ])('%s in a certificate is never contacted', async (_, wanted) => {
    expect(await cacheWith().obtain(wanted())).toBe(false);
    expect([...asked, ...lists()]).toEqual([]);
  });

  test('off-line (no hosts) nothing is asked at all', async () => {
    expect(await cacheWith({ hosts: [] }).obtain([url('/a.crl')])).toBe(false);
    expect(asked).toEqual([]);
  });
});

describe('what a source may do to us', () => {
  const redirect = (to: string) => (request: http.IncomingMessage, response: http.ServerResponse) => {
    if (request.url === '/moved') response.end(crl());
    else response.writeHead(302, { location: to }).end();
  };
  test.each<[string, () => typeof answer, RegExp]>([
    ['redirect to another host', () => redirect(`http://${hostOf(stranger)}/a`), /another host/],
    ['redirect to a file', () => redirect('file:///etc/passwd'), /another host/],
    ['redirect for ever', () => redirect('/again'), /too many redirects/],
    ['answer 404', () => (_, response) => response.writeHead(404).end('no'), /status 404/],
    ['send a page', () => (_, response) => response.end('<html>xin chao</html>'), /./],
    ['send nothing', () => (_, response) => response.end(), /./],
    ['hang up', () => (_, response) => response.destroy(), /not reachable/],
    ['say nothing', () => () => undefined, /in time/],
    [
      'drip bytes',
      () => (_, response) => {
        const timer = setInterval(() => response.write('x'), 50);
        response.on('close', () => {
          clearInterval(timer);
        });
      },
      /in time/,
    ],
    [
      'send without end',
      () => (_, response) => {
        const more = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
        };
        response.on('drain', more);
        more();
      },
      /longer than/,
    ],
    [
      'send a list that has ended',
      () => (_, response) => response.end(listOf('20260101000000Z', '20260201000000Z')),
      /ended/,
    ],
    [
      'send a list of the future',
      () => (_, response) => response.end(listOf('20400101000000Z', '20410101000000Z')),
      /future/,
    ],
  ])('%s: nothing is kept', async (_, reply, cause) => {
    answer = reply();
    expect(await cacheWith({}, { crlBytes: 512 * 1024 }).obtain([url('/a.crl')])).toBe(false);
    expect(failures.join()).toMatch(cause);
    expect(lists()).toEqual([]);
  });

  test('a redirect within the same host is followed', async () => {
    answer = redirect('/moved');
    expect(await cacheWith().obtain([url('/a.crl')])).toBe(true);
    expect(asked).toEqual(['GET /a.crl', 'GET /moved']);
  });

  test('a source that failed is left alone for a minute', async () => {
    answer = (_, response) => response.writeHead(503).end();
    const cache = cacheWith();
    await cache.obtain([url('/a.crl')]);
    await cache.obtain([url('/a.crl')]);
    expect(asked).toHaveLength(1);
    clock.at = new Date(clock.at.getTime() + 61_000);
    answer = (_, response) => response.end(crl());
    expect(await cache.obtain([url('/a.crl')])).toBe(true);
  });
});

describe('what is kept', () => {
  test('many letters that want one list at once fetch it once', async () => {
    const cache = cacheWith();
    const wanted = Array.from({ length: 20 }, () => [url('/a.crl')]);
    const kept = await Promise.all(wanted.map((one) => cache.obtain(one)));
    expect(kept.every(Boolean)).toBe(true);
    expect(asked).toHaveLength(1);
    expect(lists()).toHaveLength(1);
    expect(fs.readdirSync(cacheDir).filter((file) => file.endsWith('.tmp'))).toEqual([]);
  });

  test('a newer list takes the place of an older one, never the other way round', async () => {
    const [older, newer] = [
      listOf('20260101000000Z', '20500101000000Z'),
      listOf('20260601000000Z', '20500101000000Z'),
    ];
    const serve = async (list: Buffer): Promise<boolean> => {
      answer = (_, response) => response.end(list);
      return cacheWith().obtain([url('/a.crl')]);
    };
    const keptSince = () =>
      loadTrustStore({ anchors: '/x', fetched: cacheDir }).crls.map((list) => list.thisUpdate);
    expect(await serve(older)).toBe(true);
    expect(await serve(newer)).toBe(true);
    expect(await serve(older)).toBe(false);
    expect(await serve(newer)).toBe(false);
    expect(keptSince()).toEqual([new Date('2026-06-01T00:00:00Z')]);
  });

  test('lists are fetched again after some hours and before they end', async () => {
    const cache = cacheWith();
    await cache.obtain([url('/a.crl')]);
    await cache.refresh();
    expect(asked).toHaveLength(1);
    clock.at = new Date(clock.at.getTime() + 7 * 3600_000);
    await cache.refresh();
    expect(asked).toHaveLength(2);
  });

  test('a damaged kept file is passed over', () => {
    fs.writeFileSync(path.join(cacheDir, 'damaged-1.crl'), 'rubbish');
    expect(loadTrustStore({ anchors: '/x', fetched: cacheDir }).crls).toEqual([]);
  });
});

describe('from "try later" to an answer', () => {
  const judged = (leaf: Leaf, dirs: Partial<TrustDirs> = {}) =>
    validateSigner(
      derBlocks(fs.readFileSync(leaf.cert))[0]!,
      [],
      {
        trust: loadTrustStore({
          anchors: pki.anchors,
          intermediates: pki.intermediates,
          fetched: cacheDir,
          ...dirs,
        }),
        at: new Date(Date.now() - 3600_000),
        now: new Date(Date.now() + 1000),
      },
      'signing',
    );
  const rootOnly = (): string => {
    const folder = fs.mkdtempSync(path.join(dir, 'root-'));
    fs.copyFileSync(path.join(pki.crls, 'root.crl'), path.join(folder, 'root.crl'));
    return folder;
  };

  test('the list that the certificate names', async () => {
    const extensions = `crlDistributionPoints=URI:${url('/issuing.crl')}`;
    const leaf = pki.leaf('crl', { email: 'a@b.vn', commonName: 'A', extensions });
    const crls = rootOnly();
    const before = judged(leaf, { crls });
    expect(before.verdict).toMatchObject({ subIndication: 'TRY_LATER' });
    expect(await cacheWith().obtain(before.wanted)).toBe(true);
    expect(judged(leaf, { crls }).verdict).toEqual({ verdict: 'TOTAL-PASSED' });
  });

  test('the responder that the certificate names is asked by POST; its answer is made after receipt', async () => {
    const extensions = `authorityInfoAccess=OCSP;URI:${url('/ocsp')}`;
    const leaf = pki.leaf('ocsp', { email: 'a@b.vn', commonName: 'A', extensions });
    const ca = path.join(pki.dir, 'ca-issuing');
    answer = (request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const [question, out] = [path.join(dir, 'question'), path.join(dir, 'answer')];
        fs.writeFileSync(question, Buffer.concat(pieces));
        openssl([
          ...['ocsp', '-index', path.join(ca, 'index.txt'), '-CA', path.join(ca, 'ca.pem'), '-ndays', '1'],
          ...['-rsigner', path.join(ca, 'ca.pem'), '-rkey', path.join(ca, 'ca.key')],
          ...['-reqin', question, '-respout', out],
        ]);
        response.end(fs.readFileSync(out));
      });
    };
    const crls = rootOnly();
    const { wanted } = judged(leaf, { crls });
    clock.at = new Date();
    expect(await cacheWith().obtain(wanted), failures.join()).toBe(true);
    expect(asked).toEqual(['POST /ocsp']);
    const found = judged(leaf, { crls });
    expect(found.verdict).toEqual({ verdict: 'TOTAL-PASSED' });
    expect(found.revocation[0]).toMatchObject({ source: 'ocsp', status: 'good' });
  });

  test('a forged list is kept and believed by nobody', async () => {
    const other = buildPki(fs.mkdtempSync(path.join(dir, 'other-')));
    answer = (_, response) => response.end(fs.readFileSync(path.join(other.crls, 'issuing.crl')));
    const extensions = `crlDistributionPoints=URI:${url('/forged.crl')}`;
    const leaf = pki.leaf('forged', { email: 'a@b.vn', commonName: 'A', extensions });
    const crls = rootOnly();
    await cacheWith().obtain(judged(leaf, { crls }).wanted);
    expect(judged(leaf, { crls }).verdict).toMatchObject({ subIndication: 'TRY_LATER' });
  });
});
