import { html } from 'hono/html';
import { EVENTS } from '../../mail-log/event.ts';
import type { LoggedFields } from '../../mail-log/search.ts';
import { track, type Tracked } from '../../mail-log/tracking.ts';
import { allUnits } from '../../store/registry.ts';
import type { Inside } from '../deps.ts';
import { actorWords, detailWords, eventWords, headline } from '../entry-words.ts';
import { moment, tag } from '../format.ts';
import { problemBox, shell } from '../shell.ts';
import type { Markup, Page } from '../web.ts';
import type { Say } from '../words.ts';
import { isAsked, queryOf, questionOf, understand, type Field, type Question } from './question.ts';
import { recordRead } from './record.ts';
import { OUTCOMES, toneOf } from './words.ts';

const PAGE = 25;

/** Like a parcel's tracking centre: ask by whatever is known, see both steps of every letter. */
export async function searchPage(c: Page, inside: Inside): Promise<Markup> {
  const { say } = c.get('visit');
  const question = questionOf(c);
  const understood = understand(question);
  const units = await inside.db.transaction((tx) => allUnits(tx.orm));
  const after = c.req.query('sau');
  const lines =
    understood.filter === null
      ? null
      : await track(inside.db.sql, {
          ...understood.filter,
          limit: PAGE,
          ...(after === undefined ? {} : { after }),
        });
  if (lines !== null)
    await recordRead(c, inside, `search ${queryOf(question)}`.trim(), `${lines.length} letters`);
  const problems = understood.problem === null ? [] : [problemWords(understood.problem, say)];
  return shell(c, {
    title: say('Tra cứu nhật ký thư', 'Search the mail log'),
    wide: true,
    body: html`${problemBox(problems)} ${form(c, question, units)}
    ${lines === null ? '' : results(c, lines, question)}`,
  });
}

function problemWords(problem: 'from' | 'to' | 'order', say: Say): string {
  const words = {
    from: say('Từ ngày: đề nghị nhập một ngày có thật.', 'From: please give a real date.'),
    to: say('Đến ngày: đề nghị nhập một ngày có thật.', 'To: please give a real date.'),
    order: say('Từ ngày phải trước hoặc trùng đến ngày.', 'The first day lies after the last one.'),
  };
  return words[problem];
}

function form(c: Page, question: Question, units: readonly { code: string; name: string }[]): Markup {
  const { say } = c.get('visit');
  const field = (name: Field, label: string, type = 'text', list?: string): Markup =>
    html`<div>
      <label for="${name}">${label}</label>
      <input
        id="${name}"
        name="${name}"
        type="${type}"
        value="${question[name]}"
        autocomplete="off"
        ${list === undefined ? '' : html`list="${list}"`}
      />
    </div>`;
  const rare = (['su-kien', 'ma-kq', 'nguoi', 'ip', 'hang-doi'] as const).some(
    (name) => question[name] !== '',
  );
  return html`<form class="card" method="get" action="/nhat-ky" role="search">
    <div class="filters">
      <div class="long">
        <label for="q"
          >${say('Từ khóa, số hồ sơ, Message-ID hoặc địa chỉ', 'Words, dossier, Message-ID or address')}</label
        >
        <input id="q" name="q" type="search" value="${question.q}" data-search aria-describedby="q-hint" />
      </div>
      ${field('tu', say('Từ ngày', 'From'), 'date')} ${field('den', say('Đến ngày', 'To'), 'date')}
      <div>
        <label for="kq">${say('Kết quả', 'Outcome')}</label>
        <select id="kq" name="kq">
          <option value="">${say('Tất cả', 'All')}</option>
          ${Object.entries(OUTCOMES).map(
            ([value, { words }]) =>
              html`<option value="${value}" ${value === question.kq ? html`selected` : ''}>
                ${say(...words)}
              </option>`,
          )}
        </select>
      </div>
      ${field('gui', say('Người gửi', 'Sender'))} ${field('nhan', say('Người nhận', 'Recipient'))}
      ${field('dv', say('Đơn vị (mã)', 'Unit (code)'), 'text', 'units')}
      ${field('so', say('Số hồ sơ', 'Dossier number'))} ${field('ma', 'Message-ID')}
      <button class="primary">${say('Tra cứu', 'Search')}</button>
      ${isAsked(question) ? html`<a class="button plain" href="/nhat-ky">${say('Xóa điều kiện', 'Clear')}</a>` : ''}
    </div>
    <p class="hint" id="q-hint">
      ${say(
        'Từ khóa tìm trong trích yếu, nội dung ghi, lỗi, tên trong địa chỉ; gõ có dấu hoặc không dấu đều được.',
        'Words are looked for in subjects, details, errors and addresses, with or without Vietnamese accents.',
      )}
    </p>
    <details ${rare ? html`open` : ''}>
      <summary>${say('Điều kiện khác', 'More conditions')}</summary>
      <div class="filters">
        <div>
          <label for="su-kien">${say('Sự kiện', 'Event')}</label>
          <select id="su-kien" name="su-kien">
            <option value="">${say('Thư, hồ sơ, thao tác', 'Letters, dossiers, deeds')}</option>
            <option value="tat-ca" ${question['su-kien'] === 'tat-ca' ? html`selected` : ''}>
              ${say('Mọi sự kiện', 'Every event')}
            </option>
            ${EVENTS.map(
              (event) =>
                html`<option value="${event}" ${event === question['su-kien'] ? html`selected` : ''}>
                  ${eventWords(event, say)}
                </option>`,
            )}
          </select>
        </div>
        ${field('ma-kq', say('Mã kết quả', 'Outcome code'))}
        ${field('nguoi', say('Người thực hiện', 'Actor'))} ${field('ip', say('Địa chỉ IP', 'IP address'))}
        ${field('hang-doi', say('Mã hàng đợi Postfix', 'Postfix queue id'))}
      </div>
    </details>
    <datalist id="units">
      ${units.map(({ code, name }) => html`<option value="${code}">${name}</option>`)}
    </datalist>
  </form>`;
}

