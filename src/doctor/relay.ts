import { createMailer } from '../notices/send.ts';
import { expiry, SERVER_DAYS } from './certificates.ts';
import { failure, ok, plain, text, warning, type Finding } from './finding.ts';
import type { Probe } from './probe.ts';
import { talk } from './smtp-talk.ts';

/** EHLO, STARTTLS and, with a password in the URL, AUTH. No letter is sent. */
export const relay: Probe = {
  id: 'relay',
  title: text('Máy chủ gửi thông báo', 'Relay'),
  needs: 'nothing',
  async look({ config, clock }) {
    const { relayUrl, hostname } = config;
    if (relayUrl === undefined) return [notSet];
    const url = new URL(relayUrl);
    const implicitTls = url.protocol === 'smtps:';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const port = url.port === '' ? (implicitTls ? 465 : 25) : Number(url.port);
    const shown = await talk({ host, port, implicitTls }, hostname).catch((error: unknown) => error as Error);
    if (shown instanceof Error) return [unreachable(`${host}:${port}`, shown)];
    const { tls, extensions } = shown;
    const findings: Finding[] = [
      ok(
        text(
          `${host}:${port} trả lời EHLO: ${extensions.join(', ')}`,
          `${host}:${port} answers EHLO: ${extensions.join(', ')}`,
        ),
      ),
    ];
    const loopback = /^(localhost|::1|127(\.\d+){3})$/.test(host);
    if (tls === null && !loopback) findings.push(url.password === '' ? inTheClear : passwordInTheClear);
    if (tls !== null) {
      const { valid_from: from, valid_to: to } = tls.certificate;
      const dates = { notBefore: new Date(from), notAfter: new Date(to) };
      const what = text(`chứng thư TLS của ${host}`, `TLS certificate of ${host}`);
      findings.push(expiry(what, dates, clock.now(), SERVER_DAYS, RENEW));
    }
    findings.push(await loginFinding(relayUrl, url.username !== ''));
    return findings;
  },
};

/** Connects the way notices do, with the same library: what fails here fails for them. */
async function loginFinding(relayUrl: string, withLogin: boolean): Promise<Finding> {
  const mailer = createMailer({
    relayUrl,
    from: '',
    returnPathOf: () => '',
    senderName: '',
    key: null,
    fillIn: (words) => words,
  });
  try {
    await mailer.probe();
    return ok(
      withLogin
        ? text('đăng nhập được', 'the login is accepted')
        : text('kết nối được, không cần đăng nhập', 'connected, no login is configured'),
    );
  } catch (error) {
    return failure(
      plain((error as Error).message),
      text(
        'Kiểm tra tên, mật khẩu và chứng thư của máy chủ trong CONGTHU_RELAY_URL; thông báo đang nằm chờ.',
        'Check name, password and the server’s certificate in CONGTHU_RELAY_URL; notices wait meanwhile.',
      ),
    );
  } finally {
    mailer.close();
  }
}

const unreachable = (where: string, { message }: Error): Finding =>
  failure(
    plain(`${where}: ${message}`),
    text(
      'Kiểm tra máy chủ, cổng và tường lửa; thông báo đang nằm chờ, không mất.',
      'Check the server, the port and the firewall; notices wait meanwhile, none is lost.',
    ),
  );

const notSet = warning(
  text(
    'chưa đặt CONGTHU_RELAY_URL: thông báo nằm chờ',
    'CONGTHU_RELAY_URL is not set: notices wait in the outbox',
  ),
  text('Đặt CONGTHU_RELAY_URL và CONGTHU_NOTICE_FROM.', 'Set CONGTHU_RELAY_URL and CONGTHU_NOTICE_FROM.'),
);
const inTheClear = warning(
  text(
    'không có TLS: thông báo đi qua mạng không được mã hóa',
    'no TLS: notices cross the network in the clear',
  ),
  text('Dùng smtps:// hoặc bật STARTTLS ở máy chủ.', 'Use smtps://, or let the server offer STARTTLS.'),
);
const passwordInTheClear = failure(
  text(
    'không có TLS: mật khẩu đi qua mạng không được mã hóa',
    'no TLS: the password crosses the network in the clear',
  ),
  text(
    'Dùng smtps:// hoặc thêm ?requireTLS=true vào CONGTHU_RELAY_URL.',
    'Use smtps://, or add ?requireTLS=true to CONGTHU_RELAY_URL.',
  ),
);
const RENEW = text(
  'Báo người quản trị máy chủ đó gia hạn chứng thư.',
  'Tell that server’s administrator to renew it.',
);
