import { describe, expect, it } from 'vitest';
import type { ExaminedLetter } from '../../src/evidence/port.ts';
import type { ApprovalContext, EvidenceFacts, ExaminedFacts } from '../../src/rules/approval.ts';
import { approve } from '../../src/rules/approval.ts';
import type { ScanFact } from '../../src/rules/scan-facts.ts';
import type { Regulation } from '../../src/rules/regulation.ts';
import type { Verdict } from '../../src/rules/verdict.ts';
import { NO_SIGNATURE, PASSED, failed, indeterminate } from '../../src/rules/verdict.ts';
import { BH, BN, HCM, QB, ST, TH, mailbox, unit } from './harness.ts';

/** Compiles only while the port's letter fits the structural type of the rules. */
export const assignable = (letter: ExaminedLetter): ExaminedFacts => letter;

const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const evidence = (
  verdict: Verdict,
  email: string | null = 'snv@quangbinh.gov.vn',
  sha256 = 'aa',
): EvidenceFacts => ({
  format: 'smime',
  verdict,
  signatures:
    verdict.verdict === 'NONE'
      ? []
      : [{ signer: { commonName: 'Sở Nội vụ', emails: email === null ? [] : [email], sha256 } }],
  explanation: 'nội dung tệp đã thay đổi sau khi ký',
});
const NONE = evidence(NO_SIGNATURE);
const doc = (index: number, over: Partial<ExaminedFacts['documents'][number]> = {}) => ({
  index,
  filename: `tep-${index}`,
  mediaType: XLSX,
  evidence: NONE,
  coveredByLetter: false,
  encrypted: false,
  ...over,
});
const letter = (own: EvidenceFacts, ...documents: ExaminedFacts['documents'][number][]): ExaminedFacts => ({
  letter: own,
  documents,
  limit: null,
});
const pdf = { mediaType: 'application/pdf' };
const judge = (
  examined: ExaminedFacts,
  regulation: Regulation = QB,
  context: Partial<ApprovalContext> = {},
  own = unit(),
) => approve(examined, regulation, own, { kinds: ['CREATE_PERSON'], person: null, ...context });
const codes = (approval: ReturnType<typeof judge>) =>
  'reasons' in approval ? approval.reasons.map(({ code }) => code) : [];

