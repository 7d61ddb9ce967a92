import { Hono } from 'hono';
import { html } from 'hono/html';
import { actionName, type ActionName } from '../../rules/desk-actions.ts';
import { PICTURE_KINDS } from '../../rules/scan-facts.ts';
import { letterToShow } from '../../store/desk.ts';
import { scanPictureAt } from '../../store/scans.ts';
import { perform, type Performed } from '../../work/desk/perform.ts';
import { ACTION_WORDS } from '../../work/desk/words.ts';
import type { Inside } from '../deps.ts';
import { moment, stateWords } from '../format.ts';
import { noteBox, refusedPage, shell } from '../shell.ts';
import { fieldsOf } from '../uploads.ts';
import { onlyWith } from '../visit.ts';
import { me, type Env, type Markup, type Page } from '../web.ts';
import { inboxPage } from './inbox.ts';
import { letterPage } from './letter-page.ts';
import { paperEntered, paperPage } from './paper-page.ts';

const UUID = '[0-9a-f]{8}-[0-9a-f-]{27}';

/** The officer's desk: inbox, a letter, what may be done with it, and its pictures from our own path. */
export function deskPages(inside: Inside): Hono<Env> {
  const app = new Hono<Env>();
  const officer = onlyWith(inside, 'desk');
  app.use('/ho-so', officer);
  app.use('/ho-so/*', officer);
  app.use('/van-ban-giay', officer);
  app.get('/van-ban-giay', async (c) => c.html(await paperPage(c, inside)));
  app.post('/van-ban-giay', (c) => paperEntered(c, inside));
  app.get('/ho-so', async (c) => {
    // A number is a dossier wherever it stands; the inbox knows only those that wait.
    const number = /^TN-\d{4}-\d{6}$/.exec((c.req.query('q') ?? '').trim().toUpperCase())?.[0];
    const id = number === undefined ? null : await inside.db.transaction((tx) => letterToShow(tx, number));
    return id === null ? c.html(await inboxPage(c, inside)) : c.redirect(`/ho-so/${id}`, 303);
  });
  app.get('/ho-so/:number{TN-\\d{4}-\\d{6}}', async (c) => {
    const id = await inside.db.transaction((tx) => letterToShow(tx, c.req.param('number')));
    return id === null ? c.notFound() : c.redirect(`/ho-so/${id}`, 303);
  });
  app.get(`/ho-so/:id{${UUID}}`, async (c) => {
    const page = await letterPage(c, inside, c.req.param('id'));
    return page === null ? c.notFound() : c.html(page);
  });
  app.get(`/ho-so/:letter{${UUID}}/hinh/:document{\\d+}/:page{\\d+}/:kind/:number{\\d+}`, async (c) => {
    const { letter, document, page, kind, number } = c.req.param();
    const known = PICTURE_KINDS.find((one) => one === kind);
    if (known === undefined) return c.notFound();
    const key = {
      letter,
      document: Number(document),
      page: Number(page),
      kind: known,
      number: Number(number),
    };
    const picture = await inside.db.transaction((tx) => scanPictureAt(tx.orm, key));
    if (picture === null) return c.notFound();
    return c.body(new Uint8Array(picture.bytes), 200, { 'Content-Type': picture.mediaType });
  });
  app.post(`/ho-so/:id{${UUID}}/:action`, async (c) => {
    const action = actionName(c.req.param('action'));
    if (action === null) return c.notFound();
    return acted(c, inside, c.req.param('id'), action);
  });
  return app;
}

async function acted(c: Page, inside: Inside, letter: string, action: ActionName): Promise<Response> {
  const form = c.get('form');
  const account = me(c);
  const done = await perform(
    {
      action,
      letter,
      version: Number(form.text('version') || '-1'),
      officer: { name: account.name, fullName: account.fullName },
      fields: await fieldsOf(form),
    },
    inside.desk,
  );
  switch (done.result) {
    case 'unknown':
      return c.notFound();
    case 'problems': {
      const retyped = { before: { action, text: form.text, all: form.all }, problems: done.problems };
      return c.html((await letterPage(c, inside, letter, retyped))!, 422);
    }
    case 'conflict':
      return c.html(conflictPage(c, letter, done), 409);
    case 'done':
      return c.html(donePage(c, letter, action, done));
  }
}

/** Somebody else was first: who, what, when; nothing of this form was carried out. */
function conflictPage(
  c: Page,
  letter: string,
  { by, state }: Extract<Performed, { result: 'conflict' }>,
): Markup {
  const { say } = c.get('visit');
  const who =
    by === null
      ? html`<p>
          ${say('Hệ thống đã chuyển hồ sơ này sang bước khác.', 'The system has moved this letter on.')}
        </p>`
      : html`<p>
          ${say('Cán bộ', 'Officer')} <strong>${by.officer}</strong> ${say('đã thực hiện', 'has done')}
          “${say(...ACTION_WORDS[by.action])}” ${say('lúc', 'at')} ${moment(by.at)}.
        </p>`;
  return refusedPage(
    c,
    say('Hồ sơ đã được xử lý trước đó', 'Somebody else acted first'),
    html`${who}
      <p>${say('Trạng thái hiện nay', 'State now')}: ${stateWords(state, say)}.</p>
      <p>${say('Thao tác vừa rồi chưa được thực hiện.', 'What you just sent was not carried out.')}</p>
      <p>
        <a href="/ho-so/${letter}">${say('Xem hồ sơ', 'See the letter')}</a> ·
        <a href="/ho-so">${say('Về danh sách', 'Back to the inbox')}</a>
      </p>`,
  );
}

function donePage(
  c: Page,
  letter: string,
  action: ActionName,
  { state, dossier }: Extract<Performed, { result: 'done' }>,
): Markup {
  const { say } = c.get('visit');
  return shell(c, {
    title: dossier ?? say('Đã thực hiện', 'Done'),
    body: html`${noteBox(
        'good',
        html`<p>${say('Đã thực hiện', 'Done')}: ${say(...ACTION_WORDS[action])}.</p>
          <p>${say('Trạng thái', 'State')}: ${stateWords(state, say)}.</p>`,
      )}
      <p>
        <a class="button primary" href="/ho-so">${say('Hồ sơ tiếp theo', 'Next letter')}</a>
        <a class="button" href="/ho-so/${letter}">${say('Xem lại hồ sơ', 'See this letter')}</a>
      </p>`,
  });
}
