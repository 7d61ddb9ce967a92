import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readAuthenticationResults } from '../../src/intake/authentication-results.ts';
import { readHead } from '../../src/intake/head.ts';
import { relayCheck } from '../../src/intake/relay-check.ts';

const read = (value: string): unknown => {
  const found = readAuthenticationResults(value);
  return (
    found && [
      found.authservId,
      ...found.results.map((r) => [r.method, r.result, Object.fromEntries(r.properties)]),
    ]
  );
};

describe('Authentication-Results (RFC 8601)', () => {
  it.each([
    // The examples of RFC 8601, appendix B.
    ['example.org 1; none', ['example.org']],
    [
      'example.com; spf=pass smtp.mailfrom=example.net',
      ['example.com', ['spf', 'pass', { 'smtp.mailfrom': 'example.net' }]],
    ],
    [
      'example.com; auth=pass (cram-md5) smtp.auth=sender@example.net; spf=pass smtp.mailfrom=example.net',
      [
        'example.com',
        ['auth', 'pass', { 'smtp.auth': 'sender@example.net' }],
        ['spf', 'pass', { 'smtp.mailfrom': 'example.net' }],
      ],
    ],
    [
      'foo.example.net (foobar) 1 (baz); dkim (Because I like it) / 1 (One yay) = (wait for it) fail policy (A dot can go here) .expired (this surprised me) = 1362471462',
      null,
    ],
    [
      'mx.vn; dkim=pass reason="good \\"key\\"; d=x" header.d=quangbinh.gov.vn header.b="Ab+/=="',
      [
        'mx.vn',
        ['dkim', 'pass', { reason: 'good "key"; d=x', 'header.d': 'quangbinh.gov.vn', 'header.b': 'Ab+/==' }],
      ],
    ],
    [
      'MX.vn;\tDMARC=Pass (p=none; dmarc=fail) header.from=a.vn',
      ['mx.vn', ['dmarc', 'pass', { 'header.from': 'a.vn' }]],
    ],
    ['mx.vn; dmarc=pass header.from=a.vn;', ['mx.vn', ['dmarc', 'pass', { 'header.from': 'a.vn' }]]],
    ['mx.vn; dkim=pass header.d=a.vn header.d=b.vn', ['mx.vn', ['dkim', 'pass', { 'header.d': 'a.vn' }]]],
    ['mx.vn; dmarc=pass (unclosed header.from=a.vn', null],
    ['mx.vn; dmarc=pass closed) header.from=a.vn', null],
    ['mx.vn; dmarc=pass reason="unclosed header.from=a.vn', null],
    ['mx.vn; dmarc', null],
    ['mx.vn; =pass', null],
    ['mx.vn; dmarc=pass header.from', null],
    ['mx.vn 2; dmarc=pass', null],
    ['a b c; dmarc=pass', null],
    ['mx.vn; ((((((deep)))))) dmarc=pass', null],
    [`mx.vn; ${'spf=none; '.repeat(2000)}`, null],
    ['', null],
  ])('%j', (value, expected) => {
    expect(read(value)).toEqual(expected);
  });

  it('is total and quick on anything', () => {
    const pieces = ['mx.vn', ';', '=', ' ', '"', '\\', '(', ')', '/', '1', 'dmarc', 'pass', '.'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 60 }), (parts) => {
        readAuthenticationResults(parts.join(''));
      }),
    );
    const begun = performance.now();
    for (const piece of ['a', 'a ', '\\"', '"', '(', 'a=', 'a = '])
      readAuthenticationResults(`mx; ${piece.repeat(5000)}`.slice(0, 16_000));
    expect(performance.now() - begun).toBeLessThan(500);
  });
});

describe('the word of a trusted relay', () => {
  const OURS = 'relay.quangbinh.gov.vn';
  const result = (...stamps: string[]): string =>
    relayCheck(
      readHead(Buffer.from(stamps.map((stamp) => `Authentication-Results: ${stamp}\r\n`).join(''))),
      'quangbinh.gov.vn',
      OURS,
    ).result;

  it.each([
    ['pass', [`${OURS}; dmarc=pass header.from=quangbinh.gov.vn`]],
    ['pass', [`${OURS.toUpperCase()}; dmarc=pass header.from=QuangBinh.gov.vn`]],
    ['pass', [`${OURS}; dkim=pass header.d=quangbinh.gov.vn`]],
    ['pass', [`${OURS}; dkim=pass header.i=@mail.quangbinh.gov.vn`]],
    ['pass', [`${OURS}; dkim=fail header.d=x.vn; spf=pass smtp.mailfrom=snv@quangbinh.gov.vn`]],
    ['pass', [`${OURS}; dmarc=none header.from=quangbinh.gov.vn; spf=pass smtp.mailfrom=quangbinh.gov.vn`]],
    ['pass', ['other.vn; dmarc=fail header.from=x.vn', `${OURS}; dmarc=pass header.from=quangbinh.gov.vn`]],
    ['fail', []],
    ['fail', [`${OURS}; none`]],
    ['fail', ['evil.vn; dmarc=pass header.from=quangbinh.gov.vn']],
    // Only the topmost of ours: what stands below may be the sender's own.
    ['fail', [`${OURS}; spf=none smtp.mailfrom=x.vn`, `${OURS}; dmarc=pass header.from=quangbinh.gov.vn`]],
    ['fail', [`${OURS}; dmarc=(broken pass`, `${OURS}; dmarc=pass header.from=quangbinh.gov.vn`]],
    ['fail', [`${OURS}; dmarc=pass header.from=example.com`]],
    ['fail', [`${OURS}; dmarc=pass`]],
    ['fail', [`${OURS}; dkim=pass header.d=example.com`]],
    ['fail', [`${OURS}; dkim=pass header.d=gov.vn`]],
    ['fail', [`${OURS}; dkim=pass header.d=vn`]],
    ['fail', [`${OURS}; dkim=pass header.d=evilquangbinh.gov.vn`]],
    ['fail', [`${OURS}; spf=pass smtp.helo=quangbinh.gov.vn`]],
    ['fail', [`${OURS}; spf=pass smtp.mailfrom=soctrang.gov.vn`]],
    ['fail', [`${OURS}; spf=softfail smtp.mailfrom=quangbinh.gov.vn`]],
    ['fail', [`${OURS}; dmarc=fail header.from=quangbinh.gov.vn; spf=pass smtp.mailfrom=quangbinh.gov.vn`]],
    ['fail', [`${OURS}; auth=pass smtp.auth=quangbinh.gov.vn`]],
    ['fail', [`${OURS}; spf=none (dmarc=pass header.from=quangbinh.gov.vn) smtp.mailfrom=x.vn`]],
    ['fail', [`${OURS}; spf=none reason="; dmarc=pass header.from=quangbinh.gov.vn"`]],
    ['temperror', [`${OURS}; dmarc=temperror header.from=quangbinh.gov.vn`]],
    ['temperror', [`${OURS}; dkim=temperror header.d=quangbinh.gov.vn; spf=fail smtp.mailfrom=x.vn`]],
    ['fail', [`${OURS}; dkim=temperror header.d=example.com`]],
  ] as const)('%s: %j', (expected, stamps) => {
    expect(result(...stamps)).toBe(expected);
  });
});
