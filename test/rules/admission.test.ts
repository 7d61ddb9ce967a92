import { describe, expect, it } from 'vitest';
import { REFUSALS, refusalReply } from '../../src/rules/admission-replies.ts';
import type { Admission } from '../../src/rules/admission.ts';
import { admit, admitSender } from '../../src/rules/admission.ts';
import { looksLike } from '../../src/rules/public-mail.ts';
import type { Sender } from '../../src/rules/registry.ts';
import { REGULATIONS } from '../../src/rules/regulations.ts';
import { HCM, NOW, QB, ST, TH, facts, from, mailbox, unit, world } from './harness.ts';

const MB = 1024 * 1024;
const unitSender: Sender = { kind: 'unit', unit: unit() };
const personSender: Sender = { kind: 'person', mailbox: mailbox(), unit: unit() };
const senders: Record<string, Sender> = {
  'snv@quangbinh.gov.vn': unitSender,
  'annv.snv@quangbinh.gov.vn': personSender,
  'phong.snv@quangbinh.gov.vn': {
    kind: 'unit',
    unit: unit({ code: 'phong', level: 'phong', mailbox: 'phong.snv@quangbinh.gov.vn' }),
  },
  'cu@quangbinh.gov.vn': { kind: 'unit', unit: unit({ active: false }) },
  'snv@tphcm.gov.vn': {
    kind: 'unit',
    unit: unit({ regulation: HCM.id, mailbox: 'snv@tphcm.gov.vn' }),
  },
  'stc@tphcm.gov.vn': {
    kind: 'unit',
    unit: unit({ regulation: HCM.id, code: 'stc', mailbox: 'stc@tphcm.gov.vn' }),
  },
  'an.snv@tphcm.gov.vn': { kind: 'person', mailbox: mailbox(), unit: unit({ regulation: HCM.id }) },
  'snv@soctrang.gov.vn': { kind: 'unit', unit: unit({ regulation: ST.id, mailbox: 'snv@soctrang.gov.vn' }) },
  'nvan@soctrang.gov.vn': { kind: 'person', mailbox: mailbox(), unit: unit({ regulation: ST.id }) },
  'xa@thanhhoa.gov.vn': { kind: 'unit', unit: unit({ regulation: TH.id, level: 'xa' }) },
  'so@thanhhoa.gov.vn': { kind: 'unit', unit: unit({ regulation: TH.id, level: 'so' }) },
};
const intakeTH = { address: 'vp@thanhhoa.gov.vn', kind: 'request', regulation: TH } as const;
const say = (admission: Admission): string =>
  admission.decision === 'accept'
    ? 'accept'
    : admission.decision === 'retry'
      ? `retry ${admission.reply.code} ${admission.reply.status}`
      : `${admission.decision} ${admission.reason}`;

