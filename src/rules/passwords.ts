import { foldName } from './names.ts';
import type { CharacterClass, PasswordPolicy } from './regulation.ts';

export interface PasswordProblem {
  readonly code: 'too_short' | 'class_missing' | 'too_few_classes' | 'personal_info' | 'too_long';
  /** Vietnamese, for the person who chooses. */
  readonly text: string;
}

/** Whose password it is, for "không chứa thông tin cá nhân" (ST-8.1c). */
export interface PasswordOwner {
  readonly fullName: string;
  readonly address: string;
  readonly phone?: string | null;
  readonly birthDate?: string | null;
}

const CLASSES: readonly (readonly [CharacterClass, RegExp, string])[] = [
  ['upper', /\p{Lu}/u, 'chữ in hoa'],
  ['lower', /\p{Ll}/u, 'chữ thường'],
  ['digit', /\d/u, 'chữ số'],
  // HCM-9.3a ends its list of specials with "…": any printable sign counts.
  ['special', /[^\p{L}\p{M}\d\s]/u, 'ký tự đặc biệt'],
];

/** bcrypt reads 72 bytes; more would be silently cut off by some back ends. */
const MOST_BYTES = 72;

/** What a chosen password lacks under the regulation; empty when it is accepted. */
export function passwordProblems(
  password: string,
  policy: PasswordPolicy,
  owner: PasswordOwner,
): PasswordProblem[] {
  const problems: PasswordProblem[] = [];
  const length = Array.from(password).length;
  if (length < policy.min) {
    problems.push({ code: 'too_short', text: `Mật khẩu phải có ít nhất ${two(policy.min)} ký tự` });
  }
  if (new TextEncoder().encode(password).length > MOST_BYTES) {
    problems.push({ code: 'too_long', text: 'Mật khẩu quá dài' });
  }
  problems.push(...classProblems(password, policy));
  if (
    policy.noPersonalInfo === true &&
    personalParts(owner).some((part) => foldPlain(password).includes(part))
  ) {
    problems.push({ code: 'personal_info', text: 'Mật khẩu không được chứa thông tin cá nhân' });
  }
  return problems;
}

/** The policy in words: "ít nhất 08 ký tự, gồm chữ in hoa, chữ thường và ký tự đặc biệt". */
export function policyWords({ min, classes = [], classesAtLeast, noPersonalInfo }: PasswordPolicy): string {
  const all = CLASSES.map(([, , name]) => name);
  const named = CLASSES.filter(([name]) => classes.includes(name)).map(([, , name]) => name);
  const parts = [
    `ít nhất ${two(min)} ký tự`,
    ...(named.length > 0 ? [`gồm ${joined(named, 'và')}`] : []),
    ...(classesAtLeast === undefined
      ? []
      : [`gồm ít nhất ${two(classesAtLeast)} trong ${two(all.length)} loại ký tự (${all.join(', ')})`]),
    ...(noPersonalInfo === true ? ['không chứa thông tin cá nhân'] : []),
  ];
  return parts.join(', ');
}

const joined = (words: readonly string[], last: string): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1) ?? ''}`;

const two = (n: number): string => String(n).padStart(2, '0');

function classProblems(
  password: string,
  { classes = [], classesAtLeast = 0 }: PasswordPolicy,
): PasswordProblem[] {
  const present = CLASSES.filter(([, pattern]) => pattern.test(password)).map(([name]) => name);
  const missing = CLASSES.filter(([name]) => classes.includes(name) && !present.includes(name));
  const problems = missing.map(([, , label]): PasswordProblem => ({
    code: 'class_missing',
    text: `Mật khẩu phải có ${label}`,
  }));
  if (present.length < classesAtLeast) {
    const text = `Mật khẩu phải có ít nhất ${classesAtLeast} trong 4 loại: chữ thường, chữ in hoa, chữ số, ký tự đặc biệt`;
    problems.push({ code: 'too_few_classes', text });
  }
  return problems;
}

const foldPlain = (text: string): string => foldName(text).replaceAll(' ', '');

/** Name words of three letters and more, the local part, phone, and birth date in the usual spellings. */
function personalParts(owner: PasswordOwner): string[] {
  const [day = '', month = '', year = ''] = (owner.birthDate ?? '').split(/\D+/u);
  const dates = year.length === 4 ? [year, day + month + year, day + month + year.slice(2)] : [];
  const words = foldName(owner.fullName).split(' ');
  const phone = (owner.phone ?? '').replaceAll(/\D/gu, '');
  const parts = [
    ...words,
    foldPlain(owner.fullName),
    foldPlain(owner.address.split('@')[0]!),
    phone,
    ...dates,
  ];
  return parts.filter((part) => part.length >= 3);
}

/** No 0/O, 1/l/I, 5/S, 2/Z, 8/B, nor signs that are hard to dictate. */
const GLYPHS = ['ACDEFGHJKLMNPQRTUVWXY', 'abcdefghijkmnpqrstuvwxyz', '34679', '@#%&*+=?'] as const;
/** Meets every shipped policy, administrators' included (QB-8.1: 14). */
export const GENERATED_LENGTH = 14;

/**
 * A random password with all four classes.
 * @param below uniform random integer in [0, n), from a cryptographic source
 */
export function generatePassword(below: (n: number) => number, length = GENERATED_LENGTH): string {
  const all = GLYPHS.join('');
  const pick = (glyphs: string): string => glyphs[below(glyphs.length)]!;
  const signs = [...GLYPHS.map(pick), ...Array.from({ length: length - GLYPHS.length }, () => pick(all))];
  for (let i = signs.length - 1; i > 0; i -= 1) {
    const j = below(i + 1);
    [signs[i], signs[j]] = [signs[j]!, signs[i]!];
  }
  return signs.join('');
}
