import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Clock } from '../clock.ts';
import { append } from '../mail-log/append.ts';
import { mailboxActivated } from '../mail-log/events.ts';
import type { ActivationLinks } from '../notices/activation-link.ts';
import { escapeHtml } from '../notices/render.ts';
import type { Provisioner } from '../provisioners/port.ts';
import { passwordProblems, policyWords } from '../rules/passwords.ts';
import type { PasswordPolicy, Regulation } from '../rules/regulation.ts';
import type { Database, Tx } from '../store/database.ts';
import { activationByHash, useActivation, type Activation } from '../store/notices.ts';
import { setMailboxState } from '../store/registry.ts';
import { page } from './page.ts';
import { hashPassword } from './password-hash.ts';

export interface ActivationDeps {
  readonly db: Database;
  readonly clock: Clock;
  readonly links: ActivationLinks;
  readonly regulations: readonly Regulation[];
  readonly provisioner: Provisioner<Tx>;
}

/**
 * The owner of a mailbox sets the password by a single-use link. The token is in the path of a page that loads
 * nothing from elsewhere (no-referrer); looking at the page uses nothing up, so mail scanners do no harm.
 */
export function activationRoutes(deps: ActivationDeps): Hono {
  const app = new Hono();
  app.get('/:token', async (c) => {
    const found = await valid(deps, c.req.param('token'));
    return found === null ? c.html(gone(), 410) : c.html(form(found, deps, []));
  });
  app.post('/:token', bodyLimit({ maxSize: 16 * 1024 }), async (c) => {
    const found = await valid(deps, c.req.param('token'));
    if (found === null) return c.html(gone(), 410);
    const body = await c.req.parseBody();
    const [password, again] = [body['password'], body['again']].map((value) =>
      typeof value === 'string' ? value : '',
    );
    const problems = passwordProblems(password!, policyOf(found, deps), {
      fullName: found.fullName,
      address: found.address,
    }).map(({ text }) => text);
    if (password !== again) problems.push('Hai lần nhập mật khẩu không giống nhau');
    if (problems.length > 0) return c.html(form(found, deps, problems), 422);
    const hash = await hashPassword(password!);
    return (await activate(deps, found, hash)) ? c.html(done(found, deps)) : c.html(gone(), 410);
  });
  return app;
}

async function valid({ db, clock, links }: ActivationDeps, token: string): Promise<Activation | null> {
  const found = await db.transaction((tx) => activationByHash(tx.orm, links.hashOf(token)));
  return found?.usedAt === null && found.expiresAt > clock.now() ? found : null;
}

/** One transaction: link used up, password set, registry and log. False when somebody was faster. */
async function activate(
  { db, clock, provisioner }: ActivationDeps,
  { id, address, dossier }: Activation,
  hash: string,
): Promise<boolean> {
  const now = clock.now();
  return db.transaction(async (tx) => {
    if (!(await useActivation(tx, id, now))) return false;
    const outcome = await provisioner.carryOut({ id, at: now, address, action: 'set-password', hash }, tx);
    if (!outcome.done) throw new Error(`no password could be set for ${address}`);
    await setMailboxState(tx.orm, address, 'active', now);
    await append(tx.sql, now, mailboxActivated({ address, dossier }));
    return true;
  });
}

function regulationOf(found: Activation, deps: ActivationDeps): Regulation {
  const regulation = deps.regulations.find(({ id }) => id === found.regulation);
  if (regulation === undefined) throw new Error(`regulation ${found.regulation} is not configured`);
  return regulation;
}

const policyOf = (found: Activation, deps: ActivationDeps): PasswordPolicy =>
  regulationOf(found, deps).passwords.user;

function form(found: Activation, deps: ActivationDeps, problems: readonly string[]) {
  const policy = policyOf(found, deps);
  const wrong =
    problems.length === 0
      ? ''
      : `<div class="wrong" role="alert"><ul>${problems.map((text) => `<li>${escapeHtml(text)}</li>`).join('')}</ul></div>`;
  return page(
    'Đặt mật khẩu hộp thư điện tử công vụ',
    `<p>Hộp thư: <strong>${escapeHtml(found.address)}</strong><br>Người sử dụng: ${escapeHtml(found.fullName)}</p>${wrong}
<form method="post" autocomplete="off"><p id="rule">Mật khẩu phải có ${escapeHtml(policyWords(policy))}.</p>
<label for="password">Mật khẩu mới</label><input id="password" name="password" type="password" required autocomplete="new-password" aria-describedby="rule">
<label for="again">Nhập lại mật khẩu mới</label><input id="again" name="again" type="password" required autocomplete="new-password">
<button type="submit">Đặt mật khẩu</button></form>`,
  );
}

function done(found: Activation, deps: ActivationDeps) {
  const regulation = regulationOf(found, deps);
  const { webmailUrl } = regulation.identity;
  const duties = (regulation.userDuties?.value ?? []).map((text) => `<li>${escapeHtml(text)}</li>`);
  const next = webmailUrl === undefined ? '' : ` Đăng nhập tại ${escapeHtml(webmailUrl)}.`;
  return page(
    'Đã đặt mật khẩu',
    `<p class="done" role="status">Hộp thư <strong>${escapeHtml(found.address)}</strong> đã sẵn sàng sử dụng.${next}</p>${
      duties.length === 0 ? '' : `<h2>Người sử dụng có trách nhiệm</h2><ul>${duties.join('')}</ul>`
    }`,
  );
}

const gone = () =>
  page(
    'Địa chỉ không còn hiệu lực',
    '<p class="wrong" role="alert">Địa chỉ này đã được sử dụng hoặc đã hết hạn. Đề nghị đơn vị quản lý gửi đề nghị cấp lại mật khẩu.</p>',
  );
