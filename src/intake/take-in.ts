import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { appendEach } from '../mail-log/append.ts';
import type { LogEvent } from '../mail-log/event.ts';
import {
  letterDuplicate,
  letterIgnored,
  letterQuarantined,
  letterReceived,
  senderRefused,
  type MailFields,
} from '../mail-log/events.ts';
import type { BounceAddresses } from '../notices/bounce-address.ts';
import { admit, type Admission, type AdmissionWorld } from '../rules/admission.ts';
import { localTime } from '../rules/calendar.ts';
import type { LetterFacts, SenderProof } from '../rules/letter-facts.ts';
import type { Regulation } from '../rules/regulation.ts';
import type { IntakeAddress } from '../rules/regulations.ts';
import type { Reply } from '../rules/reply.ts';
import { detectKinds } from '../rules/request-kinds.ts';
import type { Database, Tx } from '../store/database.ts';
import { addBytes } from '../store/letter-bytes.ts';
import { addLetters, letterByDigest, type NewLetter } from '../store/letters.ts';
import { sendersOf } from '../store/registry.ts';
import type { Incoming } from './gatekeeper.ts';
import { parseLetter, type ParsedLetter } from './parse.ts';
import { tellRefusal } from './refusal-notice.ts';
import { markOf, sealReason } from './seal-reason.ts';
import { storable } from './storable.ts';

export interface ReceiveDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly regulations: readonly Regulation[];
  readonly intakes: readonly IntakeAddress[];
  /** Addresses our own notices come from. */
  readonly ownAddresses: readonly string[];
  /** How the author's domain was proven for this letter. */
  readonly prove: (incoming: Incoming, letter: ParsedLetter) => Promise<SenderProof>;
  readonly door: string;
  /** Return paths of our notices; null when all come back to one address. */
  readonly bounces: BounceAddresses | null;
  /** Set where no reply reaches the sender: refusals are told by mail, under this name. */
  readonly tellRefusalsAs: string | null;
  /** Tells the runners, after the commit, that there is something to do. */
  readonly wake: () => void;
  /** Counts what became of a letter; `reason` is a code of rules/admission or empty. */
  readonly count?: (outcome: string, reason: string) => void;
}

/** A letter's fate at the door, with the letter's id where one was stored. */
export interface Received {
  readonly reply: Reply;
  readonly admission: Admission;
  readonly letter: string | null;
  readonly duplicate: boolean;
}

/** A letter that has been read and whose sender's proof is known; nothing of it has been decided. */
export interface ReadLetter {
  readonly incoming: Incoming;
  readonly facts: LetterFacts;
  readonly kinds: AdmissionWorld['kinds'];
}

const taken = (text: string): Reply => ({ code: 250, status: '2.0.0', text });

export async function readLetter(incoming: Incoming, deps: ReceiveDeps): Promise<ReadLetter> {
  const parsed = storable(await parseLetter(incoming.raw));
  const proof = await deps.prove(incoming, parsed);
  const { envelopeFrom, recipients } = incoming;
  const facts: LetterFacts = { ...parsed, envelopeFrom, recipients, proof };
  return { incoming, facts, kinds: detectKinds(`${facts.subject}\n${facts.bodyText}`) };
}

/**
 * Decides about letters and writes what becomes of them, in the caller's transaction: letter, bytes and log entries, in
 * the order of the letters. Whether one letter or a hundred, the database is asked as often.
 */
export async function takeIn(tx: Tx, letters: readonly ReadLetter[], deps: ReceiveDeps): Promise<Received[]> {
  const authors = letters.flatMap(({ facts: { envelopeFrom, author } }) => [
    envelopeFrom,
    author.ok ? author.address : null,
  ]);
  const senders = await worldFor(tx, authors, deps);
  const judged = letters.map((letter) => {
    const world = { ...senders, kinds: letter.kinds };
    const admission = admit(letter.facts, world);
    const { decision } = admission;
    const wanted =
      decision === 'accept' || decision === 'quarantine' ? wantedRow(letter, admission, world, deps) : null;
    return { letter, admission, wanted };
  });
  // Two gateways that got the same letters in another order must not wait for each other for ever.
  const wanted = judged
    .flatMap((one) => one.wanted ?? [])
    .sort((one, other) => Buffer.compare(one.row.digest, other.row.digest));
  const added = await addLetters(
    tx,
    wanted.map(({ row }) => row),
  );
  const bytes = wanted
    .filter(({ row }) => added.has(row.id))
    .map(({ row, incoming }) => ({ letter: row.id, size: incoming.raw.size, chunks: incoming.raw.chunks() }));
  await addBytes(tx, bytes);
  const events: { at: Date; event: LogEvent }[] = [];
  const results: Received[] = [];
  for (const { letter, admission, wanted } of judged) {
    const at = deps.clock.now();
    const { received, log } =
      wanted === null
        ? await turnedAway(tx, letter, admission, at, deps)
        : await stored(tx, wanted, admission, added.has(wanted.row.id));
    events.push(...log.map((event) => ({ at, event })));
    results.push(received);
  }
  await appendEach(tx.sql, events);
  return results;
}

interface Fate {
  readonly received: Received;
  readonly log: readonly LogEvent[];
}

