import { may } from '../../rules/accounts.ts';
import { accountByName } from '../../store/accounts.ts';
import { Problems, problemsIf, type DeskAction } from './action.ts';
import { decided } from './judge-again.ts';

/** Another officer takes the letter over; the note is for that officer. */
export const handOver: DeskAction<{ to: string; note: string }> = {
  name: 'hand-over',
  offered: () => true,
  read(fields) {
    const to = fields.text('to');
    return (
      problemsIf([to === '', 'Chọn cán bộ tiếp nhận']) ?? { to, note: fields.text('note').slice(0, 1000) }
    );
  },
  async prepare(input, _work, deps) {
    const account = await deps.db.transaction((tx) => accountByName(tx.orm, input.to));
    const takes = account?.disabledAt === null && may(account.role, 'desk');
    return takes ? input : new Problems('Cán bộ được chọn không có quyền xử lý hồ sơ');
  },
  act: (_tx, work, { to, note }, officer) =>
    Promise.resolve({
      to: null,
      assignee: to,
      detail: { to, note },
      log: [decided(work, officer, 'hand-over', 'handed over', `${to}${note === '' ? '' : `; ${note}`}`)],
    }),
};
