import { html } from 'hono/html';
import type { CheckState } from '../../mail-log/background-check.ts';
import { verifierKey } from '../../mail-log/checkpoint.ts';
import type { Gaps } from '../../mail-log/gaps.ts';
import { searchLog } from '../../mail-log/search.ts';
import { latestCheckpoint } from '../../mail-log/sequencer.ts';
import { logState } from '../../mail-log/state.ts';
import type { Verification } from '../../mail-log/verify.ts';
import { append } from '../../mail-log/append.ts';
import { logRead } from '../../mail-log/events.ts';
import type { Inside } from '../deps.ts';
import { moment, tag } from '../format.ts';
import { csrfField, noteBox, problemBox, shell } from '../shell.ts';
import { me, type Markup, type Page } from '../web.ts';
import type { Say } from '../words.ts';

/** A checkpoint is some hundred bytes; the mail around one that somebody saved whole is some thousand. */
const MOST_CHARACTERS = 20_000;

/** Where the log stands, when it was last checked whole, and a button to check it now. */
export async function verificationPage(
  c: Page,
  inside: Inside,
  problems: readonly string[] = [],
): Promise<Markup> {
  const { say } = c.get('visit');
  const { db, mailLog } = inside;
  const state = await logState(db.sql);
  const note = await latestCheckpoint(db.sql);
  const check = mailLog.check.state();
  return shell(c, {
    title: say('Kiểm chứng nhật ký thư', 'Verification of the mail log'),
    body: html`${problemBox(problems)} ${checkNote(check, say)} ${await lastCheck(inside, say)}
      ${startForm(c, check)}
      <section class="card" aria-labelledby="checkpoint">
        <h2 id="checkpoint">${say('Mốc kiểm chứng mới nhất', 'Latest checkpoint')}</h2>
        ${
          note === null
            ? html`<p>${say('Nhật ký còn trống.', 'The log is empty.')}</p>`
            : html`<pre class="letter"><code>${note}</code></pre>
                <p>
                  <a class="button" href="/nhat-ky/moc-kiem-chung"
                    >${say('Tải mốc về máy mình', 'Download the checkpoint')}</a
                  >
                </p>
                <p class="hint">
                  ${say(
                    'Hãy giữ mốc này ngoài hệ thống. Lịch sử bị viết lại và ký lại bằng khóa bị lộ chỉ bị phát hiện bởi người giữ một mốc cũ.',
                    'Keep it outside this system: a history rewritten and signed again with a stolen key is found only by someone who holds an old checkpoint.',
                  )}
                </p>`
        }
        <dl class="facts">
          <dt>${say('Số mục đã đánh số', 'Entries numbered')}</dt>
          <dd>${state.size.toLocaleString('vi-VN')}</dd>
          <dt>${say('Đang chờ đánh số', 'Waiting for a number')}</dt>
          <dd>${state.pending.toLocaleString('vi-VN')}</dd>
          <dt>${say('Khóa kiểm chứng', 'Verifier key')}</dt>
          <dd><code>${verifierKey(mailLog.key())}</code></dd>
        </dl>
      </section>
      ${await anchors(inside, say)}`,
  });
}

function checkNote(check: CheckState, say: Say): Markup | string {
  if (check.state === 'idle') return '';
  const who = html`<span class="small">(${check.asked.actor}, ${moment(check.asked.at)})</span>`;
  if (check.state === 'running') {
    const percent = check.all === 0 ? 0 : Math.floor((check.done / check.all) * 100);
    return html`<div class="note wait" role="status" data-reload>
      <p><strong>${say('Đang kiểm chứng toàn bộ nhật ký', 'Checking the whole log')}</strong> ${who}</p>
      <p>
        <progress max="100" value="${percent}" aria-label="${say('Tiến độ', 'Progress')}">
          ${percent} %
        </progress>
        ${percent} % – ${check.done.toLocaleString('vi-VN')} / ${check.all.toLocaleString('vi-VN')}
        ${say('mục', 'entries')}
      </p>
      <p><a href="/nhat-ky/kiem-chung">${say('Xem lại tiến độ', 'Look again')}</a></p>
    </div>`;
  }
  if (check.result === 'failed')
    return noteBox(
      'wrong',
      html`<p><strong>${say('Chưa kiểm chứng được', 'The check could not be done')}</strong> ${who}</p>
        <p>${check.error}</p>
        <p>
          ${say('Đề nghị thực hiện lại; nếu vẫn lỗi, báo quản trị.', 'Please try again, or tell the administrator.')}
        </p>`,
    );
  return noteBox(
    check.report.faults.length === 0 ? 'good' : 'wrong',
    html`${reportOf(check.report, check.asked.from !== undefined, say)}
      <p>${who}</p>`,
  );
}

