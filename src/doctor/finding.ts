/** What a probe found. `skipped` = not asked for here, or cannot be looked at before something else is in order. */
export const GRADES = ['ok', 'warning', 'failure', 'skipped'] as const;
export type Grade = (typeof GRADES)[number];

export const LANGUAGES = ['vi', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The same words for Vietnamese operators and for engineers. */
export type Text = Readonly<Record<Language, string>>;

export const text = (vi: string, en: string): Text => ({ vi, en });
/** For what has no language: names, versions, another program's words. */
export const plain = (words: string): Text => ({ vi: words, en: words });

export interface Finding {
  readonly grade: Grade;
  readonly seen: Text;
  /** What to do, or why nothing has to be done; null where all is in order. */
  readonly hint: Text | null;
}

export const ok = (seen: Text): Finding => ({ grade: 'ok', seen, hint: null });
export const warning = (seen: Text, hint: Text): Finding => ({ grade: 'warning', seen, hint });
export const failure = (seen: Text, hint: Text): Finding => ({ grade: 'failure', seen, hint });
export const skipped = (seen: Text, hint: Text): Finding => ({ grade: 'skipped', seen, hint });

/** Grades something that grows worse with its size; `limits` are the first values that are a warning, a failure. */
export function graded(
  value: number,
  limits: { readonly warning: number; readonly failure: number },
  seen: Text,
  hint: Text,
): Finding {
  if (value >= limits.failure) return failure(seen, hint);
  return value >= limits.warning ? warning(seen, hint) : ok(seen);
}
