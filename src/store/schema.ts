import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  customType,
  index,
  integer,
  jsonb,
  pgEnum,
  pgSchema,
  pgTable,
  primaryKey,
  bigint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { CalendarRow } from '../rules/calendar.ts';
import type { ActionName } from '../rules/desk-actions.ts';
import { DOSSIER_STATES, ROW_STATES } from '../rules/dossier.ts';
import { LETTER_STATES } from '../rules/letter.ts';
import type { LetterFacts } from '../rules/letter-facts.ts';
import { LOCK_REASONS, MAILBOX_KINDS, MAILBOX_STATES } from '../rules/registry.ts';
import type { RequestKind } from '../rules/regulation.ts';
import { PICTURE_KINDS } from '../rules/scan-facts.ts';

import { account } from './account-schema.ts';

export * from './account-schema.ts';

/**
 * The tables. States are the tuples of rules/, so the database and the code cannot disagree.
 * The mail log has its own tables in drizzle/0001_mail_log.sql (partitions and triggers are beyond drizzle).
 */
const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });

export const letterState = pgEnum('letter_state', LETTER_STATES);
export const dossierState = pgEnum('dossier_state', DOSSIER_STATES);
export const rowState = pgEnum('row_state', ROW_STATES);
export const mailboxKind = pgEnum('mailbox_kind', MAILBOX_KINDS);
export const mailboxState = pgEnum('mailbox_state', MAILBOX_STATES);
export const lockReason = pgEnum('lock_reason', LOCK_REASONS);
/**
 * `sending`: handed to the relay, answer not known yet; after a crash it is sent once more by the same Message-ID.
 * `bounced`: the relay took it and it came back.
 */
export const NOTICE_STATES = ['queued', 'sending', 'sent', 'failed', 'bounced'] as const;
export const noticeState = pgEnum('notice_state', NOTICE_STATES);

export const unit = pgTable(
  'unit',
  {
    code: text('code').primaryKey(),
    regulation: text('regulation').notNull(),
    name: text('name').notNull(),
    mailbox: text('mailbox'),
    parent: text('parent'),
    level: text('level').notNull(),
    abbreviation: text('abbreviation').notNull(),
    certificates: text('certificates').array().notNull().default([]),
    active: boolean('active').notNull().default(true),
    successor: text('successor'),
  },
  (t) => [
    uniqueIndex('unit_mailbox').on(t.mailbox),
    index('unit_parent').on(t.parent),
    check('unit_mailbox_lower', sql`${t.mailbox} = lower(${t.mailbox})`),
  ],
);

/** Addresses a unit wrote from before: it may still write from them for a while (domain.md §1.2). */
export const formerMailbox = pgTable('former_mailbox', {
  address: text('address').primaryKey(),
  unit: text('unit')
    .notNull()
    .references(() => unit.code),
  /** ISO date, inclusive; null = no end known. */
  validTo: text('valid_to'),
});

export const mailbox = pgTable(
  'mailbox',
  {
    address: text('address').primaryKey(),
    kind: mailboxKind('kind').notNull(),
    fullName: text('full_name').notNull(),
    position: text('position'),
    unit: text('unit')
      .notNull()
      .references(() => unit.code),
    state: mailboxState('state').notNull(),
    createdAt: moment('created_at').notNull(),
    lastLogin: moment('last_login'),
    lockedAt: moment('locked_at'),
    lockReason: lockReason('lock_reason'),
  },
  (t) => [
    index('mailbox_unit').on(t.unit),
    check('mailbox_address_lower', sql`${t.address} = lower(${t.address})`),
  ],
);

