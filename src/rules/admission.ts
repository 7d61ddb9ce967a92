import type { RefusalReason } from './admission-replies.ts';
import { refusalReply } from './admission-replies.ts';
import { localTime } from './calendar.ts';
import type { LetterFacts } from './letter-facts.ts';
import { isPublicMail, looksLike } from './public-mail.ts';
import type { Mailbox, Sender, Unit } from './registry.ts';
import type { IntakeKind, Regulation, RequestKind, SenderKind } from './regulation.ts';
import type { IntakeAddress } from './regulations.ts';
import { governs, inForce, ownsDomain, versionInForce } from './regulations.ts';
import type { Reply } from './reply.ts';
import { channelOfUnit } from './sender-channel.ts';
import { isExecutor, orderNumberIn } from './work-order.ts';

/** What the door knows besides the letter. Addresses lower-case; `kinds` is what `detectKinds` read in the letter. */
export interface AdmissionWorld {
  readonly regulations: readonly Regulation[];
  readonly intakeAddresses: readonly IntakeAddress[];
  readonly senderOf: (address: string) => Sender;
  readonly kinds: readonly RequestKind[];
  /** Addresses our own notices are sent from: mail that seems to come from them is a loop. */
  readonly ownAddresses: readonly string[];
  readonly now: Date;
}

export type Admission =
  | {
      readonly decision: 'accept';
      readonly regulation: Regulation;
      readonly intake: IntakeKind;
      readonly unit: Unit;
      /** Set when a person wrote, not a unit. */
      readonly person: Mailbox | null;
      readonly channel: SenderKind;
      readonly kinds: readonly RequestKind[];
      /** Abuse reports are stored and counted, never opened (ST-9.4). */
      readonly sealed: boolean;
    }
  | { readonly decision: 'refuse'; readonly reason: RefusalReason; readonly reply: Reply }
  | { readonly decision: 'ignore'; readonly reason: 'null_path' | 'automatic' | 'own_mail' }
  | { readonly decision: 'quarantine'; readonly reason: 'envelope_mismatch' | 'structure_limit' }
  | { readonly decision: 'retry'; readonly reply: Reply };

const CANNOT_TELL: Reply = Object.freeze({
  code: 451,
  status: '4.7.0',
  text: 'Chua xac thuc duoc ten mien cua nguoi gui, de nghi gui lai sau. / Sender authentication temporarily unavailable, try again later.',
});

const refuse = (reason: RefusalReason, regulation: Regulation | null): Admission => ({
  decision: 'refuse',
  reason,
  reply: refusalReply(reason, regulation),
});

export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

/** The one question the doors ask about a whole letter. Loops are cut before anything could be answered. */
export function admit(facts: LetterFacts, world: AdmissionWorld): Admission {
  return (
    notToBeAnswered(facts, world) ??
    limitReached(facts) ??
    badAuthor(facts, world) ??
    judgeSender(facts, intakeFor(facts, world), world)
  );
}

function notToBeAnswered(facts: LetterFacts, world: AdmissionWorld): Admission | null {
  const paper = facts.proof.method === 'paper';
  if (facts.envelopeFrom === null && !paper) return { decision: 'ignore', reason: 'null_path' };
  if (facts.automatic !== null) return { decision: 'ignore', reason: 'automatic' };
  const authors = [facts.envelopeFrom, facts.author.ok ? facts.author.address : null];
  const own = authors.some((address) => address !== null && world.ownAddresses.includes(address));
  return own && !paper ? { decision: 'ignore', reason: 'own_mail' } : null;
}

const limitReached = (facts: LetterFacts): Admission | null =>
  facts.limit === null ? null : { decision: 'quarantine', reason: 'structure_limit' };

function badAuthor(facts: LetterFacts, world: AdmissionWorld): Admission | null {
  if (intakeFor(facts, world) === null) return refuse('unknown_recipient', null);
  return facts.author.ok ? null : refuse('malformed_author', null);
}

/** Two systems may share a gateway: of the intakes addressed, the one of the sender's own system counts. */
function intakeFor(facts: LetterFacts, world: AdmissionWorld): IntakeAddress | null {
  const addressed = world.intakeAddresses.filter((intake) => facts.recipients.includes(intake.address));
  const sender = facts.author.ok ? world.senderOf(facts.author.address) : null;
  const system = sender === null || sender.kind === 'unknown' ? null : sender.unit.regulation;
  const today = localTime(world.now).date;
  // The version in force at receipt judges the letter and stays with its dossier.
  const judged = addressed.map((intake) => ({
    ...intake,
    regulation: versionInForce(intake.regulation, today, world.regulations),
  }));
  const own = judged.find(
    ({ regulation }) => system !== null && governs(regulation, system, today, world.regulations),
  );
  return own ?? judged[0] ?? null;
}

