import fs from 'node:fs';
import path from 'node:path';

/**
 * npm run bench [-- name…]: every file beside this one exports `run()`, which measures and prints figures with a peer
 * in the same run. Nothing here is a timed test.
 */
const folder = import.meta.dirname;
const known = fs
  .readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && file !== 'main.ts')
  .map((file) => path.basename(file, '.ts'));
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`no bench called ${unknown.join(', ')}; there are: ${known.join(', ')}`);
  process.exitCode = 2;
} else {
  for (const name of wanted.length > 0 ? wanted : known) {
    console.log(`== ${name}`);
    const bench = (await import(`./${name}.ts`)) as { run: () => Promise<void> | void };
    await bench.run();
  }
}
