import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { proposeLocalPart, proposeUnitLocalPart } from '../../src/rules/addresses.ts';
import { articleOf, cite } from '../../src/rules/articles.ts';
import type { Regulation } from '../../src/rules/regulation.ts';
import { REGULATIONS, ownsDomain, regulationById, regulationInForce } from '../../src/rules/regulations.ts';
import { HCM, QB, ST, unit } from './harness.ts';

/** Every rule id of requirements.md §1–§5. */
const IDS = new Set(
  fs
    .readFileSync(new URL('../cases/rules/requirement-ids.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n'),
);

function sources(value: unknown, key = ''): string[] {
  if (typeof value === 'string') return key === 'source' ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => sources(inner, name));
}

describe.each(REGULATIONS.map((regulation) => [regulation.id, regulation] as const))(
  '%s',
  (id, regulation) => {
    it('names a known rule beside every figure', () => {
      const outside = sources(regulation).filter((source) => !['assumed', 'outside'].includes(source));
      expect(outside.filter((source) => !IDS.has(source))).toEqual([]);
    });

    it('is frozen to the last value', () => {
      const figure = regulation.list as { partialAcceptance: boolean };
      expect(() => {
        figure.partialAcceptance = !figure.partialAcceptance;
      }).toThrow(TypeError);
    });

    it('has exactly one primary domain, unique levels and a last rule for every kind', () => {
      expect(regulation.identity.domains.filter(({ primary }) => primary)).toHaveLength(1);
      const levels = regulation.unitLevels.map(({ code }) => code);
      expect(new Set(levels).size).toBe(levels.length);
      expect(regulation.senderRules.at(-1)?.kinds).toBe('*');
    });

    it('is found by its id', () => {
      expect(regulationById(id)).toBe(regulation);
    });

    it.each(regulation.addressing.person.map((pattern) => [pattern.template, pattern] as const))(
      'person pattern %s gives its example',
      (_, { example: [input, address] }) => {
        const [fullName = '', extra = ''] = input.split(', ');
        const [localPart, domain] = address.split('@');
        const applicant = { fullName, birthDate: null, idNumber: extra, wanted: null };
        const own = unit({ abbreviation: extra });
        expect(proposeLocalPart(regulation, applicant, own, () => false).localPart).toBe(localPart);
        expect(ownsDomain(regulation, domain!, '2026-03-02')).toBe(true);
      },
    );

    it.each(regulation.addressing.unit.map((pattern) => [pattern.level, pattern] as const))(
      'unit pattern of level %s gives its example',
      (level, { example: [input, address] }) => {
        const [name = '', parts = address.split('@')[0]!] = input.split(', ');
        const [abbreviation = '', parent = ''] = parts.split('.');
        const own = unit({ name, abbreviation, level: level === '*' ? 'so' : level });
        const given = proposeUnitLocalPart(regulation, own, unit({ abbreviation: parent }));
        expect(`${given ?? ''}@${regulation.identity.domains[0]!.name}`).toBe(address);
      },
    );
  },
);

describe('which regulation', () => {
  it.each([
    ['snv@quangbinh.gov.vn', '2026-03-02', 'vn-quangbinh-41-2015'],
    ['snv@QUANGBINH.GOV.VN', '2026-03-02', 'vn-quangbinh-41-2015'],
    ['snv@quangninh.gov.vn', '2026-03-02', undefined],
    ['vn-soctrang-59-2024', '2024-12-31', undefined],
    ['vn-soctrang-59-2024', '2025-01-01', 'vn-soctrang-59-2024'],
    ['snv@socstrang.gov.vn', '2026-03-02', undefined],
  ])('%s on %s: %s', (key, on, id) => {
    expect(regulationInForce(key, on)?.id).toBe(id);
  });

  it('takes the later of two versions, each in its time', () => {
    const next: Regulation = {
      ...QB,
      id: 'vn-quangbinh-1-2026',
      legal: { ...QB.legal, effectiveFrom: { value: '2026-06-01', source: 'outside' } },
    };
    expect(regulationInForce('a@quangbinh.gov.vn', '2026-05-31', [QB, next])?.id).toBe(QB.id);
    expect(regulationInForce('a@quangbinh.gov.vn', '2026-06-01', [QB, next])?.id).toBe(next.id);
  });

  it('two decisions numbered 41 stay apart', () => {
    expect(cite(QB, 'Điều 4')).toBe('Điều 4 Quy chế ban hành kèm theo Quyết định số 41/2015/QĐ-UBND');
    expect(cite(HCM, 'Điều 7')).toContain('41/2011/QĐ-UBND');
    expect(articleOf('QB-8.1')).toBe('Điều 8');
    expect(articleOf('assumed')).toBeNull();
  });
});

describe('figures of the texts', () => {
  it.each([
    ['[HCM-5.2]', HCM.quotas.person, 1024 ** 3],
    ['[QB-9]', QB.quotas.person, 2 * 1024 ** 3],
    ['[ST-7]', ST.quotas.person, 2 * 1024 ** 3],
    ['[HCM-10.9]', HCM.log.value.retainMonths, 12],
    ['[QB-4.2]', QB.replies.completion.value, 'signed_document'],
    ['[ST-D2]', ST.legal.effectiveFrom.value, '2025-01-01'],
    ['[TH-7.2]', regulationById('vn-thanhhoa-824-2005')?.unitMailbox.maxDelegates, 1],
    ['[BH-3a]', regulationById('vn-bienhoa-04-2011')?.identity.mode, 'collect_and_forward'],
    ['[ST-2.4/2.5]', ST.identity.mode, 'decide_then_order'],
  ])('%s', (_, actual, expected) => {
    expect(actual).toBe(expected);
  });
});
