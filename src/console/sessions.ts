import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Database } from '../store/database.ts';
import { addSession, endSession, liveSession, type Account, type Session } from '../store/accounts.ts';

/** A lunch break ends a session; a working day ends it whatever happens. */
const IDLE_MS = 45 * 60_000;
const ABSOLUTE_MS = 10 * 3600_000;

export interface Sessions {
  newToken(): string;
  /** The token forms must carry; bound to the cookie, kept nowhere. */
  csrfOf(token: string): string;
  csrfMatches(token: string, given: string): boolean;
  find(token: string, now: Date): Promise<{ account: Account; session: Session } | null>;
  /** A fresh token for a visitor who has just proven something; the one before it is worth nothing any more. */
  open(entry: {
    account: string;
    client: string;
    proven: boolean;
    before: string;
    now: Date;
  }): Promise<string>;
  close(token: string): Promise<void>;
}

/** Sessions live in PostgreSQL under the SHA-256 of their token: a dump of the table opens none of them. */
export function createSessions(db: Database, secret: Uint8Array): Sessions {
  const newToken = (): string => randomBytes(32).toString('base64url');
  const csrfOf = (token: string): string =>
    createHmac('sha256', secret).update(`csrf:${token}`).digest('base64url');
  return {
    newToken,
    csrfOf,
    csrfMatches(token, given) {
      const [wanted, got] = [Buffer.from(csrfOf(token)), Buffer.from(given)];
      return wanted.length === got.length && timingSafeEqual(wanted, got);
    },
    find: (token, now) => db.transaction((tx) => liveSession(tx, hashOf(token), now, IDLE_MS)),
    async open({ account, client, proven, before, now }) {
      const token = newToken();
      await db.transaction(async (tx) => {
        await endSession(tx.orm, hashOf(before));
        await addSession(tx.orm, {
          tokenHash: hashOf(token),
          account,
          client,
          createdAt: now,
          seenAt: now,
          expiresAt: new Date(now.getTime() + ABSOLUTE_MS),
          provenAt: proven ? now : null,
        });
      });
      return token;
    },
    close: (token) => db.transaction((tx) => endSession(tx.orm, hashOf(token))),
  };
}

export const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
