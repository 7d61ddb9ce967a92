import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { lifecycleOn, loginSource, reopenNotBefore, withoutLogins } from '../../src/rules/lifecycle.ts';
import { generatePassword, passwordProblems } from '../../src/rules/passwords.ts';
import { REGULATIONS } from '../../src/rules/regulations.ts';
import { DT, HCM, QB, ST, mailbox } from './harness.ts';

const owner = {
  fullName: 'Nguyễn Văn Cường',
  address: 'cuongnv.snv@quangbinh.gov.vn',
  phone: '0905123456',
  birthDate: '03/05/1980',
};
const codes = (password: string, policy = QB.passwords.user) =>
  passwordProblems(password, policy, owner).map(({ code }) => code);

describe('passwords', () => {
  it.each([
    ['[QB-8.1] [QB-8.2] seven, three of four', QB.passwords.user, 'Abcde12', []],
    ['[QB-8.1] six', QB.passwords.user, 'Abcd12', ['too_short']],
    ['[QB-8.2] two classes', QB.passwords.user, 'abcdef12', ['too_few_classes']],
    ['[QB-8.1] administrators', QB.passwords.admin!, 'Abcdefgh12345', ['too_short']],
    ['[HCM-9.3a] no digit needed', HCM.passwords.user, 'Abcdefg!', []],
    ['[HCM-9.3a] special needed', HCM.passwords.user, 'Abcdefg1', ['class_missing']],
    ['[ST-8.1b] all four', ST.passwords.user, 'Abcdefg!', ['class_missing']],
    ['[ST-8.1b] good', ST.passwords.user, 'Tr0ng#x7', []],
    ['[ST-8.1c] the name', ST.passwords.user, 'Cuong#x71', ['personal_info']],
    ['[ST-8.1c] the year', ST.passwords.user, 'Xy#1980zT', ['personal_info']],
    ['[ST-8.1c] the phone', ST.passwords.user, 'Xy#0905123456', ['personal_info']],
    ['too long for bcrypt', QB.passwords.user, `A1${'a'.repeat(80)}`, ['too_long']],
  ] as const)('%s', (_, policy, password, expected) => {
    expect(codes(password, policy)).toEqual(expected);
  });

  it('[HCM-9.3a] [QB-8.1] [ST-8.1b] generated ones satisfy every policy and carry no ambiguous glyph', () => {
    const stranger = { fullName: 'X', address: 'zzzzzzzzzz@x' };
    for (let i = 0; i < 300; i += 1) {
      const password = generatePassword((n) => randomInt(n));
      expect(password).toMatch(/^[^0OoIl1S5Z2B8]{14,}$/u);
      for (const { passwords } of REGULATIONS) {
        expect(passwordProblems(password, passwords.user, stranger)).toEqual([]);
        if (passwords.admin) expect(passwordProblems(password, passwords.admin, stranger)).toEqual([]);
      }
    }
  });
});

describe('lifecycle', () => {
  const used = mailbox({ lastLogin: new Date('2025-12-19T03:00:00Z') });
  const day = (today: string, regulation = HCM, box = used, excused = false) => {
    const found = lifecycleOn([box], regulation, today, () => excused);
    return [found.warn.length, found.lock.length, found.deletion.length];
  };
  it.each([
    ['2026-03-04', [0, 0, 0]],
    ['2026-03-05', [1, 0, 0]],
    ['2026-03-19', [1, 0, 0]],
    ['2026-03-20', [0, 1, 0]],
    ['2026-06-19', [0, 1, 0]],
    ['2026-06-20', [0, 1, 1]],
  ])('[HCM-9.1a] [HCM-9.1b] last used 19/12/2025, on %s: %j', (today, expected) => {
    expect(day(today)).toEqual(expected);
  });
  it('[HCM-9.1a] a reason suspends the lock, [HCM-9.1b] not the candidate', () => {
    expect(day('2026-06-20', HCM, used, true)).toEqual([0, 0, 1]);
  });
  it('[QB-7.2] counts from issue when never used, and never deletes', () => {
    const never = mailbox({ lastLogin: null, createdAt: new Date('2025-12-01T03:00:00Z'), state: 'pending' });
    expect(day('2026-03-01', QB, never)).toEqual([1, 0, 0]);
    expect(day('2026-03-02', QB, never)).toEqual([0, 1, 0]);
    expect(day('2027-03-02', QB, never)).toEqual([0, 1, 0]);
  });
  it('Đồng Tháp: 45 days, 5 days for an unchanged first password, 30 days after the lock', () => {
    expect(day('2026-02-02', DT)).toEqual([0, 0, 0]);
    expect(day('2026-02-03', DT)).toEqual([0, 1, 0]);
    const fresh = mailbox({ state: 'pending', lastLogin: null, createdAt: new Date('2026-02-01T03:00:00Z') });
    expect(day('2026-02-06', DT, fresh)).toEqual([0, 0, 0]);
    expect(day('2026-02-07', DT, fresh)).toEqual([0, 1, 0]);
    const locked = mailbox({ state: 'locked', lockedAt: new Date('2026-02-01T03:00:00Z') });
    expect(day('2026-03-03', DT, locked)).toEqual([0, 0, 0]);
    expect(day('2026-03-04', DT, locked)).toEqual([0, 0, 1]);
  });
  it('[HCM-9.1a] [QB-7.2] concludes nothing from a source of last logins that is silent', () => {
    expect(loginSource([used], '2026-01-02')).toEqual({ newest: '2025-12-19', silent: false });
    expect(loginSource([used], '2026-01-03')).toEqual({ newest: '2025-12-19', silent: true });
    expect(loginSource([mailbox({ lastLogin: null })], '2026-01-03')).toEqual({ newest: null, silent: true });
    const found = withoutLogins(
      lifecycleOn([used], HCM, '2026-06-20', () => false),
      HCM,
    );
    expect(found).toEqual({ warn: [], lock: [], deletion: [] });
    // First passwords and days since a lock need no last login.
    const fresh = mailbox({ state: 'pending', lastLogin: null, createdAt: new Date('2026-02-01T03:00:00Z') });
    const locked = mailbox({ state: 'locked', lockedAt: new Date('2026-02-01T03:00:00Z') });
    const counted = withoutLogins(
      lifecycleOn([fresh, locked], DT, '2026-03-04', () => false),
      DT,
    );
    expect([counted.lock.length, counted.deletion.length]).toEqual([1, 1]);
  });
  it('systems without a rule do nothing', () => {
    expect(day('2030-01-01', ST)).toEqual([0, 0, 0]);
  });
  it('[HCM-9.3b] five calendar days after a first-password lock', () => {
    const locked = mailbox({ state: 'locked', lastLogin: null, lockedAt: new Date('2026-03-01T18:00:00Z') });
    expect(reopenNotBefore(locked, HCM)).toBe('2026-03-07');
    expect(reopenNotBefore(locked, QB)).toBeNull();
    expect(reopenNotBefore({ ...locked, lastLogin: new Date(0) }, HCM)).toBeNull();
  });
});
