import * as accept from './accept.ts';
import * as lists from './lists.ts';
import * as seal from './seal.ts';
import * as path from './path.ts';
import * as pdf from './pdf.ts';
import * as mailLog from './mail-log.ts';
import * as smime from './smime.ts';

/** npm run bench [-- name…]. Each bench measures beside a peer in the same run; nothing here is a timed test. */
const BENCHES: Readonly<Record<string, () => void | Promise<void>>> = {
  smime: smime.run,
  pdf: pdf.run,
  log: mailLog.run,
  seal: seal.run,
  lists: lists.run,
  accept: accept.run,
  path: path.run,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`no bench called ${unknown.join(', ')}; there are: ${Object.keys(BENCHES).join(', ')}`);
  process.exitCode = 2;
} else {
  for (const name of wanted.length > 0 ? wanted : Object.keys(BENCHES)) {
    console.log(`== ${name}`);
    await BENCHES[name]!();
  }
}
