import { Hono } from 'hono';
import { html } from 'hono/html';
import type { LineAnswer } from '../../rules/work-order.ts';
import {
  closeNotice,
  consolidateNow,
  decideDeletion,
  decideOrder,
  recordAnswer,
  sendNoticeAgain,
  type Decided,
} from '../../work/desk/other-work.ts';
import type { Officer } from '../../work/desk/action.ts';
import type { Inside } from '../deps.ts';
import { noteBox, refusedPage, shell } from '../shell.ts';
import { onlyWith } from '../visit.ts';
import { me, type Env, type Form, type Markup, type Page } from '../web.ts';
import { documentFile, documentSigned } from './documents-view.ts';
import { orderPage, otherWorkPage } from './other-work-page.ts';

const UUID = '[0-9a-f]{8}-[0-9a-f-]{27}';
const ORDER = 'LH-\\d{4}-\\d{6}';

/** What waits for officers besides letters: documents, orders, deletions, lists, notices. */
export function otherWorkPages(inside: Inside): Hono<Env> {
  const app = new Hono<Env>();
  const officer = onlyWith(inside, 'desk');
  for (const path of ['/viec-khac', '/viec-khac/*', '/van-ban/*']) app.use(path, officer);
  app.get('/viec-khac', async (c) => c.html(await otherWorkPage(c, inside)));
  app.get(`/viec-khac/lenh/:number{${ORDER}}`, async (c) => {
    const page = await orderPage(c, inside, c.req.param('number'));
    return page === null ? c.notFound() : c.html(page);
  });
  app.post(`/viec-khac/lenh/:number{${ORDER}}`, async (c) => {
    const number = c.req.param('number');
    const form = c.get('form');
    const done = await recordAnswer(number, answersOf(form), me(c), inside.desk);
    return told(c, done, () =>
      orderPage(c, inside, number, form, done.result === 'problems' ? done.problems : []),
    );
  });
  app.post('/viec-khac/:what', async (c) => {
    const decide = DECISIONS[c.req.param('what')];
    if (decide === undefined) return c.notFound();
    const done = await decide(c.get('form'), me(c), inside);
    return told(c, done, () => otherWorkPage(c, inside, done.result === 'problems' ? done.problems : []));
  });
  app.get(`/van-ban/:id{${UUID}}/:file`, (c) => {
    const { id, file } = c.req.param();
    return documentFile(c, inside, id, file);
  });
  app.post(`/van-ban/:id{${UUID}}`, (c) => documentSigned(c, inside, c.req.param('id')));
  return app;
}

type Decide = (form: Form, officer: Officer, inside: Inside) => Promise<Decided>;

const DECISIONS: Readonly<Partial<Record<string, Decide>>> = {
  'thu-cong': (form, officer, { desk }) => {
    const order = { id: form.text('id'), action: form.text('action') };
    return decideOrder(order, form.text('decision') === 'done' ? null : form.text('reason'), officer, desk);
  },
  xoa: (form, officer, { desk }) =>
    decideDeletion(form.text('address'), form.text('decision') === 'delete', officer, desk),
  'tong-hop': (form, officer, { desk }) => consolidateNow(form.text('regulation'), officer, desk),
  'dong-thu': (form, officer, { desk }) =>
    closeNotice(form.text('notice'), form.text('reason'), officer, desk),
  'gui-lai': (form, officer, { desk }) => sendNoticeAgain(form.text('notice'), officer, desk),
};

/** The lines of an order's form that say something. */
function answersOf(form: Form): LineAnswer[] {
  return form.names().flatMap((name) => {
    const line = /^result-(\d{1,6})$/.exec(name)?.[1];
    const result = form.text(name);
    if (line === undefined || (result !== 'done' && result !== 'failed')) return [];
    const address = form.text(`address-${line}`).toLowerCase();
    const reason = form.text(`reason-${line}`);
    return [
      {
        line: Number(line),
        done: result === 'done',
        address: address === '' ? null : address,
        reason: reason === '' ? null : reason,
      },
    ];
  });
}

async function told(c: Page, done: Decided, again: () => Promise<Markup | null>): Promise<Response> {
  const { say } = c.get('visit');
  const back = html`<p>
    <a class="button primary" href="/viec-khac">${say('Các việc khác', 'Other work')}</a>
  </p>`;
  switch (done.result) {
    case 'problems': {
      const page = await again();
      return page === null ? c.notFound() : c.html(page, 422);
    }
    case 'conflict': {
      const body = html`<p>${done.words}</p>
        <p>${say('Thao tác vừa rồi chưa được thực hiện.', 'What you just sent was not carried out.')}</p>
        ${back}`;
      return c.html(refusedPage(c, say('Đã được xử lý trước đó', 'Dealt with before'), body), 409);
    }
    case 'done':
      return c.html(
        shell(c, { title: say('Đã thực hiện', 'Done'), body: html`${noteBox('good', done.words)} ${back}` }),
      );
  }
}
