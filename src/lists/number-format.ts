import * as XLSX from '@e965/xlsx';
import type { Cell } from './port.ts';

/** SheetJS types its number formatter as `any`. */
const formatter = XLSX.SSF as { format(code: string | number, value: number): string };

/** Numbers of built-in formats that show dates (ECMA-376 part 1 §18.8.30, and those of East Asian versions). */
const isBuiltInDate = (id: number): boolean =>
  (id >= 14 && id <= 17) || id === 22 || (id >= 27 && id <= 36) || (id >= 50 && id <= 58);

/** Excel allows 255 letters. */
const LONGEST_CODE = 255;

/** Whether a number in this format is shown as a calendar date; times alone are none. */
export function showsDate(format: string | number): boolean {
  if (typeof format === 'number') return isBuiltInDate(format);
  if (format.length > LONGEST_CODE) return false;
  const [section = ''] = format.replaceAll(/"[^"]*"|\\.|_.|\*.|\[[^\]]*\]/gu, '').split(';');
  return /[dy]/iu.test(section) || (/m{3,}/iu.test(section) && !/[hs]/iu.test(section));
}

/** Excel's calendar ends on 31/12/9999. */
const LAST_SERIAL = 2_958_465;
const DAY_MS = 86_400_000;
/** The two calendars differ by four years and a day (§18.17.4.1). */
const FROM_1904 = 1462;

/** A number as the sheet shows it, dates day first. */
export function numberCell(number: number, format: string | number, date1904: boolean): Cell {
  const serial = Math.floor(date1904 ? number + FROM_1904 : number);
  if (showsDate(format) && serial >= 1 && serial <= LAST_SERIAL) {
    // Excel's 1900 has a 29 February, so that days before it count from one day later.
    const at = new Date(Date.UTC(1899, 11, serial < 60 ? 31 : 30) + serial * DAY_MS);
    return dateCell(at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate(), number);
  }
  return { text: shown(number, format), number };
}

export function dateCell(year: number, month: number, day: number, number?: number): Cell {
  const two = (n: number): string => String(n).padStart(2, '0');
  const text = `${two(day)}/${two(month)}/${year}`;
  return { text, ...(number === undefined ? {} : { number }), date: { year, month, day } };
}

/** "0000 000 000" puts back the zero that the number lost. */
function shown(number: number, format: string | number): string {
  const general = format === 0 || format === '' || format === '@' || format === 49 || format === 'General';
  if (general || (typeof format === 'string' && format.length > LONGEST_CODE)) return String(number);
  try {
    return formatter.format(format, number);
  } catch {
    // A code that SheetJS does not know: the number itself is never wrong.
    return String(number);
  }
}
