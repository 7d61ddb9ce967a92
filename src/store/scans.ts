import { createHash } from 'node:crypto';
import { and, asc, eq, getTableColumns, inArray, ne } from 'drizzle-orm';
import type { ScanPicture } from '../rules/scan-facts.ts';
import type { Orm, Tx } from './database.ts';
import { scanImage, scanPicture, unitSeal } from './schema.ts';

/** Where a picture of a letter stands. */
export type PictureKey = Pick<
  typeof scanPicture.$inferSelect,
  'letter' | 'document' | 'page' | 'kind' | 'number'
>;
export type StoredPicture = typeof scanPicture.$inferSelect;
export type UnitSeal = typeof unitSeal.$inferSelect;

const digest = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** Keeps the pictures of one document; those that stand there already stay (the step is repeatable). */
export async function addScanPictures(
  tx: Tx,
  letter: string,
  document: number,
  pictures: readonly ScanPicture[],
): Promise<void> {
  if (pictures.length === 0) return;
  const rows = pictures.map((picture) => ({
    ...picture,
    letter,
    document,
    sha256: digest(picture.bytes),
    bytes: Buffer.from(picture.bytes),
  }));
  await tx.orm.insert(scanPicture).values(rows).onConflictDoNothing();
}

/** Everything there is to show for a letter, without the bytes, in page order. */
export function scanPictures(orm: Orm, letter: string): Promise<Omit<StoredPicture, 'bytes'>[]> {
  const { bytes: _bytes, ...columns } = getTableColumns(scanPicture);
  return orm
    .select(columns)
    .from(scanPicture)
    .where(eq(scanPicture.letter, letter))
    .orderBy(
      asc(scanPicture.document),
      asc(scanPicture.page),
      asc(scanPicture.kind),
      asc(scanPicture.number),
    );
}

export async function scanPictureAt(orm: Orm, key: PictureKey): Promise<StoredPicture | null> {
  const rows = await orm
    .select()
    .from(scanPicture)
    .where(
      and(
        eq(scanPicture.letter, key.letter),
        eq(scanPicture.document, key.document),
        eq(scanPicture.page, key.page),
        eq(scanPicture.kind, key.kind),
        eq(scanPicture.number, key.number),
      ),
    );
  return rows[0] ?? null;
}

/**
 * Remembers the pictures embedded in a letter's scans and tells which of them came in another letter.
 * `hashes`: SHA-256, hex.
 */
export async function rememberImages(tx: Tx, letter: string, hashes: readonly string[]): Promise<string[]> {
  if (hashes.length === 0) return [];
  const wanted = [...new Set(hashes)].map((hash) => Buffer.from(hash, 'hex'));
  const rows = wanted.map((sha256) => ({ sha256, letter }));
  await tx.orm.insert(scanImage).values(rows).onConflictDoNothing();
  const seen = await tx.orm
    .selectDistinct({ sha256: scanImage.sha256 })
    .from(scanImage)
    .where(and(inArray(scanImage.sha256, wanted), ne(scanImage.letter, letter)));
  return seen.map(({ sha256 }) => sha256.toString('hex')).toSorted();
}

/** Enrols or replaces the picture of a unit's seal. */
export async function putUnitSeal(tx: Tx, seal: Omit<UnitSeal, 'sha256'>): Promise<void> {
  const row = { ...seal, sha256: digest(seal.bytes) };
  await tx.orm.insert(unitSeal).values(row).onConflictDoUpdate({ target: unitSeal.unit, set: row });
}

export async function unitSealOf(orm: Orm, unit: string): Promise<UnitSeal | null> {
  return (await orm.select().from(unitSeal).where(eq(unitSeal.unit, unit)))[0] ?? null;
}
