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
import type { Finding } from './own-check.ts';
import type { RawLetter } from './raw-letter.ts';
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
  if (!author.ok) return { method: 'none', result: 'fail', domain: null, detail: `author ${author.fault}` };
  const domain = domainOf(author.address);
  const proof = (method: SenderProof['method'], { result, detail }: Finding): SenderProof => ({
    method,
    result,
    domain: result === 'pass' ? domain : null,
    detail,
  });
  if (session.authenticatedAs !== null)
    return proof('submission', submission(session.authenticatedAs, author.address));
  const relayed = covers(options.trustedRelays, session.remoteAddress);
  const method = relayed ? 'trusted-relay' : 'own-check';
  try {
    const head = readHead(await firstBytes(letter.raw, MAX_HEAD));
    if (relayed) return proof(method, relayFinding(head, domain, options.authservId));
    const signatures = valuesOf(head, 'dkim-signature').length;
    if (signatures > MAX_SIGNATURES)
      return proof(method, { result: 'fail', detail: `${signatures} DKIM signatures` });
    return proof(
      method,
      await ownCheck({ ...letter, ...session, author: author.address }, ask, options.hostname),
    );
  } catch (error) {
    return proof(method, { result: 'temperror', detail: causeText(error).slice(0, 200) });
  }
}

/** An account writes for itself only; a deputy's letter needs the deputy's own account. */
const submission = (account: string, author: string): Finding => ({
  result: account.toLowerCase() === author ? 'pass' : 'fail',
  detail: `auth=${account}`,
});

const relayFinding = (head: Head, domain: string, authservId: string | null): Finding =>
  authservId === null
    ? { result: 'fail', detail: 'no authserv-id configured' }
    : relayCheck(head, domain, authservId);

async function firstBytes(raw: RawLetter, most: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of raw.chunks()) {
    pieces.push(piece);
    size += piece.length;
    if (size >= most) break;
  }
  return Buffer.concat(pieces).subarray(0, most);
}
