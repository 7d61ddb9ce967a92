import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { SMTP_DOOR_DEFAULTS } from '../intake/smtp-options.ts';
import { failure, graded, ok, plain, skipped, text, warning, type Finding } from './finding.ts';
import type { Probe } from './probe.ts';

/** Files below the data directory that open something. */
const SECRETS = ['secret', 'mail-log.key', 'postgres/password'];
const OTHERS = 0o077;

export const dataDirectory: Probe = {
  id: 'data-directory',
  title: text('Thư mục dữ liệu', 'Data directory'),
  needs: 'nothing',
  look: ({ config: { dataDir } }) =>
    fs.existsSync(dataDir) ? [writable(dataDir), ...secrets(dataDir)] : [absent(dataDir)],
};

const absent = (dataDir: string): Finding =>
  skipped(
    text(
      `${dataDir} chưa có; được tạo ở lần chạy đầu`,
      `${dataDir} does not exist yet; the first start makes it`,
    ),
    text(
      'Chạy: congthu serve, bằng tài khoản được ghi vào thư mục cha, rồi kiểm tra lại.',
      'Run congthu serve as an account that may write to the folder above, then check again.',
    ),
  );

function writable(dataDir: string): Finding {
  const file = path.join(dataDir, `.check-${randomUUID()}`);
  try {
    fs.writeFileSync(file, '', { flag: 'wx', mode: 0o600 });
    fs.unlinkSync(file);
    return ok(text(`${dataDir} ghi được`, `${dataDir} can be written to`));
  } catch (error) {
    return failure(
      text(
        `không ghi được vào ${dataDir}: ${(error as Error).message}`,
        `${dataDir} cannot be written to: ${(error as Error).message}`,
      ),
      text(
        'Giao thư mục cho tài khoản chạy cổng thư (chown), và chạy lệnh này bằng chính tài khoản đó.',
        'Give the directory to the account the gateway runs as (chown), and run this command as that account.',
      ),
    );
  }
}

function secrets(dataDir: string): Finding[] {
  return SECRETS.map((name) => path.join(dataDir, name))
    .filter((file) => fs.existsSync(file))
    .map((file) => {
      const { mode } = fs.statSync(file);
      const rights = (mode & 0o777).toString(8).padStart(4, '0');
      if ((mode & OTHERS) === 0) return ok(plain(`${file} ${rights}`));
      return failure(
        text(
          `${file} có quyền ${rights}: tài khoản khác đọc được khóa`,
          `${file} has mode ${rights}: other accounts can read the key`,
        ),
        text(`chmod 600 ${file}, và xét việc thay khóa`, `chmod 600 ${file}, and consider replacing the key`),
      );
    });
}

/** Letters wait on the disk of the data directory while they come in. */
export const disk: Probe = {
  id: 'disk',
  title: text('Dung lượng đĩa', 'Disk space'),
  needs: 'nothing',
  look({ config: { dataDir } }) {
    const place = nearestExisting(dataDir);
    const { bavail, bsize, ffree, files } = fs.statfsSync(place);
    return [freeSpace(bavail * bsize, place), ...(files === 0 ? [] : [freeInodes(ffree / files, place)])];
  },
};

const nearestExisting = (folder: string): string =>
  fs.existsSync(folder) ? folder : nearestExisting(path.dirname(folder));

const MEGABYTE = 1024 * 1024;

export function freeSpace(bytes: number, place: string): Finding {
  const { minFree } = SMTP_DOOR_DEFAULTS;
  const [free, least] = [Math.floor(bytes / MEGABYTE), minFree / MEGABYTE];
  const seen = text(`còn ${free} MB trên đĩa của ${place}`, `${free} MB free on the disk of ${place}`);
  const hint = text(
    `Dọn hoặc mở rộng đĩa: còn dưới ${least} MB, cổng thư trả lời 452 và không nhận thư.`,
    `Make room: below ${least} MB the gateway answers 452 and takes no letter.`,
  );
  if (bytes <= minFree) return failure(seen, hint);
  return bytes <= 10 * minFree ? warning(seen, hint) : ok(seen);
}

function freeInodes(share: number, place: string): Finding {
  const used = Math.round((1 - share) * 100);
  return graded(
    used,
    { warning: 90, failure: 98 },
    text(`đã dùng ${used}% inode của ${place}`, `${used}% of the inodes of ${place} are used`),
    text('Xóa bớt tệp nhỏ trên đĩa này.', 'Remove small files from this disk.'),
  );
}
