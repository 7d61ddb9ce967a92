import { Hono } from 'hono';
import { html, raw } from 'hono/html';
import { renderSVG } from 'uqr';
import { append } from '../mail-log/append.ts';
import { configurationChanged } from '../mail-log/events.ts';
import { accountPolicy, passwordDueOn } from '../rules/accounts.ts';
import { passwordProblems } from '../rules/passwords.ts';
import { shortDate } from '../notices/dates.ts';
import {
  changeAccount,
  endSessionsOf,
  otherAdminHashes,
  proveSession,
  useTotpStep,
} from '../store/accounts.ts';
import { SESSION_COOKIE, type Inside } from './deps.ts';
import { enterByPassword, noteLogin } from './login.ts';
import { hashPassword, passwordMatches } from './password-hash.ts';
import { hashOf } from './sessions.ts';
import { csrfField, noteBox, problemBox, roleName, shell } from './shell.ts';
import { base32, keyUri, newRecoveryCodes, newTotpSecret, stepOfCode } from './totp.ts';
import { onlyWith } from './visit.ts';
import { me, type Env, type Markup, type Page } from './web.ts';

/** One's own account: what it is, a new password, the authenticator. */
export function accountPages(inside: Inside): Hono<Env> {
  const app = new Hono<Env>();
  const { sessions, cookies, clock, db } = inside;

  app.get('/tai-khoan', onlyWith(inside, null), (c) => c.html(overview(c, inside)));

  // Reached with the duty still owed, so not behind onlyWith; the password is asked again.
  app.get('/tai-khoan/mat-khau', (c) =>
    c.get('visit').known === null ? c.redirect('/', 303) : c.html(passwordPage(c, inside, [])),
  );
  app.post('/tai-khoan/mat-khau', async (c) => {
    const { known, client, token } = c.get('visit');
    if (known === null) return c.redirect('/', 303);
    if (known.session.provenAt === null && known.account.totpSecret !== null) return c.redirect('/', 303);
    const problems = await passwordFaults(c, inside);
    if (problems.length > 0) return c.html(passwordPage(c, inside, problems), 422);
    const { name } = known.account;
    const now = clock.now();
    const passwordHash = await hashPassword(c.get('form').text('password'));
    await db.transaction(async (tx) => {
      await changeAccount(tx.orm, name, { passwordHash, passwordChangedAt: now, mustChange: false });
      await endSessionsOf(tx.orm, name);
      await append(tx.sql, now, accountChanged(name, 'password'));
    });
    const proven = known.session.provenAt !== null;
    cookies.set(
      c,
      SESSION_COOKIE,
      await sessions.open({ account: name, client, proven, before: token, now }),
    );
    return c.redirect('/', 303);
  });

  app.get('/tai-khoan/xac-thuc', (c) => {
    const { known } = c.get('visit');
    if (known === null || known.account.totpSecret !== null) return c.redirect('/', 303);
    return c.html(enrolPage(c, newTotpSecret(), inside, []));
  });
  app.post('/tai-khoan/xac-thuc', async (c) => {
    const { known, say, token, client } = c.get('visit');
    if (known === null || known.account.totpSecret !== null) return c.redirect('/', 303);
    const form = c.get('form');
    const secret = inside.seal.open(form.text('sealed'));
    const now = clock.now();
    const step = stepOfCode(secret, form.text('code').replaceAll(/\s/g, ''), now);
    if (step === null) {
      const words = say(
        'Mã không đúng. Đề nghị kiểm tra giờ của điện thoại và nhập mã đang hiện.',
        'The code is not right. Check the phone’s clock and enter the code shown now.',
      );
      return c.html(enrolPage(c, secret, inside, [words]), 422);
    }
    const { codes, hashes } = newRecoveryCodes();
    const { name } = known.account;
    await db.transaction(async (tx) => {
      await changeAccount(tx.orm, name, { totpSecret: inside.seal.close(secret), recoveryHashes: hashes });
      await useTotpStep(tx, name, step);
      await proveSession(tx.orm, hashOf(token), now);
      await append(tx.sql, now, accountChanged(name, 'authenticator'));
    });
    await noteLogin(inside, name, client, 'password, authenticator enrolled');
    return c.html(recoveryPage(c, codes));
  });
  return app;
}

const accountChanged = (name: string, what: string) =>
  configurationChanged({ what: 'account', detail: `account ${name}: ${what}`, actor: name });

async function passwordFaults(c: Page, inside: Inside): Promise<string[]> {
  const { say, client } = c.get('visit');
  const account = me(c);
  const form = c.get('form');
  const [now, wanted, again] = ['current', 'password', 'again'].map((name) => form.text(name));
  const entry = await enterByPassword(inside, { name: account.name, client, password: now! });
  if (entry.result !== 'in')
    return [say('Mật khẩu hiện tại không đúng.', 'The present password is not right.')];
  const policy = accountPolicy(inside.regulations);
  const owner = { fullName: account.fullName, address: account.name };
  const faults = passwordProblems(wanted!, { ...policy, noPersonalInfo: true }, owner).map(
    ({ text }) => text,
  );
  if (wanted !== again)
    faults.push(say('Hai lần nhập mật khẩu mới không giống nhau.', 'The new passwords differ.'));
  if (wanted === now)
    faults.push(say('Mật khẩu mới phải khác mật khẩu cũ.', 'The new password must differ from the old one.'));
  if (
    faults.length === 0 &&
    policy.unique === true &&
    account.role === 'admin' &&
    (await isTaken(inside, account.name, wanted!))
  )
    faults.push(say('Đề nghị chọn mật khẩu khác (QB-8.4).', 'Please choose another password (QB-8.4).'));
  return faults;
}

