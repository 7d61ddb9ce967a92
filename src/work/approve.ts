import type { ExaminedLetter } from '../evidence/port.ts';
import { decision, MACHINE } from '../mail-log/events.ts';
import { approve as judge, type Approval, type OfficerFindings } from '../rules/approval.ts';
import type { Unit, Mailbox } from '../rules/registry.ts';
import type { ComparedList } from '../rules/scan-facts.ts';
import { dossierByNumber, setDossierState, updateDossier } from '../store/dossiers.ts';
import { rawLetter } from '../store/letter-bytes.ts';
import { mailboxByAddress, unitByCode } from '../store/registry.ts';
import { restClock } from './clock.ts';
import { stateWithout } from './standing.ts';
import { readScans } from './read-scans.ts';
import { withScansOf } from './examine-scans.ts';
import { waitsForRevocation } from './examine.ts';
import { Postpone, type Step } from './step.ts';
import { writeNotice } from './write-notice.ts';

/** Revocation lists are asked again for a day; then an officer decides. */
const RETRY_AFTER_MS = 15 * 60_000;
const RETRY_FOR_MS = 24 * 3600_000;

/** Judges the evidence by the regulation (rules/approval) and tells the unit when the answer is not yes. */
export const approve: Step<{
  unit: Unit;
  person: Mailbox | null;
  anew: ExaminedLetter | null;
  compared: ComparedList | null;
}> = {
  name: 'approve',
  async look({ letter }, deps) {
    // What waited for revocation data is examined again each time: new data may have come meanwhile.
    const before = letter.findings['examine'] as ExaminedLetter;
    const anew = waitsForRevocation(before)
      ? withScansOf(before, await deps.examine(await rawLetter(deps.db, letter.id), letter.receivedAt))
      : null;
    // A letter that waits is judged every quarter of an hour; its scans need not be read each time. Nor are they once
    // an officer has looked at them or holds the paper.
    const officer = letter.findings['officer'] as OfficerFindings | undefined;
    const settled = officer?.paper !== undefined || officer?.scanConfirmed === true;
    const compared = anew === null && !settled ? await readScans(letter, before, deps) : null;
    return deps.db.transaction(async (tx) => {
      const unit = await unitByCode(tx.orm, letter.unit!);
      if (unit === null) throw new Error(`unit ${letter.unit ?? ''} has left the registry`);
      const person = letter.person === null ? null : await mailboxByAddress(tx.orm, letter.person);
      return { unit, person, anew, compared };
    });
  },
  async act(tx, work, { unit, person, anew, compared }, deps) {
    const { letter, regulation } = work;
    const examined = anew ?? (letter.findings['examine'] as ExaminedLetter);
    const replaced = anew === null ? {} : { examined: anew };
    const { kinds } = letter.findings['register'] as { kinds: Letter['kinds'] };
    const findings = letter.findings['officer'] as OfficerFindings | undefined;
    const asked = judge(examined, regulation, unit, {
      kinds,
      person,
      ...(findings === undefined ? {} : { findings }),
    });
    const approval = settle(asked, letter.receivedAt, deps.clock.now());
    const now = deps.clock.now();
    const dossier = (await dossierByNumber(tx.orm, letter.dossier!))!;
    const about = { letter: letter.id, dossier: dossier.number, unit: letter.unit, actor: MACHINE };
    if (approval.decision === 'approved') {
      const detail = `${approval.route} ${approval.signer ?? ''}`.trim();
      return {
        ...replaced,
        course: 'on',
        finding: approval,
        log: [decision({ ...about, outcome: 'approved', detail })],
      };
    }
    const reasons = approval.reasons.map((reason) => reason.text);
    const [course, template] = OUTCOME[approval.decision];
    // A letter that proves nothing must not undo what proven letters have brought into the dossier.
    const without = course === 'officer' ? null : await stateWithout(tx, dossier);
    const state = without ?? course;
    await setDossierState(tx, dossier.number, state, now);
    // What is missing starts the clock when it comes (HCM-8.4b, QB-6.2).
    if (state === 'awaiting_paper') await updateDossier(tx, dossier.number, NO_CLOCK);
    const stopped = await restClock(tx, dossier, state, now);
    const notice = await writeNotice(tx, work, deps, { template, dossier, holes: { reasons } });
    return {
      ...replaced,
      course,
      finding: { ...approval, ...compared },
      reason: reasons.join('; '),
      log: [
        decision({ ...about, outcome: approval.decision, detail: reasons.join('; ') }),
        ...stopped,
        ...notice,
      ],
    };
  },
};

type Letter = Parameters<typeof approve.look>[0]['letter'];

const NO_CLOCK = { completeAt: null, dueDate: null, dueAt: null, dueLegal: null, dueFirm: null };

const OUTCOME = {
  refuse: ['refused', 'refused'],
  officer: ['officer', 'officer'],
  await_paper: ['awaiting_paper', 'paper'],
} as const;

/** "Try later" is asked again; in the end it is an officer's, never a pass and never a refusal. */
function settle(approval: Approval, receivedAt: Date, now: Date): Exclude<Approval, { decision: 'retry' }> {
  if (approval.decision !== 'retry') return approval;
  if (now.getTime() - receivedAt.getTime() < RETRY_FOR_MS) {
    throw new Postpone(new Date(now.getTime() + RETRY_AFTER_MS), 'revocation information is missing');
  }
  return { decision: 'officer', route: 'digital_signature', reasons: approval.reasons };
}