function reportOf(report: Verification, withKept: boolean, say: Say): Markup {
  const { size, forgotten, checkpoints, pending, faults } = report;
  if (faults.length > 0)
    return html`<p>
        <strong>${say('Nhật ký KHÔNG toàn vẹn', 'The log does NOT hold')}</strong> – ${faults.length}
        ${say('điểm sai', 'faults')}:
      </p>
      <ul>
        ${faults.map((fault) => html`<li lang="en">${fault}</li>`)}
      </ul>
      <p>
        ${say(
          'Giữ nguyên hiện trạng, không tắt máy chủ, lập biên bản và báo người có thẩm quyền.',
          'Leave everything as it is and inform the responsible authority.',
        )}
      </p>`;
  return html`<p><strong>${say('Nhật ký toàn vẹn', 'The log holds')}</strong></p>
    <p>
      ${say(
        `Đã tính lại ${size.toLocaleString('vi-VN')} mục (${forgotten.toLocaleString('vi-VN')} mục của các tháng đã hủy theo quy định) và ${checkpoints.toLocaleString('vi-VN')} mốc; ${pending} mục đang chờ đánh số.`,
        `${size} entries (${forgotten} of forgotten months) and ${checkpoints} checkpoints were computed again; ${pending} wait for a number.`,
      )}
      ${withKept ? say('Lịch sử bắt đầu đúng như mốc đã giữ bên ngoài.', 'History begins as the kept checkpoint says.') : ''}
    </p>
    ${silence(report.silent, say)}`;
}

/** Times without any entry: no fault, but somebody should know why. */
function silence({ gaps, more }: Gaps, say: Say): Markup | string {
  if (gaps.length === 0) return '';
  return html`<p>
      ${say(
        'Trong các khoảng sau không có mục nào, kể cả nhịp kiểm tra 05 phút một lần. Khi đó không cổng thư nào hoạt động, hoặc các mục đã bị lấy đi; đề nghị đối chiếu với nhật ký vận hành và mốc giữ bên ngoài:',
        'In these times there is no entry, not even the heartbeat of every five minutes. No gateway ran then, or what stood there was taken out; compare with the service log and a checkpoint kept outside:',
      )}
    </p>
    <ul>
      ${gaps
        .toReversed()
        .map(
          ({ from, to }) =>
            html`<li>
              ${say('từ', 'from')} ${moment(new Date(from))} ${say('đến', 'to')}
              ${to === null ? say('nay', 'now') : moment(new Date(to))}
            </li>`,
        )}
      ${more === 0 ? '' : html`<li>${say(`và ${more} khoảng trước đó`, `and ${more} before`)}</li>`}
    </ul>`;
}

/** Of any gateway and the command line: the log itself remembers. */
async function lastCheck({ db }: Inside, say: Say): Promise<Markup> {
  const of = (outcome: string) =>
    searchLog(db.sql, { event: 'log.read', outcome, words: 'verify', limit: 1 });
  const found = [...(await of('holds')), ...(await of('does not hold'))]
    .map(({ entry }) => entry)
    .toSorted((a, b) => b.at.localeCompare(a.at))[0];
  return html`<p>
    ${say('Lần kiểm chứng toàn bộ gần nhất', 'Last full check')}:
    ${
      found === undefined
        ? tag('wait', say('chưa có lần nào', 'none yet'))
        : html`${moment(new Date(found.at))}
            ${found['outcome'] === 'holds' ? tag('good', say('toàn vẹn', 'holds')) : tag('wrong', say('không toàn vẹn', 'does not hold'))}
            <span class="small">${found['actor'] ?? ''}</span>`
    }
  </p>`;
}