async function turnedAway(
  tx: Tx,
  { incoming, facts }: ReadLetter,
  admission: Admission,
  at: Date,
  deps: ReceiveDeps,
): Promise<Fate> {
  const about = logged(incoming, facts);
  const none = { admission, letter: null, duplicate: false };
  if (admission.decision === 'ignore')
    return {
      received: { ...none, reply: taken('received') },
      log: [letterIgnored({ ...about, why: admission.reason })],
    };
  if (admission.decision !== 'refuse' && admission.decision !== 'retry')
    throw new Error(`a letter to be kept (${admission.decision}) came to be turned away`);
  const { reply } = admission;
  const reason = admission.decision === 'refuse' ? admission.reason : 'retry';
  const refused = senderRefused({ ...about, reason, detail: `${facts.proof.detail} → ${reply.text}` });
  const intake = deps.intakes.find(({ address }) => facts.recipients.includes(address));
  const told =
    admission.decision === 'refuse' && deps.tellRefusalsAs !== null && intake !== undefined
      ? await tellRefusal(
          tx,
          {
            facts,
            receivedAt: incoming.receivedAt,
            reason: admission.reason,
            regulation: intake.regulation,
          },
          deps.tellRefusalsAs,
          at,
        )
      : [];
  return { received: { ...none, reply }, log: [refused, ...told] };
}

interface Wanted {
  readonly incoming: Incoming;
  readonly row: NewLetter;
  readonly about: MailFields & { readonly unit: string | null };
  /** Why it is sealed, or null. */
  readonly sealed: string | null;
  readonly proof: SenderProof;
}

function wantedRow(
  { incoming, facts }: ReadLetter,
  admission: Extract<Admission, { decision: 'accept' | 'quarantine' }>,
  world: AdmissionWorld,
  deps: ReceiveDeps,
): Wanted {
  const sender = facts.author.ok ? facts.author.address : (facts.envelopeFrom ?? '');
  const mark = admission.decision === 'accept' && admission.sealed ? null : markOf(facts);
  const sealed = sealReason(facts, admission, mark);
  // Of a letter with a secrecy mark no word is kept or logged beside its sealed bytes (requirements.md §6.5).
  const known = mark === null ? facts : { ...facts, subject: '', bodyText: '', attachments: [] };
  const who = world.senderOf(sender);
  const unit =
    admission.decision === 'accept' ? admission.unit.code : who.kind === 'unknown' ? null : who.unit.code;
  const row = {
    id: randomUUID(),
    receivedAt: incoming.receivedAt,
    door: deps.door,
    client: incoming.session.remoteAddress,
    regulation: admission.decision === 'accept' ? admission.regulation.id : (deps.regulations[0]?.id ?? ''),
    unit,
    sender,
    person: admission.decision === 'accept' ? (admission.person?.address ?? null) : null,
    messageId: facts.messageId,
    size: facts.size,
    digest: createHash('sha256').update(`${sender}\n${incoming.raw.sha256}`).digest(),
    kinds: admission.decision === 'accept' ? [...admission.kinds] : [],
    facts: known,
    state: sealed === null ? ('received' as const) : ('quarantine' as const),
    reason: sealed,
    dueAt: deps.clock.now(),
  };
  return { incoming, row, sealed, proof: facts.proof, about: { ...logged(incoming, known), unit } };
}

async function stored(
  tx: Tx,
  { row, about, sealed, proof }: Wanted,
  admission: Admission,
  added: boolean,
): Promise<Fate> {
  if (!added) {
    const first = await letterByDigest(tx.orm, row.digest);
    const letter = first?.id ?? null;
    return {
      received: { reply: taken('received before, nothing to do'), admission, letter, duplicate: true },
      log: [letterDuplicate({ ...about, letter, dossier: first?.dossier ?? null })],
    };
  }
  const letter = row.id;
  const event =
    sealed === null
      ? letterReceived({ ...about, letter, detail: proof.detail })
      : letterQuarantined({ ...about, letter, why: sealed });
  return {
    received: { reply: taken(`received as ${letter}`), admission, letter, duplicate: false },
    log: [event],
  };
}

function logged(incoming: Incoming, facts: LetterFacts): MailFields {
  return {
    sender: facts.author.ok ? facts.author.address : incoming.envelopeFrom,
    recipient: incoming.recipients.join(' '),
    client: incoming.session.remoteAddress,
    size: incoming.raw.size,
    messageId: facts.messageId,
    subject: facts.subject,
  };
}

/** rules/ never wait: whoever may be asked about is looked up beforehand. */
export async function worldFor(
  tx: Tx,
  addresses: readonly (string | null)[],
  deps: Pick<ReceiveDeps, 'regulations' | 'intakes' | 'ownAddresses' | 'clock'>,
): Promise<Omit<AdmissionWorld, 'kinds'>> {
  const today = localTime(deps.clock.now()).date;
  const asked = addresses.filter((address) => address !== null);
  const known = await sendersOf(tx, asked, today);
  return {
    regulations: deps.regulations,
    intakeAddresses: deps.intakes,
    senderOf: (address) => known.get(address) ?? { kind: 'unknown' },
    ownAddresses: deps.ownAddresses,
    now: deps.clock.now(),
  };
}