describe('by signature', () => {
  it('[QB-4.1a] [HCM-8.3a] approves a signed letter; the list is read from what it covers', () => {
    const signed = letter(evidence(PASSED), doc(0, { coveredByLetter: true }));
    expect(judge(signed)).toMatchObject({
      decision: 'approved',
      route: 'digital_signature',
      documents: [0],
      body: true,
      signer: 'Sở Nội vụ',
    });
    expect(judge(signed, HCM).decision).toBe('approved');
  });

  it('approves a signed file without a signed letter, and reads nothing else', () => {
    const files = letter(NONE, doc(0, { evidence: evidence(PASSED) }), doc(1, pdf));
    expect(judge(files)).toMatchObject({ decision: 'approved', documents: [0], body: false });
  });

  it('takes a pinned certificate without e-mail, and no other', () => {
    const signed = letter(evidence(PASSED, null, 'ff'));
    expect(judge(signed, QB, {}, unit({ certificates: ['ff'] })).decision).toBe('approved');
    expect(codes(judge(signed))).toEqual(['signer_not_of_unit']);
    expect(judge(letter(evidence(PASSED, 'syt@quangbinh.gov.vn'))).decision).toBe('officer');
  });

  it('takes a pinned certificate whose e-mail is another’s, for that unit and that certificate only', () => {
    const pinned = unit({ certificates: ['ff'] });
    const by = (sha256: string, verdict: Verdict = PASSED) =>
      letter(evidence(verdict, 'vanthu@gmail.com', sha256));
    expect(judge(by('ff'), QB, {}, pinned).decision).toBe('approved');
    expect(codes(judge(by('ff')))).toEqual(['signer_not_of_unit']);
    expect(codes(judge(by('fe'), QB, {}, pinned))).toEqual(['signer_not_of_unit']);
    expect(codes(judge(by('f'), QB, {}, pinned))).toEqual(['signer_not_of_unit']);
    expect(judge(by('ff', failed('REVOKED')), QB, {}, pinned).decision).toBe('refuse');
    expect(judge(by('ff', indeterminate('TRY_LATER')), QB, {}, pinned).decision).toBe('retry');
    expect(codes(judge(by('ff', indeterminate('NO_CERTIFICATE_CHAIN_FOUND')), QB, {}, pinned))).toEqual([
      'signature_unclear',
    ]);
  });

  it('judges by the outermost signature: a pinned one below another’s does not count', () => {
    const [inner] = evidence(PASSED, null, 'ff').signatures;
    const outer = evidence(PASSED, 'vanthu@gmail.com', 'fe');
    const both = letter({ ...outer, signatures: [inner!, ...outer.signatures] });
    expect(codes(judge(both, QB, {}, unit({ certificates: ['ff'] })))).toEqual(['signer_not_of_unit']);
  });

  it('lets a decision signed by a superior accompany the unit’s own signature, but never reads it as the unit’s', () => {
    const both = letter(
      NONE,
      doc(0, { evidence: evidence(PASSED) }),
      doc(1, { ...pdf, evidence: evidence(PASSED, 'ubnd@x') }),
    );
    expect(judge(both)).toMatchObject({ decision: 'approved', documents: [0] });
  });

  it.each([
    'HASH_FAILURE',
    'REVOKED',
    'EXPIRED',
    'NOT_YET_VALID',
    'FORMAT_FAILURE',
    'SIG_CRYPTO_FAILURE',
  ] as const)('refuses %s with its reason', (sub) => {
    const result = judge(letter(evidence(failed(sub)), doc(0, { coveredByLetter: true })));
    expect(result).toMatchObject({ decision: 'refuse', reasons: [{ subIndication: sub }] });
    expect(JSON.stringify(result)).toContain('nội dung tệp đã thay đổi sau khi ký');
  });

  it('tries TRY_LATER again and leaves every other doubt to an officer', () => {
    expect(judge(letter(evidence(indeterminate('TRY_LATER')))).decision).toBe('retry');
    const doubtful = letter(
      evidence(indeterminate('NO_CERTIFICATE_CHAIN_FOUND')),
      doc(0, { coveredByLetter: true }),
    );
    expect(judge(doubtful).decision).toBe('officer');
    expect(judge(doubtful, QB, { findings: { signatureConfirmed: true } })).toMatchObject({
      decision: 'approved',
      documents: [0],
    });
  });

  it('refuses rather than waits when one signature is broken', () => {
    const mixed = letter(
      evidence(indeterminate('TRY_LATER')),
      doc(0, { evidence: evidence(failed('HASH_FAILURE')) }),
    );
    expect(judge(mixed).decision).toBe('refuse');
  });

  it('[HCM-8.3a] an editable list beside a signed letter must be signed too', () => {
    const loose = letter(NONE, doc(0, { ...pdf, evidence: evidence(PASSED) }), doc(1));
    expect(judge(loose)).toMatchObject({
      decision: 'refuse',
      reasons: [{ code: 'list_not_signed', filename: 'tep-1' }],
    });
    expect(judge(loose, HCM).decision).toBe('await_paper');
    expect(judge(loose, ST).decision).toBe('officer');
  });

  it('[TH-5.2b] the head signs, as an officer confirms', () => {
    const signed = letter(evidence(PASSED));
    expect(codes(judge(signed, TH))).toEqual(['head_unconfirmed']);
    expect(judge(signed, TH, { findings: { headConfirmed: true } }).decision).toBe('approved');
  });
});

const BOX = { x: 0, y: 0, width: 0.1, height: 0.1 };

