import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { authorOf } from '../../src/intake/author.ts';
import { readHead } from '../../src/intake/head.ts';
import type { Author } from '../../src/rules/letter-facts.ts';

const UNIT = 'snv@quangbinh.gov.vn';
const EVIL = 'evil@example.com';

const author = (head: string): Author => authorOf(readHead(Buffer.from(head)));

/** Forms honest programs write. */
const PLAIN: readonly (readonly [string, string])[] = [
  [`From: ${UNIT}`, UNIT],
  [`From: <${UNIT}>`, UNIT],
  [`FROM:${UNIT}`, UNIT],
  [`From: Snv@QuangBinh.Gov.VN`, UNIT],
  [`From: So Noi vu <${UNIT}>`, UNIT],
  [`From: "So Noi vu, tinh Quang Binh" <${UNIT}>`, UNIT],
  [`From: "So \\"Noi vu\\"" <${UNIT}>`, UNIT],
  [`From: =?UTF-8?B?U+G7nyBO4buZaSB24bul?=\r\n <${UNIT}>`, UNIT],
  [`From: =?utf-8?q?S=E1=BB=9F_N=E1=BB=99i_v=E1=BB=A5?= <${UNIT}>`, UNIT],
  [`From: Sở Nội vụ <${UNIT}>`, UNIT],
  [`From: "${UNIT}" <${UNIT}>`, UNIT],
  [`From: "'${UNIT}'" <${UNIT}>`, UNIT],
  [`X: y\r\nFrom: ${UNIT}\r\nTo: ${EVIL}`, UNIT],
  // Whose name it is, is the registry's business; the address is plain.
  [`From: So Noi vu <${EVIL}>`, EVIL],
];

/** Forms in which some program or other reads the unit's address although it is not the author's, or the reverse. */
const ODD: readonly (readonly [string, 'missing' | 'several' | 'malformed'])[] = [
  [`To: ${UNIT}`, 'missing'],
  [`From: ${UNIT}\r\nFrom: ${EVIL}`, 'several'],
  [`From: ${EVIL}\r\nSubject: x\r\nfrom: ${UNIT}`, 'several'],
  [`From: ${UNIT}, ${EVIL}`, 'several'],
  [`From: <${UNIT}> <${EVIL}>`, 'several'],
  [`From: <${UNIT}>, <${EVIL}>`, 'several'],
  [`From: ${UNIT} <${EVIL}>`, 'malformed'],
  [`From: "${UNIT}" <${EVIL}>`, 'malformed'],
  [`From: "${UNIT}\\" <${EVIL}>`, 'malformed'],
  [`From: =?utf-8?q?snv=40quangbinh.gov.vn?= <${EVIL}>`, 'malformed'],
  [`From: =?utf-8?b?${Buffer.from(UNIT).toString('base64')}?= <${EVIL}>`, 'malformed'],
  [`From: "=?utf-8?b?${Buffer.from(`<${UNIT}>`).toString('base64')}?=" <${EVIL}>`, 'malformed'],
  [`From: =?utf-8?q?snv=EF=BC=A0quangbinh.gov.vn?= <${EVIL}>`, 'malformed'],
  [`From: snv＠quangbinh.gov.vn <${EVIL}>`, 'malformed'],
  [`From: =?utf-7?q?snv+AEA-quangbinh.gov.vn?= <${EVIL}>`, 'malformed'],
  [`From: ${UNIT} (comment)`, 'malformed'],
  [`From: snv@quangbinh.gov.vn(${EVIL})`, 'malformed'],
  [`From: snv@(x)quangbinh.gov.vn`, 'malformed'],
  [`From: ${EVIL}(<${UNIT}>)`, 'malformed'],
  [`From: Cac so: ${UNIT}, ${EVIL};`, 'several'],
  [`From: Cac so: ${UNIT};`, 'malformed'],
  [`From: undisclosed-recipients:;`, 'malformed'],
  [`From: <@example.com:${UNIT}>`, 'malformed'],
  [`From: <@a.vn,@b.vn:${UNIT}>`, 'several'],
  [`From: "snv"@quangbinh.gov.vn`, 'malformed'],
  [`From: <"${UNIT}"@example.com>`, 'malformed'],
  [`From: snv%quangbinh.gov.vn@example.com`, 'malformed'],
  [`From: quangbinh.gov.vn!snv@example.com`, 'malformed'],
  [`From: =?utf-8?q?snv?=@quangbinh.gov.vn`, 'malformed'],
  [`From: snv@quangbinh.gov.vn@example.com`, 'malformed'],
  [`From: snv @quangbinh.gov.vn`, 'malformed'],
  [`From: < snv@quangbinh.gov.vn >`, 'malformed'],
  [`From: <snv@quangbinh.\r\n gov.vn>`, 'malformed'],
  [`From: <${UNIT}`, 'malformed'],
  [`From: ${UNIT}>`, 'malformed'],
  [`From: <${UNIT}> evil`, 'malformed'],
  [`From: snv@[10.1.2.3]`, 'malformed'],
  [`From: snv@localhost`, 'malformed'],
  [`From: snv@quangbinh.gov.vn.`, 'malformed'],
  [`From: snv@quang..binh.gov.vn`, 'malformed'],
  [`From: .snv@quangbinh.gov.vn`, 'malformed'],
  [`From: sơ@quangbinh.gov.vn`, 'malformed'],
  [`From: snv@quảngbình.gov.vn`, 'malformed'],
  [`From: snv\0@quangbinh.gov.vn`, 'malformed'],
  [`From: ${UNIT}\rFrom: ${EVIL}`, 'malformed'],
  [`From: ${UNIT}\r\nBcc`, 'malformed'],
  [` From: ${EVIL}\r\nFrom: ${UNIT}`, 'malformed'],
  [`From : ${UNIT}`, 'malformed'],
  [`From :${EVIL}\r\nFrom: ${UNIT}`, 'several'],
  [`From ${EVIL} Mon Nov 24 00:00:00 2026\r\nFrom: ${UNIT}`, 'malformed'],
  [`From:`, 'malformed'],
  [`From: So Noi vu`, 'malformed'],
  [`From: ${'a'.repeat(65)}@quangbinh.gov.vn`, 'malformed'],
];