describe('sender rules', () => {
  it.each([
    ['[QB-4.1a] the unit mailbox', from('snv@quangbinh.gov.vn'), ['CREATE_PERSON'], 'accept'],
    [
      '[QB-4.1] a personal mailbox',
      from('annv.snv@quangbinh.gov.vn'),
      ['CREATE_PERSON'],
      'refuse personal_mailbox',
    ],
    ['[QB-6.1] a person about a password', from('annv.snv@quangbinh.gov.vn'), ['PASSWORD_RESET'], 'accept'],
    ['[QB-15.4] a person about a fault', from('annv.snv@quangbinh.gov.vn'), ['INCIDENT'], 'accept'],
    ['[QB-6.1] a person, kind unknown', from('annv.snv@quangbinh.gov.vn'), [], 'refuse personal_mailbox'],
    [
      '[QB-6.1] a person mixing a reset with a creation',
      from('annv.snv@quangbinh.gov.vn'),
      ['PASSWORD_RESET', 'CREATE_PERSON'],
      'refuse personal_mailbox',
    ],
    [
      '[QB-4.1] a room inside a unit',
      from('phong.snv@quangbinh.gov.vn'),
      ['CANCEL'],
      'refuse level_may_not_request',
    ],
    ['[QB-13.8] gmail', from('snv.quangbinh@gmail.com'), ['CREATE_PERSON'], 'refuse public_mail'],
    ['[QB-2.4] yahoo', from('snv@yahoo.com.vn'), ['CREATE_PERSON'], 'refuse public_mail'],
    [
      'an unregistered official address',
      from('moi@quangbinh.gov.vn'),
      ['CREATE_PERSON'],
      'refuse unregistered',
    ],
    ['a look-alike', from('snv@quangblnh.gov.vn'), ['CREATE_PERSON'], 'refuse lookalike_domain'],
    ['a stranger', from('a@example.com'), ['CREATE_PERSON'], 'refuse foreign_domain'],
    ['[HCM-1] another system', from('stc@tphcm.gov.vn'), ['CREATE_PERSON'], 'refuse other_system'],
    ['an inactive unit', from('cu@quangbinh.gov.vn'), ['CREATE_PERSON'], 'refuse unit_inactive'],
  ] as const)('%s', (_, letter, kinds, expected) => {
    expect(say(admit(letter, world(senders, { kinds })))).toBe(expected);
  });

  const hcm = { recipients: ['stttt@tphcm.gov.vn'] };
  it.each([
    ['[HCM-7.1a] the unit mailbox', 'stc@tphcm.gov.vn', ['CREATE_PERSON'], 'accept'],
    [
      '[HCM-7.2b] a personal official mailbox',
      'an.snv@tphcm.gov.vn',
      ['PASSWORD_RESET'],
      'refuse personal_mailbox',
    ],
    ['[HCM-7.2b] public mail', 'stc.hcm@yahoo.com', ['CREATE_PERSON'], 'refuse public_mail'],
    ['[HCM-7.2c] Sở Nội vụ as authority', 'snv@tphcm.gov.vn', ['AUTHORITY_DECISION'], 'accept'],
    [
      '[HCM-7.2c] another unit as authority',
      'stc@tphcm.gov.vn',
      ['AUTHORITY_DECISION'],
      'refuse not_an_authority',
    ],
    ['[HCM-9.1a] reopening by the unit mailbox', 'stc@tphcm.gov.vn', ['REOPEN'], 'accept'],
    ['[HCM-11.2] the quarterly declaration', 'stc@tphcm.gov.vn', ['QUARTERLY_DECLARATION'], 'accept'],
  ] as const)('%s', (_, address, kinds, expected) => {
    expect(say(admit(from(address, hcm), world(senders, { kinds })))).toBe(expected);
  });

  it.each([
    ['[TH-5.2] a sở', 'so@thanhhoa.gov.vn', ['CREATE_PERSON'], 'accept'],
    ['[TH-5.2] a xã', 'xa@thanhhoa.gov.vn', ['CREATE_PERSON'], 'refuse level_may_not_request'],
    ['[TH-6.4] a xã that lost a password', 'xa@thanhhoa.gov.vn', ['PASSWORD_RESET'], 'accept'],
  ] as const)('%s', (_, address, kinds, expected) => {
    const letter = from(address, { recipients: ['vp@thanhhoa.gov.vn'] });
    expect(say(admit(letter, world(senders, { kinds, intakeAddresses: [intakeTH] })))).toBe(expected);
  });

  it('[ST-9.3] refuses automatic forwarding, [QB-4.1a] which other systems do not mention', () => {
    const forwarded = { forwarded: 'X-Forwarded-For' };
    const st = from('snv@soctrang.gov.vn', { ...forwarded, recipients: ['sotttt@soctrang.gov.vn'] });
    expect(say(admit(st, world(senders)))).toBe('refuse auto_forwarded');
    expect(say(admit(from('snv@quangbinh.gov.vn', forwarded), world(senders)))).toBe('accept');
  });

  it('[ST-9.4] [BH-8.7] takes abuse reports from any internal person, sealed', () => {
    const letter = from('nvan@soctrang.gov.vn', { recipients: ['xulythurac@soctrang.gov.vn'] });
    expect(admit(letter, world(senders, { kinds: [] }))).toMatchObject({
      decision: 'accept',
      sealed: true,
      kinds: ['ABUSE_REPORT'],
    });
  });

  it('[ST-11.4] the incident mailbox needs no words to know its kind', () => {
    const letter = from('nvan@soctrang.gov.vn', { recipients: ['ttcns.sotttt@soctrang.gov.vn'] });
    expect(admit(letter, world(senders, { kinds: [] }))).toMatchObject({ kinds: ['INCIDENT'] });
  });

  it.each([
    ['2024-12-31T23:59:00+07:00', 'refuse not_in_force'],
    ['2025-01-01T00:00:00+07:00', 'accept'],
  ])('[ST-D2] received at %s: %s', (at, expected) => {
    const letter = from('snv@soctrang.gov.vn', { recipients: ['sotttt@soctrang.gov.vn'] });
    expect(say(admit(letter, world(senders, { now: new Date(at) })))).toBe(expected);
  });

  it.each([
    ['so', 'accept'],
    ['huyen', 'accept'],
    ['xa', 'accept'],
    ['donvi', 'accept'],
    ['khac', 'accept'],
    ['phong', 'refuse level_may_not_request'],
  ])('[ST-1.2a–e] a body of level %s: %s', (level, expected) => {
    const body = unit({ regulation: ST.id, level, mailbox: 'x@soctrang.gov.vn' });
    const letter = from('x@soctrang.gov.vn', { recipients: ['sotttt@soctrang.gov.vn'] });
    const known: Record<string, Sender> = { 'x@soctrang.gov.vn': { kind: 'unit', unit: body } };
    expect(say(admit(letter, world(known, { kinds: ['CREATE_PERSON'] })))).toBe(expected);
  });

  it('[QB-1.2] another organisation that was given accounts asks like any unit', () => {
    const body = unit({ level: 'khac', name: 'Hội Luật gia', mailbox: 'hlg@quangbinh.gov.vn' });
    const known: Record<string, Sender> = { 'hlg@quangbinh.gov.vn': { kind: 'unit', unit: body } };
    expect(say(admit(from('hlg@quangbinh.gov.vn'), world(known, { kinds: ['CREATE_PERSON'] })))).toBe(
      'accept',
    );
  });

  it('[ST-2.1] never takes the misspelt domains of the text as aliases', () => {
    for (const domain of ['socstrang.gov.vn', 'sottrang.gov.vn']) {
      const letter = from(`snv@${domain}`, { recipients: ['sotttt@soctrang.gov.vn'] });
      expect(say(admit(letter, world(senders)))).toBe('refuse lookalike_domain');
    }
  });
});

