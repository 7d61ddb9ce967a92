import type { DossierState } from './dossier.ts';
import type { RequestKind } from './regulation.ts';

/** A file of a letter, as far as a repetition is recognised by it. */
export interface SentFile {
  readonly sha256: string;
  readonly mediaType: string;
}

/** A letter that may repeat an earlier one. */
export interface Repeating {
  readonly documents: readonly SentFile[];
  readonly kinds: readonly RequestKind[];
  readonly receivedAt: Date;
}

export interface EarlierRequest {
  readonly documents: readonly SentFile[];
  readonly approved: boolean;
  readonly dossier: {
    readonly kinds: readonly RequestKind[];
    readonly state: DossierState;
    readonly closedAt: Date | null;
  };
}

/** What may well be wanted a second time with the same list. */
const REPEATABLE: readonly RequestKind[] = [
  'PASSWORD_RESET',
  'REOPEN',
  'QUARTERLY_DECLARATION',
  'USAGE_REPORT',
  'INCIDENT',
];
/** After the answer has been read nobody sends the same by mistake. */
const AFTER_ANSWER_MS = 3 * 86_400_000;

const isSignature = ({ mediaType }: SentFile): boolean => mediaType.includes('pkcs7');

/**
 * The same files for the same purpose again (requirements.md §6.11): no second dossier. Only where the earlier letter
 * was let through: one that proved nothing may be sent again with a signature.
 */
export function isResent(letter: Repeating, { documents, approved, dossier }: EarlierRequest): boolean {
  const files = letter.documents.filter((file) => !isSignature(file));
  const known = new Set(documents.map(({ sha256 }) => sha256));
  if (files.length === 0 || !files.every(({ sha256 }) => known.has(sha256))) return false;
  if (!approved || dossier.state === 'refused' || !sameKinds(letter.kinds, dossier.kinds)) return false;
  if (dossier.closedAt === null) return true;
  const fresh = letter.receivedAt.getTime() - dossier.closedAt.getTime() <= AFTER_ANSWER_MS;
  return fresh && !letter.kinds.some((kind) => REPEATABLE.includes(kind));
}

const sameKinds = (a: readonly RequestKind[], b: readonly RequestKind[]): boolean =>
  a.length === b.length && a.every((kind) => b.includes(kind));