export const letter = pgTable(
  'letter',
  {
    id: uuid('id').primaryKey(),
    receivedAt: moment('received_at').notNull(),
    door: text('door').notNull(),
    client: text('client'),
    regulation: text('regulation').notNull(),
    /** null only for what was sealed before anybody could be told from it. */
    unit: text('unit').references(() => unit.code),
    /** The registry's address of the sender: the only one we answer to. */
    sender: text('sender').notNull(),
    /** Set when a person wrote, not a unit. */
    person: text('person'),
    messageId: text('message_id'),
    size: integer('size').notNull(),
    /** SHA-256 over sender and bytes: the same letter delivered twice is one letter. */
    digest: bytea('digest').notNull(),
    /** SHA-256 over what was signed: an old signed letter in a new envelope is a duplicate too. */
    signedDigest: bytea('signed_digest'),
    kinds: text('kinds').array().$type<RequestKind[]>().notNull(),
    facts: jsonb('facts').$type<LetterFacts>().notNull(),
    state: letterState('state').notNull(),
    version: integer('version').notNull().default(0),
    /** Why it stands where it stands; for officers and the log. */
    reason: text('reason'),
    dossier: text('dossier'),
    /** The officer it was handed to; anybody may act on it all the same. */
    assignee: text('assignee').references(() => account.name),
    /** What each step found, by step name. */
    findings: jsonb('findings').$type<Record<string, unknown>>().notNull().default({}),
    attempts: integer('attempts').notNull().default(0),
    /** Of these attempts, those in which the letter killed the child that read it. */
    kills: integer('kills').notNull().default(0),
    dueAt: moment('due_at').notNull(),
    leaseUntil: moment('lease_until'),
  },
  (t) => [
    uniqueIndex('letter_digest').on(t.digest),
    uniqueIndex('letter_signed_digest').on(t.signedDigest),
    index('letter_due')
      .on(t.dueAt)
      .where(sql`${t.state} in ('received','examined','registered','approved','listed','checked')`),
    index('letter_dossier').on(t.dossier),
    // No condition: PostgreSQL 15 refuses states in one that were added by the same run of migrations.
    index('letter_state').on(t.state),
  ],
);

/** The very bytes of a letter, in pieces: no letter has to stand in memory whole to be written. */
export const letterBytes = pgTable(
  'letter_bytes',
  {
    letter: uuid('letter')
      .notNull()
      .references(() => letter.id),
    piece: integer('piece').notNull().default(0),
    raw: bytea('raw').notNull(),
  },
  (table) => [primaryKey({ columns: [table.letter, table.piece] })],
);

export const pictureKind = pgEnum('picture_kind', PICTURE_KINDS);

/** Page images, seal and stroke crops that the desk shows; made from letter_bytes by the examine step. */
export const scanPicture = pgTable(
  'scan_picture',
  {
    letter: uuid('letter')
      .notNull()
      .references(() => letter.id),
    /** ExaminedDocument.index. */
    document: integer('document').notNull(),
    page: integer('page').notNull(),
    kind: pictureKind('kind').notNull(),
    number: integer('number').notNull(),
    mediaType: text('media_type').notNull(),
    width: integer('width').notNull(),
    height: integer('height').notNull(),
    sha256: bytea('sha256').notNull(),
    bytes: bytea('bytes').notNull(),
  },
  (t) => [primaryKey({ columns: [t.letter, t.document, t.page, t.kind, t.number] })],
);

/** Pictures embedded in scans: the same one in two letters was not stamped twice. */
export const scanImage = pgTable(
  'scan_image',
  {
    sha256: bytea('sha256').notNull(),
    letter: uuid('letter')
      .notNull()
      .references(() => letter.id),
  },
  (t) => [primaryKey({ columns: [t.sha256, t.letter] })],
);

/** The picture of a unit's seal an administrator enrolled, shown beside the crop. Never compared by a machine. */
export const unitSeal = pgTable('unit_seal', {
  unit: text('unit')
    .primaryKey()
    .references(() => unit.code),
  mediaType: text('media_type').notNull(),
  sha256: bytea('sha256').notNull(),
  bytes: bytea('bytes').notNull(),
  enrolledAt: moment('enrolled_at').notNull(),
  enrolledBy: text('enrolled_by').notNull(),
});

