import type { CalendarRow } from './calendar.ts';
import { addDays } from './calendar.ts';
import { hungKings, lunarNewYear } from './lunar.ts';

/**
 * Days off of civil servants that fall on weekdays, and Saturdays worked instead, as announced. Libraries are wrong
 * on 4–7 days a year here: they know neither compensation days nor swaps (domain.md §2.2).
 */
const ANNOUNCED: readonly (readonly [name: string, source: string, ...dates: string[]])[] = [
  ['Tết Dương lịch', 'Bộ luật Lao động Điều 111, 112', '2023-01-02'],
  [
    'Tết Nguyên đán',
    'Thông báo nghỉ Tết Quý Mão',
    '2023-01-20',
    '2023-01-23',
    '2023-01-24',
    '2023-01-25',
    '2023-01-26',
  ],
  [
    'Giỗ Tổ Hùng Vương, 30/4 và 1/5',
    'Bộ luật Lao động Điều 111, 112',
    '2023-05-01',
    '2023-05-02',
    '2023-05-03',
  ],
  ['Quốc khánh', 'Bộ luật Lao động Điều 112', '2023-09-01', '2023-09-04'],
  ['Tết Dương lịch', 'Bộ luật Lao động Điều 112', '2024-01-01'],
  [
    'Tết Nguyên đán',
    'Thông báo 5015/TB-LĐTBXH',
    '2024-02-08',
    '2024-02-09',
    '2024-02-12',
    '2024-02-13',
    '2024-02-14',
  ],
  ['Giỗ Tổ Hùng Vương', 'Bộ luật Lao động Điều 112', '2024-04-18'],
  ['30/4 và 1/5', 'Thông báo hoán đổi 29/4 và 4/5', '2024-04-29', '2024-04-30', '2024-05-01'],
  ['Quốc khánh', 'Thông báo 5015/TB-LĐTBXH', '2024-09-02', '2024-09-03'],
  ['Tết Dương lịch', 'Bộ luật Lao động Điều 112', '2025-01-01'],
  [
    'Tết Nguyên đán',
    'Thông báo 6150/TB-BLĐTBXH',
    '2025-01-27',
    '2025-01-28',
    '2025-01-29',
    '2025-01-30',
    '2025-01-31',
  ],
  ['Giỗ Tổ Hùng Vương', 'Thông báo 6150/TB-BLĐTBXH', '2025-04-07'],
  ['30/4 và 1/5', 'Thông báo hoán đổi 2/5 và 26/4', '2025-04-30', '2025-05-01', '2025-05-02'],
  ['Quốc khánh', 'Thông báo 6150/TB-BLĐTBXH', '2025-09-01', '2025-09-02'],
  ['Tết Dương lịch', '12729/VPCP-KGVX', '2026-01-01', '2026-01-02'],
  ['Tết Nguyên đán', '9859/VPCP-KGVX', '2026-02-16', '2026-02-17', '2026-02-18', '2026-02-19', '2026-02-20'],
  ['Giỗ Tổ Hùng Vương', 'Bộ luật Lao động Điều 111, 112', '2026-04-27'],
  ['30/4 và 1/5', 'Bộ luật Lao động Điều 112', '2026-04-30', '2026-05-01'],
  ['Quốc khánh', '9859/VPCP-KGVX', '2026-08-31', '2026-09-01', '2026-09-02'],
];

const WORKED_SATURDAYS: readonly (readonly [date: string, source: string])[] = [
  ['2024-05-04', 'Thông báo hoán đổi 29/4 và 4/5'],
  ['2025-04-26', 'Thông báo hoán đổi 2/5 và 26/4'],
  ['2026-01-10', '12729/VPCP-KGVX'],
  ['2026-08-22', '9859/VPCP-KGVX'],
];

/** Nghị quyết 80-NQ/TW makes it a day off; whether the Labour Code was amended in time is not confirmed. */
const culturalDay = (year: number): CalendarRow => ({
  date: `${year}-11-24`,
  kind: 'off',
  name: 'Ngày Văn hóa Việt Nam',
  source: 'Nghị quyết 80-NQ/TW, chờ sửa Điều 112 Bộ luật Lao động',
  status: 'unconfirmed',
});

const isWeekend = (date: string): boolean => [0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay());

/**
 * A year nobody has announced yet, from the rule: Tết one day before and four from mùng 1, Quốc khánh with 03/9,
 * and a day in lieu for each that falls on a weekend (Bộ luật Lao động Điều 111.3). Never called firm.
 */
export function provisionalYear(year: number): CalendarRow[] {
  const tet = lunarNewYear(year);
  const holidays: readonly (readonly [string, readonly string[]])[] = [
    ['Tết Dương lịch', [`${year}-01-01`]],
    ['Tết Nguyên đán', [-1, 0, 1, 2, 3].map((n) => addDays(tet, n))],
    ['Giỗ Tổ Hùng Vương', [hungKings(year)]],
    ['30/4 và 1/5', [`${year}-04-30`, `${year}-05-01`]],
    ['Quốc khánh', [`${year}-09-02`, `${year}-09-03`]],
  ];
  const taken = new Set(holidays.flatMap(([, dates]) => dates));
  const rows = holidays.flatMap(([name, dates]) =>
    dates.map((date) => provisionalRow(isWeekend(date) ? dayInLieu(date, taken) : date, name)),
  );
  return [...rows, culturalDay(year)];
}

function dayInLieu(date: string, taken: Set<string>): string {
  let at = addDays(date, 1);
  while (isWeekend(at) || taken.has(at)) at = addDays(at, 1);
  taken.add(at);
  return at;
}

const provisionalRow = (date: string, name: string): CalendarRow => ({
  date,
  kind: 'off',
  name,
  source: 'tính theo Bộ luật Lao động Điều 111, 112 và âm lịch (UTC+7)',
  status: 'provisional',
});

/** 2023–2026 as announced, 2027 by rule. `congthu calendar import` adds and corrects rows. */
export const CALENDAR_ROWS: readonly CalendarRow[] = [
  ...ANNOUNCED.flatMap(([name, source, ...dates]) =>
    dates.map((date): CalendarRow => ({ date, kind: 'off', name, source, status: 'firm' })),
  ),
  ...WORKED_SATURDAYS.map(([date, source]): CalendarRow => ({
    date,
    kind: 'working',
    name: 'Làm bù',
    source,
    status: 'firm',
  })),
  culturalDay(2026),
  ...provisionalYear(2027),
];
