import type { Context, MiddlewareHandler } from 'hono';
import type { html } from 'hono/html';
import type { Account, Session } from '../store/accounts.ts';
import type { Language, Say } from './words.ts';

/** What every page of the console knows about its visitor. */
export interface Visit {
  readonly language: Language;
  readonly say: Say;
  /** The cookie's token; there is one before anybody has logged in, so that the login form is guarded too. */
  readonly token: string;
  readonly csrf: string;
  readonly client: string;
  readonly known: { readonly account: Account; readonly session: Session } | null;
}

export interface Env {
  Variables: { visit: Visit; form: Form };
}
export type Page = Context<Env>;
export type Markup = ReturnType<typeof html>;
export type Guard = MiddlewareHandler<Env>;

/** A submitted form, read once. Texts are trimmed, NFC, and without control characters except line breaks. */
export interface Form {
  readonly text: (name: string) => string;
  readonly all: (name: string) => string[];
  readonly checked: (name: string) => boolean;
  readonly file: (name: string) => File | null;
  readonly names: () => string[];
}

/** Longer than any field of the console; a list goes as a file. */
const MOST_CHARACTERS = 20_000;

export function formOf(data: FormData): Form {
  const all = (name: string): string[] =>
    data.getAll(name).flatMap((value) => (typeof value === 'string' ? [cleaned(value)] : []));
  const text = (name: string): string => all(name)[0] ?? '';
  return {
    text,
    all,
    checked: (name) => text(name) !== '',
    names: () => [...new Set(data.keys())],
    file(name) {
      const value = data.get(name);
      return value === null || typeof value === 'string' || value.size === 0 ? null : value;
    },
  };
}

const cleaned = (value: string): string =>
  value
    .slice(0, MOST_CHARACTERS)
    .toWellFormed()
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[\u0000-\u0009\u000b-\u001f\u007f\u2028\u2029]/g, ' ')
    .normalize('NFC')
    .trim();

/** The account behind a page that only logged-in people reach. */
export function me(c: Page): Account {
  const known = c.get('visit').known;
  if (known === null) throw new Error('a page for known visitors was reached without a login');
  return known.account;
}
