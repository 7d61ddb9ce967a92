import type { ExaminedDocument, ExaminedLetter } from '../evidence/port.ts';
import type { ScanPicture } from '../rules/scan-facts.ts';
import { possibleScans } from '../rules/scan.ts';
import type { Tx } from '../store/database.ts';
import { addScanPictures, rememberImages } from '../store/scans.ts';
import type { StepDeps } from './step.ts';

/** A letter's facts, and the pictures of its scans that are kept for the officer's desk. */
export interface Examination {
  readonly examined: ExaminedLetter;
  readonly pictures: readonly { readonly document: number; readonly pictures: readonly ScanPicture[] }[];
}

/** Looks at every document that may be a scan, each in a job of its own: a hostile one takes none with it. */
export async function examineScans(
  raw: Buffer,
  examined: ExaminedLetter,
  deps: Pick<StepDeps, 'examineScan'>,
): Promise<Examination> {
  const looked = new Map<number, ExaminedDocument>();
  const pictures: { document: number; pictures: readonly ScanPicture[] }[] = [];
  for (const document of possibleScans(examined)) {
    const found = await deps.examineScan(raw, document);
    looked.set(document.index, { ...document, scan: found.fact });
    pictures.push({ document: document.index, pictures: found.pictures });
  }
  const documents = examined.documents.map((document) => looked.get(document.index) ?? document);
  return { examined: { ...examined, documents }, pictures };
}

/** Keeps the pictures and tells which embedded ones came in another letter. */
export async function keepScans(
  tx: Tx,
  letter: string,
  { examined, pictures }: Examination,
): Promise<ExaminedLetter> {
  for (const { document, pictures: kept } of pictures) await addScanPictures(tx, letter, document, kept);
  const hashes = examined.documents.flatMap(({ scan }) => scan?.images ?? []);
  const seen = await rememberImages(tx, letter, hashes);
  const documents = examined.documents.map((document) =>
    document.scan === undefined
      ? document
      : {
          ...document,
          scan: {
            ...document.scan,
            seenBefore: document.scan.images.filter((image) => seen.includes(image)),
          },
        },
  );
  return { ...examined, documents };
}

/** A later examination asks about signatures only; what the scans showed has not changed. */
export function withScansOf(before: ExaminedLetter, anew: ExaminedLetter): ExaminedLetter {
  const scanOf = new Map(before.documents.map(({ sha256, scan }) => [sha256, scan]));
  const documents = anew.documents.map((document) => {
    const scan = scanOf.get(document.sha256);
    return scan === undefined ? document : { ...document, scan };
  });
  return { ...anew, documents };
}
