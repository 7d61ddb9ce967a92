import fs from 'node:fs';
import * as XLSX from '@e965/xlsx';
import { understandLists } from '../../src/rules/list-layout.ts';
import { readListFile } from '../harness/list-file.ts';

/** One reading in a process of its own, so that its memory is its own: read-one-list.ts ours|sheetjs FILE */
const [who, file] = process.argv.slice(2);
const bytes = fs.readFileSync(file!);
const started = performance.now();
let rows: number;
if (who === 'ours') rows = understandLists(await readListFile(bytes, 'ds.xlsx')).entries.length;
else {
  const book = XLSX.read(bytes, { type: 'buffer' });
  rows = XLSX.utils.sheet_to_json(book.Sheets[book.SheetNames[0]!]!, { header: 1 }).length - 1;
}
const ms = Math.round(performance.now() - started);
console.log(JSON.stringify({ ms, rows, mb: Math.round(process.resourceUsage().maxRSS / 1024) }));
