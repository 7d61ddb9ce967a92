import type { DoorReply } from './door-replies.ts';
import { TOO_MANY_PASSWORDS, WRONG_PASSWORD } from './door-replies.ts';

/**
 * Checks a unit's credentials (SMTP AUTH). Resolves to the account's name, or null when they are wrong; a throw is
 * trouble of ours and tells the client nothing about its password.
 */
export type Authenticate = (user: string, password: string) => Promise<string | null>;

/** Guessing through one connection ends here; a person who mistypes has found the right password by then. */
const TRIES = 3;

/** Resolves to the account's name, or to the refusal. `session` is the identity the tries are counted by. */
export type Login = (session: object, user: string, password: string) => Promise<string | DoorReply>;

export function createLogin(authenticate: Authenticate): Login {
  const failures = new WeakMap<object, number>();
  return async (session, user, password) => {
    const account = await authenticate(user, password);
    if (account !== null) return account.toLowerCase();
    const failed = (failures.get(session) ?? 0) + 1;
    failures.set(session, failed);
    return failed >= TRIES ? TOO_MANY_PASSWORDS : WRONG_PASSWORD;
  };
}
