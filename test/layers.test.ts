import fs from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/** Which folder may import which (design.md "Imports go one way"). A folder may always import itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['commands', 'errors.ts'],
  commands: ['*'],
  'gateway.ts': ['*'],
  'doors.ts': ['*'],
  'configured.ts': ['*'],
  'credential-slips.ts': ['*'],
  'loops.ts': [],
  'mend-library.ts': [],
  intake: ['notices', 'mail-log', 'store', 'rules', 'imap-account.ts'],
  work: ['notices', 'mail-log', 'store', 'rules', 'provisioners', 'evidence/port.ts'],
  jobs: ['work', 'notices', 'mail-log', 'store', 'rules'],
  console: [
    'notices',
    'mail-log',
    'store',
    'rules',
    'provisioners/port.ts',
    'evidence/port.ts',
    'work/desk',
    'work/step.ts',
    'config.ts',
  ],
  notices: ['store', 'rules'],
  'mail-log': ['rules', 'store/driver.ts'],
  store: ['rules'],
  rules: [],
  scan: ['rules'],
  evidence: ['rules', 'zip.ts'],
  lists: ['zip.ts'],
  provisioners: ['rules'],
  virus: [],
  ops: ['config.ts', 'mail-log', 'store', 'notices/send.ts', 'parser-process/pool.ts'],
  // Looks at everything, builds and changes nothing.
  doctor: [
    'config.ts',
    'configured.ts',
    'imap-account.ts',
    'intake',
    'notices',
    'mail-log',
    'store',
    'provisioners',
    'evidence',
    'revocation',
    'scan/pdftoppm.ts',
    'virus',
  ],
  'parser-process': ['evidence', 'lists', 'scan', 'rules'],
  revocation: ['evidence'],
  'config.ts': ['imap-account.ts', 'evidence/trust-store.ts', 'revocation/sources.ts'],
  'imap-account.ts': [],
  'errors.ts': [],
  'first-write.ts': [],
  'clock.ts': [],
  'together.ts': [],
  'zip.ts': [],
  'regulation-files.ts': ['rules', 'regulation-stub.ts'],
  'regulation-stub.ts': [],
};
/** Everybody may use these; rules/ may not even them. */
const COMMON = ['errors.ts', 'clock.ts', 'first-write.ts', 'together.ts', 'mend-library.ts'];

/** Packages that stand in one file or folder, so that replacing a library is one file. */
const HOMES: Readonly<Record<string, RegExp>> = {
  'drizzle-orm': /^store\//,
  'smtp-server': /^intake\/smtp(?:-library)?\.ts$/,
  mailparser: /^intake\/parse\.ts$/,
  mailauth: /^intake\//,
  ldapts: /^provisioners\/ldap\.ts$/,
  docx: /^notices\/official-docx\.ts$/,
  pdfkit: /^notices\/official-pdf\.ts$/,
  nodemailer: /^notices\/send\.ts$/,
  imapflow: /^intake\//,
  '@napi-rs/canvas': /^scan\//,
  utif2: /^scan\//,
  '@e965/xlsx': /^lists\//,
  htmlparser2: /^lists\/html\.ts$/,
  'prom-client': /^ops\/metrics\.ts$/,
  hono: /^console\//,
  '@hono/node-server': /^console\//,
  'openid-client': /^console\/oidc\.ts$/,
  uqr: /^console\/account-pages\.ts$/,
};

const SRC = path.resolve(import.meta.dirname, '../src');
const files = fs
  .readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'));
const imports = (file: string): string[] =>
  [
    ...fs.readFileSync(path.join(SRC, file), 'utf8').matchAll(/^(?:import|export)[^'"]*?from '([^']+)'/gm),
  ].map((match) => match[1]!);
const layer = (file: string): string => file.split('/')[0]!;

test('there are files to check', () => {
  expect(files.length).toBeGreaterThan(50);
});

test.each(files)('%s imports only what its layer may', (file) => {
  const own = layer(file);
  const allowed = ALLOWED[own];
  expect(allowed, `${own} is no layer of the design`).toBeDefined();
  for (const name of imports(file)) {
    if (!name.startsWith('.')) {
      if (own === 'rules') expect(name, 'rules/ is pure').toBe('');
      const home = Object.entries(HOMES).find(([lib]) => name === lib || name.startsWith(`${lib}/`))?.[1];
      if (home !== undefined) expect(file, `${name} has its own home`).toMatch(home);
      continue;
    }
    const target = path.relative(SRC, path.resolve(SRC, path.dirname(file), name));
    if (layer(target) === own || allowed!.includes('*')) continue;
    if (own !== 'rules' && COMMON.includes(target)) continue;
    expect(
      allowed!.some((entry) => target === entry || target.startsWith(`${entry}/`)),
      `${file} → ${target}`,
    ).toBe(true);
  }
});

test('mended libraries are loaded where they are mended, by src and by tests', () => {
  const root = path.resolve(SRC, '..');
  const past = ['src', 'test'].flatMap((folder) =>
    fs
      .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => path.join(folder, file))
      .filter((file) =>
        /^import (?!type )[^;]*? from '(?:smtp-server|postgres|drizzle-orm\/postgres-js[^']*)';/m.test(
          fs.readFileSync(path.join(root, file), 'utf8'),
        ),
      ),
  );
  expect(past).toEqual([]);
});

test('every import names its file with .ts', () => {
  const wrong = files.flatMap((file) =>
    imports(file)
      .filter((name) => name.startsWith('.') && !name.endsWith('.ts'))
      .map((name) => `${file}: ${name}`),
  );
  expect(wrong).toEqual([]);
});
