import type { AdmissionWorld } from '../../src/rules/admission.ts';
import type { LetterFacts } from '../../src/rules/letter-facts.ts';
import type { Mailbox, Sender, Unit } from '../../src/rules/registry.ts';
import type { Regulation } from '../../src/rules/regulation.ts';
import { REGULATIONS, namedIntakes, regulationById } from '../../src/rules/regulations.ts';
import type { RowContext } from '../../src/rules/row-context.ts';

/** Values for the rule tests: a small registry of one system. */
export const regulation = (id: string): Regulation => regulationById(id)!;
export const QB = regulation('vn-quangbinh-41-2015');
export const HCM = regulation('vn-hcm-41-2011');
export const BH = regulation('vn-bienhoa-04-2011');
export const TH = regulation('vn-thanhhoa-824-2005');
export const ST = regulation('vn-soctrang-59-2024');
export const BN = regulation('vn-bacninh-79-2025');
export const DT = regulation('vn-dongthap-143-2025');

export const NOW = new Date('2026-03-02T08:00:00+07:00');

export const unit = (over: Partial<Unit> = {}): Unit => ({
  code: 'snv',
  name: 'Sở Nội vụ',
  mailbox: 'snv@quangbinh.gov.vn',
  parent: null,
  level: 'so',
  regulation: QB.id,
  abbreviation: 'snv',
  certificates: [],
  active: true,
  ...over,
});

export const mailbox = (over: Partial<Mailbox> = {}): Mailbox => ({
  address: 'annv.snv@quangbinh.gov.vn',
  kind: 'person',
  fullName: 'Nguyễn Văn An',
  position: 'Chuyên viên',
  unit: 'snv',
  state: 'active',
  createdAt: new Date('2025-01-01T00:00:00Z'),
  lastLogin: new Date('2026-02-01T00:00:00Z'),
  lockedAt: null,
  ...over,
});

export const facts = (over: Partial<LetterFacts> = {}): LetterFacts => ({
  envelopeFrom: 'snv@quangbinh.gov.vn',
  recipients: ['stttt@quangbinh.gov.vn'],
  author: { ok: true, address: 'snv@quangbinh.gov.vn' },
  proof: { method: 'own-check', result: 'pass', domain: 'quangbinh.gov.vn', detail: 'dmarc=pass' },
  automatic: null,
  forwarded: null,
  messageId: '<1@quangbinh.gov.vn>',
  inReplyTo: [],
  subject: 'V/v cấp mới hộp thư',
  bodyText: '',
  attachments: [],
  size: 4000,
  limit: null,
  ...over,
});

/** A letter from one address, proven for its own domain. */
export const from = (address: string, over: Partial<LetterFacts> = {}): LetterFacts =>
  facts({
    envelopeFrom: address,
    author: { ok: true, address },
    proof: {
      method: 'own-check',
      result: 'pass',
      domain: address.slice(address.indexOf('@') + 1),
      detail: '',
    },
    ...over,
  });

export const world = (
  senders: Readonly<Record<string, Sender>>,
  over: Partial<AdmissionWorld> = {},
): AdmissionWorld => ({
  regulations: REGULATIONS,
  intakeAddresses: namedIntakes(REGULATIONS),
  senderOf: (address) => senders[address] ?? { kind: 'unknown' },
  kinds: ['CREATE_PERSON'],
  ownAddresses: ['thongbao@quangbinh.gov.vn'],
  now: NOW,
  ...over,
});

export const rowContext = (
  over: Partial<RowContext> = {},
  mailboxes: readonly Mailbox[] = [],
): RowContext => ({
  regulation: QB,
  unit: unit(),
  person: null,
  kinds: ['CREATE_PERSON'],
  units: [
    unit(),
    unit({ code: 'syt', name: 'Sở Y tế', abbreviation: 'syt', mailbox: 'syt@quangbinh.gov.vn' }),
  ],
  mailboxByAddress: (address) => mailboxes.find((known) => known.address === address) ?? null,
  mailboxesOf: (code) => mailboxes.filter((known) => known.unit === code),
  takenLocalPart: (name) => mailboxes.some((known) => known.address.startsWith(`${name}@`)),
  now: NOW,
  bodyText: '',
  ...over,
});