/** What became of a message in a mailbox the IMAP door watches; each has a folder it is moved to afterwards. */
export const IMAP_FATES = ['taken', 'refused', 'for_officer'] as const;
export const imapFate = pgEnum('imap_fate', IMAP_FATES);

/** Only messages under way: a row goes when its message has left the folder. */
export const imapMessage = pgTable(
  'imap_message',
  {
    mailbox: text('mailbox').notNull(),
    uidValidity: bigint('uid_validity', { mode: 'number' }).notNull(),
    uid: bigint('uid', { mode: 'number' }).notNull(),
    /** null while it is tried again at `dueAt`. */
    fate: imapFate('fate'),
    attempts: integer('attempts').notNull(),
    dueAt: moment('due_at').notNull(),
    lastError: text('last_error'),
  },
  (t) => [primaryKey({ columns: [t.mailbox, t.uidValidity, t.uid] })],
);

/** What officers did, one row per action: who acted meanwhile, and what the decision rests on. Never changed. */
export const deskAction = pgTable(
  'desk_action',
  {
    id: uuid('id').primaryKey(),
    letter: uuid('letter')
      .notNull()
      .references(() => letter.id),
    dossier: text('dossier'),
    action: text('action').$type<ActionName>().notNull(),
    officer: text('officer')
      .notNull()
      .references(() => account.name),
    at: moment('at').notNull(),
    fromState: letterState('from_state').notNull(),
    toState: letterState('to_state').notNull(),
    /** The letter's version afterwards. */
    version: integer('version').notNull(),
    /** Ticks, hashes of the files looked at, words: what was decided on. */
    detail: jsonb('detail').$type<Readonly<Record<string, unknown>>>().notNull(),
  },
  (t) => [index('desk_action_letter').on(t.letter, t.version)],
);

export const numberSeries = pgTable('number_series', {
  year: integer('year').primaryKey(),
  last: integer('last').notNull(),
});

export const dossier = pgTable(
  'dossier',
  {
    number: text('number').primaryKey(),
    /** The version of the rules in force at receipt; it stays bound to it. */
    regulation: text('regulation').notNull(),
    unit: text('unit')
      .notNull()
      .references(() => unit.code),
    kinds: text('kinds').array().$type<RequestKind[]>().notNull(),
    state: dossierState('state').notNull(),
    receivedAt: moment('received_at').notNull(),
    completeAt: moment('complete_at'),
    dueDate: text('due_date'),
    dueAt: moment('due_at'),
    dueLegal: boolean('due_legal'),
    dueFirm: boolean('due_firm'),
    closedAt: moment('closed_at'),
  },
  (t) => [
    index('dossier_unit').on(t.unit),
    index('dossier_due').on(t.dueAt),
    index('dossier_open')
      .on(t.dueAt)
      .where(sql`${t.closedAt} is null`),
  ],
);

export const dossierRow = pgTable(
  'dossier_row',
  {
    id: uuid('id').primaryKey(),
    dossier: text('dossier')
      .notNull()
      .references(() => dossier.number),
    letter: uuid('letter')
      .notNull()
      .references(() => letter.id),
    position: integer('position').notNull(),
    state: rowState('state').notNull(),
    address: text('address'),
    /** The CheckedRow it came from. */
    row: jsonb('row').notNull(),
    result: text('result'),
    /** ISO date before which it must not be carried out. */
    notBefore: text('not_before'),
    /** Work order it stands on, and its line there. */
    order: text('order_number'),
    orderLine: integer('order_line'),
  },
  (t) => [
    uniqueIndex('dossier_row_of_letter').on(t.letter, t.position),
    index('dossier_row_dossier').on(t.dossier),
    index('dossier_row_order').on(t.order),
  ],
);

