import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { postgresClient } from '../../src/store/driver.ts';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../src/store/database.ts';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of a server whose database `congthu_template` is migrated; each test file clones it. */
    server: string;
  }
}

/** One real PostgreSQL for all test files: CONGTHU_TEST_DATABASE_URL, else the embedded one in a temporary folder. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-test-'));
  fs.chmodSync(folder, 0o755);
  const given = process.env['CONGTHU_TEST_DATABASE_URL'];
  const embedded =
    given === undefined ? await startEmbeddedPostgres(folder, { settings: { fsync: 'off' } }) : null;
  const url = given ?? embedded!.url;
  const sql = postgresClient(url, { max: 1, onnotice: () => undefined });
  await sql`drop database if exists congthu_template`;
  await sql`create database congthu_template`;
  await sql.end();
  const template = new URL(url);
  template.pathname = '/congthu_template';
  await migrate(template.href);
  project.provide('server', url);
  return async () => {
    await embedded?.close();
    fs.rmSync(folder, { recursive: true, force: true });
  };
}
