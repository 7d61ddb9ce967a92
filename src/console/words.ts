/** The console speaks Vietnamese; English stands beside each sentence, so that neither is forgotten. */
export const LANGUAGES = ['vi', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];
export type Say = (vi: string, en: string) => string;

export const sayIn =
  (language: Language): Say =>
  (vi, en) =>
    language === 'en' ? en : vi;

export const languageOf = (value: string | undefined): Language | null =>
  LANGUAGES.find((known) => known === value) ?? null;
