import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { writeWorkbook } from '../../src/lists/write-workbook.ts';

/** The largest list a province has sent has some thousand rows. Ours reads and understands, the peers only read. */
const ROWS = 5_000;
const TIMES = 5;

const OPENPYXL = `
import json, resource, sys, time, openpyxl
started = time.perf_counter()
sheet = openpyxl.load_workbook(sys.argv[1], read_only=True).worksheets[0]
rows = sum(1 for row in sheet.iter_rows(values_only=True)) - 1
ms = round((time.perf_counter() - started) * 1000)
print(json.dumps({"ms": ms, "rows": rows, "mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)}))
`;

interface Reading {
  readonly ms: number;
  readonly rows: number;
  readonly mb: number;
}

export function run(): void {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-bench-'));
  try {
    const file = path.join(folder, 'ds.xlsx');
    fs.writeFileSync(file, workbook());
    const child = path.join(import.meta.dirname, 'read-one-list.ts');
    const contestants: readonly (readonly [name: string, command: readonly string[]])[] = [
      ['ours, read and understood', [process.execPath, child, 'ours', file]],
      ['SheetJS 0.20.3', [process.execPath, child, 'sheetjs', file]],
      ['openpyxl, read-only', ['/usr/bin/python3', '-c', OPENPYXL, file]],
    ];
    console.log(`${ROWS} rows of 8 columns, ${fs.statSync(file).size} bytes; best and worst of ${TIMES}`);
    for (const [name, command] of contestants) console.log(`${name.padEnd(28)} ${measured(command)}`);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

function measured([program, ...args]: readonly string[]): string {
  const readings: Reading[] = [];
  for (let i = 0; i < TIMES; i++) {
    const { status, stdout } = spawnSync(program!, args, { encoding: 'utf8' });
    if (status !== 0) return '(not installed)';
    readings.push(JSON.parse(stdout) as Reading);
  }
  const wrong = readings.find(({ rows }) => rows !== ROWS);
  if (wrong !== undefined) return `${wrong.rows} rows instead of ${ROWS}`;
  const times = readings.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return `${times[0]!}–${times.at(-1)!} ms, ${Math.max(...readings.map(({ mb }) => mb))} MB at most`;
}

const workbook = (): Buffer =>
  writeWorkbook('Danh sách', [
    ['STT', 'Họ và tên', 'Ngày sinh', 'Chức vụ', 'Đơn vị công tác', 'Số điện thoại', 'Số CCCD', 'Ghi chú'],
    ...Array.from({ length: ROWS }, (_, i) => [
      i + 1,
      `Nguyễn Văn ${'ABCDEGHIKLMNOPQRSTUVXY'[i % 22]!}n`,
      '05/03/1980',
      'Chuyên viên',
      `Phòng ${i % 90} Sở Nội vụ`,
      905_000_000 + i,
      `0790850${String(i).padStart(5, '0')}`,
      null,
    ]),
  ]);
