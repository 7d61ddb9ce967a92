import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readFrames, writeFrame } from '../src/parser-process/frames.ts';
import type { Examined } from '../src/parser-process/protocol.ts';
import { buildPki, openssl } from './harness/openssl-pki.ts';

/** Issue 3: a 50 MB opaque letter within 300 MB. */
const LETTER_BYTES = 50 * 1024 * 1024;
const MOST_MB = 300;
const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-large-'));
afterAll(() => {
  fs.rmSync(dir, { recursive: true, force: true });
});

test('the parsing child proves an opaque letter of 50 MB within 300 MB', { timeout: 120_000 }, async () => {
  const pki = buildPki(dir);
  const leaf = pki.leaf('snv', { email: 'snv@quangbinh.gov.vn', commonName: 'So Noi vu' });
  const entity = path.join(dir, 'entity');
  const file = path.join(dir, 'letter');
  const line = `${'A'.repeat(76)}\r\n`;
  const lines = Math.ceil((LETTER_BYTES * 0.75) / line.length);
  fs.writeFileSync(
    entity,
    `Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=a.bin\r\n\r\n${line.repeat(lines)}`,
  );
  const signer = ['-signer', leaf.cert, '-inkey', leaf.key, '-md', 'sha256', '-nodetach', '-binary'];
  openssl(['cms', '-sign', '-in', entity, ...signer, '-outform', 'SMIME', '-crlfeol', '-out', file]);
  const raw = fs.readFileSync(file);
  expect(raw.length).toBeGreaterThan(LETTER_BYTES);

  const main = new URL('../src/parser-process/child.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [main], { stdio: ['pipe', 'pipe', 'ignore'] });
  try {
    const trustDirs = { anchors: pki.anchors, intermediates: pki.intermediates, crls: pki.crls };
    writeFrame(child.stdin, { job: 'examine', at: '2026-01-05T01:15:00Z', trustDirs }, [raw]);
    const answer = await readFrames(child.stdout).next();
    const { value } = (answer.value as { message: { value: Examined } }).message;
    expect(value.letter.letter.verdict, value.letter.letter.reason).toEqual({ verdict: 'TOTAL-PASSED' });
    expect(value.letter.documents[0]?.size).toBeGreaterThan(LETTER_BYTES * 0.74);
    const peak = /VmHWM:\s+(\d+) kB/.exec(fs.readFileSync(`/proc/${child.pid!}/status`, 'latin1'));
    expect(Number(peak?.[1]) / 1024).toBeLessThan(MOST_MB);
  } finally {
    child.kill('SIGKILL');
  }
});
