import fs from 'node:fs';
import { ImapFlow } from 'imapflow';
import type { ImapAccount } from '../imap-account.ts';
import { accessToken } from './imap-token.ts';

/** A pause between two commands of ours is shorter; IDLE should begin soon after the last. */
const IDLE_AFTER_MS = 250;

/** A client for one watched mailbox, not connected yet. @throws when its OAuth2 token cannot be had */
export async function clientFor(account: ImapAccount, answerMs: number): Promise<ImapFlow> {
  const { login, user } = account;
  const auth =
    login.kind === 'password' ? { pass: login.password } : { accessToken: await accessToken(login.file) };
  const client = new ImapFlow({
    host: account.host,
    port: account.port,
    secure: account.tls === 'implicit',
    doSTARTTLS: account.tls === 'starttls',
    auth: { user, ...auth },
    ...(account.ca === null ? {} : { tls: { ca: fs.readFileSync(account.ca) } }),
    logger: false,
    autoIdleDelay: IDLE_AFTER_MS,
    connectionTimeout: answerMs,
    greetingTimeout: answerMs,
    socketTimeout: 4 * answerMs,
  });
  // Without a listener an 'error' event would end the process; the command under way rejects as well.
  client.on('error', () => undefined);
  return client;
}