/** QB-8.4: no two administrators have the same password. */
async function isTaken({ db }: Inside, name: string, password: string): Promise<boolean> {
  for (const hash of await db.transaction((tx) => otherAdminHashes(tx.orm, name))) {
    if (await passwordMatches(password, hash)) return true;
  }
  return false;
}

function overview(c: Page, { regulations }: Inside): Markup {
  const { say } = c.get('visit');
  const account = me(c);
  const due = passwordDueOn(account.role, account.passwordChangedAt, accountPolicy(regulations));
  return shell(c, {
    title: say('Tài khoản của tôi', 'My account'),
    body: html`<div class="card">
      <dl class="facts">
        <dt>${say('Họ và tên', 'Name')}</dt>
        <dd>${account.fullName}</dd>
        <dt>${say('Tên đăng nhập', 'Login name')}</dt>
        <dd>${account.name}</dd>
        <dt>${say('Vai trò', 'Role')}</dt>
        <dd>${roleName(account.role, say)}</dd>
        ${
          due === null
            ? ''
            : html`<dt>${say('Mật khẩu phải đổi trước ngày', 'Password to be changed before')}</dt>
                <dd>${shortDate(due)}</dd>`
        }
        <dt>${say('Mã khôi phục còn lại', 'Recovery codes left')}</dt>
        <dd>${account.recoveryHashes.length}</dd>
      </dl>
      ${account.passwordHash === null ? '' : html`<p><a class="button" href="/tai-khoan/mat-khau">${say('Đổi mật khẩu', 'Change password')}</a></p>`}
    </div>`,
  });
}

function passwordPage(c: Page, { regulations }: Inside, problems: readonly string[]): Markup {
  const { say } = c.get('visit');
  const { min, classesAtLeast } = accountPolicy(regulations);
  const rule = say(
    `Ít nhất ${min} ký tự, ${classesAtLeast ?? 4} trong 4 loại: chữ thường, chữ in hoa, chữ số, ký tự đặc biệt; không chứa tên của mình.`,
    `At least ${min} characters, ${classesAtLeast ?? 4} of: lower case, upper case, digits, signs; not your name.`,
  );
  const field = (name: string, label: string, autocomplete: string): Markup =>
    html`<label for="${name}">${label}</label>
      <input
        id="${name}"
        name="${name}"
        type="password"
        autocomplete="${autocomplete}"
        required
        aria-describedby="rule"
      />`;
  return shell(c, {
    title: say('Đổi mật khẩu', 'Change password'),
    body: html`<div class="card narrow">
      ${problemBox(problems)}
      <p id="rule">${rule}</p>
      <form method="post" action="/tai-khoan/mat-khau">
        ${csrfField(c)} ${field('current', say('Mật khẩu hiện tại', 'Present password'), 'current-password')}
        ${field('password', say('Mật khẩu mới', 'New password'), 'new-password')}
        ${field('again', say('Nhập lại mật khẩu mới', 'New password again'), 'new-password')}
        <button class="primary">${say('Đổi mật khẩu', 'Change password')}</button>
      </form>
    </div>`,
  });
}

function enrolPage(c: Page, secret: Buffer, inside: Inside, problems: readonly string[]): Markup {
  const { say } = c.get('visit');
  const uri = keyUri(secret, `Cổng thư ${new URL(inside.publicUrl).hostname}`, me(c).name);
  return shell(c, {
    title: say('Gắn ứng dụng xác thực', 'Set up the authenticator'),
    body: html`<div class="card narrow">
      ${problemBox(problems)}
      <p>
        ${say('Quét mã dưới đây bằng ứng dụng xác thực trên điện thoại, rồi nhập 06 chữ số đang hiện.', 'Scan this with the authenticator app of your phone, then enter the six digits it shows.')}
      </p>
      <div class="qr" role="img" aria-label="${say('Mã QR của khóa xác thực', 'QR code of the key')}">
        ${raw(renderSVG(uri, { ecc: 'M' }))}
      </div>
      <p class="hint">
        ${say('Không quét được: nhập khóa', 'If it cannot be scanned, enter the key')}
        <code>${base32(secret).replaceAll(/.{4}/g, '$& ').trim()}</code>
      </p>
      <form method="post" action="/tai-khoan/xac-thuc" autocomplete="off">
        ${csrfField(c)}<input type="hidden" name="sealed" value="${inside.seal.close(secret)}" />
        <label for="code">${say('Mã 06 chữ số', 'Six digits')}</label>
        <input id="code" name="code" class="code" inputmode="numeric" autocomplete="one-time-code" required />
        <button class="primary">${say('Xác nhận', 'Confirm')}</button>
      </form>
    </div>`,
  });
}

function recoveryPage(c: Page, codes: readonly string[]): Markup {
  const { say } = c.get('visit');
  return shell(c, {
    title: say('Mã khôi phục', 'Recovery codes'),
    body: html`<div class="card narrow">
      ${noteBox('good', say('Đã gắn ứng dụng xác thực.', 'The authenticator is set up.'))}
      <p>
        ${say('Mỗi mã dùng được một lần khi không có điện thoại. Đề nghị in ra và cất giữ; các mã không hiện lại.', 'Each code works once when the phone is not at hand. Print and keep them; they are not shown again.')}
      </p>
      <ul class="codes">
        ${codes.map((code) => html`<li><code>${code}</code></li>`)}
      </ul>
      <p><a class="button primary" href="/">${say('Đã cất giữ, vào làm việc', 'Kept safe, go on')}</a></p>
    </div>`,
  });
}
