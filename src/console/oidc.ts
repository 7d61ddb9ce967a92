import type { Hono } from 'hono';
import { html } from 'hono/html';
import * as client from 'openid-client';
import { causeText } from '../errors.ts';
import { append } from '../mail-log/append.ts';
import { loginFailed } from '../mail-log/events.ts';
import { accountBySubject } from '../store/accounts.ts';
import type { Inside } from './deps.ts';
import { SESSION_COOKIE } from './deps.ts';
import { noteLogin } from './login.ts';
import { refusedPage } from './shell.ts';
import type { Env } from './web.ts';

/** The province's own login (OpenID Connect, authorization code with PKCE). It answers for the second factor. */
export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

const COOKIE = 'oidc';
const MINUTES = 10;

interface Journey {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/**
 * `/dang-nhap/oidc` sends the visitor to the issuer, `/dang-nhap/oidc/ve` takes the answer. Only a subject that an
 * administrator wrote to an account enters; a name that merely looks alike never does.
 */
export function oidcRoutes(app: Hono<Env>, inside: Inside, settings: OidcSettings): void {
  const { cookies, seal, sessions, clock, db } = inside;
  const callback = `${inside.publicUrl}/dang-nhap/oidc/ve`;
  let known: client.Configuration | null = null;
  const configuration = async (): Promise<client.Configuration> => {
    // Asked when first needed: an issuer that is down must not keep the gateway from starting.
    known ??= await client.discovery(
      new URL(settings.issuer),
      settings.clientId,
      settings.clientSecret,
      undefined,
      // Deprecated only as a warning sign: http is for an issuer on this machine, config.ts lets no other through.
      // eslint-disable-next-line @typescript-eslint/no-deprecated
      settings.issuer.startsWith('http:') ? { execute: [client.allowInsecureRequests] } : {},
    );
    return known;
  };

  app.get('/dang-nhap/oidc', async (c) => {
    const journey: Journey = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
    };
    cookies.set(c, COOKIE, seal.close(Buffer.from(JSON.stringify(journey))), MINUTES * 60);
    const url = client.buildAuthorizationUrl(await configuration(), {
      redirect_uri: callback,
      scope: 'openid profile',
      code_challenge: await client.calculatePKCECodeChallenge(journey.verifier),
      code_challenge_method: 'S256',
      state: journey.state,
      nonce: journey.nonce,
    });
    return c.redirect(url.href, 303);
  });

  app.get('/dang-nhap/oidc/ve', async (c) => {
    const { say, token, client: address } = c.get('visit');
    const now = clock.now();
    const subject = await answered(c.req.url, cookies.get(c, COOKIE)).catch((error: unknown) => {
      return { failed: causeText(error) };
    });
    cookies.set(c, COOKIE, '', 0);
    const account =
      typeof subject === 'string' ? await db.transaction((tx) => accountBySubject(tx.orm, subject)) : null;
    if (account?.disabledAt !== null) {
      const detail = typeof subject === 'string' ? 'oidc: no account' : `oidc: ${subject.failed}`;
      const entry = loginFailed({ actor: 'unknown', client: address, detail });
      await db.transaction((tx) => append(tx.sql, now, entry));
      const words = say(
        'Hệ thống đăng nhập của tỉnh chưa xác nhận được tài khoản của đồng chí. Đề nghị liên hệ quản trị.',
        'The single sign-on did not confirm an account of this console. Please ask the administrator.',
      );
      return c.html(refusedPage(c, say('Chưa đăng nhập được', 'Not logged in'), html`<p>${words}</p>`), 403);
    }
    const entry = { account: account.name, client: address, proven: true, before: token, now };
    cookies.set(c, SESSION_COOKIE, await sessions.open(entry));
    await noteLogin(inside, account.name, address, 'oidc');
    return c.redirect('/', 303);
  });

  async function answered(requestUrl: string, sealed: string | undefined): Promise<string> {
    if (sealed === undefined || sealed === '') throw new Error('no login was under way in this browser');
    const journey = JSON.parse(seal.open(sealed).toString()) as Journey;
    // The issuer signed for the public address, whatever host a proxy put into the request.
    const url = new URL(callback);
    url.search = new URL(requestUrl).search;
    const tokens = await client.authorizationCodeGrant(await configuration(), url, {
      pkceCodeVerifier: journey.verifier,
      expectedState: journey.state,
      expectedNonce: journey.nonce,
      idTokenExpected: true,
    });
    const subject = tokens.claims()?.sub;
    if (subject === undefined) throw new Error('the answer names nobody');
    return subject;
  }
}
