import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { AGENCY_DAYS, expiry, SERVER_DAYS } from '../../src/doctor/certificates.ts';
import { signatureAge } from '../../src/doctor/clamd.ts';
import { offsetFinding } from '../../src/doctor/clock.ts';
import { freeSpace } from '../../src/doctor/data-directory.ts';
import { connectionsFinding, durabilityFinding, versionFinding } from '../../src/doctor/database.ts';
import { dkimFinding, dmarcFinding, mxFinding, spfFinding } from '../../src/doctor/dns-records.ts';
import { text, type Grade } from '../../src/doctor/finding.ts';
import { nodeFinding, tesseract, pdftoppm } from '../../src/doctor/runtime.ts';

const DOMAIN = 'quangbinh.gov.vn';
const now = new Date('2026-11-27T08:00:00Z');

describe('SPF', () => {
  test.each<[Grade, string, string[]]>([
    ['ok', 'closed', ['v=spf1 mx -all']],
    ['ok', 'soft', ['v=spf1 ip4:203.0.113.0/24 ~all']],
    ['ok', 'elsewhere', ['v=spf1 redirect=_spf.gov.vn']],
    ['warning', 'none', []],
    ['warning', 'everybody', ['v=spf1 +all']],
    ['warning', 'everybody without a sign', ['v=spf1 mx all']],
    ['warning', 'neutral', ['v=spf1 mx ?all']],
    ['warning', 'without an end', ['v=spf1 mx']],
    ['failure', 'two', ['v=spf1 mx -all', 'v=spf1 a -all']],
  ])('%s: %s', (grade, _, records) => {
    expect(spfFinding(DOMAIN, records).grade).toBe(grade);
  });
});

describe('DMARC', () => {
  test.each<[Grade, string, string[], string]>([
    ['ok', 'reject', ['v=DMARC1; p=reject'], DOMAIN],
    ['ok', 'quarantine by a parent', ['v=DMARC1; p=none; sp=quarantine'], 'gov.vn'],
    ['ok', 'p of a parent without sp', ['v=DMARC1; p=reject'], 'gov.vn'],
    ['warning', 'none', ['v=DMARC1; p=none; rua=mailto:a@b.vn'], DOMAIN],
    ['warning', 'sp of the domain itself does not count', ['v=DMARC1; p=none; sp=reject'], DOMAIN],
    ['warning', 'no record', [], DOMAIN],
    ['failure', 'two', ['v=DMARC1; p=reject', 'v=DMARC1; p=none'], DOMAIN],
    ['failure', 'no policy', ['v=DMARC1; pct=100'], DOMAIN],
    ['failure', 'a policy nobody knows', ['v=DMARC1; p=refuse'], DOMAIN],
  ])('%s: %s', (grade, _, records, at) => {
    expect(dmarcFinding(DOMAIN, { at, records }).grade).toBe(grade);
  });
});

describe('DKIM', () => {
  const rsa = (bits: number): string =>
    generateKeyPairSync('rsa', { modulusLength: bits })
      .publicKey.export({ format: 'der', type: 'spki' })
      .toString('base64');
  const ed25519 = generateKeyPairSync('ed25519')
    .publicKey.export({ format: 'der', type: 'spki' })
    .subarray(-32)
    .toString('base64');
  const long = rsa(2048);
  test.each<[Grade, string, string[]]>([
    ['ok', '2048 bit', [`v=DKIM1; k=rsa; p=${long}`]],
    ['ok', 'ed25519', [`v=DKIM1; k=ed25519; p=${ed25519}`]],
    ['ok', 'in two strings', [`v=DKIM1; p=${long.slice(0, 100)}`, long.slice(100)]],
    ['warning', '1024 bit', [`v=DKIM1; p=${rsa(1024)}`]],
    ['warning', 'test mode', [`v=DKIM1; t=s:y; p=${long}`]],
    ['failure', '768 bit', [`v=DKIM1; p=${rsa(768)}`]],
    ['failure', 'revoked', ['v=DKIM1; p=']],
    ['failure', 'garbage', ['v=DKIM1; p=AAAA']],
    ['failure', 'something else', ['hello']],
  ])('%s: %s', (grade, _, parts) => {
    expect(dkimFinding('s._domainkey.x', [parts]).grade).toBe(grade);
  });
  test('none and two keys', () => {
    expect(dkimFinding('s._domainkey.x', []).grade).toBe('failure');
    expect(dkimFinding('s._domainkey.x', [[`p=${long}`], [`p=${long}`]]).grade).toBe('failure');
  });
});

