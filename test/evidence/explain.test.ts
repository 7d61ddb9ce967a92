import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { explain, explainTimestamp } from '../../src/evidence/explain.ts';
import type { RevocationFact, SignerFact } from '../../src/evidence/port.ts';
import {
  FAILED_SUB_INDICATIONS,
  INDETERMINATE_SUB_INDICATIONS,
  type SubIndication,
  type Verdict,
} from '../../src/rules/verdict.ts';
import { adviceOn } from '../../src/rules/verdict-advice.ts';

const ROWS = fs
  .readFileSync(new URL('../cases/evidence/words.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .filter((line) => !line.startsWith('#'))
  .map((line) => line.split('\t') as [string, string, string, string]);

const verdictOf = (verdict: string, subIndication: string): Verdict =>
  (subIndication === '' ? { verdict } : { verdict, subIndication }) as Verdict;
const all: Verdict[] = [
  ...FAILED_SUB_INDICATIONS.map((subIndication) => ({ verdict: 'TOTAL-FAILED', subIndication }) as const),
  ...INDETERMINATE_SUB_INDICATIONS.map(
    (subIndication) => ({ verdict: 'INDETERMINATE', subIndication }) as const,
  ),
];
const codeOf = (verdict: Verdict): SubIndication =>
  'subIndication' in verdict ? verdict.subIndication : 'GENERIC';

const SIGNER: SignerFact = {
  commonName: 'Sở Nội vụ',
  organization: null,
  email: null,
  emails: [],
  uid: null,
  subject: 'CN=Sở Nội vụ',
  issuer: 'CN=CA',
  serial: '01',
  sha256: '00',
  certificate: '',
  notBefore: '2020-01-01T00:00:00Z',
  notAfter: '2030-01-01T00:00:00Z',
};

describe('what a clerk reads', () => {
  test.each(ROWS)('%s %s %s', (verdict, subIndication, facts, sentence) => {
    const [name, day] = facts.split('=');
    const signer = facts === 'no signer' ? null : day === undefined ? SIGNER : { ...SIGNER, [name!]: day };
    const revocation = { revokedAt: name === 'revokedAt' ? day! : null } as RevocationFact;
    expect(explain(verdictOf(verdict, subIndication), signer, [revocation])).toBe(sentence);
  });

  test('the table has every sub-indication there is, and every sentence says something of its own', () => {
    expect(new Set(ROWS.map(([, code]) => code).filter((code) => code !== ''))).toEqual(
      new Set(all.map(codeOf)),
    );
    const sentences = all.map((verdict) => explain(verdict, null, []));
    expect(new Set(sentences).size).toBe(all.length);
  });
});

describe('what to do next', () => {
  test.each(all.map((verdict) => [codeOf(verdict), verdict] as const))('%s', (_code, verdict) => {
    const advice = adviceOn(verdict)!;
    // Vietnamese with its accents, in lower case so that it goes on after a colon; English without.
    expect(advice.vi).toMatch(/[ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđ]/u);
    expect(advice.vi).toMatch(/^\p{Ll}/u);
    expect(advice.vi).not.toMatch(/[.;]$/u);
    expect(advice.en).toMatch(/^[\p{ASCII}’]+$/u);
    expect(advice.vi).not.toContain(explain(verdict, null, []));
  });

  test('a valid signature and none at all ask for nothing', () => {
    expect(adviceOn({ verdict: 'TOTAL-PASSED' })).toBeNull();
    expect(adviceOn({ verdict: 'NONE' })).toBeNull();
  });

  test('what was changed or taken back must not be used; what is not known yet asks for nothing', () => {
    for (const code of ['HASH_FAILURE', 'SIG_CRYPTO_FAILURE', 'REVOKED'] as const)
      expect(adviceOn({ verdict: 'TOTAL-FAILED', subIndication: code })!.vi).toContain(
        'không dùng nội dung này',
      );
    const later = adviceOn({ verdict: 'INDETERMINATE', subIndication: 'TRY_LATER' })!;
    expect(later.vi).toContain('chưa cần làm gì');
  });
});

describe('time-stamps', () => {
  const EVIDENCE = path.resolve(import.meta.dirname, '../../src/evidence');
  /** The codes the readers of a token name: its own, those of its CMS structure and of its certificate path. */
  const named = ['timestamp.ts', 'cms-signer.ts', 'path.ts'].flatMap((file) => [
    ...fs.readFileSync(path.join(EVIDENCE, file), 'utf8').matchAll(/(failed|indeterminate)\('([A-Z_]+)'/g),
  ]);
  /** Told anew by timestamp.ts, as seen from the moment the token is about. */
  const TURNED = ['REVOKED', 'REVOKED_CA_NO_POE', 'EXPIRED', 'NOT_YET_VALID'];
  const codes = [...new Set(named.map((match) => match[2]!))].filter((code) => !TURNED.includes(code));

  test.each(codes)('%s has words of its own', (code) => {
    const words = explainTimestamp(verdictOf('INDETERMINATE', code), null);
    expect(words).toContain('dấu thời gian');
    expect(words).not.toBe('chưa xác minh được dấu thời gian');
  });

  test('a valid one tells its moment in Vietnamese time', () => {
    expect(codes.length).toBeGreaterThan(8);
    expect(explainTimestamp({ verdict: 'TOTAL-PASSED' }, '2025-12-31T17:05:00Z')).toBe(
      'dấu thời gian hợp lệ lúc 00:05 ngày 01/01/2026',
    );
  });
});
