import { serve, type ServerType } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { html } from 'hono/html';
import { secureHeaders } from 'hono/secure-headers';
import { once } from 'node:events';
import fs from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { ListenAddress } from '../config.ts';
import { accountPages } from './account-pages.ts';
import { activationRoutes } from './activation.ts';
import { auditPages } from './audit/pages.ts';
import { cookieMode, createCookies } from './cookies.ts';
import type { ConsoleDeps, Inside } from './deps.ts';
import { otherWorkPages } from './desk/other-work.ts';
import { deskPages } from './desk/pages.ts';
import { loginPages } from './login-pages.ts';
import { oidcRoutes } from './oidc.ts';
import { page } from './page.ts';
import { registryPages } from './registry/pages.ts';
import { createSessions } from './sessions.ts';
import { refusedPage } from './shell.ts';
import { createSeal } from './totp.ts';
import { ownForms, visiting } from './visit.ts';
import type { Env } from './web.ts';

export interface ConsoleServer {
  listen(address: ListenAddress): Promise<{ host: string; port: number }>;
  close(): Promise<void>;
}

/** The web side: the public activation page, health checks, and the console. Server-rendered; works without script. */
export function createConsole(deps: ConsoleDeps): ConsoleServer {
  const app = new Hono();
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        imgSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
      referrerPolicy: 'no-referrer',
    }),
  );
  app.use(async (c, next) => {
    await next();
    if (c.res.headers.get('cache-control') === null) c.header('Cache-Control', 'no-store');
  });
  app.get('/healthz', (c) => c.text('ok'));
  app.get('/readyz', async (c) => {
    const found = await deps.obstacles();
    return found.length === 0 ? c.text('ready') : c.text(found.join('\n'), 503);
  });
  for (const [name, type] of Object.entries(ASSETS)) {
    const bytes = fs.readFileSync(new URL(`./assets/${name}`, import.meta.url), 'utf8');
    app.get(`/tai-nguyen/${name}`, (c) =>
      c.body(bytes, 200, { 'Content-Type': type, 'Cache-Control': 'no-cache' }),
    );
  }
  app.route('/kich-hoat', activationRoutes(deps));
  app.route('/', consoleOf(deps));
  let server: ServerType | null = null;
  return {
    async listen({ host, port }) {
      server = serve({ fetch: app.fetch, hostname: host, port });
      await once(server, 'listening');
      return { host, port: (server.address() as AddressInfo).port };
    },
    async close() {
      if (server === null) return;
      if ('closeAllConnections' in server) server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const ASSETS = {
  'console.css': 'text/css; charset=utf-8',
  'desk.js': 'text/javascript; charset=utf-8',
} as const;

/** An upload is a list, a scan or a signed document, as large as a letter of the strictest province may be. */
const MOST_UPLOAD = 30 * 1024 * 1024;

function consoleOf(deps: ConsoleDeps): Hono<Env> {
  const app = new Hono<Env>();
  const mode = cookieMode(deps.publicUrl, deps.listenHost);
  if (mode === 'closed') {
    app.all('*', (c) =>
      c.html(
        page(
          'Cổng thư',
          '<p class="wrong">Trang làm việc chỉ mở qua https: đặt CONGTHU_PUBLIC_URL=https://… và một máy chủ chuyển tiếp TLS phía trước.</p>',
        ),
        503,
      ),
    );
    return app;
  }
  const inside: Inside = {
    ...deps,
    sessions: createSessions(deps.db, deps.secret),
    cookies: createCookies(mode),
    seal: createSeal(deps.secret),
  };
  app.use(visiting(inside));
  app.use(bodyLimit({ maxSize: MOST_UPLOAD }));
  app.use(ownForms(inside));
  if (deps.oidc !== null) oidcRoutes(app, inside, deps.oidc);
  app.route('/', loginPages(inside));
  app.route('/', accountPages(inside));
  app.route('/', deskPages(inside));
  app.route('/', otherWorkPages(inside));
  app.route('/', registryPages(inside));
  app.route('/', auditPages(inside));
  app.notFound((c) => {
    const { say } = c.get('visit');
    return c.html(
      refusedPage(
        c,
        say('Không tìm thấy', 'Not found'),
        html`<p>${say('Không có trang này.', 'There is no such page.')}</p>`,
      ),
      404,
    );
  });
  return app;
}
