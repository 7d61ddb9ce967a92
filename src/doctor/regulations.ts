import { configuredIntakes, configuredRegulations } from '../configured.ts';
import { failure, ok, plain, text } from './finding.ts';
import type { Probe } from './probe.ts';

export const regulations: Probe = {
  id: 'regulations',
  title: text('Quy chế áp dụng', 'Regulations'),
  needs: 'nothing',
  look({ config }) {
    const known = configuredRegulations(config);
    const intakes = configuredIntakes(config, known);
    const ids = known.map(({ id, legal }) => `${id} (${legal.effectiveFrom.value})`).join(', ');
    if (intakes.length > 0) return [ok(plain(`${ids}: ${intakes.map(({ address }) => address).join(' ')}`))];
    return [
      failure(
        text(`${ids}: không có địa chỉ tiếp nhận`, `${ids}: no intake address`),
        text(
          'Quy chế không nêu địa chỉ nào: đặt CONGTHU_INTAKE.',
          'The regulation names none: set CONGTHU_INTAKE.',
        ),
      ),
    ];
  },
};

export const publicUrl: Probe = {
  id: 'console.url',
  title: text('Địa chỉ trang kích hoạt', 'Address of the activation page'),
  needs: 'nothing',
  look({ config: { publicUrl: url } }) {
    const { protocol, hostname } = new URL(url);
    if (protocol === 'https:' || /^(localhost|\[::1\]|127(\.\d+){3})$/.test(hostname))
      return [ok(plain(url))];
    return [
      failure(
        text(
          `${url}: người dùng đặt mật khẩu qua kết nối không mã hóa`,
          `${url}: people would set passwords over an unencrypted connection`,
        ),
        text(
          'Đặt TLS phía trước và CONGTHU_PUBLIC_URL=https://…',
          'Put TLS in front and set CONGTHU_PUBLIC_URL=https://…',
        ),
      ),
    ];
  },
};
