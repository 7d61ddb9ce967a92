import { X509Certificate, createPrivateKey } from 'node:crypto';
import fs from 'node:fs';
import type { ListenAddress } from '../config.ts';
import { expiry, SERVER_DAYS } from './certificates.ts';
import { failure, ok, skipped, text, warning, type Finding } from './finding.ts';
import type { Probe } from './probe.ts';
import { talk, type SmtpShown } from './smtp-talk.ts';

const RENEW = text(
  'Gia hạn chứng thư TLS, đặt vào CONGTHU_TLS_CERT và CONGTHU_TLS_KEY rồi khởi động lại cổng thư.',
  'Renew the TLS certificate, put it where CONGTHU_TLS_CERT and CONGTHU_TLS_KEY point, restart the gateway.',
);

export const tlsFiles: Probe = {
  id: 'tls.files',
  title: text('Tệp chứng thư TLS', 'TLS files'),
  needs: 'nothing',
  look({ config: { tls, hostname }, clock }) {
    if (tls === undefined)
      return [
        warning(
          text(
            'không có STARTTLS: thư đi qua mạng không được mã hóa',
            'no STARTTLS: letters cross the network in the clear',
          ),
          text('Đặt CONGTHU_TLS_KEY và CONGTHU_TLS_CERT.', 'Set CONGTHU_TLS_KEY and CONGTHU_TLS_CERT.'),
        ),
      ];
    const certificate = new X509Certificate(fs.readFileSync(tls.cert));
    const findings = [
      expiry(text(tls.cert, tls.cert), datesOf(certificate), clock.now(), SERVER_DAYS, RENEW),
    ];
    if (!certificate.checkPrivateKey(createPrivateKey(fs.readFileSync(tls.key))))
      findings.push(
        failure(
          text(`${tls.key} không phải khóa của ${tls.cert}`, `${tls.key} is not the key of ${tls.cert}`),
          text('Đặt đúng cặp khóa và chứng thư.', 'Put the key and the certificate that belong together.'),
        ),
      );
    if (certificate.checkHost(hostname) === undefined)
      findings.push(
        warning(
          text(`chứng thư không ghi tên ${hostname}`, `the certificate does not name ${hostname}`),
          text('Xin chứng thư cho tên ở CONGTHU_HOSTNAME.', 'Get one for the name in CONGTHU_HOSTNAME.'),
        ),
      );
    return findings;
  },
};

const datesOf = ({ validFrom, validTo }: { validFrom: string; validTo: string }) => ({
  notBefore: new Date(validFrom),
  notAfter: new Date(validTo),
});

export const smtpDoor: Probe = {
  id: 'door.smtp',
  title: text('Cửa nhận thư SMTP', 'SMTP listener'),
  needs: 'nothing',
  async look({ config, clock }) {
    const { host, port } = reachable(config.smtpListen);
    let shown: SmtpShown;
    try {
      shown = await talk({ host, port, implicitTls: false }, config.hostname);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return [notRunning(host, port)];
      throw error;
    }
    const greeted = ok(
      text(`${host}:${port} chào "${shown.greeting}"`, `${host}:${port} greets "${shown.greeting}"`),
    );
    if (shown.tls === null) return [greeted, ...(config.tls === undefined ? [] : [startTlsMissing])];
    const { certificate, protocol } = shown.tls;
    const what = text(`STARTTLS (${protocol})`, `STARTTLS (${protocol})`);
    const dates = { notBefore: new Date(certificate.valid_from), notAfter: new Date(certificate.valid_to) };
    const findings = [greeted, expiry(what, dates, clock.now(), SERVER_DAYS, RENEW)];
    if (config.tls !== undefined && isOther(certificate.fingerprint256, config.tls.cert))
      findings.push(oldInUse);
    return findings;
  },
};

/** An address to listen on is not always one to connect to. */
export function reachable({ host, port }: ListenAddress): ListenAddress {
  if (host === '0.0.0.0') return { host: '127.0.0.1', port };
  return host === '::' ? { host: '::1', port } : { host, port };
}

const isOther = (fingerprint: string, file: string): boolean =>
  new X509Certificate(fs.readFileSync(file)).fingerprint256 !== fingerprint;

const notRunning = (host: string, port: number): Finding =>
  skipped(
    text(`không có cổng thư nào chạy ở ${host}:${port}`, `no gateway listens on ${host}:${port}`),
    text('Chạy lại lệnh này khi cổng thư đang chạy.', 'Run this again while the gateway runs.'),
  );

const startTlsMissing = failure(
  text(
    'cổng thư đang chạy không có STARTTLS dù đã cấu hình',
    'the running gateway offers no STARTTLS although it is configured',
  ),
  text('Khởi động lại cổng thư.', 'Restart the gateway.'),
);

const oldInUse = warning(
  text(
    'cổng thư đang chạy dùng chứng thư khác với tệp',
    'the running gateway shows another certificate than the file',
  ),
  text('Khởi động lại cổng thư để dùng chứng thư mới.', 'Restart the gateway, so that it takes the new one.'),
);
