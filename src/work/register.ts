import type { ExaminedLetter } from '../evidence/port.ts';
import { decision, MACHINE } from '../mail-log/events.ts';
import { yearOf } from '../notices/dates.ts';
import { dueFor } from '../rules/deadlines.ts';
import { dossierNumberIn } from '../rules/dossier.ts';
import type { RequestKind } from '../rules/regulation.ts';
import { detectKinds } from '../rules/request-kinds.ts';
import type { Tx } from '../store/database.ts';
import { dossierByNumber, openDossier, updateDossier, type Dossier } from '../store/dossiers.ts';
import type { Case, Step, StepDeps } from './step.ts';
import { writeNotice } from './write-notice.ts';

/** Gives the request its number and due date (NĐ 30/2020 Đ22), or joins the dossier it corrects, and says so. */
export const register: Step<null> = {
  name: 'register',
  look: () => Promise.resolve(null),
  async act(tx, work, _seen, deps) {
    const kinds = kindsOf(work);
    const dossier = (await joined(tx, work, kinds, deps)) ?? (await opened(tx, work, kinds, deps));
    const log = await writeNotice(tx, work, deps, { template: 'received', dossier, holes: {} });
    return {
      course: 'on',
      finding: { kinds },
      dossier: dossier.number,
      log: [
        decision({
          letter: work.letter.id,
          dossier: dossier.number,
          unit: work.letter.unit,
          outcome: 'registered',
          detail: `${kinds.join(' ')} due ${dossier.dueDate ?? '-'}`,
          actor: MACHINE,
        }),
        ...log,
      ],
    };
  },
};

/** What the signed words ask for; the door's first reading only where they say nothing. */
function kindsOf({ letter }: Case): RequestKind[] {
  const { subject, bodyText } = letter.findings['examine'] as ExaminedLetter;
  const bySubject = detectKinds(`${subject}\n${letter.facts.subject}`);
  if (bySubject.length > 0) return bySubject;
  const byBody = detectKinds(bodyText);
  return byBody.length > 0 ? byBody : letter.kinds;
}

function clocks(work: Case, kinds: readonly RequestKind[], deps: StepDeps) {
  const { receivedAt } = work.letter;
  const due = dueFor(work.regulation, kinds, { receivedAt, completeAt: receivedAt }, deps.calendar);
  return {
    receivedAt,
    completeAt: receivedAt,
    dueDate: due?.dueDate ?? null,
    dueAt: due?.due ?? null,
    dueLegal: due?.legal ?? null,
    dueFirm: due?.firm ?? null,
  };
}

async function opened(tx: Tx, work: Case, kinds: RequestKind[], deps: StepDeps): Promise<Dossier> {
  const values = { regulation: work.regulation.id, unit: work.letter.unit!, kinds, state: 'open' as const };
  return openDossier(tx, yearOf(work.letter.receivedAt), { ...values, ...clocks(work, kinds, deps) });
}

/** A number in the subject joins only a dossier of the same unit: the number alone is guessable. */
async function joined(tx: Tx, work: Case, kinds: RequestKind[], deps: StepDeps): Promise<Dossier | null> {
  const number = dossierNumberIn(work.letter.facts.subject);
  const known = number === null ? null : await dossierByNumber(tx.orm, number);
  if (known === null || known.unit !== work.letter.unit || known.state === 'completed') return null;
  const asked = kinds.length > 0 ? kinds : known.kinds;
  const change = { state: 'open' as const, closedAt: null, kinds: asked, ...clocks(work, asked, deps) };
  await updateDossier(tx, known.number, change);
  return { ...known, ...change };
}
