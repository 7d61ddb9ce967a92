import { problemsIf, type DeskAction, type DeskCase } from './action.ts';
import { takeUpAgain } from './dossier-turn.ts';
import { askedReasons, decided, filesOf, filesText, isAsked } from './judge-again.ts';

const SIGNATURE = ['signature_unclear', 'signer_not_of_unit', 'route_disabled', 'try_later'] as const;

/** What the officer has to tick, by what the judgement asked. */
export function signatureTicks(work: DeskCase): (readonly [name: string, text: string])[] {
  const asked = askedReasons(work).map(({ code }) => code);
  return [
    ...(SIGNATURE.some((code) => asked.includes(code))
      ? [['signer', 'Đã xác minh chữ ký số là của cơ quan, đơn vị gửi đề nghị'] as const]
      : []),
    ...(asked.includes('head_unconfirmed')
      ? [['head', 'Người ký là Thủ trưởng cơ quan, đơn vị hoặc người được ủy quyền'] as const]
      : []),
  ];
}

/** A signature the machine could not settle (INDETERMINATE never passes by itself) is settled by hand, with the grounds. */
export const confirmSignature: DeskAction<{ grounds: string }> = {
  name: 'confirm-signature',
  offered: (work) => isAsked(work, ...SIGNATURE, 'head_unconfirmed'),
  read: (fields, work) =>
    problemsIf(
      ...signatureTicks(work).map(
        ([name, text]) => [!fields.checked(name), `Chưa đánh dấu: ${text}`] as const,
      ),
      [fields.text('grounds').length < 5, 'Ghi rõ căn cứ xác minh (đã liên hệ ai, bằng cách nào)'],
    ) ?? { grounds: fields.text('grounds') },
  async act(tx, work, { grounds }, officer, deps) {
    const clock = await takeUpAgain(tx, work, deps);
    const files = filesOf(work);
    const names = signatureTicks(work).map(([name]) => name);
    return {
      to: 'registered',
      detail: { ticks: names, grounds, files },
      findings: {
        ...(names.includes('signer') ? { signatureConfirmed: true } : {}),
        ...(names.includes('head') ? { headConfirmed: true } : {}),
      },
      log: [
        decided(work, officer, 'confirm-signature', 'signature confirmed', `${grounds}; ${filesText(files)}`),
        ...clock,
      ],
    };
  },
};