describe('before any rule', () => {
  it.each([
    ['the null path', facts({ envelopeFrom: null }), 'ignore null_path'],
    ['automatic mail from gmail', from('x@gmail.com', { automatic: 'Auto-Submitted' }), 'ignore automatic'],
    ['our own notice', from('thongbao@quangbinh.gov.vn'), 'ignore own_mail'],
    ['a structure limit', facts({ limit: 'parts' }), 'quarantine structure_limit'],
    ['no author', facts({ author: { ok: false, fault: 'several' } }), 'refuse malformed_author'],
    ['no intake', facts({ recipients: ['abc@quangbinh.gov.vn'] }), 'refuse unknown_recipient'],
    ['another envelope', facts({ envelopeFrom: 'syt@quangbinh.gov.vn' }), 'quarantine envelope_mismatch'],
  ] as const)('%s', (_, letter, expected) => {
    expect(say(admit(letter, world(senders)))).toBe(expected);
  });

  const proof = (result: 'pass' | 'fail' | 'temperror', domain: string | null) =>
    facts({ proof: { method: 'own-check', result, domain, detail: '' } });
  it.each([
    ['temporary trouble', proof('temperror', null), 'retry 451 4.7.0'],
    ['a failed proof', proof('fail', null), 'refuse unproven_sender'],
    ['a proof of another domain', proof('pass', 'example.com'), 'refuse unproven_sender'],
    ['a pass without a domain', proof('pass', null), 'refuse unproven_sender'],
  ] as const)('proof: %s', (_, letter, expected) => {
    expect(say(admit(letter, world(senders)))).toBe(expected);
  });

  it('[QB-4.1b] a paper request has no wire to prove', () => {
    const letter = facts({
      envelopeFrom: null,
      proof: { method: 'paper', result: 'pass', domain: null, detail: '' },
    });
    expect(admit(letter, world(senders))).toMatchObject({ decision: 'accept', channel: 'paper' });
  });

  it('a domain may send until it was given up', () => {
    const dated = {
      ...QB,
      identity: {
        ...QB.identity,
        domains: [{ name: 'quangbinh.gov.vn', primary: true, validTo: '2026-01-31' }],
      },
    };
    const intakeAddresses = [
      { address: 'stttt@quangbinh.gov.vn', kind: 'request', regulation: dated },
    ] as const;
    const at = (now: Date) => say(admit(facts(), world(senders, { intakeAddresses, now })));
    expect(at(NOW)).toBe('refuse domain_expired');
    expect(at(new Date('2026-01-31T23:00:00+07:00'))).toBe('accept');
  });
});

