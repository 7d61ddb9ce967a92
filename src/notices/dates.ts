/** Dates and times as official letters write them (NĐ 30/2020), always of Viet Nam (UTC+7, no summer time). */
const OFFSET_MS = 7 * 3600_000;
const two = (n: number): string => String(n).padStart(2, '0');

/** "ngày 05 tháng 01 năm 2026", "ngày 12 tháng 3 năm 2026": a 0 before days below 10 and months 1 and 2 (NĐ 30/2020, Phụ lục I). */
export function longDate(at: Date): string {
  const local = new Date(at.getTime() + OFFSET_MS);
  const month = local.getUTCMonth() + 1;
  return `ngày ${two(local.getUTCDate())} tháng ${month < 3 ? two(month) : month} năm ${local.getUTCFullYear()}`;
}

/** "08 giờ 15 phút" */
export function clockTime(at: Date): string {
  const local = new Date(at.getTime() + OFFSET_MS);
  return `${two(local.getUTCHours())} giờ ${two(local.getUTCMinutes())} phút`;
}

/** "2026-01-08" → "08/01/2026" */
export function shortDate(iso: string): string {
  const [year, month, day] = iso.slice(0, 10).split('-');
  return `${day ?? ''}/${month ?? ''}/${year ?? ''}`;
}

/** The calendar year in Viet Nam, by which dossiers are numbered. */
export function yearOf(at: Date): number {
  return new Date(at.getTime() + OFFSET_MS).getUTCFullYear();
}
