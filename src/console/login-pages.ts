import { Hono } from 'hono';
import { html } from 'hono/html';
import { may } from '../rules/accounts.ts';
import { proveSession } from '../store/accounts.ts';
import { SESSION_COOKIE, type Inside } from './deps.ts';
import { enterByCode, enterByPassword, noteLogin } from './login.ts';
import { hashOf } from './sessions.ts';
import { csrfField, homeOf, problemBox, shell } from './shell.ts';
import { duty } from './visit.ts';
import type { Env, Markup, Page } from './web.ts';

/** Logging in and out. What is owed after the password (code, new password, enrolment) is `duty`'s to say. */
export function loginPages(inside: Inside): Hono<Env> {
  const app = new Hono<Env>();
  const { sessions, cookies, clock, db } = inside;

  app.get('/', (c) => {
    const { known } = c.get('visit');
    if (known === null) return c.redirect('/dang-nhap', 303);
    return c.redirect(duty(inside, known) ?? homeOf((right) => may(known.account.role, right)), 303);
  });

  app.get('/dang-nhap', (c) =>
    c.get('visit').known === null ? c.html(passwordPage(c, inside, [])) : c.redirect('/', 303),
  );
  app.post('/dang-nhap', async (c) => {
    const { token, client, say } = c.get('visit');
    const form = c.get('form');
    const name = form.text('name').toLowerCase().slice(0, 60);
    const entry = await enterByPassword(inside, { name, client, password: form.text('password') });
    if (entry.result === 'throttled') return c.html(passwordPage(c, inside, [tooMany(c)]), 429);
    if (entry.result === 'wrong') {
      const words = say('Tên đăng nhập hoặc mật khẩu không đúng.', 'The name or the password is not right.');
      return c.html(passwordPage(c, inside, [words]), 401);
    }
    const opening = { account: entry.account.name, client, proven: false, before: token, now: clock.now() };
    cookies.set(c, SESSION_COOKIE, await sessions.open(opening));
    return c.redirect('/', 303);
  });

  app.get('/dang-nhap/ma', (c) => (owesCode(c) ? c.html(codePage(c, [])) : c.redirect('/', 303)));
  app.post('/dang-nhap/ma', async (c) => {
    const { known, token, client, say } = c.get('visit');
    if (known === null || !owesCode(c)) return c.redirect('/', 303);
    const entry = await enterByCode(inside, {
      name: known.account.name,
      client,
      code: c.get('form').text('code'),
    });
    if (entry.result === 'throttled') return c.html(codePage(c, [tooMany(c)]), 429);
    if (entry.result === 'wrong') {
      return c.html(
        codePage(c, [say('Mã không đúng hoặc đã được dùng.', 'The code is wrong or was used before.')]),
        401,
      );
    }
    await db.transaction((tx) => proveSession(tx.orm, hashOf(token), clock.now()));
    await noteLogin(inside, known.account.name, client, 'password and code');
    return c.redirect('/', 303);
  });

  app.post('/dang-xuat', async (c) => {
    await sessions.close(c.get('visit').token);
    cookies.set(c, SESSION_COOKIE, '', 0);
    return c.redirect('/dang-nhap', 303);
  });

  function owesCode(c: Page): boolean {
    const { known } = c.get('visit');
    return known !== null && duty(inside, known) === '/dang-nhap/ma';
  }
  return app;
}

const tooMany = (c: Page): string =>
  c
    .get('visit')
    .say(
      'Đã nhập sai quá nhiều lần. Đề nghị chờ 15 phút rồi thực hiện lại.',
      'Too many wrong attempts. Please wait 15 minutes and try again.',
    );

function passwordPage(c: Page, { oidc }: Inside, problems: readonly string[]): Markup {
  const { say } = c.get('visit');
  return shell(c, {
    title: say('Đăng nhập', 'Log in'),
    body: html`<div class="card narrow">
      ${problemBox(problems)}
      <form method="post" action="/dang-nhap">
        ${csrfField(c)}
        <label for="name">${say('Tên đăng nhập', 'Name')}</label>
        <input
          id="name"
          name="name"
          autocomplete="username"
          autocapitalize="none"
          spellcheck="false"
          required
          autofocus
        />
        <label for="password">${say('Mật khẩu', 'Password')}</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required />
        <button class="primary">${say('Đăng nhập', 'Log in')}</button>
      </form>
      ${
        oidc === null
          ? ''
          : html`<p class="or">
              <a class="button" href="/dang-nhap/oidc"
                >${say('Đăng nhập bằng tài khoản của tỉnh', 'Log in with the province’s account')}</a
              >
            </p>`
      }
    </div>`,
  });
}

function codePage(c: Page, problems: readonly string[]): Markup {
  const { say } = c.get('visit');
  return shell(c, {
    title: say('Mã xác thực', 'Code'),
    body: html`<div class="card narrow">
      ${problemBox(problems)}
      <form method="post" action="/dang-nhap/ma" autocomplete="off">
        ${csrfField(c)}
        <label for="code"
          >${say('Mã 06 chữ số trên ứng dụng xác thực', 'The 6 digits of your authenticator app')}</label
        >
        <input
          id="code"
          name="code"
          class="code"
          autocomplete="one-time-code"
          inputmode="numeric"
          required
          autofocus
          aria-describedby="code-hint"
        />
        <p class="hint" id="code-hint">
          ${say('Không có điện thoại bên mình: nhập một mã khôi phục.', 'Without your phone: enter a recovery code.')}
        </p>
        <button class="primary">${say('Tiếp tục', 'Continue')}</button>
      </form>
    </div>`,
  });
}
