import { createClamd, type VirusScanner } from '../virus/clamd.ts';
import { failure, graded, ok, plain, text, warning, type Finding } from './finding.ts';
import type { Probe } from './probe.ts';

/** A scan of a few bytes; a clamd that loads its signatures answers only afterwards. */
const ANSWER_MS = 15_000;

/** The harmless test file every scanner knows (eicar.org), in two halves so that no scanner takes this file for it. */
const EICAR = Buffer.from(
  ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$', 'EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join(''),
);

export const clamd: Probe = {
  id: 'clamd',
  title: text('Quét mã độc (ClamAV)', 'Virus scanner (ClamAV)'),
  needs: 'nothing',
  async look({ config, clock }) {
    if (config.clamd === undefined) return [notSet];
    const scanner = createClamd({ address: config.clamd, answerMs: ANSWER_MS });
    try {
      await scanner.ping();
    } catch (error) {
      return [away(error)];
    }
    const version = await scanner.version();
    return [await findsEicar(scanner), signatureAge(version, clock.now())];
  },
};

/** Both answers are asked for: one that calls everything infected finds EICAR too. */
async function findsEicar(scanner: VirusScanner): Promise<Finding> {
  const clean = await scanner.scan(Buffer.from('Danh sách hộp thư'));
  const found = await scanner.scan(EICAR);
  const update = text(
    'Cập nhật dữ liệu: freshclam, rồi khởi động lại clamd.',
    'Update the signatures: freshclam, then restart clamd.',
  );
  if (clean !== null)
    return failure(
      text(`báo nhầm một văn bản sạch: ${clean}`, `calls a clean text infected: ${clean}`),
      update,
    );
  if (found === null)
    return failure(text('không nhận ra tệp thử EICAR', 'does not find the test file EICAR'), update);
  return ok(text(`nhận ra tệp thử EICAR: ${found}`, `finds the test file EICAR: ${found}`));
}

const DAY_MS = 86_400_000;

/** "ClamAV 1.4.3/27831/Thu Nov 27 09:12:31 2026": the date is that of the daily signatures. */
export function signatureAge(version: string, now: Date): Finding {
  const hint = text(
    'Kiểm tra dịch vụ clamav-freshclam và đường ra mạng của nó.',
    'Check the service clamav-freshclam and its way to the network.',
  );
  const date = /^ClamAV [^/]+\/\d+\/\w{3} (.+)$/.exec(version)?.[1];
  const at = date === undefined ? NaN : Date.parse(`${date} UTC`);
  if (Number.isNaN(at))
    return warning(
      text(`${version}: không rõ ngày của dữ liệu mã độc`, `${version}: the signatures tell no date`),
      hint,
    );
  const days = Math.max(0, Math.floor((now.getTime() - at) / DAY_MS));
  const seen = text(`${version}: dữ liệu ${days} ngày tuổi`, `${version}: signatures ${days} days old`);
  return graded(days, { warning: 3, failure: 14 }, seen, hint);
}

const notSet = warning(
  text(
    'chưa đặt CONGTHU_CLAMD: thư không được quét mã độc',
    'CONGTHU_CLAMD is not set: letters are not scanned',
  ),
  text('Cài clamav-daemon và đặt CONGTHU_CLAMD.', 'Install clamav-daemon and set CONGTHU_CLAMD.'),
);

const away = (error: unknown): Finding =>
  failure(
    plain((error as Error).message),
    text(
      'Khởi động clamav-daemon; thư đã nhận đang chờ, không mất.',
      'Start clamav-daemon; letters that were taken wait, none is lost.',
    ),
  );
