import { describe, expect, it } from 'vitest';
import type { CalendarRow } from '../../src/rules/calendar.ts';
import { addDuration, addMonths, dayAfter, localTime, makeCalendar } from '../../src/rules/calendar.ts';
import { CALENDAR_ROWS } from '../../src/rules/calendar-table.ts';
import { deadlineOf, dueFor } from '../../src/rules/deadlines.ts';
import { hungKings, lunarNewYear } from '../../src/rules/lunar.ts';
import { BACNINH_79_2025 } from '../../src/rules/regulations/bacninh-79-2025.ts';
import { BIENHOA_04_2011 } from '../../src/rules/regulations/bienhoa-04-2011.ts';
import { HCM_41_2011 } from '../../src/rules/regulations/hcm-41-2011.ts';
import { QUANGBINH_41_2015 } from '../../src/rules/regulations/quangbinh-41-2015.ts';

const calendar = makeCalendar(CALENDAR_ROWS);
const hours = QUANGBINH_41_2015.officeHours;
const at = (local: string): Date => new Date(`${local}:00+07:00`);
const wd = (n: number) => ({ n, unit: 'working_day' }) as const;

describe('working days (domain.md §2.3)', () => {
  it.each([
    [3, '2026-02-13T16:00', '2026-02-25'],
    [3, '2026-02-13T17:30', '2026-02-26'],
    [3, '2026-08-20T10:00', '2026-08-24'],
    [3, '2026-08-22T09:00', '2026-08-26'],
    [3, '2026-08-26T09:00', '2026-09-03'],
    [3, '2026-11-20T15:00', '2026-11-26'],
    [3, '2025-12-31T16:30', '2026-01-07'],
    [5, '2026-04-24T10:00', '2026-05-06'],
    [5, '2026-01-07T08:00', '2026-01-13'],
    [2, '2025-04-25T15:00', '2025-04-28'],
    [2, '2026-11-23T08:00', '2026-11-26'],
  ])('%i ngày làm việc từ %s là %s', (n, from, dueDate) => {
    expect(addDuration(at(from), wd(n), calendar, hours).dueDate).toBe(dueDate);
  });

  it('counts 24/11/2026 when it is not a holiday after all', () => {
    const plain = makeCalendar(CALENDAR_ROWS.filter((row) => row.date !== '2026-11-24'));
    expect(addDuration(at('2026-11-23T08:00'), wd(2), plain, hours)).toMatchObject({
      dueDate: '2026-11-25',
      firm: true,
    });
  });

  it('takes 17:00 sharp as inside the day and ends the last day at 24:00 in Việt Nam', () => {
    const due = addDuration(at('2026-03-02T17:00'), wd(1), calendar, hours);
    expect(due.dueDate).toBe('2026-03-03');
    expect(due.due.toISOString()).toBe('2026-03-03T16:59:59.999Z');
    expect(addDuration(at('2026-03-02T17:01'), wd(1), calendar, hours).dueDate).toBe('2026-03-04');
  });

  it('calls a date firm only when every day of the span is announced', () => {
    const firm = (from: string): boolean => addDuration(at(from), wd(3), calendar, hours).firm;
    expect(firm('2026-03-02T08:00')).toBe(true);
    expect(firm('2026-11-20T15:00')).toBe(false);
    expect(firm('2026-12-31T15:00')).toBe(false);
    expect(firm('2028-03-01T08:00')).toBe(false);
  });

  it('lets an imported row correct the seed', () => {
    const row: CalendarRow = {
      date: '2026-11-24',
      kind: 'working',
      name: 'x',
      source: 'import',
      status: 'firm',
    };
    expect(makeCalendar([...CALENDAR_ROWS, row]).off.has('2026-11-24')).toBe(false);
  });

  it('moves calendar days and months on from a day off and clamps at the end of a month', () => {
    expect(addDuration(at('2026-02-12T08:00'), { n: 5, unit: 'day' }, calendar, hours).dueDate).toBe(
      '2026-02-23',
    );
    expect(addMonths('2026-01-31', 1)).toBe('2026-02-28');
    expect(addMonths('2025-11-30', 3)).toBe('2026-02-28');
    expect(addMonths('2026-12-15', 1)).toBe('2027-01-15');
  });

  it('[HCM-9.1a] reads "quá 03 tháng" as strictly more', () => {
    expect(dayAfter('2025-12-19', { n: 3, unit: 'month' })).toBe('2026-03-20');
  });

  it.each([
    ['2026-03-02T08:00', '2026-03-02T10:00'],
    ['2026-03-02T11:00', '2026-03-02T13:00'],
    ['2026-03-02T12:00', '2026-03-02T15:30'],
    ['2026-03-02T06:00', '2026-03-02T09:30'],
    ['2026-03-06T18:00', '2026-03-09T09:30'],
  ])('Bắc Ninh: 02 giờ từ %s đến %s', (from, until) => {
    const due = dueFor(
      BACNINH_79_2025,
      ['PASSWORD_RESET'],
      { receivedAt: at(from), completeAt: null },
      calendar,
    );
    expect(due?.due).toEqual(at(until));
  });

  it('knows local time across the date line', () => {
    expect(localTime(new Date('2026-03-01T18:30:00Z'))).toEqual({ date: '2026-03-02', minutes: 90 });
  });
});

