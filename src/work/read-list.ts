import type { ExaminedLetter } from '../evidence/port.ts';
import { decision, MACHINE } from '../mail-log/events.ts';
import { understandLists } from '../rules/list-layout.ts';
import type { MailboxList, Problem } from '../rules/mailbox-list.ts';
import { rawLetter } from '../store/letters.ts';
import type { Step } from './step.ts';

/** Documents that are no lists are passed over in silence; everything else that cannot be read is told. */
const SILENT = new Set(['unsupported']);

const WHY: Readonly<Record<string, string>> = {
  encrypted: 'được đặt mật khẩu, không đọc được',
  too_large: 'vượt giới hạn xử lý an toàn',
  malformed: 'bị hỏng hoặc không đúng định dạng',
  forbidden_content: 'chứa nội dung không được phép',
};

/** Reads the list from exactly the documents the approval allows. */
export const readList: Step<MailboxList> = {
  name: 'read-list',
  async look({ letter }, deps) {
    const examined = letter.findings['examine'] as ExaminedLetter;
    const { documents } = letter.findings['approve'] as { documents: readonly number[] };
    const chosen = examined.documents.filter(({ index }) => documents.includes(index));
    const read = await deps.readLists(await rawLetter(deps.db, letter.id), chosen);
    const list = read.grids.length === 0 ? { entries: [], problems: [] } : understandLists(read.grids);
    const problems = read.problems.filter(({ code }) => !SILENT.has(code)).map(unreadable);
    return { entries: list.entries, problems: [...list.problems, ...problems] };
  },
  act: (_tx, { letter }, list) =>
    Promise.resolve({
      course: 'on',
      finding: list,
      log: [
        decision({
          letter: letter.id,
          dossier: letter.dossier,
          unit: letter.unit,
          outcome: 'list read',
          detail: `${list.entries.length} rows`,
          actor: MACHINE,
        }),
      ],
    }),
};

function unreadable({ filename, code }: { filename: string; code: string }): Problem {
  const why = WHY[code] ?? 'không đọc được';
  return {
    code: `list_${code}`,
    column: null,
    text: `Tệp “${filename}” ${why}`,
    fix: 'Gửi lại danh sách dạng .xlsx hoặc .csv không đặt mật khẩu',
  };
}
