import { html } from 'hono/html';
import { latestCheckpoint, sizeOf } from '../../mail-log/sequencer.ts';
import { timeline, type ProofState, type TimelineEntry } from '../../mail-log/timeline.ts';
import type { Inside } from '../deps.ts';
import { moment, tag } from '../format.ts';
import { noteBox, shell } from '../shell.ts';
import type { Markup, Page } from '../web.ts';
import type { Say } from '../words.ts';
import { recordRead } from './record.ts';
import { detailWords, headline } from '../entry-words.ts';
import { toneOf } from './words.ts';

/** Everything the log knows of a letter or dossier, each entry with what the latest checkpoint proves of it. */
export async function timelinePage(
  c: Page,
  inside: Inside,
  of: { readonly dossier: string } | { readonly letter: string },
): Promise<Markup | null> {
  const { say } = c.get('visit');
  const name = 'dossier' in of ? of.dossier : of.letter;
  const entries = await timeline(inside.db.sql, of);
  await recordRead(c, inside, `show ${name}`, `${entries.length} entries`);
  if (entries.length === 0) return null;
  const note = await latestCheckpoint(inside.db.sql);
  return shell(c, {
    title:
      'dossier' in of ? say(`Diễn biến hồ sơ ${name}`, `Dossier ${name}`) : say('Diễn biến thư', 'A letter'),
    body: html`${summary(entries, note === null ? 0 : sizeOf(note), say)} ${facts(entries, say)}
      <section class="card" aria-labelledby="history">
        <h2 id="history">${say('Diễn biến', 'History')}</h2>
        <ol class="timeline">
          ${entries.map((entry) => item(entry, say))}
        </ol>
      </section>`,
  });
}

function summary(entries: readonly TimelineEntry[], size: number, say: Say): Markup {
  const count = (state: ProofState): number => entries.filter(({ proof }) => proof === state).length;
  const [broken, waiting] = [count('broken'), count('waiting')];
  if (broken > 0)
    return noteBox(
      'wrong',
      html`<p>
          <strong
            >${say(
              `${broken} mục KHÔNG khớp với mốc kiểm chứng mới nhất: nội dung có thể đã bị sửa.`,
              `${broken} entries do NOT fit the latest checkpoint: they may have been changed.`,
            )}</strong
          >
        </p>
        <p>
          ${say(
            'Giữ nguyên hiện trạng, lấy mốc kiểm chứng đã lưu bên ngoài và',
            'Leave everything as it is, take the checkpoint kept outside, and',
          )}
          <a href="/nhat-ky/kiem-chung">${say('kiểm chứng toàn bộ', 'verify the whole log')}</a>.
        </p>`,
    );
  return noteBox(
    waiting > 0 ? 'wait' : 'good',
    html`<p>
      ${say(
        `${entries.length - waiting} trong ${entries.length} mục được chứng minh bởi mốc kiểm chứng ${size} mục.`,
        `${entries.length - waiting} of ${entries.length} entries are proven by the checkpoint of ${size} entries.`,
      )}
      ${waiting > 0 ? say('Các mục còn lại vừa ghi, đang chờ đánh số.', 'The others were just written and wait for their number.') : ''}
    </p>`,
  );
}

function facts(entries: readonly TimelineEntry[], say: Say): Markup {
  const first = (name: string): string =>
    String(entries.find(({ entry }) => entry[name] !== undefined)?.entry[name] ?? '');
  const known: (readonly [string, string])[] = [
    [say('Trích yếu', 'Subject'), first('subject')],
    [say('Người gửi', 'Sender'), first('sender')],
    [say('Người nhận', 'Recipient'), first('recipient')],
    [say('Đơn vị', 'Unit'), first('unit')],
    [say('Số hồ sơ', 'Dossier'), first('dossier')],
    ['Message-ID', first('messageId')],
    [say('Máy gửi', 'Client'), first('client')],
    [
      say('Dung lượng', 'Size'),
      first('size') === '' ? '' : `${Number(first('size')).toLocaleString('vi-VN')} byte`,
    ],
  ];
  return html`<section class="card" aria-labelledby="facts">
    <h2 id="facts">${say('Thư', 'The letter')}</h2>
    <dl class="facts">
      ${known.map(([name, value]) =>
        value === ''
          ? ''
          : html`<dt>${name}</dt>
              <dd>${value}</dd>`,
      )}
    </dl>
  </section>`;
}

function item({ number, entry, proof }: TimelineEntry, say: Say): Markup {
  const told = [entry['recipient'], entry['subject'], detailWords(entry, say), entry['error']].filter(
    (part) => part !== undefined && part !== '',
  );
  const actor = entry['actor'];
  return html`<li class="${toneOf(entry) === 'wrong' || proof === 'broken' ? 'wrong' : ''}">
    ${moment(new Date(entry.at))} <strong>${headline(entry, say)}</strong>
    ${actor === undefined || actor === 'machine' ? '' : html`<span class="small">– ${actor}</span>`}
    <div class="small address">${told.join(' · ')}</div>
    <div class="small proof">
      ${proofTag(proof, say)}
      ${number === null ? '' : html`<a href="/nhat-ky/muc/${number}">${say('mục số', 'entry')} ${number}</a>`}
    </div>
  </li>`;
}

export function proofTag(proof: ProofState, say: Say): Markup {
  switch (proof) {
    case 'proven':
      return tag('good', say('Đã chứng minh', 'Proven'));
    case 'waiting':
      return tag('wait', say('Chờ đánh số', 'Waits for its number'));
    case 'broken':
      return tag('wrong', say('Không khớp', 'Does not fit'));
  }
}