function judgeSender(facts: LetterFacts, intake: IntakeAddress | null, world: AdmissionWorld): Admission {
  if (intake === null || !facts.author.ok) return refuse('unknown_recipient', null);
  const { regulation } = intake;
  const { address } = facts.author;
  const sender = world.senderOf(address);
  if (sender.kind === 'unknown') return refuse(strangerReason(address, regulation, world), regulation);
  const unproven = notProven(facts, address, regulation);
  if (unproven !== null) return unproven;
  const reason =
    unitReason(sender.unit, address, regulation, world) ??
    forceReason(facts, regulation, world) ??
    letterReason(facts, intake, sender, world);
  if (reason !== null) return refuse(reason, regulation);
  const kinds = kindsFor(intake.kind, world.kinds);
  return {
    decision: 'accept',
    regulation,
    intake: intake.kind,
    unit: sender.unit,
    person: sender.kind === 'person' ? sender.mailbox : null,
    channel: channelOf(facts, sender, regulation),
    kinds,
    sealed: kinds.length > 0 && kinds.every((kind) => kind === 'ABUSE_REPORT'),
  };
}

/** What a sender outside the registry is told. Never depends on the shape of the local part. */
function strangerReason(address: string, regulation: Regulation, world: AdmissionWorld): RefusalReason {
  const domain = domainOf(address);
  if (isPublicMail(domain)) return 'public_mail';
  const today = localTime(world.now).date;
  if (ownsDomain(regulation, domain, today)) return 'unregistered';
  const official = world.regulations.flatMap((known) => known.identity.domains);
  if (official.some(({ name }) => name === domain)) return 'foreign_domain';
  return regulation.identity.domains.some(({ name }) => looksLike(domain, name))
    ? 'lookalike_domain'
    : 'foreign_domain';
}

function notProven(facts: LetterFacts, address: string, regulation: Regulation): Admission | null {
  const { proof, envelopeFrom } = facts;
  // A paper request was taken in by an officer at the desk; there is no wire to prove.
  if (proof.method === 'paper') return null;
  if (proof.result === 'temperror') return { decision: 'retry', reply: CANNOT_TELL };
  if (proof.result === 'fail' || proof.method === 'none' || !aligned(proof.domain, address)) {
    return refuse('unproven_sender', regulation);
  }
  return envelopeFrom === address ? null : { decision: 'quarantine', reason: 'envelope_mismatch' };
}

/** Strict or organisational alignment (RFC 7489 §3.1): the proven domain is the author's or one above it. */
function aligned(proven: string | null, address: string): boolean {
  const domain = domainOf(address);
  return proven !== null && (domain === proven || domain.endsWith(`.${proven}`));
}

function unitReason(
  unit: Unit,
  address: string,
  regulation: Regulation,
  { now, regulations }: Pick<AdmissionWorld, 'now' | 'regulations'>,
): RefusalReason | null {
  if (!governs(regulation, unit.regulation, localTime(now).date, regulations)) return 'other_system';
  if (!unit.active) return 'unit_inactive';
  return ownsDomain(regulation, domainOf(address), localTime(now).date) ? null : 'domain_expired';
}

/** What was entered from paper an officer has judged; by mail a regulation speaks only while it is in force. */
function forceReason(
  { proof }: LetterFacts,
  regulation: Regulation,
  { now }: Pick<AdmissionWorld, 'now'>,
): RefusalReason | null {
  return proof.method === 'paper' || inForce(regulation, localTime(now).date) ? null : 'not_in_force';
}

function letterReason(
  facts: LetterFacts,
  intake: IntakeAddress,
  sender: Exclude<Sender, { kind: 'unknown' }>,
  world: AdmissionWorld,
): RefusalReason | null {
  const { regulation } = intake;
  if (facts.forwarded !== null && regulation.autoForwarded === 'reject' && intake.kind !== 'abuse') {
    return 'auto_forwarded';
  }
  // Any internal person may report bad mail (BH-8.7, ST-9.4).
  if (intake.kind === 'abuse') return null;
  return channelReason(facts, intake, sender, world) ?? attachmentReason(facts, regulation);
}

