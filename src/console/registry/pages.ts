import { Hono } from 'hono';
import { html } from 'hono/html';
import type { TypedUnit } from '../../rules/unit-entry.ts';
import { allUnits } from '../../store/registry.ts';
import { unitSealOf } from '../../store/scans.ts';
import {
  changeEntry,
  endDelegate,
  enrolSeal,
  pinCertificate,
  registerUnit,
  unpinCertificate,
  type UnitChanged,
  type UnitOrder,
} from '../../work/desk/unit-changes.ts';
import type { Inside } from '../deps.ts';
import { csrfField, problemBox, refusedPage, shell } from '../shell.ts';
import { fieldsOf } from '../uploads.ts';
import { onlyWith } from '../visit.ts';
import { me, type Env, type Form, type Markup, type Page } from '../web.ts';
import { unitListPage, unitPath } from './list-page.ts';
import { entryFields, typedUnit } from './unit-form.ts';
import { unitPage } from './unit-page.ts';

/** The unit registry: who may write to us, and everything known about it. Every change stands in the mail log. */
export function registryPages(inside: Inside): Hono<Env> {
  const app = new Hono<Env>();
  const registrar = onlyWith(inside, 'registry');
  app.use('/don-vi', registrar);
  app.use('/don-vi/*', registrar);
  app.get('/don-vi', async (c) => c.html(await unitListPage(c, inside)));
  app.get('/don-vi/moi', async (c) => c.html(await newUnitPage(c, inside, EMPTY, [])));
  app.post('/don-vi/moi', async (c) => {
    const form = c.get('form');
    const typed = typedUnit(form, form.text('code').toLowerCase());
    const done = await registerUnit(typed, me(c), inside.desk);
    return done.result === 'problems'
      ? c.html(await newUnitPage(c, inside, typed, done.problems), 422)
      : c.redirect(`${unitPath(typed.code)}?ghi=1`, 303);
  });
  app.get('/don-vi/:code', async (c) => {
    const news = { done: c.req.query('ghi') === '1', problems: [], typed: null };
    const page = await unitPage(c, inside, c.req.param('code'), news);
    return page === null ? c.notFound() : c.html(page);
  });
  app.get('/don-vi/:code/mau-dau', async (c) => {
    const seal = await inside.db.transaction((tx) => unitSealOf(tx.orm, c.req.param('code')));
    if (seal === null) return c.notFound();
    return c.body(new Uint8Array(seal.bytes), 200, { 'Content-Type': seal.mediaType });
  });
  app.post('/don-vi/:code/:what', async (c) => {
    const change = CHANGES[c.req.param('what')];
    if (change === undefined) return c.notFound();
    const form = c.get('form');
    const code = c.req.param('code');
    const done = await change({ code, stamp: form.text('stamp'), officer: me(c) }, form, inside);
    switch (done.result) {
      case 'unknown':
        return c.notFound();
      case 'conflict':
        return c.html(conflictPage(c, code), 409);
      case 'problems': {
        const typed = c.req.param('what') === 'thong-tin' ? typedUnit(form, code) : null;
        return c.html(
          (await unitPage(c, inside, code, { done: false, problems: done.problems, typed }))!,
          422,
        );
      }
      case 'done':
        return c.redirect(`${unitPath(code)}?ghi=1`, 303);
    }
  });
  return app;
}

type Change = (order: UnitOrder, form: Form, inside: Inside) => Promise<UnitChanged>;
const fileOf = async (form: Form) => (await fieldsOf(form)).upload('file');

const CHANGES: Readonly<Partial<Record<string, Change>>> = {
  'thong-tin': (order, form, { desk }) => {
    const until = form.text('formerUntil');
    return changeEntry(order, typedUnit(form, order.code), until === '' ? null : until, desk);
  },
  'chung-thu': async (order, form, { desk }) => pinCertificate(order, await fileOf(form), desk),
  'bo-chung-thu': (order, form, { desk }) => unpinCertificate(order, form.text('fingerprint'), desk),
  'mau-dau': async (order, form, { desk }) => enrolSeal(order, await fileOf(form), desk),
  'thoi-phu-trach': (order, form, { desk }) => endDelegate(order, form.text('delegate'), desk),
};

const EMPTY: TypedUnit = {
  code: '',
  name: '',
  mailbox: '',
  parent: '',
  level: '',
  abbreviation: '',
  regulation: '',
  successor: '',
  active: true,
};

async function newUnitPage(
  c: Page,
  { db, regulations }: Inside,
  typed: TypedUnit,
  problems: readonly string[],
): Promise<Markup> {
  const { say } = c.get('visit');
  const units = await db.transaction((tx) => allUnits(tx.orm));
  return shell(c, {
    title: say('Thêm đơn vị', 'Register a unit'),
    body: html`${problemBox(problems)}
      <form class="card" method="post" action="/don-vi/moi" enctype="multipart/form-data">
        ${csrfField(c)} ${entryFields(typed, { isNew: true, units, regulations }, say)}
        <button class="primary">${say('Ghi vào sổ', 'Register')}</button>
      </form>
      <p><a href="/don-vi">${say('Về sổ đăng ký đơn vị', 'All units')}</a></p>`,
  });
}

function conflictPage(c: Page, code: string): Markup {
  const { say } = c.get('visit');
  return refusedPage(
    c,
    say('Thông tin đơn vị vừa được người khác thay đổi', 'Somebody else changed this unit first'),
    html`<p>${say('Thay đổi vừa rồi chưa được ghi.', 'What you just sent was not recorded.')}</p>
      <p><a href="${unitPath(code)}">${say('Xem thông tin hiện nay', 'See the entry as it is now')}</a></p>`,
  );
}
