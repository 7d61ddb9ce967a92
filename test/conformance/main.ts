import { ooxml, pdf } from './documents.ts';
import { ocsp } from './ocsp.ts';
import { pkits } from './pkits.ts';
import { smime } from './smime.ts';
import type { Suite } from './suite.ts';

/** `npm run conformance -- ../shared/vectors`: prints a table; status 1 when a bar is missed. */
const SUITES: readonly Suite[] = [pkits, smime, ocsp, ooxml, pdf];

const vectors = process.argv[2] ?? '../shared/vectors';
for (const suite of SUITES) {
  const result = await suite(vectors);
  for (const [what, figure] of result.rows)
    console.log(`${result.suite.padEnd(20)} ${what.padEnd(20)} ${figure}`);
  for (const note of result.notes) console.log(`    ${note}`);
  for (const bar of result.missed) {
    console.log(`    BAR MISSED: ${bar}`);
    process.exitCode = 1;
  }
}
