import type { BlockList } from 'node:net';

import { causeText } from '../errors.ts';
import type { Author, SenderProof } from '../rules/letter-facts.ts';
import { domainOf } from './alignment.ts';
import type { SmtpSession } from './gatekeeper.ts';
import { readHead, valuesOf } from './head.ts';
import type { Head } from './head.ts';
import { covers } from './networks.ts';
import { MAX_HEAD } from './outline.ts';
import { MAX_SIGNATURES, ownCheck } from './own-check.ts';
import type { Finding, Question } from './own-check.ts';
import { firstBytes, type RawLetter } from './raw-letter.ts';
import { relayCheck } from './relay-check.ts';
import type { Ask } from './resolver.ts';

export interface SenderProofOptions {
  readonly trustedRelays: BlockList;
  /** The name the trusted relays write into Authentication-Results; null = they write none, so none is believed. */
  readonly authservId: string | null;
  /** Our own name, for the checks that mention it. */
  readonly hostname: string;
}

export interface Unproven {
  readonly raw: RawLetter;
  readonly author: Author;
  readonly envelopeFrom: string | null;
  readonly session: Pick<SmtpSession, 'remoteAddress' | 'helo' | 'authenticatedAs'>;
}

/**
 * Proves that the letter comes from where its author's address says (requirements.md §6.3; `From:` alone is worthless):
 * by the unit's own login, by what a trusted relay found, or by our own SPF, DKIM and DMARC check. Never throws:
 * whatever could not be found out is `temperror`.
 */
export async function proveSender(
  letter: Unproven,
  options: SenderProofOptions,
  ask: Ask,
): Promise<SenderProof> {
  const { author, session } = letter;
  if (author.ok && session.authenticatedAs !== null)
    return proofBy('submission', author.address, submission(session.authenticatedAs, author.address));
  const relayed = covers(options.trustedRelays, session.remoteAddress);
  return proveByHead({ ...letter, client: session }, relayed, options, ask);
}

/**
 * The same for a letter that lay in a mailbox: its server speaks by the Authentication-Results it puts on top (it must
 * remove those that others wrote in its name, RFC 8601 §5); one without an authserv-id leaves us the DKIM signatures.
 */
export function proveStoredSender(
  letter: Omit<Unproven, 'session'>,
  options: Omit<SenderProofOptions, 'trustedRelays'>,
  ask: Ask,
): Promise<SenderProof> {
  return proveByHead({ ...letter, client: null }, options.authservId !== null, options, ask);
}

async function proveByHead(
  letter: Omit<Unproven, 'session'> & { readonly client: Question['client'] },
  relayed: boolean,
  options: Omit<SenderProofOptions, 'trustedRelays'>,
  ask: Ask,
): Promise<SenderProof> {
  const { author } = letter;
  if (!author.ok) return { method: 'none', result: 'fail', domain: null, detail: `author ${author.fault}` };
  const method = relayed ? 'trusted-relay' : 'own-check';
  const proof = (finding: Finding): SenderProof => proofBy(method, author.address, finding);
  try {
    const head = readHead(await firstBytes(letter.raw, MAX_HEAD));
    if (relayed) return proof(relayFinding(head, domainOf(author.address), options.authservId));
    const signatures = valuesOf(head, 'dkim-signature').length;
    if (signatures > MAX_SIGNATURES)
      return proof({ result: 'fail', detail: `${signatures} DKIM signatures` });
    return proof(await ownCheck({ ...letter, author: author.address }, ask, options.hostname));
  } catch (error) {
    return proof({ result: 'temperror', detail: causeText(error).slice(0, 200) });
  }
}

const proofBy = (
  method: SenderProof['method'],
  address: string,
  { result, detail }: Finding,
): SenderProof => ({ method, result, domain: result === 'pass' ? domainOf(address) : null, detail });

/** An account writes for itself only; a deputy's letter needs the deputy's own account. */
const submission = (account: string, author: string): Finding => ({
  result: account.toLowerCase() === author ? 'pass' : 'fail',
  detail: `auth=${account}`,
});

const relayFinding = (head: Head, domain: string, authservId: string | null): Finding =>
  authservId === null
    ? { result: 'fail', detail: 'no authserv-id configured' }
    : relayCheck(head, domain, authservId);
