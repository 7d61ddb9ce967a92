import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { append } from '../mail-log/append.ts';
import {
  letterDuplicate,
  letterIgnored,
  letterQuarantined,
  letterReceived,
  senderRefused,
  type MailFields,
} from '../mail-log/events.ts';
import { admit, admitSender, type Admission, type AdmissionWorld } from '../rules/admission.ts';
import type { RefusalReason } from '../rules/admission-replies.ts';
import { localTime } from '../rules/calendar.ts';
import type { LetterFacts, SenderProof } from '../rules/letter-facts.ts';
import type { Sender } from '../rules/registry.ts';
import type { Regulation } from '../rules/regulation.ts';
import type { IntakeAddress } from '../rules/regulations.ts';
import type { Reply } from '../rules/reply.ts';
import { detectKinds } from '../rules/request-kinds.ts';
import { secrecyMark, type SecrecyMark } from '../rules/secrecy.ts';
import type { Database, Tx } from '../store/database.ts';
import { addLetter, letterByDigest } from '../store/letters.ts';
import { senderOf } from '../store/registry.ts';
import type { BounceAddresses } from '../notices/bounce-address.ts';
import { isReturnPath, takeReturned } from './bounces.ts';
import { NO_SUCH_RETURN_PATH } from './door-replies.ts';
import type { Gatekeeper, Incoming } from './gatekeeper.ts';
import { parseLetter, type ParsedLetter } from './parse.ts';
import { tellRefusal } from './refusal-notice.ts';

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

const taken = (text: string): Reply => ({ code: 250, status: '2.0.0', text });

/**
 * THE FUNNEL: every door ends here. Parses the head, asks rules/admission, and in one transaction writes letter,
 * bytes and log entry; only then is the answer 250. A throw means trouble of ours: the door says 451 and the peer
 * comes again, which the digest recognises (RFC 1047).
 */
export async function receive(incoming: Incoming, deps: ReceiveDeps): Promise<Received> {
  const parsed = await parseLetter(incoming.raw);
  const proof = await deps.prove(incoming, parsed);
  const facts: LetterFacts = {
    ...parsed,
    envelopeFrom: incoming.envelopeFrom,
    recipients: incoming.recipients,
    proof,
  };
  const kinds = detectKinds(`${facts.subject}\n${facts.bodyText}`);
  const authors = [facts.envelopeFrom, facts.author.ok ? facts.author.address : null];
  const raw = await incoming.raw.bytes();
  return deps.db.transaction(async (tx) => {
    const world = { ...(await worldFor(tx, authors, deps)), kinds };
    const admission = admit(facts, world);
    const about = logged(incoming, facts);
    if (admission.decision === 'refuse' || admission.decision === 'retry') {
      const reason = admission.decision === 'refuse' ? admission.reason : 'retry';
      const detail = `${proof.detail} → ${admission.reply.text}`;
      await append(tx.sql, deps.clock.now(), senderRefused({ ...about, reason, detail }));
      if (admission.decision === 'refuse') await tell(tx, incoming, facts, admission.reason, deps);
      return { reply: admission.reply, admission, letter: null, duplicate: false };
    }
    if (admission.decision === 'ignore') {
      await append(tx.sql, deps.clock.now(), letterIgnored({ ...about, why: admission.reason }));
      return { reply: taken('received'), admission, letter: null, duplicate: false };
    }
    return store(tx, incoming, facts, admission, world, raw, deps);
  });
}

async function tell(
  tx: Tx,
  incoming: Incoming,
  facts: LetterFacts,
  reason: RefusalReason,
  deps: ReceiveDeps,
): Promise<void> {
  const intake = deps.intakes.find(({ address }) => facts.recipients.includes(address));
  if (deps.tellRefusalsAs === null || intake === undefined) return;
  const { regulation } = intake;
  const refused = { facts, receivedAt: incoming.receivedAt, reason, regulation };
  const now = deps.clock.now();
  await append(tx.sql, now, ...(await tellRefusal(tx, refused, deps.tellRefusalsAs, now)));
}

