import { html } from 'hono/html';
import { periodOf, statistics, type Period, type Statistics } from '../../mail-log/statistics.ts';
import { localTime } from '../../rules/calendar.ts';
import { shortDate } from '../../notices/dates.ts';
import { allUnits } from '../../store/registry.ts';
import type { Inside } from '../deps.ts';
import { problemBox, shell } from '../shell.ts';
import type { Markup, Page } from '../web.ts';
import type { Say } from '../words.ts';
import { bars, columns, type Bar } from './chart.ts';
import { recordRead } from './record.ts';
import { reasonWords } from '../entry-words.ts';

/** A month, quarter, half-year or year in figures; reads the day's tallies, never the entries. */
export async function monthPage(c: Page, inside: Inside): Promise<Markup> {
  const { say } = c.get('visit');
  const { db, clock } = inside;
  const thisMonth = localTime(clock.now()).date.slice(0, 7);
  const asked = c.req.query('ky') ?? thisMonth;
  const understood = periodOf(asked);
  const period = understood ?? periodOf(thisMonth)!;
  await recordRead(c, inside, `statistics ${period.name}`, 'figures');
  const figures = await statistics(db.sql, period, clock.now());
  const units = await db.transaction((tx) => allUnits(tx.orm));
  const names = new Map(units.map(({ code, name }) => [code, name]));
  const problem = say(
    `“${asked.slice(0, 20)}” không phải là kỳ báo cáo: viết 2026-11, 2026-Q4, 2026-H2 hoặc 2026.`,
    `"${asked.slice(0, 20)}" is no period: write 2026-11, 2026-Q4, 2026-H2 or 2026.`,
  );
  return shell(c, {
    title: say(`Tổng hợp ${periodWords(period, say)}`, `Overview of ${periodWords(period, say)}`),
    wide: true,
    body: html`${problemBox(understood === null ? [problem] : [])} ${chooser(c, period)}
      ${totals(figures, period, say)}
      <div class="charts">
        ${received(figures, say)} ${refused(figures, period, say)} ${onTime(figures, say)}
        ${errors(figures, say)}
      </div>
      ${perUnit(figures, names, say)}`,
  });
}

export function periodWords({ name }: Period, say: Say): string {
  const [year = '', part = ''] = name.split('-');
  if (part === '') return say(`năm ${year}`, year);
  if (part.startsWith('Q')) return say(`quý ${part.slice(1)}/${year}`, `quarter ${part.slice(1)}, ${year}`);
  if (part.startsWith('H'))
    return say(
      part === 'H1' ? `6 tháng đầu năm ${year}` : `6 tháng cuối năm ${year}`,
      `half-year ${part.slice(1)}, ${year}`,
    );
  return say(`tháng ${Number(part)}/${year}`, `${part}/${year}`);
}

function chooser(c: Page, { name }: Period): Markup {
  const { say } = c.get('visit');
  const year = Number(name.slice(0, 4));
  const month = /^\d{4}-(\d\d)$/.exec(name)?.[1];
  const step = (by: number): string => {
    const at = new Date(Date.UTC(year, Number(month ?? 1) - 1 + by, 1));
    return at.toISOString().slice(0, 7);
  };
  const choice = (period: string, words: string): Markup =>
    html`<li><a href="?ky=${period}" ${period === name ? html`aria-current="true"` : ''}>${words}</a></li>`;
  return html`<nav class="periods" aria-label="${say('Kỳ báo cáo', 'Period')}">
    <ul>
      ${month === undefined ? '' : html`${choice(step(-1), `← ${say('Tháng trước', 'Month before')}`)}${choice(step(1), `${say('Tháng sau', 'Month after')} →`)}`}
      ${Array.from({ length: 12 }, (_, i) => choice(`${year}-${String(i + 1).padStart(2, '0')}`, `T${i + 1}`))}
      ${[1, 2, 3, 4].map((n) => choice(`${year}-Q${n}`, say(`Quý ${n}`, `Q${n}`)))}
      ${[1, 2].map((n) => choice(`${year}-H${n}`, say(n === 1 ? '6 tháng đầu' : '6 tháng cuối', `H${n}`)))}
      ${choice(`${year}`, say(`Cả năm ${year}`, `${year}`))} ${choice(`${year - 1}`, `${year - 1}`)}
    </ul>
  </nav>`;
}

