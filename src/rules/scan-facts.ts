import type { ListEntry } from './mailbox-list.ts';

/**
 * What may be said about a scanned original (evidence.md): plain facts, stored with the letter as they are. Never
 * said: genuine, original, the unit's own seal, handwritten. `scan.ts` judges; an officer decides.
 */

/** A rectangle on a page as it is shown: fractions of its width and height from the top left corner. */
export interface PageBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Why a round red stamp is called weak. */
export type SealWeakness = 'faint' | 'cut' | 'shape' | 'plain_inside' | 'scale_assumed';

/** A round red stamp stands here. Whose it is, and whether it was stamped or printed, no picture tells. */
export interface SealFact {
  readonly grade: 'strong' | 'weak';
  readonly weaknesses: readonly SealWeakness[];
  readonly diameterMm: number;
  readonly box: PageBox;
}

/** Lines of ink near a stamp that are larger than writing in print; a signature may be among them. */
export interface StrokeFact {
  readonly colour: 'blue' | 'black';
  readonly overSeal: boolean;
  /** The larger side of the strokes. */
  readonly sizeMm: number;
  readonly box: PageBox;
}

/** Something painted over the page's picture, or on a page that has none. */
export interface OverlayFact {
  readonly kind: 'picture' | 'transparent_picture' | 'text' | 'drawing' | 'annotation';
  readonly box: PageBox;
}

export interface ScanPage {
  /** From 1. */
  readonly page: number;
  readonly widthMm: number;
  readonly heightMm: number;
  /** `placement`: millimetres come from the placement on the page; `assumed`: from taking the page for A4. */
  readonly scale: 'placement' | 'assumed';
  /** Pixels of the page's picture for each inch of the page; null without such a picture. */
  readonly dpi: number | null;
  /** Part of the page that pictures cover, 0 to 1. */
  readonly imageCoverage: number;
  readonly colour: 'colour' | 'grey' | 'bilevel';
  /** Nothing at all is seen: the renderer may have failed, so nothing may be concluded from it. */
  readonly blank: boolean;
  /** Characters that are shown, and those that are there but not (text render mode 3: OCR under a picture). */
  readonly visibleText: number;
  readonly hiddenText: number;
  readonly overlays: readonly OverlayFact[];
  readonly seals: readonly SealFact[];
  readonly strokes: readonly StrokeFact[];
}

/** What a possible scan of a signed and sealed paper shows. */
export interface ScanFact {
  readonly pageCount: number | null;
  readonly pages: readonly ScanPage[];
  /** SHA-256 (hex) of the pixels of every embedded picture of 10 mm or more. */
  readonly images: readonly string[];
  /** Those of `images` that came in an earlier letter. */
  readonly seenBefore: readonly string[];
  readonly renderer: 'pdftoppm' | 'pdfjs' | 'canvas' | null;
  /** A bound that was reached or a fault of the file (English, exact); what is missing then is unknown, not absent. */
  readonly limit: string | null;
}

export const PICTURE_KINDS = ['page', 'seal', 'strokes'] as const;

/** A picture cut from a scan for the officer's screen. */
export interface ScanPicture {
  readonly kind: (typeof PICTURE_KINDS)[number];
  /** From 1. */
  readonly page: number;
  /** Position among the page's seals or strokes; 0 for the page itself. */
  readonly number: number;
  readonly mediaType: 'image/jpeg' | 'image/png';
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

export interface ScanPlace {
  /** ExaminedDocument.index. */
  readonly document: number;
  readonly page: number;
  readonly box: PageBox;
}

/** One cell of the list looked for in the recognised text. `near`: a few letters differ, or were hard to read. */
export interface CellReading {
  readonly found: 'exact' | 'near' | 'no';
  /** As recognised. */
  readonly text: string | null;
  readonly place: ScanPlace | null;
}

/** What optical reading found of the companion list in the scan. A help for the officer's eyes, never evidence. */
export interface ScanReading {
  /** `missing`: no recogniser is installed; `partial`: a bound was reached, so a miss says nothing. */
  readonly recognition: 'done' | 'partial' | 'missing';
  readonly pagesRead: number;
  /** In the order of the list's entries; a cell the list leaves empty is null. */
  readonly rows: readonly { readonly name: CellReading | null; readonly address: CellReading | null }[];
}

/** The companion list as an officer compares it, and what of it stands in the scans. */
export interface ComparedList {
  readonly entries: readonly ListEntry[];
  readonly reading: ScanReading;
}
