/**
 * Vietnamese personal names as addresses see them. Only what is sure is done by machine: names of other peoples
 * (Ê Đê, Gia Rai, K'Ho, Khmer) and single words go to an officer (domain.md §3.3).
 */

/** "Đặng  Đình Đức" → "dang dinh duc". `đ` has no decomposition in Unicode, so it is mapped before stripping. */
export function foldName(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll('đ', 'd')
    .normalize('NFD')
    .replaceAll(/\p{M}|['’‘ʼ`]/gu, '')
    .replaceAll(/[^a-z0-9]+/gu, ' ')
    .trim();
}

/** Equal for hòa/hoà, thủy/thuỷ and for composed/decomposed spellings of one name; different for An and Ân. */
export function nameKey(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .split(/[^\p{L}\p{M}]+/u)
    .filter((word) => word !== '')
    .map(syllableKey)
    .join(' ');
}

const TONES = /[\u0300\u0301\u0303\u0309\u0323]/gu;

/** Letters without their tone, then the tone: where the tone mark stands makes no difference. */
function syllableKey(word: string): string {
  const apart = word.normalize('NFD');
  const tone = apart.match(TONES)?.join('') ?? '';
  return apart.replaceAll(TONES, '').normalize('NFC') + tone;
}

export interface NameParts {
  /** Last word: "an". */
  readonly given: string;
  /** First letters of all words before: "nv". */
  readonly initials: string;
  /** All words joined: "nguyenvanan". */
  readonly fullName: string;
}

/** The parts addresses are built from; null when no letter is left. */
export function splitName(name: string): NameParts | null {
  const words = foldName(name)
    .split(' ')
    .filter((word) => word !== '');
  const given = words.at(-1);
  if (given === undefined) return null;
  const initials = words
    .slice(0, -1)
    .map((word) => word[0])
    .join('');
  return { given, initials, fullName: words.join('') };
}

/** A folded Vietnamese syllable: onset, vowels, coda. "es", "brep" and "hhen" are none. */
const SYLLABLE =
  /^(?:ngh|ch|gh|gi|kh|ng|nh|ph|qu|th|tr|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?$/u;
/** Clan names that stand last in Ê Đê, Gia Rai and Ba Na names, folded. */
const CLANS: ReadonlySet<string> = new Set([
  'nie',
  'mlo',
  'eban',
  'ayun',
  'kbuor',
  'kpa',
  'ksor',
  'rcom',
  'nay',
  'siu',
  'rmah',
  'rahlan',
  'hdok',
  'kdoh',
  'knul',
  'bya',
  'enuol',
]);

/** Why a name is not turned into an address without an officer; null when it is plain. Vietnamese text. */
export function nameDoubt(name: string): string | null {
  const words = foldName(name).split(' ');
  if (words[0] === '' || words.length === 1) return 'Họ tên chỉ có một từ';
  if (/['’‘ʼ`]/u.test(name)) return 'Họ tên có dấu nháy (tên dân tộc), cần xác định phần tên';
  if (words[0] === 'y' || words[0]!.length === 1)
    return 'Họ tên bắt đầu bằng một chữ cái, cần xác định phần tên';
  if (CLANS.has(words.at(-1)!)) return 'Họ có thể đứng cuối, cần xác định phần tên';
  if (words.some((word) => !SYLLABLE.test(word))) return 'Họ tên có âm tiết không phải tiếng Việt';
  return words.length > 7 ? 'Họ tên dài bất thường' : null;
}

/** Leadership by position (QB-5.2b, ST-3.4b "cấp bậc, chức vụ lãnh đạo"); the higher, the smaller. null: none. */
const LEADERS: readonly RegExp[] = [
  /^(?:quyen )?(?:bi thu|chu tich|giam doc|tong giam doc|cuc truong|thu truong|vien truong|hieu truong|tong bien tap)\b/u,
  /^pho (?:bi thu|chu tich|tong giam doc|giam doc|cuc truong|thu truong|vien truong|hieu truong|tong bien tap)\b/u,
  /^(?:quyen )?(?:chanh|chi cuc truong|truong)\b/u,
  /^pho (?:chanh|chi cuc truong|truong)\b/u,
];

export function leadershipRank(position: string | null): number | null {
  if (position === null) return null;
  const rank = LEADERS.findIndex((pattern) => pattern.test(foldName(position)));
  return rank < 0 ? null : rank;
}