/** When a dossier's clock ran: a correction stops it, the corrected letter starts it anew (requirements.md §6.8). */
export const dossierInterval = pgTable(
  'dossier_interval',
  {
    dossier: text('dossier')
      .notNull()
      .references(() => dossier.number),
    startedAt: moment('started_at').notNull(),
    startedBy: uuid('started_by').references(() => letter.id),
    dueDate: text('due_date'),
    stoppedAt: moment('stopped_at'),
    /** The dossier's state that stopped it. */
    stoppedBy: dossierState('stopped_by'),
  },
  (t) => [primaryKey({ columns: [t.dossier, t.startedAt] })],
);

export const ORDER_STATES = ['draft', 'sent', 'answered'] as const;
export const orderState = pgEnum('order_state', ORDER_STATES);

/** What the executor is asked to do: one dossier's rows (ST) or many units' rows on one list (BH). */
export const workOrder = pgTable('work_order', {
  /** "LH-2026-000001" */
  number: text('number').primaryKey(),
  regulation: text('regulation').notNull(),
  executor: text('executor').notNull(),
  state: orderState('state').notNull(),
  createdAt: moment('created_at').notNull(),
  sentAt: moment('sent_at'),
  answeredAt: moment('answered_at'),
  answer: uuid('answer').references(() => letter.id),
});

/** `draft` waits for a signature, `signed` was attached by an officer or signed by the operator's key. */
export const DOCUMENT_STATES = ['draft', 'signed'] as const;
export const documentState = pgEnum('document_state', DOCUMENT_STATES);
/** `reply`: văn bản phúc đáp of a dossier (QB-4.2); `covering`: the letter above a consolidated list (BH-6.1b). */
export const DOCUMENT_PURPOSES = ['reply', 'covering'] as const;
export const documentPurpose = pgEnum('document_purpose', DOCUMENT_PURPOSES);

export const officialDocument = pgTable(
  'official_document',
  {
    id: uuid('id').primaryKey(),
    purpose: documentPurpose('purpose').notNull(),
    dossier: text('dossier').references(() => dossier.number),
    order: text('order_number').references(() => workOrder.number),
    state: documentState('state').notNull(),
    /** The dossier rows whose result it tells. */
    rows: uuid('rows').array().notNull().default([]),
    createdAt: moment('created_at').notNull(),
    docx: bytea('docx').notNull(),
    pdf: bytea('pdf').notNull(),
    signed: bytea('signed'),
    signedAt: moment('signed_at'),
    /** An officer's account, or "machine". */
    signedBy: text('signed_by'),
  },
  (t) => [index('official_document_dossier').on(t.dossier), index('official_document_order').on(t.order)],
);

/** Further yearly series beside the dossiers' own: work orders, reply documents. */
export const series = pgTable(
  'series',
  { name: text('name').notNull(), year: integer('year').notNull(), last: integer('last').notNull() },
  (t) => [primaryKey({ columns: [t.name, t.year] })],
);

/** One row per job and period that was done: the key makes a second gateway's run do nothing. */
export const jobRun = pgTable(
  'job_run',
  { job: text('job').notNull(), period: text('period').notNull(), at: moment('at').notNull() },
  (t) => [primaryKey({ columns: [t.job, t.period] })],
);

/** A report that is asked of the units or due from the operator, for one period. */
export const campaign = pgTable('campaign', {
  /** "vn-bienhoa-04-2011/units-june/2026-06-04": regulation, report, last day allowed. */
  id: text('id').primaryKey(),
  regulation: text('regulation').notNull(),
  report: text('report').notNull(),
  dueDate: text('due_date').notNull(),
  openedAt: moment('opened_at').notNull(),
});

