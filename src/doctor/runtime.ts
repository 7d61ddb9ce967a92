import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { programAt } from '../scan/pdftoppm.ts';
import { ok, plain, text, warning, type Finding } from './finding.ts';
import type { Probe } from './probe.ts';

const run = promisify(execFile);

/** The version everything is tested with (package.json). */
const TESTED_MAJOR = 24;

export const node: Probe = {
  id: 'runtime.node',
  title: text('Node.js', 'Node.js'),
  needs: 'nothing',
  look: () => [nodeFinding(process.versions.node)],
};

export function nodeFinding(version: string): Finding {
  if (Number.parseInt(version, 10) === TESTED_MAJOR) return ok(plain(version));
  return warning(
    plain(version),
    text(
      `Phần mềm được kiểm thử với Node.js ${TESTED_MAJOR}; nên dùng phiên bản đó.`,
      `The program is tested with Node.js ${TESTED_MAJOR}; use that.`,
    ),
  );
}

export const tools: Probe = {
  id: 'runtime.tools',
  title: text('Chương trình đọc bản quét', 'Programs for scans'),
  needs: 'nothing',
  look: () => Promise.all([pdftoppm(programAt('pdftoppm')), tesseract(programAt('tesseract'))]),
};

export async function pdftoppm(program: string | null): Promise<Finding> {
  if (program === null)
    return warning(
      text(
        'không có pdftoppm: trang quét do pdf.js vẽ, chậm hơn',
        'no pdftoppm: pages are drawn by pdf.js, more slowly',
      ),
      text('apt-get install poppler-utils', 'apt-get install poppler-utils'),
    );
  const { stderr } = await run(program, ['-v']);
  return ok(plain(stderr.split('\n')[0] ?? program));
}

export async function tesseract(program: string | null): Promise<Finding> {
  const install = text(
    'apt-get install tesseract-ocr tesseract-ocr-vie',
    'apt-get install tesseract-ocr tesseract-ocr-vie',
  );
  if (program === null)
    return warning(
      text(
        'không có tesseract: cán bộ không có phần chữ nhận dạng',
        'no tesseract: officers see no recognised text',
      ),
      install,
    );
  const { stdout } = await run(program, ['--list-langs']);
  const missing = ['vie', 'eng'].filter((language) => !stdout.split(/\s+/).includes(language));
  if (missing.length === 0) return ok(text('tesseract có vie và eng', 'tesseract with vie and eng'));
  return warning(
    text(
      `tesseract thiếu dữ liệu ngôn ngữ ${missing.join(', ')}`,
      `tesseract lacks the languages ${missing.join(', ')}`,
    ),
    install,
  );
}
