import { append } from '../mail-log/append.ts';
import { loginFailed, loginOk } from '../mail-log/events.ts';
import { GUESSES } from '../rules/accounts.ts';
import {
  accountByName,
  countGuess,
  forgetGuesses,
  useRecoveryCode,
  useTotpStep,
  type Account,
} from '../store/accounts.ts';
import type { Inside } from './deps.ts';
import { hashPassword, passwordMatches } from './password-hash.ts';
import { recoveryHash, stepOfCode } from './totp.ts';

export type Entry =
  | { readonly result: 'in'; readonly account: Account }
  | { readonly result: 'wrong' }
  /** Too many guesses: even the right answer is refused until the window has passed. */
  | { readonly result: 'throttled' };

interface Attempt {
  readonly name: string;
  readonly client: string;
}

/** Is this the account's password? An unknown name takes as long to refuse as a wrong password. */
export async function enterByPassword(
  inside: Inside,
  attempt: Attempt & { readonly password: string },
): Promise<Entry> {
  return guess(inside, attempt, async (account) => {
    const hash = account?.passwordHash ?? null;
    if (hash === null) {
      await hashPassword(attempt.password);
      return false;
    }
    return (await passwordMatches(attempt.password, hash)) && account?.disabledAt === null;
  });
}

/** Is this a code of the account's authenticator, or one of its recovery codes? Each works once. */
export async function enterByCode(
  inside: Inside,
  attempt: Attempt & { readonly code: string },
): Promise<Entry> {
  return guess(inside, attempt, (account) => codeCounts(inside, account, attempt.code));
}

async function codeCounts(
  { db, seal, clock }: Inside,
  account: Account | null,
  given: string,
): Promise<boolean> {
  const sealed = account?.totpSecret ?? null;
  if (account === null || sealed === null) return false;
  const digits = given.replaceAll(/\s/g, '');
  if (!/^\d{6}$/.test(digits)) {
    return db.transaction((tx) => useRecoveryCode(tx, account.name, recoveryHash(given)));
  }
  const step = stepOfCode(seal.open(sealed), digits, clock.now());
  return step !== null && db.transaction((tx) => useTotpStep(tx, account.name, step));
}

/** One guess: counted before it is checked, so that many at the same time gain nothing. */
async function guess(
  inside: Inside,
  { name, client }: Attempt,
  right: (account: Account | null) => Promise<boolean>,
): Promise<Entry> {
  const { db, clock } = inside;
  const { counts, account } = await db.transaction(async (tx) => ({
    counts: {
      account: await countGuess(tx, `account:${name}`, clock.now(), GUESSES.windowMinutes),
      address: await countGuess(tx, `address:${client}`, clock.now(), GUESSES.windowMinutes),
    },
    account: await accountByName(tx.orm, name),
  }));
  if (counts.account > GUESSES.account || counts.address > GUESSES.address) {
    const first = counts.account === GUESSES.account + 1 || counts.address === GUESSES.address + 1;
    if (first) await failed(inside, account, client, 'too many attempts');
    return { result: 'throttled' };
  }
  if (!(await right(account)) || account === null) {
    await failed(inside, account, client, 'wrong name, password or code');
    return { result: 'wrong' };
  }
  await db.transaction((tx) => forgetGuesses(tx, `account:${name}`));
  return { result: 'in', account };
}

/** A name that is no account may be a password typed into the wrong field: it never reaches the log. */
async function failed(
  { db, clock }: Inside,
  account: Account | null,
  client: string,
  detail: string,
): Promise<void> {
  const actor = account?.name ?? 'unknown';
  await db.transaction((tx) => append(tx.sql, clock.now(), loginFailed({ actor, client, detail })));
}

/** The visitor is wholly in. */
export async function noteLogin(
  { db, clock }: Inside,
  actor: string,
  client: string,
  detail: string,
): Promise<void> {
  await db.transaction((tx) => append(tx.sql, clock.now(), loginOk({ actor, client, detail })));
}
