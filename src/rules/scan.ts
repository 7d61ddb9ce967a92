import type { ScanFact, ScanPage, SealWeakness } from './scan-facts.ts';
import type { Verdict } from './verdict.ts';

/** What makes an officer look twice at a scan; none of it refuses anything (evidence.md "To review, always"). */
export const SCAN_DOUBTS = [
  /** A bound was reached or the file is damaged: what was not seen is unknown. */
  'not_seen',
  /** A page was drawn empty although it holds a picture: cannot tell. */
  'blank',
  'not_colour',
  'no_seal',
  'weak_seal',
  'several_seals',
  'no_strokes',
  'low_resolution',
  /** Something lies over the page's picture. */
  'overlay',
  /** The page was written on a computer and not scanned; without a signature that is suspicious. */
  'born_digital',
  'seen_before',
] as const;

export interface ScanDoubt {
  readonly code: (typeof SCAN_DOUBTS)[number];
  /** Vietnamese, for the officer; never for the unit, which would learn what to hide. */
  readonly text: string;
}

/** English, exact, for the log: "2 pages, colour 200 dpi, red stamps: p1 strong 35.2 mm; ink over a stamp: yes". */
export function scanSummary({ pages, pageCount, seenBefore, limit }: ScanFact): string {
  const kinds = new Set(
    pages.map(({ colour, dpi }) => `${colour}${dpi === null ? '' : ` ${Math.round(dpi)} dpi`}`),
  );
  const seals = pages.flatMap(({ page, seals: found }) =>
    found.map(({ grade, diameterMm }) => `p${page} ${grade} ${diameterMm.toFixed(1)} mm`),
  );
  const strokes = pages.flatMap((page) => page.strokes);
  return [
    `scan of ${pageCount ?? 'unknown'} pages, ${pages.length} seen`,
    ...kinds,
    `red stamps: ${seals.length === 0 ? 'none' : seals.join(' ')}`,
    `ink near a stamp: ${strokes.length === 0 ? 'none' : strokes.some(({ overSeal }) => overSeal) ? 'over it' : 'yes'}`,
    ...(pages.some(({ overlays }) => overlays.length > 0) ? ['something lies over the scan'] : []),
    ...(pages.some(({ blank }) => blank) ? ['a page was drawn blank'] : []),
    ...(seenBefore.length === 0 ? [] : ['a picture came in an earlier letter']),
    ...(limit === null ? [] : [`not wholly seen: ${limit}`]),
  ].join(', ');
}

interface Document {
  readonly index: number;
  readonly sha256: string;
  readonly mediaType: string;
  readonly evidence: { readonly verdict: Verdict };
  readonly coveredByLetter: boolean;
  readonly encrypted: boolean;
}

/** An honest letter carries one công văn, rarely two; each may take 20 s of the parsing child. */
const MAX_SCANS = 3;

/** Files that may be scans: pictures and PDFs which no signature speaks for. The signature route goes first. */
export function possibleScans<D extends Document>(letter: {
  readonly letter: { readonly verdict: Verdict };
  readonly documents: readonly D[];
}): D[] {
  const signed = letter.letter.verdict.verdict !== 'NONE';
  return letter.documents
    .filter(
      ({ mediaType, evidence, coveredByLetter, encrypted }) =>
        !encrypted &&
        evidence.verdict.verdict === 'NONE' &&
        !(signed && coveredByLetter) &&
        isPagePicture(mediaType),
    )
    .slice(0, MAX_SCANS);
}

export const isPagePicture = (mediaType: string): boolean =>
  mediaType === 'application/pdf' || mediaType.startsWith('image/');

/** Rounding of a placement: 199 pixels an inch are a scan of 200 dpi. */
const LEAST_DPI = 195;
/** A page whose picture leaves more uncovered was not scanned as a page. */
const LEAST_COVERAGE = 0.8;

/** Empty when every fact is strong. Then too nothing is said about whose seal it is. */
export function scanDoubts(fact: ScanFact): ScanDoubt[] {
  const { pages } = fact;
  const seals = pages.flatMap((page) => page.seals);
  const sealed = pages.filter((page) => page.seals.length > 0);
  const blank = pages.filter((page) => page.blank && page.imageCoverage > 0);
  const covered = pages.filter((page) => page.overlays.length > 0);
  const digital = pages.filter((page) => page.visibleText > 0 || page.imageCoverage < LEAST_COVERAGE);
  const weaknesses = [...new Set(seals.flatMap((seal) => seal.weaknesses))];
  const doubts: (ScanDoubt | false)[] = [
    fact.limit !== null &&
      doubt('not_seen', 'Chưa xem được hết tệp: vượt giới hạn kiểm tra tự động hoặc tệp không mở được'),
    blank.length > 0 && doubt('blank', `${onPages(blank)} hiển thị trống, chưa kết luận được`),
    seals.length === 0 &&
      pages.length > 0 &&
      (pages.some(({ colour }) => colour === 'colour')
        ? doubt('no_seal', 'Không thấy dấu tròn màu đỏ')
        : doubt('not_colour', 'Bản quét đen trắng hoặc xám, không xem được dấu đỏ')),
    weaknesses.length > 0 && doubt('weak_seal', `Dấu đỏ chưa rõ: ${weaknesses.map(weaknessText).join(', ')}`),
    seals.length > 1 && doubt('several_seals', `Có ${seals.length} dấu đỏ`),
    sealed.some((page) => page.strokes.length === 0) &&
      doubt('no_strokes', 'Không thấy nét mực gần hoặc trên dấu đỏ'),
    sealed.some((page) => page.dpi !== null && page.dpi < LEAST_DPI) &&
      doubt('low_resolution', 'Độ phân giải của bản quét dưới 200 dpi'),
    covered.length > 0 && doubt('overlay', `${onPages(covered)} có nội dung đặt chồng lên ảnh quét`),
    digital.length > 0 &&
      doubt('born_digital', `${onPages(digital)} được soạn trên máy, không phải ảnh quét cả trang`),
    fact.seenBefore.length > 0 && doubt('seen_before', 'Hình ảnh trong tệp đã có trong một thư trước đây'),
  ];
  return doubts.filter((entry) => entry !== false);
}

const doubt = (code: ScanDoubt['code'], text: string): ScanDoubt => ({ code, text });

const onPages = (pages: readonly ScanPage[]): string => `Trang ${pages.map(({ page }) => page).join(', ')}`;

const WEAKNESSES: Readonly<Record<SealWeakness, string>> = {
  faint: 'mực nhạt hoặc thiếu nét',
  cut: 'bị cắt ở mép giấy',
  shape: 'hình chưa tròn đều',
  plain_inside: 'chưa rõ chữ, hình bên trong',
  scale_assumed: 'ảnh chụp nên kích thước chỉ ước lượng',
};
const weaknessText = (weakness: SealWeakness): string => WEAKNESSES[weakness];
