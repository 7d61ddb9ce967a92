import { html } from 'hono/html';
import { searchLog } from '../../mail-log/search.ts';
import type { Inside } from '../deps.ts';
import { eventWords } from '../entry-words.ts';
import { moment } from '../format.ts';
import { shell } from '../shell.ts';
import { me, type Markup, type Page } from '../web.ts';
import type { Say } from '../words.ts';
import { recordRead } from './record.ts';

const PAGE = 50;

/** Who looked into the log and what they asked: one's own looks, or everybody's. */
export async function accessPage(c: Page, inside: Inside): Promise<Markup> {
  const { say } = c.get('visit');
  const everybody = c.req.query('cua') === 'moi-nguoi';
  const after = c.req.query('sau');
  await recordRead(c, inside, everybody ? 'accesses of everybody' : 'own accesses', 'listed');
  const found = await searchLog(inside.db.sql, {
    event: ['log.read', 'log.exported'],
    limit: PAGE,
    ...(everybody ? {} : { actor: me(c).name }),
    ...(after === undefined ? {} : { after }),
  });
  const whose = everybody ? 'moi-nguoi' : 'toi';
  const choice = (value: string, words: string): Markup =>
    html`<li><a href="?cua=${value}" ${value === whose ? html`aria-current="true"` : ''}>${words}</a></li>`;
  return shell(c, {
    title: say('Lượt tra cứu nhật ký', 'Looks into the log'),
    body: html`<p>
        ${say(
          'Mỗi lần xem, tra cứu, kiểm chứng hay kết xuất đều là một mục của nhật ký, không ai xóa được.',
          'Every look, search, check and export is an entry of the log that nobody can delete.',
        )}
      </p>
      <nav class="periods" aria-label="${say('Của ai', 'Whose')}">
        <ul>
          ${choice('toi', say('Của tôi', 'Mine'))} ${choice('moi-nguoi', say('Của mọi người', 'Everybody’s'))}
        </ul>
      </nav>
      <div class="scroll card" tabindex="0" role="region" aria-label="${say('Các lượt', 'Looks')}">
        <table class="stack">
          <thead>
            <tr>
              <th scope="col">${say('Thời gian', 'Time')}</th>
              <th scope="col">${say('Ai', 'Who')}</th>
              <th scope="col">${say('Việc', 'Deed')}</th>
              <th scope="col">${say('Câu hỏi', 'Question')}</th>
              <th scope="col">${say('Thấy', 'Seen')}</th>
            </tr>
          </thead>
          <tbody>
            ${found.map(
              ({ entry, number }) =>
                html`<tr>
                  <th scope="row">
                    ${number === null ? moment(new Date(entry.at)) : html`<a href="/nhat-ky/muc/${number}">${moment(new Date(entry.at))}</a>`}
                  </th>
                  <td>${entry['actor'] ?? ''} <span class="small">${entry['client'] ?? ''}</span></td>
                  <td>${eventWords(entry.event, say)}</td>
                  <td class="address">${questionWords(decoded(String(entry['detail'] ?? '')), say)}</td>
                  <td>${answerWords(String(entry['outcome'] ?? ''), say)}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      ${found.length < PAGE ? '' : html`<p><a class="button" href="?cua=${whose}&sau=${found.at(-1)!.cursor}">${say('Trang sau', 'Next page')}</a></p>`}`,
  });
}

/** What was asked for, by its first word. */
const QUESTIONS: readonly (readonly [string, string])[] = [
  ['own accesses', 'lượt tra cứu của mình'],
  ['accesses of everybody', 'lượt tra cứu của mọi người'],
  ['statistics', 'số liệu'],
  ['search', 'tra cứu'],
  ['verify', 'kiểm chứng toàn bộ'],
  ['checkpoint', 'mốc kiểm chứng'],
  ['show', 'xem'],
  ['entry', 'mục số'],
  ['proof', 'bằng chứng mục số'],
];

function questionWords(what: string, say: Say): string {
  const known = QUESTIONS.find(([en]) => what === en || what.startsWith(`${en} `));
  return known === undefined ? what : say(known[1] + what.slice(known[0].length), what);
}

const ANSWERS: Readonly<Record<string, string>> = {
  listed: 'danh sách',
  figures: 'số liệu',
  none: 'không có',
  holds: 'toàn vẹn',
  'does not hold': 'không toàn vẹn',
  'not done': 'chưa thực hiện được',
  'given out': 'đã đưa ra',
};

const answerWords = (result: string, say: Say): string =>
  say(ANSWERS[result] ?? result.replace(/ letters$/, ' thư').replace(/ entr(?:y|ies)$/, ' mục'), result);

/** Questions are kept as query strings; people read them with their letters. */
function decoded(what: string): string {
  try {
    return decodeURIComponent(what.replaceAll('+', ' '));
  } catch {
    return what;
  }
}
