import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClamd } from '../../src/virus/clamd.ts';
import { EICAR, startClamd, withoutClamd, type RunningClamd } from '../harness/clamd.ts';

describe.skipIf(withoutClamd)('a real clamd', () => {
  let running: RunningClamd;
  const clamd = () => createClamd({ address: { host: '127.0.0.1', port: running.port } });
  beforeAll(async () => {
    running = await startClamd('1M');
  });
  afterAll(() => running.stop());

  const mail = (attachment: Buffer): Buffer =>
    Buffer.from(
      `From: a@b.vn\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=r\r\n\r\n--r\r\nContent-Type: text/plain\r\n\r\nKinh gui\r\n--r\r\nContent-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=a.gz\r\n\r\n${attachment.toString('base64')}\r\n--r--\r\n`,
    );

  test('tells its version, finds EICAR in a packed attachment, and nothing in a clean letter', async () => {
    expect(await clamd().version()).toMatch(/^ClamAV /);
    expect(await clamd().scan(mail(gzipSync(EICAR)))).toMatch(/Eicar-Test-Signature/);
    expect(await clamd().scan(mail(gzipSync('danh sach')))).toBeNull();
  });

  test('a letter beyond its limit is not called clean', async () => {
    await expect(clamd().scan(Buffer.alloc(3_000_000, 'x'))).rejects.toThrow();
  });
});

describe('a clamd in trouble is never "clean"', () => {
  const answering = async (speak: (socket: Socket) => void, answerMs = 300): Promise<unknown> => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      speak(socket);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const outcome = await createClamd({ address: { host: '127.0.0.1', port }, answerMs })
      .scan(Buffer.from('x'))
      .catch((error: unknown) => error);
    server.close();
    return outcome;
  };

  test.each<[string, (socket: Socket) => void]>([
    ['an error', (socket) => socket.end('stream: something failed ERROR\0')],
    ['a limit', (socket) => socket.end('INSTREAM size limit exceeded. ERROR\0')],
    ['an answer cut short', (socket) => socket.end('stream: OK')],
    ['nothing', (socket) => socket.end()],
    ['a reset', (socket) => socket.resetAndDestroy()],
    ['silence', () => undefined],
    ['a dribble', (socket) => setInterval(() => socket.write(' '), 50).unref()],
    ['two answers', (socket) => socket.end('stream: OK\0stream: X FOUND\0')],
    ['words without end', (socket) => socket.write('x'.repeat(10_000))],
  ])('%s', async (_, speak) => {
    expect(await answering(speak)).toBeInstanceOf(Error);
  });

  test('no clamd at all', async () => {
    await expect(createClamd({ address: { path: '/nonexistent' } }).scan(Buffer.from('x'))).rejects.toThrow();
  });

  test('the control: OK is clean, FOUND is not', async () => {
    expect(await answering((socket) => socket.end('stream: OK\0'))).toBeNull();
    expect(await answering((socket) => socket.end('stream: Win.Test.EICAR_HDB-1 FOUND\0'))).toBe(
      'Win.Test.EICAR_HDB-1',
    );
  });
});
