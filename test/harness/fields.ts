import type { Fields, Upload } from '../../src/work/desk/action.ts';

/** A submitted form as the desk's actions read it. */
export const fieldsWith = (
  values: Readonly<Record<string, string | readonly string[]>>,
  uploads: Readonly<Record<string, Upload>> = {},
): Fields => {
  const all = (name: string): readonly string[] => [values[name] ?? []].flat();
  const text = (name: string): string => all(name)[0] ?? '';
  return { text, all, checked: (name) => text(name) !== '', upload: (name) => uploads[name] ?? null };
};