describe('attachments', () => {
  const sized = (...sizes: number[]) => ({ attachments: sizes.map((size) => ({ filename: 'a.pdf', size })) });
  it.each([
    ['[HCM-5.2] 15 MB a message', 'stc@tphcm.gov.vn', 'stttt@tphcm.gov.vn', [8 * MB, 7 * MB], 'accept'],
    [
      '[HCM-5.2] more',
      'stc@tphcm.gov.vn',
      'stttt@tphcm.gov.vn',
      [8 * MB, 7 * MB + 1],
      'refuse attachments_too_large',
    ],
    ['[QB-9] 20 MB a message', 'snv@quangbinh.gov.vn', 'stttt@quangbinh.gov.vn', [20 * MB], 'accept'],
    [
      '[QB-9] more',
      'snv@quangbinh.gov.vn',
      'stttt@quangbinh.gov.vn',
      [20 * MB, 1],
      'refuse attachments_too_large',
    ],
    ['[ST-7] 50 MB a file', 'snv@soctrang.gov.vn', 'sotttt@soctrang.gov.vn', [50 * MB, 50 * MB], 'accept'],
    [
      '[ST-7] one file more',
      'snv@soctrang.gov.vn',
      'sotttt@soctrang.gov.vn',
      [50 * MB + 1],
      'refuse attachments_too_large',
    ],
  ])('%s', (_, address, to, sizes, expected) => {
    expect(say(admit(from(address, { recipients: [to], ...sized(...sizes) }), world(senders)))).toBe(
      expected,
    );
  });
});

describe('replies', () => {
  it('names the article, in Vietnamese without diacritics and in English', () => {
    const reply = refusalReply('personal_mailbox', QB);
    expect(reply).toMatchObject({ code: 550, status: '5.7.1' });
    expect(reply.text).toContain('Dieu 4 Quy che ban hanh kem theo Quyet dinh so 41/2015/QD-UBND');
    expect(reply.text).toContain('Article 4, Decision 41/2015/QD-UBND');
    expect(refusalReply('attachments_too_large', QB)).toMatchObject({ code: 552, status: '5.3.4' });
    expect(refusalReply('attachments_too_large', QB).text).toContain('20 MB');
    expect(refusalReply('attachments_too_large', QB).text).toContain('Dieu 9');
  });

  it('every reply of every regulation is printable ASCII and fits one line', () => {
    for (const reason of REFUSALS) {
      for (const one of [...REGULATIONS, null]) {
        const { code, status, text } = refusalReply(reason, one);
        expect(text).toMatch(/^[\x20-\x7e]+$/u);
        expect(`${code} ${status} ${text}\r\n`.length, text).toBeLessThanOrEqual(512);
      }
    }
  });
});

describe('at RCPT', () => {
  const ask = (address: string | null, recipient = 'stttt@quangbinh.gov.vn') =>
    admitSender({ from: address, recipient }, world(senders))?.reason ?? null;
  it.each([
    ['snv@quangbinh.gov.vn', null],
    [null, null],
    ['thongbao@quangbinh.gov.vn', null],
    ['x@gmail.com', 'public_mail'],
    ['moi@quangbinh.gov.vn', 'unregistered'],
    ['annv.snv@quangbinh.gov.vn', null],
  ])('%s → %s', (address, reason) => {
    expect(ask(address)).toBe(reason);
  });
  it('[HCM-7.2b] a person may write for nothing at all', () => {
    expect(ask('an.snv@tphcm.gov.vn', 'stttt@tphcm.gov.vn')).toBe('personal_mailbox');
    expect(ask('snv@quangbinh.gov.vn', 'la@quangbinh.gov.vn')).toBe('unknown_recipient');
  });
});

describe('look-alikes', () => {
  it.each([
    ['socstrang.gov.vn', 'soctrang.gov.vn', true],
    ['quangbinh-gov.vn', 'quangbinh.gov.vn', true],
    ['quangbinh.gov.vn.example.com', 'quangbinh.gov.vn', true],
    ['quangbinh.gov.vn', 'quangbinh.gov.vn', false],
    ['mail.quangbinh.gov.vn', 'quangbinh.gov.vn', false],
    ['example.com', 'quangbinh.gov.vn', false],
  ])('%s ~ %s: %s', (given, official, expected) => {
    expect(looksLike(given, official)).toBe(expected);
  });
});
