/**
 * The Vietnamese lunisolar calendar, from astronomy: months begin on the day of the new moon at UTC+7, month 11
 * holds the winter solstice, a leap month is the first without a major solar term. China reckons at UTC+8, so a
 * Chinese table is wrong for Việt Nam (Tết 2030: 02/02 here, 03/02 there). Formulas: Meeus, "Astronomical
 * Algorithms", ch. 49 (new moon, ±1 min with these terms) and ch. 25 (solar longitude, ±0.01°).
 */
const RAD = Math.PI / 180;
const SYNODIC_MONTH = 29.530588861;
/** Julian day of 1970-01-01T00:00Z. */
const UNIX_EPOCH_JD = 2440587.5;
const ZONE_DAYS = 7 / 24;
/** TT − UT in days, about 70 s in this century. */
const DELTA_T = 70 / 86_400;

/** Days since 1970-01-01 of the local day in Việt Nam that contains a Julian moment (TT). */
const localDay = (jde: number): number => Math.floor(jde - DELTA_T - UNIX_EPOCH_JD + ZONE_DAYS);

/** Julian ephemeris moment of the k-th new moon since 2000-01-06. */
function newMoon(k: number): number {
  const t = k / 1236.85;
  const e = 1 - 0.002516 * t - 0.0000074 * t * t;
  const sun = RAD * (2.5534 + 29.1053567 * k - 0.0000014 * t * t);
  const moon = RAD * (201.5643 + 385.81693528 * k + 0.0107582 * t * t);
  const latitude = RAD * (160.7108 + 390.67050284 * k - 0.0016118 * t * t);
  const node = RAD * (124.7746 - 1.56375588 * k + 0.0020672 * t * t);
  const mean = 2451550.09766 + SYNODIC_MONTH * k + 0.00015437 * t * t;
  return (
    mean -
    0.4072 * Math.sin(moon) +
    0.17241 * e * Math.sin(sun) +
    0.01608 * Math.sin(2 * moon) +
    0.01039 * Math.sin(2 * latitude) +
    0.00739 * e * Math.sin(moon - sun) -
    0.00514 * e * Math.sin(moon + sun) +
    0.00208 * e * e * Math.sin(2 * sun) -
    0.00111 * Math.sin(moon - 2 * latitude) -
    0.00057 * Math.sin(moon + 2 * latitude) +
    0.00056 * e * Math.sin(2 * moon + sun) -
    0.00042 * Math.sin(3 * moon) +
    0.00042 * e * Math.sin(sun + 2 * latitude) +
    0.00038 * e * Math.sin(sun - 2 * latitude) -
    0.00024 * e * Math.sin(2 * moon - sun) -
    0.00017 * Math.sin(node)
  );
}

/** Apparent longitude of the sun in degrees at local midnight that begins a day (days since 1970). */
function sunLongitude(day: number): number {
  const t = (day - ZONE_DAYS + UNIX_EPOCH_JD + DELTA_T - 2451545) / 36525;
  const mean = 280.46646 + 36000.76983 * t + 0.0003032 * t * t;
  const anomaly = RAD * (357.52911 + 35999.05029 * t - 0.0001537 * t * t);
  const center =
    (1.914602 - 0.004817 * t) * Math.sin(anomaly) +
    (0.019993 - 0.000101 * t) * Math.sin(2 * anomaly) +
    0.000289 * Math.sin(3 * anomaly);
  const omega = RAD * (125.04 - 1934.136 * t);
  const longitude = mean + center - 0.00569 - 0.00478 * Math.sin(omega);
  return ((longitude % 360) + 360) % 360;
}

/** Which of the twelve major terms (trung khí) the sun is in when a day begins: 9 from the winter solstice on. */
const majorTerm = (day: number): number => Math.floor(sunLongitude(day) / 30);

const monthStart = (k: number): number => localDay(newMoon(k));

const dayNumber = (year: number, month: number, day: number): number =>
  Date.UTC(year, month - 1, day) / 86_400_000;

/** Index of the new moon that begins lunar month 11 (the one with the winter solstice) of a solar year. */
function eleventhMonth(year: number): number {
  let k = Math.round((dayNumber(year, 12, 31) + UNIX_EPOCH_JD - 2451550.09766) / SYNODIC_MONTH) + 1;
  while (monthStart(k) > dayNumber(year, 12, 31)) k -= 1;
  // The month whose first day is already past the solstice is month 12.
  return majorTerm(monthStart(k)) >= 9 ? k - 1 : k;
}

/** Day (since 1970) on which a lunar month begins; leap months are skipped. */
function lunarMonthStart(lunarYear: number, month: number): number {
  const from = month >= 11 ? eleventhMonth(lunarYear) : eleventhMonth(lunarYear - 1);
  const until = month >= 11 ? eleventhMonth(lunarYear + 1) : eleventhMonth(lunarYear);
  const offset = month >= 11 ? month - 11 : month + 1;
  const leap = until - from === 13 ? leapOffset(from) : Infinity;
  return monthStart(from + offset + (offset >= leap ? 1 : 0));
}

/** Position after month 11 of the first month without a major term. */
function leapOffset(from: number): number {
  for (let i = 1; i < 13; i += 1) {
    if (majorTerm(monthStart(from + i)) === majorTerm(monthStart(from + i + 1))) return i;
  }
  return Infinity;
}

/** ISO date of a day of a lunar year: `lunarDate(2027, 1, 1)` is Tết 2027, "2027-02-06". Good for 1950–2100. */
export function lunarDate(lunarYear: number, month: number, day: number): string {
  const at = lunarMonthStart(lunarYear, month) + day - 1;
  return new Date(at * 86_400_000).toISOString().slice(0, 10);
}

/** Mùng 1 Tết Nguyên đán. */
export const lunarNewYear = (year: number): string => lunarDate(year, 1, 1);
/** Giỗ Tổ Hùng Vương, 10/3 âm lịch. */
export const hungKings = (year: number): string => lunarDate(year, 3, 10);