function startForm(c: Page, check: CheckState): Markup | string {
  const { say } = c.get('visit');
  if (check.state === 'running') return '';
  return html`<form class="card" method="post" action="/nhat-ky/kiem-chung" enctype="multipart/form-data">
    ${csrfField(c)}
    <h2>${say('Kiểm chứng ngay', 'Verify now')}</h2>
    <p>
      ${say(
        'Tính lại mọi mã băm từ nội dung, so với mọi mốc đã ký. Có thể làm việc khác trong khi chờ.',
        'Computes every hash again from the entries and compares it with every signed checkpoint. You may go on working meanwhile.',
      )}
    </p>
    <label for="kept"
      >${say('Mốc đã giữ bên ngoài (không bắt buộc)', 'A checkpoint kept outside (optional)')}</label
    >
    <textarea id="kept" name="kept" rows="5" spellcheck="false" class="mono"></textarea>
    <label for="kept-file"
      >${say('hoặc tệp mốc nhận qua thư hằng ngày', 'or the file of the daily mail')}</label
    >
    <input id="kept-file" name="kept-file" type="file" />
    <button class="primary">${say('Kiểm chứng ngay', 'Verify now')}</button>
  </form>`;
}

/** Starts the check; the page to show when it cannot be. */
export async function startCheck(c: Page, inside: Inside): Promise<readonly string[]> {
  const { say, client } = c.get('visit');
  const form = c.get('form');
  const file = form.file('kept-file');
  const said = file === null ? form.text('kept') : (await file.text()).slice(0, MOST_CHARACTERS);
  const from = said === '' ? undefined : checkpointIn(said);
  if (from === null)
    return [
      say(
        'Không thấy mốc kiểm chứng trong nội dung đã nhập. Đề nghị dán nguyên văn các dòng của mốc, gồm cả dòng chữ ký bắt đầu bằng “—”.',
        'There is no checkpoint in that text. Please paste all its lines, with the signature line that begins with "—".',
      ),
    ];
  const { db, clock, mailLog } = inside;
  const actor = me(c).name;
  const asked = { key: mailLog.key(), actor, at: clock.now(), ...(from === undefined ? {} : { from }) };
  const what = from === undefined ? 'verify' : `verify --from the checkpoint of ${from.split('\n')[1] ?? ''}`;
  mailLog.check.start(asked, (told) => {
    const result =
      told.result === 'failed' ? 'not done' : told.report.faults.length === 0 ? 'holds' : 'does not hold';
    // The page shows the result in any case; an entry that cannot be written now must not end the gateway.
    append(db.sql, clock.now(), logRead({ what, result, actor, client })).catch(mailLog.failed);
  });
  return [];
}

/** The note inside whatever was pasted: forms trim and mails indent. null when there is none. */
export function checkpointIn(text: string): string | null {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const signature = lines.findIndex((line) => /^— \S+ [A-Za-z0-9+/=]+$/.test(line));
  const size = lines.findIndex(
    (line, i) => /^(0|[1-9]\d{0,15})$/.test(line) && /^[A-Za-z0-9+/]{43}=$/.test(lines[i + 1] ?? ''),
  );
  const origin = lines[size - 1];
  if (signature < size || size < 1 || origin === undefined || origin === '') return null;
  const signatures = lines.slice(signature).filter((line) => line.startsWith('— '));
  return `${[origin, lines[size]!, lines[size + 1]!, '', ...signatures].join('\n')}\n`;
}

interface AnchorRow {
  readonly place: string;
  readonly period: string;
  readonly at: Date | string;
  readonly size: string;
  readonly stamped: boolean;
}

async function anchors({ db }: Inside, say: Say): Promise<Markup> {
  const rows = await db.sql<AnchorRow[]>`
    select distinct on (place) place, period, at, size, token is not null as stamped from mail_log.anchor
    order by place, at desc`;
  return html`<section class="card" aria-labelledby="anchors">
    <h2 id="anchors">${say('Nơi đã gửi mốc kiểm chứng', 'Where checkpoints were laid down')}</h2>
    ${
      rows.length === 0
        ? noteBox(
            'wait',
            html`<p>
              ${say(
                'Chưa có mốc nào được gửi ra ngoài. Đề nghị quản trị đặt CONGTHU_AUDITORS và một nơi lưu khác.',
                'No checkpoint has left the system yet. Ask the administrator to set CONGTHU_AUDITORS and one more place.',
              )}
            </p>`,
          )
        : html`<ul>
            ${rows.map(
              ({ place, at, size, stamped }) =>
                html`<li>
                  <strong>${place}</strong>: ${moment(new Date(at))}, ${Number(size).toLocaleString('vi-VN')}
                  ${say('mục', 'entries')}${stamped ? `, ${say('có dấu thời gian RFC 3161', 'RFC 3161 time-stamp')}` : ''}
                </li>`,
            )}
          </ul>`
    }
  </section>`;
}