async function store(
  tx: Tx,
  incoming: Incoming,
  facts: LetterFacts,
  admission: Extract<Admission, { decision: 'accept' | 'quarantine' }>,
  world: AdmissionWorld,
  raw: Buffer,
  deps: ReceiveDeps,
): Promise<Received> {
  const now = deps.clock.now();
  const sender = facts.author.ok ? facts.author.address : (facts.envelopeFrom ?? '');
  const digest = createHash('sha256').update(`${sender}\n${incoming.raw.sha256}`).digest();
  const mark = admission.decision === 'accept' && admission.sealed ? null : markOf(facts);
  const sealed = sealReason(facts, admission, mark);
  // Of a letter with a secrecy mark no word is kept or logged beside its sealed bytes (requirements.md §6.5).
  const known = mark === null ? facts : { ...facts, subject: '', bodyText: '', attachments: [] };
  const id = randomUUID();
  const who = world.senderOf(sender);
  const unit =
    admission.decision === 'accept' ? admission.unit.code : who.kind === 'unknown' ? null : who.unit.code;
  const stored = await addLetter(
    tx,
    {
      id,
      receivedAt: incoming.receivedAt,
      door: deps.door,
      client: incoming.session.remoteAddress,
      regulation: admission.decision === 'accept' ? admission.regulation.id : (deps.regulations[0]?.id ?? ''),
      unit,
      sender,
      person: admission.decision === 'accept' ? (admission.person?.address ?? null) : null,
      messageId: facts.messageId,
      size: facts.size,
      digest,
      kinds: admission.decision === 'accept' ? [...admission.kinds] : [],
      facts: known,
      state: sealed === null ? 'received' : 'quarantine',
      reason: sealed,
      dueAt: now,
    },
    raw,
  );
  const about = { ...logged(incoming, known), unit };
  if (!stored) {
    const first = await letterByDigest(tx.orm, digest);
    const repeated = { letter: first?.id ?? null, dossier: first?.dossier ?? null };
    await append(tx.sql, now, letterDuplicate({ ...about, ...repeated }));
    return {
      reply: taken('received before, nothing to do'),
      admission,
      letter: first?.id ?? null,
      duplicate: true,
    };
  }
  const entry =
    sealed === null
      ? letterReceived({ ...about, letter: id, detail: facts.proof.detail })
      : letterQuarantined({ ...about, letter: id, why: sealed });
  await append(tx.sql, now, entry);
  return { reply: taken(`received as ${id}`), admission, letter: id, duplicate: false };
}

/** A report of bad mail quotes that mail; it is sealed and acknowledged by the journey (work/register.ts). */
function markOf({ subject, bodyText, attachments }: LetterFacts): SecrecyMark | null {
  return secrecyMark([subject, bodyText, ...attachments.map(({ filename }) => filename)].join('\n'));
}

/** Why a letter is sealed unread, or null. A secrecy mark is looked for before anything else opens the letter. */
function sealReason(facts: LetterFacts, admission: Admission, mark: SecrecyMark | null): string | null {
  if (admission.decision === 'quarantine') {
    return admission.reason === 'envelope_mismatch'
      ? 'Địa chỉ phong bì khác với người gửi ghi trong thư'
      : `Cấu trúc thư vượt giới hạn kiểm tra (${facts.limit ?? ''})`;
  }
  return mark === null ? null : `Thư có dấu chỉ độ mật (${mark})`;
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
async function worldFor(
  tx: Tx,
  addresses: readonly (string | null)[],
  deps: Pick<ReceiveDeps, 'regulations' | 'intakes' | 'ownAddresses' | 'clock'>,
): Promise<Omit<AdmissionWorld, 'kinds'>> {
  const known = new Map<string, Sender>();
  const today = localTime(deps.clock.now()).date;
  for (const address of addresses)
    if (address !== null) known.set(address, await senderOf(tx.orm, address, today));
  return {
    regulations: deps.regulations,
    intakeAddresses: deps.intakes,
    senderOf: (address) => known.get(address) ?? { kind: 'unknown' },
    ownAddresses: deps.ownAddresses,
    now: deps.clock.now(),
  };
}

/** The SMTP door's port: early refusals at RCPT, everything else in `receive`. */
export function createGatekeeper(deps: ReceiveDeps): Gatekeeper {
  return {
    connection: () => Promise.resolve(null),
    mailFrom: () => Promise.resolve(null),
    rcptTo(recipient, session, from) {
      return deps.db.transaction(async (tx) => {
        const returnPath = await isReturnPath(tx, recipient, deps.bounces);
        if (returnPath !== null) return returnPath ? null : NO_SUCH_RETURN_PATH;
        const refusal = admitSender({ from, recipient }, await worldFor(tx, [from], deps));
        if (refusal === null) return null;
        deps.count?.('refused', refusal.reason);
        const mail = { sender: from, recipient, client: session.remoteAddress };
        const entry = senderRefused({ ...mail, reason: refusal.reason, detail: refusal.reply.text });
        await append(tx.sql, deps.clock.now(), entry);
        return refusal.reply;
      });
    },
    async receive(incoming) {
      const returned = await deps.db.transaction((tx) =>
        takeReturned(tx, incoming, deps.bounces, deps.clock.now()),
      );
      if (returned !== null) {
        deps.count?.('returned', '');
        return returned;
      }
      const received = await receive(incoming, deps);
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