describe('the author of a letter', () => {
  it.each(PLAIN)('%j is plain', (head, address) => {
    expect(author(head)).toEqual({ ok: true, address });
  });

  it('has at least thirty odd forms to be wary of', () => {
    expect(ODD.length).toBeGreaterThanOrEqual(30);
  });

  it.each(ODD)('%j is refused', (head, fault) => {
    expect(author(head)).toEqual({ ok: false, fault });
  });

  it('ends where the head ends', () => {
    expect(author(`To: x@y.vn\r\n\r\nFrom: ${UNIT}`)).toEqual({ ok: false, fault: 'missing' });
  });

  it('is never read out of arbitrary bytes without being there literally, and never takes long', () => {
    const pieces = [
      '<',
      '>',
      '"',
      '\\',
      '(',
      ')',
      ',',
      ';',
      ':',
      '@',
      ' ',
      '\t',
      '=?utf-8?q?',
      '?=',
      UNIT,
      EVIL,
      'a',
    ];
    const values = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary' })), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(values, (parts) => {
        const value = parts.join('');
        const found = author(`From: ${value}`);
        if (!found.ok) return true;
        const addresses = value.match(/[^\s<>"(),;:\\]+@[^\s<>"(),;:\\]+/g) ?? [];
        return new Set(addresses.map((address) => address.toLowerCase().replace(/^'|'$/g, ''))).has(
          found.address,
        );
      }),
      { numRuns: 2000 },
    );
    const begun = performance.now();
    author(`From: ${'"a\\'.repeat(80_000)}`);
    author(`From: ${'a.'.repeat(120_000)}@x.vn`);
    author(`From: ${'=?'.repeat(120_000)}`);
    expect(performance.now() - begun).toBeLessThan(500);
  });
});