function channelReason(
  facts: LetterFacts,
  intake: IntakeAddress,
  sender: Exclude<Sender, { kind: 'unknown' }>,
  world: AdmissionWorld,
): RefusalReason | null {
  const { regulation } = intake;
  // The executor answers an order (ST-2.5, BH-6.1b); the order itself is looked up later.
  const answers = sender.kind === 'unit' && isExecutor(sender.unit, regulation);
  if (answers && orderNumberIn(facts.subject) !== null) return null;
  const channel = channelOf(facts, sender, regulation);
  const kinds = kindsFor(intake.kind, world.kinds);
  if (channel === 'personal_mailbox') {
    // A letter whose kind cannot be told may be anything a unit has to ask for.
    const all = kinds.length > 0 && kinds.every((kind) => mayAsk(regulation, kind, channel));
    return all ? null : 'personal_mailbox';
  }
  const level = regulation.unitLevels.find(({ code }) => code === sender.unit.level);
  const asked = kinds.filter((kind) => !mayAsk(regulation, kind, channel));
  if (asked.includes('AUTHORITY_DECISION') && channel === 'unit_mailbox') return 'not_an_authority';
  const open = kinds.length > 0 && kinds.every((kind) => mayAsk(regulation, kind, 'personal_mailbox'));
  if (level?.mayRequest === false && !open) return 'level_may_not_request';
  if (kinds.length === 0 && channel === 'sub_unit_mailbox' && !mayAsk(regulation, null, channel)) {
    return 'level_may_not_request';
  }
  return asked.length > 0 ? 'level_may_not_request' : null;
}

/** First matching rule decides; `null` asks about kinds no rule names. */
export function mayAsk(regulation: Regulation, kind: RequestKind | null, channel: SenderKind): boolean {
  const rule = regulation.senderRules.find(
    ({ kinds }) => kinds === '*' || (kind !== null && kinds.includes(kind)),
  );
  if (rule === undefined) return false;
  // An authority's mailbox is a unit's mailbox too.
  return (
    rule.allow.includes(channel) || (channel === 'authority_mailbox' && rule.allow.includes('unit_mailbox'))
  );
}

function channelOf(
  facts: LetterFacts,
  sender: Exclude<Sender, { kind: 'unknown' }>,
  regulation: Regulation,
): SenderKind {
  if (facts.proof.method === 'paper') return 'paper';
  return channelOfUnit(sender.unit, sender.kind === 'person' ? sender.mailbox : null, regulation);
}

/** A special intake says the kind by itself where the words do not. */
function kindsFor(intake: IntakeKind, kinds: readonly RequestKind[]): readonly RequestKind[] {
  if (intake === 'abuse') return ['ABUSE_REPORT'];
  if (kinds.length > 0) return kinds;
  if (intake === 'authority') return ['AUTHORITY_DECISION'];
  return intake === 'incident' || intake === 'support' ? ['INCIDENT'] : [];
}

function attachmentReason(facts: LetterFacts, regulation: Regulation): RefusalReason | null {
  const { maxBytes, scope } = regulation.attachment;
  if (maxBytes === undefined) return null;
  const sizes = facts.attachments.map(({ size }) => size);
  const measured = scope === 'file' ? Math.max(0, ...sizes) : sizes.reduce((sum, size) => sum + size, 0);
  return measured > maxBytes ? 'attachments_too_large' : null;
}

/**
 * At RCPT time, before any byte of the letter: refuses what no letter could make right; null lets the dialogue go on.
 * The envelope's sender is only a first sight here; the author's header is judged by `admit`.
 */
export function admitSender(
  envelope: { readonly from: string | null; readonly recipient: string },
  world: Omit<AdmissionWorld, 'kinds'>,
): Extract<Admission, { decision: 'refuse' }> | null {
  const intake = world.intakeAddresses.find(({ address }) => address === envelope.recipient);
  if (intake === undefined) return refused('unknown_recipient', null);
  // A null path and our own address end in `ignore` later; refusing them here could start a loop of bounces.
  if (envelope.from === null || world.ownAddresses.includes(envelope.from)) return null;
  const today = localTime(world.now).date;
  const regulation = versionInForce(intake.regulation, today, world.regulations);
  const sender = world.senderOf(envelope.from);
  if (sender.kind === 'unknown') {
    return refused(strangerReason(envelope.from, regulation, { ...world, kinds: [] }), regulation);
  }
  // Another intake of the same letter may belong to the sender's own system; `admit` decides among several.
  if (!governs(regulation, sender.unit.regulation, today, world.regulations)) return null;
  const reason = unitReason(sender.unit, envelope.from, regulation, world);
  if (reason !== null) return refused(reason, regulation);
  const anyKind = regulation.senderRules.some(({ allow }) => allow.includes('personal_mailbox'));
  const closed = sender.kind === 'person' && intake.kind !== 'abuse' && !anyKind;
  return closed ? refused('personal_mailbox', regulation) : null;
}

const refused = (
  reason: RefusalReason,
  regulation: Regulation | null,
): Extract<Admission, { decision: 'refuse' }> => ({
  decision: 'refuse',
  reason,
  reply: refusalReply(reason, regulation),
});
