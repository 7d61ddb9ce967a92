import { problemsIf, type DeskAction } from './action.ts';
import { takeUpAgain } from './dossier-turn.ts';
import { decided, filesOf, filesText, isAsked } from './judge-again.ts';

/** Signature, seal, and that scan and list agree: the three ticks of requirements.md §6.10; all are needed. */
export const SCAN_TICKS = [
  ['signature', 'Trên bản quét có chữ ký của Thủ trưởng cơ quan, đơn vị'],
  ['seal', 'Trên bản quét có con dấu của cơ quan, đơn vị'],
  ['list', 'Danh sách kèm theo khớp với bản quét'],
] as const;

export const confirmScan: DeskAction<null> = {
  name: 'confirm-scan',
  offered: (work) => isAsked(work, 'scan'),
  read: (fields) =>
    problemsIf(
      ...SCAN_TICKS.map(([name, text]) => [!fields.checked(name), `Chưa đánh dấu: ${text}`] as const),
    ),
  async act(tx, work, _input, officer, deps) {
    const clock = await takeUpAgain(tx, work, deps);
    const files = filesOf(work);
    const ticks = SCAN_TICKS.map(([name]) => name);
    return {
      to: 'registered',
      detail: { ticks, files },
      findings: { scanConfirmed: true },
      log: [
        decided(
          work,
          officer,
          'confirm-scan',
          'scan confirmed',
          `chữ ký, con dấu, danh sách; ${filesText(files)}`,
        ),
        ...clock,
      ],
    };
  },
};
