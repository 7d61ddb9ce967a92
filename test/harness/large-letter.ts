import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { readFrames, writeFrame } from '../../src/parser-process/frames.ts';
import type { Examined } from '../../src/parser-process/protocol.ts';
import { openssl, type Pki } from './openssl-pki.ts';

const LETTER_BYTES = 50 * 1024 * 1024;

export interface LargeLetter {
  readonly letterMb: number;
  /** Highest resident memory of the parsing child. */
  readonly peakMb: number;
  readonly cpuMs: number;
  readonly examined: Examined;
}

/** Has a fresh parsing child prove an opaque letter of 50 MB signed by openssl (issue 3: within 300 MB). */
export async function provesLargeLetter(pki: Pki): Promise<LargeLetter> {
  const leaf = pki.leaf('large', { email: 'snv@quangbinh.gov.vn', commonName: 'So Noi vu' });
  const entity = path.join(pki.dir, 'entity');
  const file = path.join(pki.dir, 'letter');
  const line = `${'A'.repeat(76)}\r\n`;
  const lines = Math.ceil((LETTER_BYTES * 0.75) / line.length);
  fs.writeFileSync(
    entity,
    `Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=a.bin\r\n\r\n${line.repeat(lines)}`,
  );
  const signer = ['-signer', leaf.cert, '-inkey', leaf.key, '-md', 'sha256', '-nodetach', '-binary'];
  openssl(['cms', '-sign', '-in', entity, ...signer, '-outform', 'SMIME', '-crlfeol', '-out', file]);
  const raw = fs.readFileSync(file);
  const main = new URL('../../src/parser-process/child.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [main], { stdio: ['pipe', 'pipe', 'ignore'] });
  try {
    const trustDirs = { anchors: pki.anchors, intermediates: pki.intermediates, crls: pki.crls };
    writeFrame(child.stdin, { job: 'examine', at: '2026-01-05T01:15:00Z', trustDirs }, [raw]);
    const answer = await readFrames(child.stdout).next();
    const proc = (name: string): string => fs.readFileSync(`/proc/${child.pid!}/${name}`, 'latin1');
    const peak = /VmHWM:\s+(\d+) kB/.exec(proc('status'));
    // proc(5): fields 14 and 15 count ticks of 10 ms; the name before them may hold blanks, but no further bracket.
    const ticks = proc('stat').split(') ')[1]!.split(' ').slice(11, 13).map(Number);
    return {
      letterMb: Math.round(raw.length / 1024 / 1024),
      peakMb: Math.round(Number(peak?.[1]) / 1024),
      cpuMs: (ticks[0]! + ticks[1]!) * 10,
      examined: (answer.value as { message: { value: Examined } }).message.value,
    };
  } finally {
    child.kill('SIGKILL');
  }
}