export const campaignAnswer = pgTable(
  'campaign_answer',
  {
    campaign: text('campaign')
      .notNull()
      .references(() => campaign.id),
    unit: text('unit')
      .notNull()
      .references(() => unit.code),
    letter: uuid('letter')
      .notNull()
      .references(() => letter.id),
    at: moment('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.campaign, t.unit, t.letter] })],
);

/** A unit's reason why a mailbox is not used; it holds back the lock (HCM-9.1a), not the question of deletion. */
export const absence = pgTable(
  'absence',
  {
    address: text('address').notNull(),
    dossier: text('dossier')
      .notNull()
      .references(() => dossier.number),
    reason: text('reason').notNull(),
    at: moment('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.address, t.dossier] })],
);

/**
 * Who keeps a unit's mailbox and is called about it (HCM-13.1). Those a letter names take the place of those named
 * before; they stay here with the day their charge ended.
 */
export const delegate = pgTable(
  'delegate',
  {
    id: uuid('id').primaryKey(),
    unit: text('unit')
      .notNull()
      .references(() => unit.code),
    fullName: text('full_name').notNull(),
    position: text('position'),
    phone: text('phone'),
    /** Dossier, or "import". */
    namedBy: text('named_by').notNull(),
    since: moment('since').notNull(),
    until: moment('until'),
  },
  (t) => [index('delegate_unit').on(t.unit)],
);

/** A unit has looked at one of its mailboxes and wants it kept as it is (ST-11.2, HCM-15.2). */
export const mailboxReview = pgTable(
  'mailbox_review',
  {
    address: text('address').notNull(),
    letter: uuid('letter')
      .notNull()
      .references(() => letter.id),
    at: moment('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.address, t.letter] })],
);

/** Deleting cannot be undone: the job proposes, an officer decides (HCM-9.1b). */
export const deletionCandidate = pgTable(
  'deletion_candidate',
  {
    address: text('address').notNull(),
    /** ISO dates: not used since, first day the rule holds. */
    since: text('since').notNull(),
    holdsOn: text('holds_on').notNull(),
    source: text('source').notNull(),
    proposedAt: moment('proposed_at').notNull(),
    /** null while nobody has decided. */
    approved: boolean('approved'),
    decidedBy: text('decided_by'),
    decidedAt: moment('decided_at'),
  },
  (t) => [primaryKey({ columns: [t.address, t.since] })],
);

/** The working calendar as the operator keeps it; the seed of rules/calendar-table lies below it. */
export const calendarDay = pgTable('calendar_day', {
  date: text('date').primaryKey(),
  kind: text('kind').$type<CalendarRow['kind']>().notNull(),
  name: text('name').notNull(),
  source: text('source').notNull(),
  status: text('status').$type<CalendarRow['status']>().notNull(),
});

export const notice = pgTable(
  'notice',
  {
    id: uuid('id').primaryKey(),
    /** "letter-id/template": one notice per event however often a step is repeated. */
    event: text('event').notNull(),
    letter: uuid('letter').references(() => letter.id),
    dossier: text('dossier'),
    template: text('template').notNull(),
    recipient: text('recipient').notNull(),
    subject: text('subject').notNull(),
    /** Activation links stand as {{activation:ID}} and are filled in while sending: no token is ever stored. */
    text: text('text').notNull(),
    html: text('html').notNull(),
    messageId: text('message_id').notNull(),
    inReplyTo: text('in_reply_to'),
    references: text('references').array().notNull().default([]),
    createdAt: moment('created_at').notNull(),
    state: noticeState('state').notNull(),
    attempts: integer('attempts').notNull().default(0),
    dueAt: moment('due_at').notNull(),
    leaseUntil: moment('lease_until'),
    sentAt: moment('sent_at'),
    /** SHA-256 of the token in its envelope address, once it was sent. */
    bounceHash: bytea('bounce_hash').unique(),
    lastError: text('last_error'),
    /** An officer let a notice that did not arrive rest: the state stays what it was. */
    closedAt: moment('closed_at'),
    closedBy: text('closed_by'),
    closedReason: text('closed_reason'),
  },
  (t) => [
    uniqueIndex('notice_event').on(t.event),
    index('notice_due')
      .on(t.dueAt)
      .where(sql`${t.state} in ('queued','sending')`),
    index('notice_not_sent')
      .on(t.state)
      .where(sql`${t.state} <> 'sent'`),
  ],
);

export const noticeAttachment = pgTable(
  'notice_attachment',
  {
    notice: uuid('notice')
      .notNull()
      .references(() => notice.id),
    position: integer('position').notNull(),
    filename: text('filename').notNull(),
    mediaType: text('media_type').notNull(),
    content: bytea('content').notNull(),
  },
  (t) => [primaryKey({ columns: [t.notice, t.position] })],
);

export const activation = pgTable('activation', {
  id: uuid('id').primaryKey(),
  /** SHA-256 of the token. */
  tokenHash: bytea('token_hash').notNull().unique(),
  address: text('address').notNull(),
  fullName: text('full_name').notNull(),
  regulation: text('regulation').notNull(),
  dossier: text('dossier'),
  expiresAt: moment('expires_at').notNull(),
  usedAt: moment('used_at'),
});

/**
 * What Postfix and Dovecot read by SQL, in the shape of PostfixAdmin's tables.
 */
export const mail = pgSchema('mail');

export const mailDomain = mail.table('domain', {
  domain: text('domain').primaryKey(),
  description: text('description').notNull().default(''),
  active: boolean('active').notNull().default(true),
  created: moment('created').notNull(),
  modified: moment('modified').notNull(),
});

export const mailMailbox = mail.table('mailbox', {
  username: text('username').primaryKey(),
  /** "{ARGON2ID}$argon2id$…" as Dovecot reads it; "*" lets nobody in. */
  password: text('password').notNull(),
  name: text('name').notNull(),
  maildir: text('maildir').notNull(),
  /** Bytes; 0 = no limit, as PostfixAdmin means it. */
  quota: bigint('quota', { mode: 'number' }).notNull(),
  localPart: text('local_part').notNull(),
  domain: text('domain')
    .notNull()
    .references(() => mailDomain.domain),
  active: boolean('active').notNull(),
  /** Why a login is refused although mail is still received; null = may log in. */
  lockedReason: text('locked_reason'),
  created: moment('created').notNull(),
  modified: moment('modified').notNull(),
});

export const mailAlias = mail.table('alias', {
  address: text('address').primaryKey(),
  goto: text('goto').notNull(),
  domain: text('domain').notNull(),
  active: boolean('active').notNull().default(true),
  created: moment('created').notNull(),
  modified: moment('modified').notNull(),
});

export const mailLastLogin = mail.table('last_login', {
  username: text('username').primaryKey(),
  /** Seconds since 1970, as Dovecot's last_login plugin writes it. */
  lastLogin: bigint('last_login', { mode: 'number' }).notNull(),
});

/** Which order was carried out for good: asking twice changes nothing. */
export const mailOrder = mail.table(
  'carried_out',
  { id: text('id').notNull(), action: text('action').notNull(), at: moment('at').notNull() },
  (t) => [primaryKey({ columns: [t.id, t.action] })],
);

/** The officers' work list of the target `manual`: an order waits until somebody has decided it. */
export const manualOrder = mail.table(
  'manual_order',
  {
    id: text('id').notNull(),
    action: text('action').notNull(),
    address: text('address').notNull(),
    /** What else the order says: fullName, quota, newAddress, reason. */
    detail: jsonb('detail').$type<Readonly<Record<string, unknown>>>().notNull(),
    orderedAt: moment('ordered_at').notNull(),
    decidedAt: moment('decided_at'),
    decidedBy: text('decided_by'),
    /** Why it cannot be done; null with `decidedAt` = done. */
    refused: text('refused'),
  },
  (t) => [
    primaryKey({ columns: [t.id, t.action] }),
    index('manual_order_open')
      .on(t.orderedAt)
      .where(sql`${t.decidedAt} is null`),
  ],
);