function results(c: Page, lines: readonly Tracked[], question: Question): Markup {
  const { say } = c.get('visit');
  if (lines.length === 0)
    return html`<div class="card" role="status">
      <p>${say('Không tìm thấy mục nào phù hợp.', 'Nothing fits.')}</p>
      <p class="hint">
        ${say(
          'Thử ít điều kiện hơn, hoặc chọn “Mọi sự kiện”. Tháng đã hết hạn lưu thì không còn trong nhật ký.',
          'Try fewer conditions, or every event. Months past their retention are gone.',
        )}
      </p>
    </div>`;
  const labels = {
    mail: say('Thư', 'Mail'),
    letter: say('1. Thư gửi đến', '1. The letter'),
    reply: say('2. Trả lời của hệ thống', '2. Our reply'),
  };
  const next = lines.length < PAGE ? null : lines.at(-1)!.cursor;
  const query = queryOf(question);
  return html`<div class="scroll card" tabindex="0" role="region" aria-label="${say('Kết quả', 'Results')}">
      <table class="stack" data-walk>
        <caption>
          ${say('Mới nhất trước; mỗi thư một dòng.', 'Newest first; one line per letter.')}
        </caption>
        <thead>
          <tr>
            <th scope="col">${say('Thời gian, số hồ sơ', 'Time, dossier')}</th>
            <th scope="col">${labels.mail}</th>
            <th scope="col">${labels.letter}</th>
            <th scope="col">${labels.reply}</th>
          </tr>
        </thead>
        <tbody>
          ${lines.map((line) => row(line, labels, say))}
        </tbody>
      </table>
    </div>
    ${next === null ? '' : html`<p><a class="button" href="/nhat-ky?${query}${query === '' ? '' : '&'}sau=${next}">${say('Trang sau', 'Next page')}</a></p>`}`;
}

function row(line: Tracked, labels: Readonly<Record<'mail' | 'letter' | 'reply', string>>, say: Say): Markup {
  const { first, fate, reply } = line;
  return html`<tr class="${toneOf(fate) === 'wrong' ? 'problem' : ''}">
    <th scope="row">
      ${link(line, say)}
      <div class="small">${moment(new Date(first.at))}</div>
    </th>
    <td data-label="${labels.mail}">${mailOf(first, say)}</td>
    <td data-label="${labels.letter}">${step(fate, say)}</td>
    <td data-label="${labels.reply}">
      ${reply === null ? html`<span class="small">${line.letter === null ? '–' : say('Chưa có', 'None yet')}</span>` : step(reply, say)}
    </td>
  </tr>`;
}

function link({ dossier, letter, number }: Tracked, say: Say): Markup {
  if (dossier !== null) return html`<a href="/nhat-ky/ho-so/${encodeURIComponent(dossier)}">${dossier}</a>`;
  if (letter !== null)
    return html`<a href="/nhat-ky/thu/${letter}">${say('Thư chưa vào sổ', 'Not registered')}</a>`;
  if (number === null) return html`<span>${say('Mục vừa ghi', 'Just written')}</span>`;
  return html`<a href="/nhat-ky/muc/${number}">${say('Mục số', 'Entry')} ${number}</a>`;
}

function mailOf(entry: LoggedFields, say: Say): Markup {
  const from = entry['sender'] ?? entry['client'] ?? actorWords(String(entry['actor'] ?? '–'), say);
  const to = entry['recipient'];
  return html`<div class="address">${from}${to === undefined ? '' : ` → ${to}`}</div>
    <div class="small address">${String(entry['subject'] ?? '').slice(0, 160)}</div>`;
}

function step(entry: LoggedFields, say: Say): Markup {
  const detail = entry.event === 'letter.received' ? '' : String(entry['error'] ?? detailWords(entry, say));
  return html`${tag(toneOf(entry), headline(entry, say))}
    <div class="small address">
      ${moment(new Date(entry.at))}${detail === '' ? '' : ` · ${detail.slice(0, 160)}`}
    </div>`;
}
