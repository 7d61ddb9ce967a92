import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { authorOf } from '../../src/intake/author.ts';
import { readHead } from '../../src/intake/head.ts';
import type { Author } from '../../src/rules/letter-facts.ts';
import { EVIL, ODD, PLAIN, UNIT } from '../harness/from-headers.ts';

const author = (head: string): Author => authorOf(readHead(Buffer.from(head)));

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
