import { problemsIf, type DeskAction } from './action.ts';
import { decided, isAsked } from './judge-again.ts';
import { takeUpAgain } from './dossier-turn.ts';

/** How a person may be recognised (QB-6.2 "xác thực thông tin"). */
export const IDENTITY_MEANS = [
  ['called_back', 'Gọi lại theo số điện thoại đã đăng ký'],
  ['delegate', 'Xác nhận với người quản lý hộp thư của đơn vị'],
  ['in_person', 'Trực tiếp, có giấy tờ tùy thân'],
] as const;

/** A person's own request is carried out only after somebody has made sure who asks; the clock starts then (QB-6.2). */
export const confirmIdentity: DeskAction<{ means: string; words: string }> = {
  name: 'confirm-identity',
  offered: (work) => isAsked(work, 'identity'),
  read(fields) {
    const means = IDENTITY_MEANS.find(([code]) => code === fields.text('means'));
    const words = fields.text('words');
    return (
      problemsIf(
        [means === undefined, 'Chọn cách xác thực người đề nghị'],
        [words.length < 3, 'Ghi rõ đã xác thực với ai, lúc nào'],
      ) ?? { means: means![1], words }
    );
  },
  async act(tx, work, { means, words }, officer, deps) {
    const clock = await takeUpAgain(tx, work, deps);
    return {
      to: 'registered',
      detail: { means, words },
      findings: { identityConfirmed: true },
      log: [decided(work, officer, 'confirm-identity', 'identity confirmed', `${means}; ${words}`), ...clock],
    };
  },
};