describe('lunar calendar at UTC+7', () => {
  it.each([
    [2023, '2023-01-22', '2023-04-29'],
    [2024, '2024-02-10', '2024-04-18'],
    [2025, '2025-01-29', '2025-04-07'],
    [2026, '2026-02-17', '2026-04-26'],
    [2027, '2027-02-06', '2027-04-16'],
    [2028, '2028-01-26', '2028-04-04'],
    [2029, '2029-02-13', '2029-04-23'],
    [2030, '2030-02-02', '2030-04-12'],
  ])('%i: Tết %s, Giỗ Tổ %s', (year, tet, kings) => {
    expect([lunarNewYear(year), hungKings(year)]).toEqual([tet, kings]);
  });

  it('gives 2031 and every year a Tết between 20/01 and 21/02', () => {
    expect(lunarNewYear(2031)).toBe('2031-01-23');
    for (let year = 1990; year <= 2090; year += 1) {
      const day = lunarNewYear(year).slice(5);
      expect(day >= '01-20' && day <= '02-21', `${year}: ${day}`).toBe(true);
    }
  });
});

describe('deadlines', () => {
  const received = at('2026-03-02T08:00');
  const due = (kinds: Parameters<typeof dueFor>[1], completeAt: Date | null) =>
    dueFor(QUANGBINH_41_2015, kinds, { receivedAt: received, completeAt }, calendar);

  it('[HCM-7.2a] 3 working days from receipt for every kind', () => {
    const clock = { receivedAt: at('2026-01-05T08:15'), completeAt: null };
    expect(dueFor(HCM_41_2011, ['CREATE_PERSON'], clock, calendar)).toMatchObject({
      dueDate: '2026-01-08',
      legal: true,
      source: 'HCM-7.2a',
    });
    expect(deadlineOf(HCM_41_2011, 'PASSWORD_RESET')?.duration.n).toBe(3);
  });

  it('[QB-4.2] 5 working days from receipt', () => {
    expect(due(['CREATE_PERSON'], null)).toMatchObject({ dueDate: '2026-03-09', source: 'QB-4.2' });
  });

  it('[QB-6.2] 2 working days from complete information, no clock before', () => {
    expect(due(['PASSWORD_RESET'], null)).toBeNull();
    expect(due(['PASSWORD_RESET'], at('2026-03-04T09:00'))?.dueDate).toBe('2026-03-06');
  });

  it('[QB-7.1] 5 working days from complete information', () => {
    expect(due(['CANCEL'], at('2026-03-04T09:00'))).toMatchObject({
      dueDate: '2026-03-11',
      source: 'QB-7.1',
    });
  });

  it('takes the strictest of several kinds', () => {
    expect(due(['CREATE_PERSON', 'PASSWORD_RESET'], received)?.source).toBe('QB-6.2');
  });

  it('[BH-6.2a] has no clock where the text names none', () => {
    expect(
      dueFor(BIENHOA_04_2011, ['CREATE_PERSON'], { receivedAt: received, completeAt: received }, calendar),
    ).toBeNull();
  });
});
