import { serve, type ServerType } from '@hono/node-server';
import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { ListenAddress } from '../config.ts';
import { activationRoutes, type ActivationDeps } from './activation.ts';
import { page } from './page.ts';

export interface ConsoleServer {
  listen(address: ListenAddress): Promise<{ host: string; port: number }>;
  close(): Promise<void>;
}

/** The web side: the public activation page and the health checks. Server-rendered, no script at all. */
export function createConsole(deps: ActivationDeps): ConsoleServer {
  const app = new Hono();
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
      referrerPolicy: 'no-referrer',
    }),
  );
  app.use(async (c, next) => {
    await next();
    c.header('Cache-Control', 'no-store');
  });
  app.get('/healthz', (c) => c.text('ok'));
  app.get('/readyz', async (c) => {
    try {
      await deps.db.transaction((tx) => tx.sql`select 1`);
      return c.text('ready');
    } catch {
      return c.text('database unreachable', 503);
    }
  });
  app.get('/style.css', (c) => c.body(STYLE, 200, { 'Content-Type': 'text/css; charset=utf-8' }));
  app.get('/', (c) =>
    c.html(page('Cổng thư', '<p>Hệ thống tiếp nhận đề nghị về hộp thư điện tử công vụ.</p>')),
  );
  app.route('/kich-hoat', activationRoutes(deps));
  app.notFound((c) => c.html(page('Không tìm thấy', '<p>Không có trang này.</p>'), 404));
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

const STYLE = `body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
h1{font-size:1.4rem}label{display:block;margin-top:1rem}input{font:inherit;width:100%;padding:.5rem;box-sizing:border-box;border:1px solid #555}
button{font:inherit;margin-top:1rem;padding:.5rem 1.5rem;background:#0b4f8a;color:#fff;border:0}
.wrong{border-left:.3rem solid #a40000;padding-left:.8rem}.done{border-left:.3rem solid #0a6b2d;padding-left:.8rem}`;
