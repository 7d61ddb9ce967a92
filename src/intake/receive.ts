import { appendEach } from '../mail-log/append.ts';
import { createAppender } from '../mail-log/appender.ts';
import { senderRefused } from '../mail-log/events.ts';
import { admitSender } from '../rules/admission.ts';
import { isReturnPath, takeReturned } from './bounces.ts';
import { NO_SUCH_RETURN_PATH } from './door-replies.ts';
import type { Gatekeeper, Incoming } from './gatekeeper.ts';
import { IN_MEMORY } from './spool.ts';
import { readLetter, takeIn, worldFor, type ReadLetter, type ReceiveDeps, type Received } from './take-in.ts';
import { createTogether } from '../together.ts';

/** While one group is written the next is gathered; two at once make smaller groups and cost more (bench accept). */
const SMALL_LANES = 1;
const LARGE_LANES = 2;
/** Letters of one transaction; of more than this at once the first would wait for the last. */
const MOST_LETTERS = 64;
const MOST_LOOKUPS = 256;

/**
 * THE FUNNEL: every door ends here. Parses the head, asks rules/admission, and in one transaction writes letter,
 * bytes and log entry; only then is the answer 250. A throw means trouble of ours: the door says 451 and the peer
 * comes again, which the digest recognises (RFC 1047).
 */
export async function receive(incoming: Incoming, deps: ReceiveDeps): Promise<Received> {
  const letter = await readLetter(incoming, deps);
  const [received] = await deps.db.transaction((tx) => takeIn(tx, [letter], deps));
  deps.wake();
  return received!;
}

/** The funnel for many at once: small letters that come together are written in one transaction. */
function createFunnel(deps: ReceiveDeps): (incoming: Incoming) => Promise<Received> {
  const takeTogether = (letters: readonly ReadLetter[]): Promise<Received[]> =>
    deps.db.transaction((tx) => takeIn(tx, letters, deps));
  const small = createTogether({ work: takeTogether, lanes: SMALL_LANES, most: MOST_LETTERS });
  // A large letter takes its time; the small ones do not wait for it, and it must not take every connection there is.
  const large = createTogether({ work: takeTogether, lanes: LARGE_LANES, most: 1 });
  return async (incoming) => {
    const letter = await readLetter(incoming, deps);
    const received = await (incoming.raw.size > IN_MEMORY ? large : small)(letter);
    deps.wake();
    return received;
  };
}

/** The SMTP door's port: early refusals at RCPT, everything else in the funnel. */
export function createGatekeeper(deps: ReceiveDeps): Gatekeeper {
  const funnel = createFunnel(deps);
  const note = createAppender((entries) => deps.db.transaction((tx) => appendEach(tx.sql, entries)));
  const lookUp = createTogether({
    lanes: SMALL_LANES,
    most: MOST_LOOKUPS,
    async work(addresses: readonly (string | null)[]) {
      const world = await deps.db.transaction((tx) => worldFor(tx, addresses, deps));
      return addresses.map(() => world);
    },
  });
  return {
    connection: () => Promise.resolve(null),
    mailFrom: () => Promise.resolve(null),
    async rcptTo(recipient, session, from) {
      const returnPath = await isReturnPath(deps.db, recipient, deps.bounces);
      if (returnPath !== null) return returnPath ? null : NO_SUCH_RETURN_PATH;
      const refusal = admitSender({ from, recipient }, await lookUp(from));
      if (refusal === null) return null;
      deps.count?.('refused', refusal.reason);
      const mail = { sender: from, recipient, client: session.remoteAddress };
      const entry = senderRefused({ ...mail, reason: refusal.reason, detail: refusal.reply.text });
      await note(deps.clock.now(), entry);
      return refusal.reply;
    },
    async receive(incoming) {
      const returned = await takeReturned(deps.db, incoming, deps.bounces, deps.clock);
      if (returned !== null) {
        deps.count?.('returned', '');
        return returned;
      }
      const received = await funnel(incoming);
      deps.count?.(...fateOf(received));
      return received.reply;
    },
  };
}

function fateOf({ admission, duplicate }: Received): [outcome: string, reason: string] {
  if (duplicate) return ['duplicate', ''];
  switch (admission.decision) {
    case 'accept':
      return ['accepted', ''];
    case 'quarantine':
      return ['quarantined', admission.reason];
    case 'refuse':
      return ['refused', admission.reason];
    case 'ignore':
      return ['ignored', admission.reason];
    case 'retry':
      return ['retry', ''];
  }
}
