import { Refusal, TROUBLE } from '../rules/reply.ts';
import { NO_SPACE, type DoorReply } from './door-replies.ts';
import type { SmtpSession } from './gatekeeper.ts';
import { isShortage } from './shortage.ts';

export type Stage = 'connection' | 'auth' | 'mail' | 'rcpt' | 'data' | 'receive';

/** What MAIL and RCPT have named so far. */
export interface Envelope {
  readonly from: string | null;
  readonly recipients: readonly string[];
}

/** What the door tells its log. `cause` never reaches the peer. */
export type DoorEvent =
  /** The peer heard a reply other than 250. */
  | {
      readonly event: 'refused';
      readonly stage: Stage;
      readonly session: SmtpSession;
      readonly reply: DoorReply;
      readonly envelope: Envelope;
      /** Present when the refusal was thrown, so that whoever threw it has written nothing. */
      readonly cause?: unknown;
    }
  /** Something of ours failed and the peer heard `TROUBLE` or `NO_SPACE`. */
  | {
      readonly event: 'trouble';
      readonly stage: Stage;
      readonly session: SmtpSession;
      readonly cause: unknown;
    }
  /** The gatekeeper answered after the peer had already heard `TROUBLE`; what it says now reaches nobody. */
  | {
      readonly event: 'late';
      readonly stage: Stage;
      readonly session: SmtpSession;
      readonly outcome: unknown;
    }
  /** A socket or TLS handshake broke. */
  | { readonly event: 'connection-lost'; readonly cause: unknown };

type Work = () => DoorReply | null | Promise<DoorReply | null>;

/** Asks and never throws: null or 250 lets the peer go on. `limitMs` null waits as long as the work takes. */
export type Ask = (
  stage: Stage,
  session: SmtpSession,
  work: Work,
  limitMs?: number | null,
) => Promise<DoorReply | null>;

/**
 * The one wrapper round everything a callback of the door does: a `Refusal` speaks its own reply; any other throw,
 * and silence longer than the limit, is trouble of ours and therefore temporary.
 */
export function createAsk(
  answerMs: number,
  envelopeOf: (session: SmtpSession) => Envelope,
  log: (event: DoorEvent) => void,
): Ask {
  const refused = (
    stage: Stage,
    session: SmtpSession,
    thrown: { reply: DoorReply; cause?: unknown },
  ): void => {
    log({ event: 'refused', stage, session, envelope: envelopeOf(session), ...thrown });
  };
  return async (stage, session, work, limitMs = answerMs) => {
    try {
      const reply = await within(
        limitMs,
        async () => work(),
        (outcome) => {
          log({ event: 'late', stage, session, outcome });
        },
      );
      if (reply !== null && reply.code !== 250) refused(stage, session, { reply });
      return reply;
    } catch (error) {
      if (error instanceof Refusal) {
        refused(stage, session, { reply: error.reply, cause: error.cause });
        return error.reply;
      }
      log({ event: 'trouble', stage, session, cause: error });
      return isShortage(error) ? NO_SPACE : TROUBLE;
    }
  };
}

async function within<T>(
  limitMs: number | null,
  work: () => Promise<T>,
  late: (outcome: unknown) => void,
): Promise<T> {
  if (limitMs === null) return work();
  return new Promise<T>((resolve, reject) => {
    let inTime = true;
    const timer = setTimeout(() => {
      inTime = false;
      reject(new Error(`no answer within ${limitMs} ms`));
    }, limitMs);
    const settle =
      <V>(tell: (value: V) => void) =>
      (value: V): void => {
        clearTimeout(timer);
        if (inTime) tell(value);
        else late(value);
      };
    work().then(settle(resolve), settle(reject));
  });
}
