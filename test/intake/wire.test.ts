import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { clientKey, covers, networkKey, plainAddress } from '../../src/intake/networks.ts';
import { asciiText, replyLines } from '../../src/intake/voice.ts';
import { createWireCheck } from '../../src/intake/wire.ts';
import type { WireFault } from '../../src/intake/wire.ts';
import { networksOf } from '../harness/door.ts';

describe('what no letter may carry', () => {
  const faultOf = (text: string, pieces: number): WireFault | null => {
    const check = createWireCheck();
    const bytes = Buffer.from(text, 'latin1');
    for (let at = 0; at < bytes.length; at += pieces) check.check(bytes.subarray(at, at + pieces));
    return check.end();
  };

  it('is found wherever the pieces are cut', () => {
    const texts = fc.array(fc.constantFrom('\r\n', '\r', '\n', '\0', 'a', '..', '\t'), { maxLength: 30 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 7 }), (parts, pieces) => {
        const text = parts.join('');
        const faults = {
          nul: text.indexOf('\0'),
          'bare-cr': text.search(/\r(?!\n)/),
          'bare-lf': text.search(/(?<!\r)\n/),
        };
        const found = faultOf(text, pieces);
        const none = Object.values(faults).every((at) => at < 0);
        return none ? found === null : found !== null && faults[found] >= 0;
      }),
      { numRuns: 3000 },
    );
  });
});

describe('networks', () => {
  it.each([
    ['10.1.2.3', '10.1.2.3'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['2001:db8:1:2:3::4', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:2::', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('%s counts as %s', (address, key) => {
    expect(clientKey(address)).toBe(key);
  });

  it.each([
    ['10.1.2.3', '10.1.2.0/24'],
    ['::ffff:10.1.2.3', '10.1.2.0/24'],
    ['2001:db8:1:2:3::4', '2001:db8:1::/48'],
    ['2001:db8::5', '2001:db8:0::/48'],
  ])('%s lies in %s', (address, key) => {
    expect(networkKey(address)).toBe(key);
  });

  it('know IPv4 in the clothes of IPv6', () => {
    expect(covers(networksOf('10.0.0.0/8'), '::ffff:10.9.9.9')).toBe(true);
    expect(covers(networksOf('10.0.0.0/8'), '11.0.0.1')).toBe(false);
    expect(covers(networksOf('2001:db8::/32'), '2001:db8::1')).toBe(true);
    expect(covers(networksOf('10.0.0.0/8'), 'unknown')).toBe(false);
    expect(plainAddress('2001:db8::1')).toBe('2001:db8::1');
  });
});

describe('the voice', () => {
  it('speaks Vietnamese in ASCII', () => {
    expect(asciiText('Không được chấp nhận theo Điều 4 – “Quy chế”…')).toBe(
      'Khong duoc chap nhan theo Dieu 4 - ?Quy che?...',
    );
  });

  it('says nothing that splits a reply or overflows a line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3000 }), (text) =>
        replyLines(asciiText(text)).every((line) => /^[\x20-\x7e]{1,400}$/.test(line)),
      ),
    );
  });
});
