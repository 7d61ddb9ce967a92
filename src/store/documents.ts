import { and, asc, desc, eq } from 'drizzle-orm';
import type { Orm, Tx } from './database.ts';
import { officialDocument } from './schema.ts';

export type StoredDocument = typeof officialDocument.$inferSelect;

export async function addDocument(tx: Tx, row: typeof officialDocument.$inferInsert): Promise<void> {
  await tx.orm.insert(officialDocument).values(row);
}

export async function documentById(orm: Orm, id: string): Promise<StoredDocument | null> {
  return (await orm.select().from(officialDocument).where(eq(officialDocument.id, id)))[0] ?? null;
}

/** Documents of a dossier, latest first. */
export async function documentsOf(orm: Orm, dossier: string): Promise<StoredDocument[]> {
  return orm
    .select()
    .from(officialDocument)
    .where(eq(officialDocument.dossier, dossier))
    .orderBy(desc(officialDocument.createdAt));
}

/** Reply documents of a dossier that wait for a signature. */
export async function openDraftsOf(orm: Orm, dossier: string): Promise<{ id: string }[]> {
  return orm
    .select({ id: officialDocument.id })
    .from(officialDocument)
    .where(and(eq(officialDocument.dossier, dossier), eq(officialDocument.state, 'draft')));
}

export async function documentOfOrder(orm: Orm, order: string): Promise<StoredDocument | null> {
  return (await orm.select().from(officialDocument).where(eq(officialDocument.order, order)))[0] ?? null;
}

/** A document without its files, for lists. */
export type DocumentHead = Omit<StoredDocument, 'docx' | 'pdf' | 'signed' | 'rows'>;

const HEAD = {
  id: officialDocument.id,
  purpose: officialDocument.purpose,
  dossier: officialDocument.dossier,
  order: officialDocument.order,
  state: officialDocument.state,
  createdAt: officialDocument.createdAt,
  signedAt: officialDocument.signedAt,
  signedBy: officialDocument.signedBy,
};

/** Documents of a dossier, latest first; without their files. */
export async function documentHeadsOf(orm: Orm, dossier: string): Promise<DocumentHead[]> {
  return orm
    .select(HEAD)
    .from(officialDocument)
    .where(eq(officialDocument.dossier, dossier))
    .orderBy(desc(officialDocument.createdAt));
}

/** Every document that waits for a signature, oldest first; without its files. */
export async function openDrafts(orm: Orm): Promise<DocumentHead[]> {
  return orm
    .select(HEAD)
    .from(officialDocument)
    .where(eq(officialDocument.state, 'draft'))
    .orderBy(asc(officialDocument.createdAt));
}

/** Puts the signed file beside the draft; false when somebody was faster. */
export async function signDocument(
  tx: Tx,
  id: string,
  signed: Buffer,
  signedBy: string,
  signedAt: Date,
): Promise<boolean> {
  const rows = await tx.orm
    .update(officialDocument)
    .set({ state: 'signed', signed, signedBy, signedAt })
    .where(and(eq(officialDocument.id, id), eq(officialDocument.state, 'draft')))
    .returning({ id: officialDocument.id });
  return rows.length === 1;
}