describe('without signature', () => {
  it('[HCM-8.3b] [BH-4.4a] [QB-4.1a] a picture is for an officer’s eyes, then approved', () => {
    const scan = letter(NONE, doc(0, pdf), doc(1));
    for (const regulation of [HCM, BH, QB]) {
      expect(judge(scan, regulation)).toMatchObject({ decision: 'officer', route: 'scan_signed_sealed' });
    }
    expect(judge(scan, QB, { findings: { scanConfirmed: true } })).toMatchObject({
      decision: 'approved',
      route: 'scan_signed_sealed',
      documents: [0, 1],
    });
    expect(judge(scan, BN)).toMatchObject({ decision: 'officer', route: 'digital_signature' });
  });

  it('a scan passes without an officer only where a province configured it and every fact is strong', () => {
    const strong = {
      pageCount: 1,
      images: [],
      seenBefore: [],
      renderer: 'pdftoppm',
      limit: null,
      pages: [
        {
          page: 1,
          widthMm: 210,
          heightMm: 297,
          scale: 'placement',
          dpi: 200,
          imageCoverage: 1,
          colour: 'colour',
          blank: false,
          visibleText: 0,
          hiddenText: 0,
          overlays: [],
          seals: [{ grade: 'strong', weaknesses: [], diameterMm: 36, box: BOX }],
          strokes: [{ colour: 'blue', overSeal: true, sizeMm: 30, box: BOX }],
        },
      ],
    } as const;
    const automatic = { ...QB, verification: { ...QB.verification, scanNeedsOfficer: false } };
    const seen = (scan: ScanFact) => letter(NONE, doc(0, { ...pdf, scan }), doc(1));
    expect(judge(seen(strong), QB).decision).toBe('officer');
    expect(judge(seen(strong), automatic).decision).toBe('approved');
    expect(judge(seen({ ...strong, limit: 'cut off' }), automatic).decision).toBe('officer');
    expect(judge(letter(NONE, doc(0, pdf)), automatic).decision).toBe('officer');
  });

  it.each([
    ['[QB-4.1a]', QB, 'refuse'],
    ['[HCM-8.4b]', HCM, 'await_paper'],
    ['[BH-4.4b]', BH, 'await_paper'],
    ['[ST-4.1]', ST, 'officer'],
  ] as const)('%s an unsigned list ends as the regulation says', (_, regulation, decision) => {
    expect(judge(letter(NONE, doc(0)), regulation).decision).toBe(decision);
  });

  it('[HCM-8.4b] [QB-4.1b] the paper original makes up for it', () => {
    const findings = { paper: { number: '12/SNV-VP', date: '2026-01-05' } };
    expect(judge(letter(NONE, doc(0)), HCM, { findings })).toMatchObject({
      decision: 'approved',
      route: 'paper',
    });
  });

  it('[HCM-9.1a] [HCM-11.2] the unit mailbox alone suffices to reopen and to declare', () => {
    expect(judge(letter(NONE), HCM, { kinds: ['REOPEN'] })).toMatchObject({ route: 'unit_mailbox' });
    expect(judge(letter(NONE), HCM, { kinds: ['QUARTERLY_DECLARATION'] }).decision).toBe('approved');
    expect(judge(letter(NONE), HCM, { kinds: ['REOPEN', 'CREATE_PERSON'] }).decision).toBe('await_paper');
    expect(judge(letter(NONE), QB, { kinds: ['REOPEN'] }).decision).toBe('refuse');
  });

  it('[QB-6.2] a person’s reset waits for an identity check, signature or not', () => {
    const person = { person: mailbox(), kinds: ['PASSWORD_RESET'] } as const;
    expect(judge(letter(evidence(PASSED)), QB, person)).toMatchObject({
      decision: 'officer',
      route: 'identity_check',
    });
    expect(judge(letter(NONE), QB, { ...person, findings: { identityConfirmed: true } }).decision).toBe(
      'approved',
    );
  });

  it('encrypted files are refused where forbidden and never read', () => {
    const locked = letter(evidence(PASSED), doc(0, { encrypted: true, coveredByLetter: true }));
    expect(codes(judge(locked, BN))).toEqual(['encrypted']);
    expect(judge(letter(evidence(PASSED), doc(0, { ...pdf, encrypted: true })))).toMatchObject({
      documents: [],
    });
  });

  it('a reached limit goes to an officer', () => {
    expect(codes(judge({ ...letter(NONE), limit: 'more than 200 parts' }))).toEqual(['limit']);
  });
});

describe('both signatures (NĐ 30/2020 Đ5.1): a person with authority and the organisation', () => {
  const both: Regulation = {
    ...QB,
    verification: {
      ...QB.verification,
      signer: { mustBeHead: false, requireOrgSignature: true, requirePersonSignature: true },
    },
  };
  const signer = (email: string | null, verdict?: Verdict) => ({
    ...(verdict === undefined ? {} : { verdict }),
    signer: { commonName: 'Nguyễn Văn Trưởng', emails: email === null ? [] : [email], sha256: email ?? 'bb' },
  });
  const organisation = signer('snv@quangbinh.gov.vn', PASSED);
  const file = (...signatures: EvidenceFacts['signatures'][number][]) =>
    letter(
      NONE,
      doc(0, { ...pdf, evidence: { format: 'pdf', verdict: PASSED, signatures, explanation: '' } }),
    );

  it('the person under the organisation is enough; the organisation alone is not', () => {
    expect(judge(file(signer(null, PASSED), organisation), both)).toMatchObject({ decision: 'approved' });
    const alone = judge(file(organisation), both);
    expect(alone).toMatchObject({ decision: 'refuse' });
    expect(codes(alone)).toEqual(['person_signature_missing']);
    expect(judge(file(organisation))).toMatchObject({ decision: 'approved' });
  });

  it('the organisation twice is no person, and a person whose signature fails is none', () => {
    expect(codes(judge(file(organisation, organisation), both))).toEqual(['person_signature_missing']);
    const broken = file(signer(null, failed('HASH_FAILURE')), organisation);
    expect(codes(judge(broken, both))).toEqual(['person_signature_missing']);
  });

  it('a person alone is an officer’s, who may settle either', () => {
    expect(codes(judge(file(signer(null, PASSED)), both))).toEqual(['signer_not_of_unit']);
    expect(judge(file(organisation), both, { findings: { signatureConfirmed: true } })).toMatchObject({
      decision: 'approved',
    });
  });

  it('an annex in a file of its own needs only the organisation beside the signed letter', () => {
    const main = {
      format: 'pdf',
      verdict: PASSED,
      signatures: [signer(null, PASSED), organisation],
      explanation: '',
    };
    const annex = { ...main, signatures: [organisation] };
    const whole = letter(NONE, doc(0, { ...pdf, evidence: main }), doc(1, { evidence: annex }));
    expect(judge(whole, both)).toMatchObject({ decision: 'approved', documents: [0, 1] });
  });
});