function totals(figures: Statistics, period: Period, say: Say): Markup {
  const range = `tu=${period.first}&den=${period.last}`;
  const figure = (tone: string, n: number, words: string, query: string): Markup =>
    html`<li class="${tone}">
      <a href="/nhat-ky?${range}&kq=${query}"><strong>${n.toLocaleString('vi-VN')}</strong> ${words}</a>
    </li>`;
  const { dossiers } = figures;
  return html`<ul class="tally">
    ${figure('', figures.received, say('thư tiếp nhận', 'received'), 'tiep-nhan')}
    ${figure('wait', figures.refused, say('thư bị từ chối', 'refused'), 'tu-choi')}
    ${figure('wait', figures.quarantined, say('niêm phong', 'quarantined'), 'niem-phong')}
    ${figure('', figures.provisioned, say('hộp thư đã thực hiện', 'mailboxes carried out'), 'da-thuc-hien')}
    ${figure('', figures.noticesSent, say('trả lời đã gửi', 'replies sent'), 'da-tra-loi')}
    ${figure('wrong', figures.noticesFailed, say('trả lời không đến', 'replies not delivered'), 'khong-den')}
    ${figure('wrong', dossiers.overdue, say('hồ sơ quá hạn', 'dossiers overdue'), 'qua-han')}
    ${figure('wrong', figures.errors, say('trục trặc', 'errors'), 'truc-trac')}
  </ul>`;
}

/** More columns than a month of days are months. */
interface Span {
  readonly label: string;
  readonly received: number;
  readonly refused: number;
  readonly errors: number;
}

function spansOf({ period, byDay }: Statistics): Span[] {
  const days = (Date.parse(period.last) - Date.parse(period.first)) / 86_400_000 + 1;
  const width = days <= 31 ? 10 : 7;
  const known = Map.groupBy(byDay, ({ day }) => day.slice(0, width));
  const keys: string[] = [];
  for (let i = 0; i < days; i++) {
    const key = new Date(Date.parse(period.first) + i * 86_400_000).toISOString().slice(0, width);
    if (keys.at(-1) !== key) keys.push(key);
  }
  return keys.map((key) => {
    const sum = (of: 'received' | 'refused' | 'errors'): number =>
      (known.get(key) ?? []).reduce((total, day) => total + day[of], 0);
    const last = Number(key.slice(-2));
    return {
      label: width === 10 ? (last === 1 || last % 5 === 0 ? String(last) : '') : `T${last}`,
      received: sum('received'),
      refused: sum('refused'),
      errors: sum('errors'),
    };
  });
}

const figure = (id: string, title: string, body: Markup): Markup =>
  html`<section class="card" aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${body}
  </section>`;

function received(figures: Statistics, say: Say): Markup {
  const spans = spansOf(figures);
  const labels = spans.map(({ label }) => label);
  const series = [
    { tone: 'first', values: spans.map((span) => span.received) },
    { tone: 'second', values: spans.map((span) => span.refused) },
  ] as const;
  return figure(
    'received',
    say('Thư đến theo ngày', 'Letters by day'),
    html`${columns(labels, series)}
      <p class="legend">
        <span class="key first"></span> ${say('tiếp nhận', 'received')}:
        ${figures.received.toLocaleString('vi-VN')}
        <span class="key second"></span> ${say('từ chối', 'refused')}:
        ${figures.refused.toLocaleString('vi-VN')}
      </p>
      ${dayTable(figures, say)}`,
  );
}

function dayTable({ byDay }: Statistics, say: Say): Markup {
  return html`<details>
    <summary>${say('Số liệu từng ngày', 'Figures of each day')}</summary>
    <table>
      <thead>
        <tr>
          <th scope="col">${say('Ngày', 'Day')}</th>
          <th scope="col" class="number">${say('Tiếp nhận', 'Received')}</th>
          <th scope="col" class="number">${say('Từ chối', 'Refused')}</th>
          <th scope="col" class="number">${say('Trục trặc', 'Errors')}</th>
        </tr>
      </thead>
      <tbody>
        ${byDay.map(
          (day) =>
            html`<tr>
              <th scope="row"><a href="/nhat-ky?tu=${day.day}&den=${day.day}">${shortDate(day.day)}</a></th>
              <td class="number">${day.received}</td>
              <td class="number">${day.refused}</td>
              <td class="number">${day.errors}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
}

