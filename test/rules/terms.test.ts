import { describe, expect, test } from 'vitest';
import { CALENDAR_ROWS } from '../../src/rules/calendar-table.ts';
import { makeCalendar } from '../../src/rules/calendar.ts';
import { termWords } from '../../src/rules/deadlines.ts';
import type { Regulation, RequestKind } from '../../src/rules/regulation.ts';
import { BN, DT, HCM, QB, ST, TH } from './harness.ts';

const calendar = makeCalendar(CALENDAR_ROWS);
const words = (regulation: Regulation, kind: RequestKind, at: string, complete: string | null = at) =>
  termWords(
    regulation,
    [kind],
    { receivedAt: new Date(at), completeAt: complete === null ? null : new Date(complete) },
    calendar,
  );

describe('what a receipt says of the term, from the regulation', () => {
  test.each<[string, Regulation, RequestKind, string, string]>([
    [
      'HCM-7.2a',
      HCM,
      'CREATE_PERSON',
      '2026-03-02T08:00:00+07:00',
      'Thời hạn giải quyết: 03 ngày làm việc kể từ khi nhận được đề nghị, chậm nhất ngày 05/03/2026 (Điều 7 Quy chế ban hành kèm theo Quyết định số 41/2011/QĐ-UBND).',
    ],
    [
      'QB-4.2',
      QB,
      'CREATE_PERSON',
      '2026-03-02T08:00:00+07:00',
      'Thời hạn giải quyết: 05 ngày làm việc kể từ khi nhận được đề nghị, chậm nhất ngày 09/03/2026 (Điều 4 Quy chế ban hành kèm theo Quyết định số 41/2015/QĐ-UBND).',
    ],
    [
      'QB-6.2',
      QB,
      'PASSWORD_RESET',
      '2026-03-02T08:00:00+07:00',
      'Thời hạn giải quyết: 02 ngày làm việc kể từ khi thông tin được xác thực đầy đủ, chậm nhất ngày 04/03/2026 (Điều 6 Quy chế ban hành kèm theo Quyết định số 41/2015/QĐ-UBND).',
    ],
    [
      'QB-7.1',
      QB,
      'CANCEL',
      '2026-03-02T08:00:00+07:00',
      'Thời hạn giải quyết: 05 ngày làm việc kể từ khi thông tin được xác thực đầy đủ, chậm nhất ngày 09/03/2026 (Điều 7 Quy chế ban hành kèm theo Quyết định số 41/2015/QĐ-UBND).',
    ],
    [
      'domain.md §1.3',
      DT,
      'CREATE_PERSON',
      '2026-03-02T08:00:00+07:00',
      'Thời hạn giải quyết: 05 ngày làm việc kể từ khi nhận được đề nghị, chậm nhất ngày 09/03/2026',
    ],
    [
      'domain.md §1.3',
      BN,
      'PASSWORD_RESET',
      '2026-03-02T08:00:00+07:00',
      'Thời hạn giải quyết: 02 giờ kể từ khi nhận được đề nghị, chậm nhất 10 giờ 00 phút ngày 02/03/2026',
    ],
  ])('[%s] %#', (_rule, regulation, kind, at, told) => {
    expect(words(regulation, kind, at)).toContain(told);
  });

  test('after office hours and on days off it says from which day it counts', () => {
    const late = words(HCM, 'CREATE_PERSON', '2026-02-13T17:30:00+07:00');
    expect(late).toContain('chậm nhất ngày 26/02/2026');
    expect(late).toContain('Thư đến ngoài giờ làm việc nên được tính là nhận ngày 23/02/2026.');
    expect(words(HCM, 'CREATE_PERSON', '2026-02-13T16:00:00+07:00')).not.toContain('ngoài giờ');
    expect(words(HCM, 'CREATE_PERSON', '2026-03-07T09:00:00+07:00')).toContain(
      'tính là nhận ngày 09/03/2026',
    );
  });

  test('a clock that has not begun, a year without a plan, and no term at all', () => {
    expect(words(QB, 'PASSWORD_RESET', '2026-03-02T08:00:00+07:00', null)).toBe(
      'Thời hạn giải quyết: 02 ngày làm việc kể từ khi thông tin được xác thực đầy đủ (Điều 6 Quy chế ban hành kèm theo Quyết định số 41/2015/QĐ-UBND).',
    );
    expect(words(HCM, 'CREATE_PERSON', '2027-03-02T08:00:00+07:00')).toContain('(dự kiến, theo lịch nghỉ');
    expect(words(TH, 'CREATE_PERSON', '2026-03-02T08:00:00+07:00')).toBeNull();
    expect(words(ST, 'CREATE_PERSON', '2026-03-02T08:00:00+07:00')).toBeNull();
  });
});
