import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';
import { html } from 'hono/html';
import { isIP, type BlockList } from 'node:net';
import { accountPolicy, may, passwordDueOn, type Right } from '../rules/accounts.ts';
import { localTime } from '../rules/calendar.ts';
import type { Inside } from './deps.ts';
import { SESSION_COOKIE } from './deps.ts';
import { refusedPage } from './shell.ts';
import { formOf, type Guard, type Visit } from './web.ts';
import { languageOf, sayIn, type Language } from './words.ts';

/** Finds out who visits, in which language; every page of the console gets a `Visit`. */
export function visiting(inside: Inside): Guard {
  return async (c, next) => {
    const { sessions, cookies, clock, proxies } = inside;
    const kept = cookies.get(c, SESSION_COOKIE);
    const token = kept !== undefined && /^[\w-]{43}$/.test(kept) ? kept : sessions.newToken();
    if (token !== kept) cookies.set(c, SESSION_COOKIE, token);
    const language = languageOfVisit(c, inside);
    c.set('visit', {
      language,
      say: sayIn(language),
      token,
      csrf: sessions.csrfOf(token),
      client: clientOf(c, proxies),
      known: kept === token ? await sessions.find(token, clock.now()) : null,
    });
    return next();
  };
}

function languageOfVisit(c: Context, { cookies }: Inside): Language {
  const asked = languageOf(c.req.query('lang'));
  if (asked !== null) cookies.set(c, 'lang', asked, 365 * 86_400);
  return asked ?? languageOf(cookies.get(c, 'lang')) ?? 'vi';
}

/** The address guesses are counted under: the last one that is none of our own proxies. */
export function clientOf(c: Context, proxies: BlockList): string {
  const peer = getConnInfo(c).remote.address ?? 'unknown';
  const chain = [...(c.req.header('x-forwarded-for') ?? '').split(',').map((part) => part.trim()), peer];
  const trusted = (address: string): boolean =>
    isIP(address) !== 0 && proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  let client = peer;
  while (trusted(client)) {
    chain.pop();
    const before = chain.at(-1);
    if (before === undefined || isIP(before) === 0) break;
    client = before;
  }
  return client;
}

/**
 * Forms count only with the token of their own visitor, and only from our own pages where the browser says where a
 * request comes from (Fetch Metadata). The form is read here, once.
 */
export function ownForms({ sessions }: Inside): Guard {
  return async (c, next) => {
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next();
    const visit = c.get('visit');
    const site = c.req.header('sec-fetch-site') ?? 'same-origin';
    const form = formOf(await c.req.formData());
    if (site !== 'same-origin' || !sessions.csrfMatches(visit.token, form.text('csrf'))) {
      const { say } = visit;
      const words = say(
        'Biểu mẫu đã hết hạn hoặc không được gửi từ trang này. Đề nghị mở lại trang và thực hiện lại.',
        'This form has expired or was not sent from this site. Please reload the page and try again.',
      );
      return c.html(refusedPage(c, say('Không thực hiện được', 'Not accepted'), html`<p>${words}</p>`), 403);
    }
    c.set('form', form);
    return next();
  };
}

/** What a visitor has to do before anything else, as the path of its page; null when nothing is owed. */
export function duty(inside: Inside, known: NonNullable<Visit['known']>): string | null {
  const { account, session } = known;
  if (session.provenAt === null && account.totpSecret !== null) return '/dang-nhap/ma';
  const policy = accountPolicy(inside.regulations);
  const due =
    account.passwordHash === null ? null : passwordDueOn(account.role, account.passwordChangedAt, policy);
  const expired = due !== null && localTime(inside.clock.now()).date >= due;
  if (account.mustChange || expired) return '/tai-khoan/mat-khau';
  return session.provenAt === null ? '/tai-khoan/xac-thuc' : null;
}

/** Only for people who have logged in wholly and whose role has the right. */
export function onlyWith(inside: Inside, right: Right | null): Guard {
  return async (c, next) => {
    const { known, say } = c.get('visit');
    if (known === null) return c.redirect('/dang-nhap', 303);
    const owed = duty(inside, known);
    if (owed !== null) return c.redirect(owed, 303);
    if (right === null || may(known.account.role, right)) return next();
    const words = say(
      'Tài khoản của đồng chí không có quyền xem trang này.',
      'Your account does not have the right to see this page.',
    );
    return c.html(refusedPage(c, say('Không có quyền', 'Not allowed'), html`<p>${words}</p>`), 403);
  };
}
