import type { ImapAccount } from '../imap-account.ts';
import { clientFor } from './imap-client.ts';

/** What the door makes use of: IDLE (RFC 2177) brings letters at once, MOVE (RFC 6851) moves them in one piece. */
const USED = ['IDLE', 'MOVE', 'UIDPLUS'];
const ANSWER_MS = 10_000;

/**
 * Logs in and opens the folder read-only; nothing is fetched, marked or made.
 * @throws what the server said, or that the token or the connection cannot be had
 */
export async function probeImapAccount(
  account: ImapAccount,
): Promise<{ readonly messages: number; readonly lacking: readonly string[] }> {
  const client = await clientFor(account, ANSWER_MS);
  try {
    await client.connect();
    const { exists } = await client.mailboxOpen(account.folder, { readOnly: true });
    return { messages: exists, lacking: USED.filter((name) => !client.capabilities.has(name)) };
  } catch (error) {
    const { responseText } = error as { responseText?: string };
    throw responseText === undefined ? error : new Error(responseText);
  } finally {
    client.close();
  }
}
