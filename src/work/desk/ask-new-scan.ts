import { writeNotice } from '../write-notice.ts';
import { problemsIf, type DeskAction } from './action.ts';
import { endTurn } from './dossier-turn.ts';
import { decided, filesOf, isAsked } from './judge-again.ts';

/** What may be wrong with a scan without anything being wrong with the document. */
export const SCAN_FAULTS = [
  ['faint', 'Con dấu hoặc chữ ký quá mờ'],
  ['grey', 'Bản quét không có màu, không thấy được dấu đỏ'],
  ['low', 'Độ phân giải thấp, chữ không đọc được (đề nghị quét từ 200 dpi)'],
  ['cut', 'Thiếu trang hoặc trang bị cắt'],
  ['list', 'Danh sách kèm theo không khớp với bản quét'],
] as const;

/** The scan cannot be decided on: never a refusal, the unit is asked for a better one; its clock stands meanwhile. */
export const askNewScan: DeskAction<{ reasons: string[] }> = {
  name: 'ask-new-scan',
  offered: (work) => work.dossier !== null && isAsked(work, 'scan'),
  read(fields) {
    const chosen = SCAN_FAULTS.filter(([code]) => fields.all('fault').includes(code)).map(([, text]) => text);
    const words = fields.text('words').replaceAll(/\s+/g, ' ').slice(0, 1000);
    const reasons = [...chosen, ...(words === '' ? [] : [words])];
    return problemsIf([reasons.length === 0, 'Chọn hoặc ghi điều cần khắc phục ở bản quét']) ?? { reasons };
  },
  async act(tx, work, { reasons }, officer, deps) {
    const dossier = work.dossier!;
    const clock = await endTurn(tx, work, 'correction', deps);
    const told = await writeNotice(tx, work, deps, { template: 'rescan', dossier, holes: { reasons } });
    const reason = reasons.join('; ');
    return {
      to: 'correction',
      reason,
      detail: { reasons, files: filesOf(work) },
      log: [decided(work, officer, 'ask-new-scan', 'new scan asked for', reason), ...told, ...clock],
    };
  },
};
