import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListenAddress } from '../config.ts';

export interface OpsServer {
  readonly address: ListenAddress;
  close(): Promise<void>;
}

export interface OpsPages {
  readonly metrics: { page(): Promise<string>; readonly contentType: string };
  /** Why this gateway is not ready; empty when it is. */
  obstacles(): Promise<readonly string[]>;
}

/**
 * For the monitoring only, away from what people see: /metrics, /healthz (the process lives), /readyz (letters may come).
 * There is no login: it listens on loopback unless the operator says otherwise.
 * @throws when the port cannot be had
 */
export async function openOpsServer(listen: ListenAddress, pages: OpsPages): Promise<OpsServer> {
  const server = createServer((request, response) => {
    answer(request, response, pages).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.listen(listen.port, listen.host);
  await once(server, 'listening');
  const { address, port } = server.address() as AddressInfo;
  return {
    address: { host: address, port },
    async close() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, pages: OpsPages): Promise<void> {
  const say = (status: number, text: string, type = 'text/plain; charset=utf-8'): void => {
    response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : text);
  };
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    say(405, 'only GET\n');
    return;
  }
  switch (request.url?.split('?')[0]) {
    case '/healthz':
      say(200, 'ok\n');
      return;
    case '/readyz': {
      const found = await pages.obstacles();
      say(found.length === 0 ? 200 : 503, `${found.length === 0 ? 'ready' : found.join('\n')}\n`);
      return;
    }
    case '/metrics':
      say(200, await pages.metrics.page(), pages.metrics.contentType);
      return;
    default:
      say(404, 'there are /metrics, /healthz and /readyz\n');
  }
}
