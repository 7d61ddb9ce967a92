import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

import { authenticate } from 'mailauth';
import type { AuthenticateResult, DKIMResult } from 'mailauth';

import { aligned, domainOf } from './alignment.ts';
import type { RawLetter } from './raw-letter.ts';
import type { Ask } from './resolver.ts';

/** The judgement of one way to prove a sender, before it is known whose it is. */
export interface Finding {
  readonly result: 'pass' | 'fail' | 'temperror';
  readonly detail: string;
}

export interface Question {
  readonly raw: RawLetter;
  /** The one address `authorOf` found, lower-case. */
  readonly author: string;
  readonly envelopeFrom: string | null;
  /** null for a letter that lay in a mailbox: who delivered it cannot be told any more, so SPF says nothing. */
  readonly client: { readonly remoteAddress: string; readonly helo: string } | null;
}

/** Eight-query walks for several names over a slow resolver end here; the sender tries again. */
const MAX_MS = 20_000;

/**
 * Each signature may ask for its own hash of the whole body: 500 of them over 50 MB take a processor for half a minute.
 * A letter that passed three systems has three.
 */
export const MAX_SIGNATURES = 10;

/** RFC 8301 §3.2: verifiers must not accept shorter keys. */
const MIN_KEY_BITS = 1024;

/**
 * SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489) by mailauth with our resolver. An aligned pass is required:
 * DMARC's own where the domain publishes a policy, else a DKIM signature or SPF domain aligned with the author's.
 */
export async function ownCheck(question: Question, ask: Ask, hostname: string): Promise<Finding> {
  const letter = Readable.from(question.raw.chunks(), { objectMode: false });
  const clock = new AbortController();
  const timeout = sleep(MAX_MS, null, { signal: clock.signal }).catch(() => null);
  try {
    const verdict = await Promise.race([verify(letter, question, ask, hostname), timeout]);
    return verdict === null ? { result: 'temperror', detail: 'DNS took too long' } : judge(verdict, question);
  } finally {
    clock.abort();
    // A check nobody waits for any more must not go on reading.
    letter.destroy();
  }
}

const verify = (
  letter: Readable,
  question: Question,
  ask: Ask,
  hostname: string,
): Promise<AuthenticateResult> =>
  authenticate(letter, {
    sender: question.client === null ? '' : (question.envelopeFrom ?? ''),
    ip: question.client?.remoteAddress ?? '',
    helo: question.client?.helo ?? '',
    mta: hostname,
    resolver: ask,
    minBitLength: MIN_KEY_BITS,
    // RFC 8301 §3.1: sha1 signatures are forgeable at a price a forger may pay.
    rejectRsaSha1: true,
    disableArc: true,
    disableBimi: true,
  });

function judge({ dkim, spf, dmarc }: AuthenticateResult, { author, client }: Question): Finding {
  const detail = summary({ dkim, spf, dmarc });
  const domain = domainOf(author);
  // Another parser must have read the same author, or it has proven somebody else.
  const sameAuthor =
    dkim.fromFields === 1 && dkim.headerFrom.length === 1 && dkim.headerFrom[0]?.toLowerCase() === author;
  if (!sameAuthor || dmarc === false) return { result: 'fail', detail };
  const policy = dmarc.status.result;
  const byPolicy = policy === 'pass';
  const spfDomain = spf === false ? '' : spf.domain;
  const speaks = {
    dkim: dkim.results.filter((row) =>
      byPolicy ? row.status.aligned : aligned(row.signingDomain ?? '', domain),
    ),
    spf:
      client !== null && (byPolicy ? dmarc.alignment.spf.result !== undefined : aligned(spfDomain, domain)),
  };
  const spfResult = spf === false ? 'none' : spf.status.result;
  const passes = speaks.dkim.some(coversAll) || (speaks.spf && spfResult === 'pass');
  if (passes && (byPolicy || policy === 'none')) return { result: 'pass', detail };
  const unknown =
    policy === 'temperror' ||
    (speaks.spf && spfResult === 'temperror') ||
    speaks.dkim.some(({ status }) => status.result === 'temperror');
  return { result: unknown ? 'temperror' : 'fail', detail };
}

/** A signature with `l=` leaves room for anybody's words below it. */
const coversAll = ({ status }: DKIMResult): boolean =>
  status.result === 'pass' && (status.underSized ?? 0) === 0;

function summary({ dkim, spf, dmarc }: Pick<AuthenticateResult, 'dkim' | 'spf' | 'dmarc'>): string {
  const signatures = dkim.results.map((row) => `dkim=${row.status.result} (d=${row.signingDomain ?? ''})`);
  const sender = spf === false ? 'spf=none' : `spf=${spf.status.result} (${spf.domain})`;
  const text = [`dmarc=${dmarc === false ? 'undefined' : dmarc.status.result}`, ...signatures, sender].join(
    ' ',
  );
  // Domains of a stranger's choice go into our log.
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
}
