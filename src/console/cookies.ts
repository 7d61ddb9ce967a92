import type { Context } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';

/**
 * How cookies travel. `secure`: `__Host-` cookies, sent over https only. `loopback`: plain cookies, for a console
 * that nobody but this machine reaches. `closed`: neither holds, so nobody can log in until the operator puts https
 * in front.
 */
export type CookieMode = 'secure' | 'loopback' | 'closed';

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

export function cookieMode(publicUrl: string, listenHost: string): CookieMode {
  if (new URL(publicUrl).protocol === 'https:') return 'secure';
  return LOOPBACK.has(listenHost) ? 'loopback' : 'closed';
}

export function createCookies(mode: CookieMode) {
  const name = (base: string): string => (mode === 'secure' ? `__Host-${base}` : base);
  return {
    get: (c: Context, base: string): string | undefined => getCookie(c, name(base)),
    set(c: Context, base: string, value: string, maxAge?: number): void {
      setCookie(c, name(base), value, {
        path: '/',
        httpOnly: true,
        // Lax: a link in a reminder mail opens the desk; forms from elsewhere never carry the cookie.
        sameSite: 'Lax',
        secure: mode === 'secure',
        ...(maxAge === undefined ? {} : { maxAge }),
      });
    },
  };
}
export type Cookies = ReturnType<typeof createCookies>;
