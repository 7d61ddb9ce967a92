import { spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, type X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type postgres from 'postgres';
import type { LogKey } from '../../src/mail-log/checkpoint.ts';
import { exportIn, type ExportOptions, type ExportSink } from '../../src/mail-log/export.ts';

export function testKey(origin = 'test.invalid/mail-log'): LogKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { origin, privateKey, publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32) };
}

/** An export in memory, in the shape the verifier reads. */
export class MemoryExport implements ExportSink {
  readonly contents = new Map<string, Buffer>();
  async write(name: string, content: Parameters<ExportSink['write']>[1]): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of content) chunks.push(Buffer.from(chunk));
    this.contents.set(name, Buffer.concat(chunks));
  }
  names = (): string[] => [...this.contents.keys()];
  read = (name: string): Buffer | undefined => this.contents.get(name);
  digest = (name: string): string => createHash('sha256').update(this.contents.get(name)!).digest('hex');
  lines = (name: string): string[] => (this.contents.get(name)?.toString() ?? '').split('\n');
}

export const ALL_TIME = { from: new Date('2020-01-01'), to: new Date('2100-01-01') };

export async function exported(
  sql: postgres.ISql,
  key: LogKey,
  options: Partial<ExportOptions> = {},
): Promise<MemoryExport> {
  const sink = new MemoryExport();
  await exportIn(sql, key, { ...ALL_TIME, now: new Date('2026-11-24T03:00:00Z'), ...options }, sink);
  return sink;
}

interface Verifier {
  verifyExport(
    files: object,
    options: { key?: string; kept?: string; tsa?: X509Certificate[]; whole?: boolean },
  ): { faults: string[]; unclear: string[]; notes: string[]; entries: number; size: number };
  checkProofText(text: string, key: unknown): { number: number; entry: string };
  checkConsistencyText(text: string, kept: string, key: unknown): { old: number; size: number };
  parseKey(text: string): unknown;
  checkToken(response: Buffer, text: string, trusted?: X509Certificate[]): { time: Date; authority: string };
  certificatesIn(pem: string): X509Certificate[];
}

/** The stand-alone verifier; a plain script, so the compiler is not asked about it. */
export const VERIFIER = new URL('../../src/verifier/verify-export.mjs', import.meta.url);
export const verifier = (await import(VERIFIER.href)) as Verifier;

const PYTHON = path.join(import.meta.dirname, 'python/verify.py');
export const withPython =
  spawnSync('python3', ['--version']).status === 0 || process.env['CONGTHU_TEST_ALL'] !== undefined;

/** What the verifier in Python, written from README alone, says of a whole export: its faults. */
export const askPython = (files: MemoryExport, key: string, kept?: string): string[] =>
  pythonSays(files, key, kept).faults;

export function pythonSays(
  files: MemoryExport,
  key: string,
  kept?: string,
): { readonly faults: string[]; readonly notes: string[] } {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-python-'));
  try {
    for (const [name, content] of files.contents) {
      const file = path.join(dir, 'export', name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, content);
    }
    if (kept !== undefined) fs.writeFileSync(path.join(dir, 'kept'), kept);
    const more = kept === undefined ? [] : [path.join(dir, 'kept')];
    const { status, stdout, stderr } = spawnSync(
      'python3',
      [PYTHON, path.join(dir, 'export'), key, ...more],
      {
        encoding: 'utf8',
      },
    );
    if (status !== 0 && status !== 1) throw new Error(stderr);
    return {
      faults: status === 0 ? [] : stdout.trimEnd().split('\n'),
      notes: stderr.split('\n').flatMap((line) => (line.startsWith('note: ') ? [line.slice(6)] : [])),
    };
  } finally {
    fs.rmSync(dir, { recursive: true });
  }
}
