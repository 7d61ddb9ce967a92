import { createPrivateKey, createPublicKey } from 'node:crypto';
import type postgres from 'postgres';
import { postgresClient } from '../../src/store/driver.ts';
import { sequenceAll } from '../../src/mail-log/sequencer.ts';

/** Sequences, and is killed before the n-th statement of the transaction: crash-child URL PEM N */
const [url = '', pem = '', n = '0'] = process.argv.slice(2);
const privateKey = createPrivateKey(pem);
const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
const real = postgresClient(url, { max: 1 });
let statements = 0;
const counted = (tx: postgres.TransactionSql): postgres.TransactionSql =>
  new Proxy(tx, {
    apply(target, self, args) {
      if (++statements === Number(n)) process.kill(process.pid, 'SIGKILL');
      return Reflect.apply(target as unknown as () => unknown, self, args) as unknown;
    },
  });
const sql = new Proxy(real, {
  get: (target, name) =>
    name === 'begin'
      ? (work: (tx: postgres.TransactionSql) => Promise<unknown>) => real.begin((tx) => work(counted(tx)))
      : (Reflect.get(target, name) as unknown),
});
await sequenceAll(
  sql,
  { origin: 'test.invalid/mail-log', privateKey, publicKey },
  new Date('2026-11-24T03:00:00Z'),
);
await real.end();
