import { html } from 'hono/html';
import { searchLog, type FoundEntry } from '../../mail-log/search.ts';
import { may } from '../../rules/accounts.ts';
import type { MailboxList } from '../../rules/mailbox-list.ts';
import type { ComparedList } from '../../rules/scan-facts.ts';
import { allAccounts } from '../../store/accounts.ts';
import { documentHeadsOf, type DocumentHead } from '../../store/documents.ts';
import { scanPictures, unitSealOf } from '../../store/scans.ts';
import type { DeskCase } from '../../work/desk/action.ts';
import { askedReasons, examined } from '../../work/desk/judge-again.ts';
import { deskCase } from '../../work/desk/perform.ts';
import { rowChoices } from '../../work/desk/row-choices.ts';
import type { Inside } from '../deps.ts';
import { dueTag, moment, stateTag } from '../format.ts';
import { noteBox, problemBox, shell } from '../shell.ts';
import { me, type Markup, type Page } from '../web.ts';
import { actionForms, type FormContext } from './action-forms.ts';
import { documentView } from './documents-view.ts';
import { evidenceView } from './evidence-view.ts';
import { historyView } from './history.ts';
import { rowForms } from './row-forms.ts';
import { rowsView } from './rows-view.ts';
import { marksOf, scanView } from './scan-view.ts';

const MOST_HISTORY = 200;

/** Everything an officer needs to decide on one letter, on one page; null when there is none. */
export async function letterPage(
  c: Page,
  inside: Inside,
  id: string,
  retyped: { readonly before: FormContext['before']; readonly problems: readonly string[] } = {
    before: null,
    problems: [],
  },
): Promise<Markup | null> {
  const { db, desk } = inside;
  const found = await db.transaction(async (tx) => {
    const work = await deskCase(tx, id, desk);
    if (work === null) return null;
    return {
      work,
      pictures: await scanPictures(tx.orm, id),
      documents: work.dossier === null ? [] : await documentHeadsOf(tx.orm, work.dossier.number),
      seal: work.letter.unit === null ? null : await unitSealOf(tx.orm, work.letter.unit),
      accounts: await allAccounts(tx.orm),
      choices: await rowChoices(tx, work),
    };
  });
  if (found === null) return null;
  const { work, pictures, seal, choices } = found;
  const { say } = c.get('visit');
  const colleagues = found.accounts.filter(
    ({ name, role, disabledAt }) => disabledAt === null && may(role, 'desk') && name !== me(c).name,
  );
  const entries = await entriesOf(inside, work);
  const facts = isSealed(work) ? null : examined(work);
  const list = work.letter.findings['read-list'] as MailboxList | null | undefined;
  const compared = work.letter.findings['approve'] as Partial<ComparedList> | null | undefined;
  const reading = compared?.reading ?? null;
  const listed = list?.entries ?? compared?.entries ?? [];
  const context: FormContext = { work, colleagues, before: retyped.before };
  const toForms = say('Đến phần xử lý của cán bộ', 'To what you can do');
  return shell(c, {
    title: work.dossier?.number ?? say('Thư chưa vào sổ', 'Letter not registered'),
    wide: true,
    body: html`${retyped.problems.length > 0 ? '' : html`<a class="skip" href="#todo">${toForms}</a>`}
      ${problemBox(retyped.problems, html`<p><a href="#todo">${toForms}</a></p>`)}
      ${headline(c, inside, work)}
      <div class="two">
        <div>
          ${rowsView({ rows: work.rows, entries: listed, reading, forms: (row) => rowForms(c, context, choices, row) }, say)}
          ${facts === null ? '' : scanView(facts.documents, pictures, seal, marksOf(listed, reading), say)}
          ${facts === null ? '' : evidenceView(facts, work.unit, say)} ${wordsOf(c, work)}
        </div>
        <div>
          <section class="card" aria-labelledby="todo">
            <h2 id="todo" tabindex="-1">${say('Việc của cán bộ', 'What you can do')}</h2>
            ${actionForms(c, context)}
          </section>
          ${documentsOf(c, found.documents)} ${historyView(entries, isSealed(work), say)}
        </div>
      </div>`,
  });
}

/** Reply documents of the dossier; the one that waits for a signature is handed in here (QB-4.2). */
function documentsOf(c: Page, documents: readonly DocumentHead[]): Markup | string {
  if (documents.length === 0) return '';
  const { say } = c.get('visit');
  return html`<section class="card tasks" aria-labelledby="documents">
    <h2 id="documents">${say('Văn bản phúc đáp', 'Reply documents')}</h2>
    ${documents.map((one) => documentView(c, one))}
  </section>`;
}

/** Sealed letters are not quoted, not even their subject (requirements.md §6.5). */
const isSealed = ({ letter }: DeskCase): boolean =>
  letter.state === 'quarantine' || letter.state === 'sealed';

async function entriesOf({ db }: Inside, { letter }: DeskCase): Promise<FoundEntry[]> {
  const own = await searchLog(db.sql, { letter: letter.id, limit: MOST_HISTORY });
  return own;
}

function headline(c: Page, { clock }: Inside, work: DeskCase): Markup {
  const { say } = c.get('visit');
  const { letter, dossier, unit } = work;
  const reasons = askedReasons(work).map(({ text }) => text);
  const shown =
    reasons.length > 0 && letter.state === 'officer'
      ? reasons
      : letter.reason === null
        ? []
        : [letter.reason];
  return html`<section class="card">
    <dl class="facts">
      <dt>${say('Đơn vị', 'Unit')}</dt>
      <dd>${unit?.name ?? say('không có trong sổ đăng ký', 'not in the registry')}</dd>
      <dt>${say('Gửi từ', 'From')}</dt>
      <dd>
        ${letter.facts.proof.method === 'paper' ? say('văn bản giấy do cán bộ nhập', 'paper, entered by an officer') : (letter.person ?? letter.sender)}
      </dd>
      <dt>${say('Trích yếu', 'Subject')}</dt>
      <dd>
        ${isSealed(work) ? say('(niêm phong)', '(sealed)') : examined(work)?.subject || letter.facts.subject || '–'}
      </dd>
      <dt>${say('Nhận lúc', 'Received')}</dt>
      <dd>${moment(letter.receivedAt)}</dd>
      <dt>${say('Trạng thái', 'State')}</dt>
      <dd>
        ${stateTag(letter.state, say)}
        ${dossier === null ? '' : dueTag({ at: dossier.dueAt, legal: dossier.dueLegal }, clock.now(), say)}
        ${letter.assignee === null ? '' : html`<span class="small">${say('giao', 'with')} ${letter.assignee}</span>`}
      </dd>
    </dl>
    ${
      shown.length === 0
        ? ''
        : noteBox(
            'wait',
            html`<ul>
              ${shown.map((text) => html`<li>${text}</li>`)}
            </ul>`,
          )
    }
  </section>`;
}

/** The letter's words as text, never as HTML. */
function wordsOf(c: Page, work: DeskCase): Markup | string {
  const { say } = c.get('visit');
  if (isSealed(work)) return '';
  const text = examined(work)?.bodyText ?? work.letter.facts.bodyText;
  return html`<section class="card" aria-labelledby="words">
    <h2 id="words">${say('Nội dung thư', 'Text of the letter')}</h2>
    ${text === '' ? html`<p class="small">${say('Thư không có nội dung chữ.', 'No text.')}</p>` : html`<pre class="letter" tabindex="0">${text}</pre>`}
  </section>`;
}
