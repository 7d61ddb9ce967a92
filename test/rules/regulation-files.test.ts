import { describe, expect, it } from 'vitest';
import { parseRegulation } from '../../src/regulation-files.ts';
import { REGULATIONS } from '../../src/rules/regulations.ts';

const parse = (text: string) => parseRegulation(text, 'own.yaml', REGULATIONS);

describe('an operator’s own regulation', () => {
  it.each(REGULATIONS.map((regulation) => [regulation.id, regulation] as const))(
    '%s survives the way through JSON',
    (_, regulation) => {
      expect(parse(JSON.stringify(regulation))).toEqual(regulation);
    },
  );

  it('overrides single figures of a base and stays frozen', () => {
    const own = parse(
      "base: vn-bienhoa-04-2011\nid: vn-bienhoa-own\nintake:\n  - { kind: request, address: { value: VHTT@dongnai.gov.vn, source: assumed }, source: BH-6.2a }\ndeadlines:\n  '*': { duration: { n: 5, unit: working_day }, from: receipt, legal: false, source: assumed }\n",
    );
    expect(own.intake).toEqual([
      { kind: 'request', address: { value: 'vhtt@dongnai.gov.vn', source: 'assumed' }, source: 'BH-6.2a' },
    ]);
    expect(own.deadlines['*']?.legal).toBe(false);
    expect(own.identity.mode).toBe('collect_and_forward');
    expect(Object.isFrozen(own.intake)).toBe(true);
  });

  it('names every fault with its path', () => {
    const faulty =
      'base: vn-hcm-41-2011\nid: x\nlog: { value: { retainMonths: 0 } }\nlist: { requiredFor: [CREATE] }\nnonsense: 1\n';
    expect(() => parse(faulty)).toThrow(
      /log\.value\.retainMonths[\s\S]*list\.requiredFor|list\.requiredFor[\s\S]*log\.value/u,
    );
    expect(() => parse(faulty)).toThrow(/nonsense/u);
  });

  it.each([
    ['base: vn-nowhere', /no regulation/u],
    ['- a', /mapping/u],
    ['a: [', /own\.yaml/u],
    ['id: x', /fault/u],
    [`a: "${'x'.repeat(300_000)}"`, /256 KiB/u],
  ])('refuses %s', (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});
