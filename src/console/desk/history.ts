import { html } from 'hono/html';
import type { FoundEntry } from '../../mail-log/search.ts';
import { detailWords, headline } from '../entry-words.ts';
import { moment } from '../format.ts';
import type { Markup } from '../web.ts';
import type { Say } from '../words.ts';

const BAD = /refused|failed|failure|bounced|missed|quarantin/;

/** What happened to a letter, oldest first, from the log itself: nothing is told here that an auditor does not see. */
export function historyView(entries: readonly FoundEntry[], sealed: boolean, say: Say): Markup {
  const oldest = entries.toReversed();
  // A sealed letter is not quoted, not even its subject (requirements.md §6.5).
  return html`<section class="card" aria-labelledby="history">
    <h2 id="history">${say('Diễn biến', 'History')}</h2>
    <ol class="timeline">
      ${oldest.map(({ entry }) => {
        const { event } = entry;
        const outcome = String(entry['outcome'] ?? '');
        return html`<li class="${BAD.test(`${event} ${outcome}`) ? 'wrong' : ''}">
          ${moment(new Date(entry['at']))} <strong>${headline(entry, say)}</strong>
          ${entry['actor'] === undefined || entry['actor'] === 'machine' ? '' : html`<span class="small">– ${entry['actor']}</span>`}
          <div class="small">
            ${[sealed ? '' : entry['subject'], detailWords(entry, say), entry['error']].filter((part) => part !== undefined && part !== '').join(' · ')}
          </div>
        </li>`;
      })}
    </ol>
  </section>`;
}