function refused(figures: Statistics, period: Period, say: Say): Markup {
  const rows = Object.entries(figures.refusedByReason)
    .toSorted(([, a], [, b]) => b - a)
    .map(([reason, value]): Bar => ({
      name: reasonWords(reason, say),
      value,
      tone: 'second',
      href: `/nhat-ky?tu=${period.first}&den=${period.last}&su-kien=sender.refused&ma-kq=${encodeURIComponent(reason)}`,
    }));
  const turnedAway = say(
    `Ngoài ra ${figures.connectionsRefused.toLocaleString('vi-VN')} kết nối bị từ chối trước khi nêu người nhận.`,
    `Besides, ${figures.connectionsRefused} connections were turned away before naming a recipient.`,
  );
  return figure(
    'refused',
    say('Từ chối theo lý do', 'Refused, by reason'),
    html`${rows.length === 0 ? html`<p>${say('Không có thư nào bị từ chối.', 'None.')}</p>` : bars(rows, say('Số thư', 'Letters'))}
      <p class="hint">${turnedAway}</p>`,
  );
}

function onTime({ dossiers }: Statistics, say: Say): Markup {
  const open = Math.max(0, dossiers.opened - dossiers.onTime - dossiers.overdue);
  return figure(
    'on-time',
    say('Hồ sơ tiếp nhận trong kỳ', 'Dossiers of the period'),
    html`${bars(
        [
          { name: say('Xong đúng hạn', 'Closed in time'), value: dossiers.onTime },
          { name: say('Đang trong hạn', 'Open, within time'), value: open, tone: 'second' },
          { name: say('Quá hạn', 'Overdue'), value: dossiers.overdue, tone: 'third' },
        ],
        say(`${dossiers.opened} hồ sơ`, `${dossiers.opened} dossiers`),
      )}
      <p class="hint">
        ${say(`Đã đóng ${dossiers.closed}, còn mở ${dossiers.openNow}.`, `${dossiers.closed} closed, ${dossiers.openNow} open.`)}
      </p>`,
  );
}

function errors(figures: Statistics, say: Say): Markup {
  const spans = spansOf(figures);
  const values = spans.map((span) => span.errors);
  return figure(
    'errors',
    say('Trục trặc theo ngày', 'Errors by day'),
    figures.errors === 0
      ? html`<p>${say('Không có trục trặc nào.', 'None.')}</p>`
      : html`${columns(
            spans.map(({ label }) => label),
            [{ tone: 'third', values }],
          )}
          <p class="legend">
            <span class="key third"></span> ${say('trục trặc', 'errors')}: ${figures.errors}
          </p>`,
  );
}

function perUnit({ byUnit }: Statistics, names: ReadonlyMap<string, string>, say: Say): Markup {
  if (byUnit.length === 0) return html``;
  return html`<section class="card" aria-labelledby="units">
    <h2 id="units">${say('Theo đơn vị', 'By unit')}</h2>
    <div class="scroll" tabindex="0" role="group" aria-label="${say('Bảng theo đơn vị', 'Table by unit')}">
      <table>
        <thead>
          <tr>
            <th scope="col">${say('Đơn vị', 'Unit')}</th>
            <th scope="col" class="number">${say('Thư', 'Letters')}</th>
            <th scope="col" class="number">${say('Hồ sơ', 'Dossiers')}</th>
            <th scope="col" class="number">${say('Đúng hạn', 'In time')}</th>
            <th scope="col" class="number">${say('Quá hạn', 'Overdue')}</th>
          </tr>
        </thead>
        <tbody>
          ${byUnit.map(
            (unit) =>
              html`<tr class="${unit.overdue > 0 ? 'problem' : ''}">
                <th scope="row">
                  <a href="/nhat-ky?dv=${encodeURIComponent(unit.unit)}"
                    >${names.get(unit.unit) ?? unit.unit}</a
                  >
                </th>
                <td class="number">${unit.received}</td>
                <td class="number">${unit.opened}</td>
                <td class="number">${unit.onTime}</td>
                <td class="number">${unit.overdue}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}
