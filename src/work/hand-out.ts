import type { ExaminedLetter } from '../evidence/port.ts';
import { activationMark } from '../notices/activation-link.ts';
import { longDate } from '../notices/dates.ts';
import { render } from '../notices/render.ts';
import { signedBy } from '../rules/approval.ts';
import type { Unit } from '../rules/registry.ts';
import type { Attachment } from '../store/notices.ts';
import type { Done } from './carry-out.ts';
import { doneTable, passwordText } from './result-tables.ts';
import type { ActDeps, Case, SealedSlip } from './step.ts';

/** How the owners' links go out with one notice. */
export interface HandedOut {
  /** What stands in each row's place for the link. */
  readonly places: ReadonlyMap<string, string>;
  /** The paragraph that tells what to do; empty without links. */
  readonly paragraph: string;
  readonly attachments: readonly Attachment[];
  /** For the log. */
  readonly detail: string | null;
}

/**
 * Links in the notice itself, or, where the operator wants slips and the mailbox's own unit has a certificate that can
 * receive one, in an encrypted slip beside it. Only the unit whose mailbox the notice goes to is ever encrypted to: who
 * asks for another unit, or a person, has no key of theirs. The slip is sealed here, in the transaction that opens the
 * links: the outbox holds what the unit alone can open, and after a crash the same bytes are sent again.
 */
export function handOut(
  work: Case,
  to: { readonly recipient: string | null; readonly unit: Unit | null; readonly dossier: string },
  done: readonly Done[],
  links: ReadonlyMap<string, string>,
  deps: ActDeps,
): HandedOut {
  const marks = new Map([...links].map(([row, id]) => [row, activationMark(id)]));
  if (links.size === 0) return { places: marks, paragraph: '', attachments: [], detail: null };
  const paragraph = passwordText(work.regulation, deps.notices.activationDays);
  const sealed = seal(work, to, done, marks, paragraph, deps);
  if (sealed === null) return { places: marks, paragraph, attachments: [], detail: 'activation links' };
  return {
    places: new Map([...links.keys()].map((row) => [row, 'theo phiếu cấp tài khoản kèm theo'])),
    paragraph: slipText(sealed),
    attachments: [sealed.attachment],
    detail: `credential slip encrypted to certificate ${sealed.sha256}`,
  };
}

function seal(
  work: Case,
  { recipient, unit, dossier }: Parameters<typeof handOut>[1],
  done: readonly Done[],
  marks: ReadonlyMap<string, string>,
  paragraph: string,
  deps: ActDeps,
): SealedSlip | null {
  const { sealSlip } = deps.notices;
  if (sealSlip === null || unit === null || recipient === null || recipient !== unit.mailbox) return null;
  const { text } = render(work.regulation.templates, 'credential-slip', {
    number: dossier,
    unit: unit.name,
    today: longDate(deps.clock.now()),
    done_rows: doneTable(
      done.filter(({ row }) => marks.has(row.id)),
      marks,
    ),
    activation: paragraph,
  });
  return sealSlip({ dossier, recipient, text }, unit.certificates, ownCertificates(work, unit));
}

/** Certificates that signed this letter or its documents, valid and the unit's own. */
function ownCertificates({ letter }: Case, unit: Unit): Buffer[] {
  const examined = letter.findings['examine'] as ExaminedLetter | undefined;
  if (examined === undefined || letter.unit !== unit.code) return [];
  return [examined.letter, ...examined.documents.map(({ evidence }) => evidence)]
    .filter((evidence) => evidence.verdict.verdict === 'TOTAL-PASSED' && signedBy(evidence, unit))
    .flatMap(({ signatures }) => {
      // Letters examined by an earlier version of this program told no certificate.
      const known = signatures.at(-1)?.signer?.certificate;
      return known === undefined ? [] : [Buffer.from(known, 'base64')];
    });
}

const slipText = ({ commonName, serial }: SealedSlip): string =>
  `Địa chỉ đặt mật khẩu của từng người ghi trong phiếu cấp tài khoản kèm theo thư này, đã mã hóa theo chứng thư số của ` +
  `Quý cơ quan (${commonName ?? 'không ghi tên'}, số ${serial}); chỉ người giữ thiết bị lưu khóa của chứng thư đó mở ` +
  `được. Nếu không mở được phiếu, đề nghị Quý cơ quan báo lại để được bàn giao trực tiếp.`;