test.each<[Grade, [number, string][], string[]]>([
  ['ok', [[10, 'mx.a']], []],
  ['warning', [[10, 'mx.a'], [20, 'mx.b']], ['mx.b']], // prettier-ignore
  ['failure', [[10, 'mx.a']], ['mx.a']],
  ['failure', [[0, '']], []],
  ['failure', [], []],
])('MX %s: %j, without an address %j', (grade, found, dead) => {
  const exchangers = found.map(([priority, exchange]) => ({ priority, exchange }));
  expect(mxFinding(DOMAIN, exchangers, dead).grade).toBe(grade);
});

describe('the end of a certificate', () => {
  const end = (notAfter: string, limits = SERVER_DAYS, notBefore = '2026-01-01T00:00:00Z') =>
    expiry(
      text('a', 'a'),
      { notBefore: new Date(notBefore), notAfter: new Date(notAfter) },
      now,
      limits,
      text('', ''),
    );
  test.each<[Grade, string]>([
    ['ok', '2026-12-18T08:00:00Z'],
    ['warning', '2026-12-18T07:59:59Z'],
    ['warning', '2026-12-04T08:00:00Z'],
    ['failure', '2026-12-04T07:59:59Z'],
    ['failure', '2026-11-27T07:59:59Z'],
  ])('%s on %s', (grade, notAfter) => {
    expect(end(notAfter).grade).toBe(grade);
  });
  test('agencies are warned earlier; one that is not valid yet is a failure', () => {
    expect(end('2027-01-20T00:00:00Z').grade).toBe('ok');
    expect(end('2027-01-20T00:00:00Z', AGENCY_DAYS).grade).toBe('warning');
    expect(end('2028-01-01T00:00:00Z', AGENCY_DAYS, '2026-11-28T00:00:00Z').grade).toBe('failure');
    expect(end('2026-11-26T00:00:00Z').seen.en).toBe('a: expired on 2026-11-26');
  });
});

test.each<[Grade, string]>([
  ['ok', 'ClamAV 1.4.3/27831/Thu Nov 26 09:12:31 2026'],
  ['warning', 'ClamAV 1.4.3/27825/Mon Nov 23 07:12:31 2026'],
  ['failure', 'ClamAV 1.4.3/27700/Thu Nov 12 09:12:31 2026'.replace('12 09', '12 07')],
  ['warning', 'ClamAV 1.4.3'],
])('signatures %s: %s', (grade, version) => {
  expect(signatureAge(version, now).grade).toBe(grade);
});

test('settings, versions, limits', () => {
  expect(versionFinding(150_004, '15.4').grade).toBe('ok');
  expect(versionFinding(140_009, '14.9').grade).toBe('failure');
  expect(durabilityFinding('synchronous_commit', 'remote_apply').grade).toBe('ok');
  expect(durabilityFinding('synchronous_commit', 'off')).toMatchObject({ grade: 'failure' });
  expect(connectionsFinding(10, 97).grade).toBe('ok');
  expect(connectionsFinding(71, 97).grade).toBe('warning');
  expect(connectionsFinding(95, 97).grade).toBe('failure');
  expect(offsetFinding(-1999, 'x').grade).toBe('ok');
  expect(offsetFinding(-2000, 'x')).toMatchObject({ grade: 'warning', seen: { en: '2000 ms ahead of x' } });
  expect(offsetFinding(30_000, 'x')).toMatchObject({ grade: 'failure', seen: { en: '30000 ms behind x' } });
  expect(freeSpace(10e9, '/').grade).toBe('ok');
  expect(freeSpace(1e9, '/').grade).toBe('warning');
  expect(freeSpace(144 * 1024 * 1024, '/').grade).toBe('failure');
  expect(nodeFinding('24.1.0').grade).toBe('ok');
  expect(nodeFinding('22.18.0').grade).toBe('warning');
});

test('programs that are missing are told with the package that brings them', async () => {
  expect((await pdftoppm(null)).hint?.en).toContain('poppler-utils');
  expect((await tesseract(null)).hint?.en).toContain('tesseract-ocr-vie');
});
