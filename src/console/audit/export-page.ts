import { html } from 'hono/html';
import { PassThrough, Readable } from 'node:stream';
import { UserError } from '../../errors.ts';
import { exportLog } from '../../mail-log/export.ts';
import { localTime } from '../../rules/calendar.ts';
import type { Inside } from '../deps.ts';
import { csrfField, problemBox, shell } from '../shell.ts';
import type { Markup, Page } from '../web.ts';
import { daysBetween } from './question.ts';
import { recordExport } from './record.ts';
import { zipStream } from './zip-stream.ts';

/** Some gigabytes of evidence; more than a browser should be asked to carry. */
const MOST_ENTRIES = 3_000_000;
/** A workbook is made in one go: more rows would hold up mail clients. */
const WORKBOOK_ROWS = 5_000;
/** A reader that takes nothing for this long is gone; the database's snapshot is not held for it. */
const STALLED_MS = 60_000;

export function exportPage(c: Page, { clock }: Inside, problems: readonly string[] = []): Markup {
  const { say } = c.get('visit');
  const today = localTime(clock.now()).date;
  const form = c.req.method === 'POST' ? c.get('form') : null;
  const value = (name: string, otherwise: string): string => form?.text(name) ?? otherwise;
  return shell(c, {
    title: say('Kết xuất nhật ký', 'Export the log'),
    body: html`${problemBox(problems)}
      <form class="card" method="post" action="/nhat-ky/ket-xuat">
        ${csrfField(c)}
        <p>
          ${say(
            'Tệp zip gồm chứng cứ (entries.jsonl), bảng đọc bằng Excel (entries.csv, entries.xlsx), danh mục có chữ ký, mốc kiểm chứng và chương trình kiểm tra độc lập. Chương trình kiểm tra nên lấy từ nguồn khác, không dùng bản kèm theo.',
            'The zip holds the evidence (entries.jsonl), views for Excel, a signed manifest, the checkpoint and the independent verifier; when in doubt take the verifier from elsewhere.',
          )}
        </p>
        <div class="fields">
          <div>
            <label for="tu">${say('Từ ngày', 'From')}</label>
            <input id="tu" name="tu" type="date" required value="${value('tu', `${today.slice(0, 8)}01`)}" />
          </div>
          <div>
            <label for="den">${say('Đến hết ngày', 'To the end of')}</label>
            <input id="den" name="den" type="date" required value="${value('den', today)}" />
          </div>
        </div>
        <label for="kept"
          >${say('Số mục của các mốc đang giữ (không bắt buộc, cách nhau dấu cách)', 'Sizes of checkpoints you keep (optional)')}</label
        >
        <input
          id="kept"
          name="kept"
          inputmode="numeric"
          value="${value('kept', '')}"
          aria-describedby="kept-hint"
        />
        <p class="hint" id="kept-hint">
          ${say(
            'Dòng thứ hai của mốc. Bản kết xuất sẽ chứng minh nhật ký hôm nay bắt đầu đúng như mốc ấy; các mốc đã gửi qua thư luôn có sẵn.',
            'The second line of a checkpoint. The export then proves that today’s log begins with it; those sent by mail are always included.',
          )}
        </p>
        <button class="primary">${say('Kết xuất và tải về', 'Export and download')}</button>
      </form>
      <p class="hint">
        ${say('Kiểm tra', 'To check')}:
        <code
          >node verify-export.mjs ${say('THƯ-MỤC', 'FOLDER')} --key ${say('KHÓA', 'KEY')} --kept
          ${say('TỆP-MỐC', 'CHECKPOINT')}</code
        >
      </p>`,
  });
}

/** One export at a time: each reads months under one snapshot. */
let running = false;

/** Streams the zip; what is wrong with the request comes back as problems. */
export async function exportZip(c: Page, inside: Inside): Promise<Response | readonly string[]> {
  const { say } = c.get('visit');
  const form = c.get('form');
  const [first, last] = [form.text('tu'), form.text('den')];
  const { from, to } = daysBetween(first, last);
  const kept = form
    .text('kept')
    .split(/[\s,;.]+/)
    .filter((part) => part !== '');
  if (from === undefined || to === undefined)
    return [
      say('Đề nghị nhập từ ngày và đến ngày hợp lệ.', 'Please give two days, the first before the last.'),
    ];
  if (kept.length > 50 || kept.some((size) => !/^[1-9]\d{0,14}$/.test(size)))
    return [
      say('Số mục của mốc là các số nguyên dương.', 'Sizes of checkpoints are positive whole numbers.'),
    ];
  const { db, clock, mailLog } = inside;
  const [much] = await db.sql<{ n: string }[]>`
    select count(*) as n from (select 1 from mail_log.sequenced
      where at >= ${from.toISOString()}::timestamptz and at < ${to.toISOString()}::timestamptz
      limit ${MOST_ENTRIES + 1}) as entries`;
  if (Number(much!.n) > MOST_ENTRIES)
    return [
      say(
        'Quá nhiều mục cho một lần tải. Đề nghị chọn khoảng thời gian ngắn hơn, hoặc dùng lệnh congthu log export trên máy chủ.',
        'Too many entries for one download. Choose a shorter time or use congthu log export on the server.',
      ),
    ];
  if (running)
    return [
      say(
        'Một bản kết xuất khác đang chạy. Đề nghị thử lại sau ít phút.',
        'Another export is running. Please try again in some minutes.',
      ),
    ];
  running = true;
  try {
    await recordExport(c, inside, `${first} – ${last}`, 'begun');
  } catch (error) {
    running = false;
    throw error;
  }
  const now = clock.now();
  const out = new PassThrough();
  const stop = stallGuard(out);
  const zip = zipStream(out, now);
  const options = {
    from,
    to,
    now,
    since: kept.map(Number),
    workbook: mailLog.workbook,
    workbookRows: WORKBOOK_ROWS,
  };
  exportLog(db.sql, mailLog.key(), options, zip)
    .then(async ({ entries }) => {
      await recordExport(c, inside, `${first} – ${last}`, `${entries} entries`);
      await zip.finish();
    })
    .catch((error: unknown) => {
      // The browser sees a download that broke off, never a zip that looks whole.
      out.destroy(error instanceof Error ? error : new Error(String(error)));
      if (!(error instanceof UserError)) mailLog.failed(error);
    })
    .finally(() => {
      running = false;
      stop();
    });
  const name = `nhat-ky-thu-${first}-${last}.zip`;
  return c.body(Readable.toWeb(out) as ReadableStream, 200, {
    'Content-Type': 'application/zip',
    'Content-Disposition': `attachment; filename="${name}"`,
  });
}

/** Watches a stream that waits for its reader; the database may take its time, the reader may not. */
function stallGuard(out: PassThrough): () => void {
  let waited = false;
  out.on('drain', () => (waited = false));
  const timer = setInterval(() => {
    if (waited && out.writableNeedDrain) out.destroy(new Error('the reader stalled'));
    waited = out.writableNeedDrain;
  }, STALLED_MS);
  return () => {
    clearInterval(timer);
  };
}
