import { spawn } from 'node:child_process';
import fs from 'node:fs';
import type { Raster } from './raster.ts';

/** Programs of the machine, under limits of their own, and ended with the parsing child (one process group). */

const FOLDERS = ['/usr/bin', '/usr/local/bin'];
const PRLIMIT = '/usr/bin/prlimit';

/** The path of an installed program; the child's environment is empty, so nothing is looked up by PATH. */
export const programAt = (name: string): string | null =>
  FOLDERS.map((folder) => `${folder}/${name}`).find((file) => fs.existsSync(file)) ?? null;

export class ProgramFault extends Error {
  override name = 'ProgramFault';
}

export interface ProgramLimits {
  readonly seconds: number;
  /** Address space. */
  readonly memoryMb: number;
  readonly outputBytes: number;
}

/** Runs a program on `input`. @throws ProgramFault when it fails or reaches a limit */
export function runProgram(
  program: string,
  args: readonly string[],
  input: Uint8Array,
  limits: ProgramLimits,
): Promise<Buffer> {
  const limited = fs.existsSync(PRLIMIT)
    ? [
        PRLIMIT,
        `--as=${limits.memoryMb * 1024 * 1024}`,
        `--cpu=${limits.seconds}`,
        '--core=0',
        program,
        ...args,
      ]
    : [program, ...args];
  return new Promise((resolve, reject) => {
    const child = spawn(limited[0]!, limited.slice(1), {
      // One thread: the machine has other letters to work on.
      env: { OMP_THREAD_LIMIT: '1' },
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: limits.seconds * 1000,
      killSignal: 'SIGKILL',
    });
    const pieces: Buffer[] = [];
    let size = 0;
    child.stdout.on('data', (piece: Buffer) => {
      size += piece.length;
      if (size > limits.outputBytes) child.kill('SIGKILL');
      else pieces.push(piece);
    });
    // A program that ends before it has read everything says why by its status.
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => {
      reject(new ProgramFault(`${program} cannot be started: ${error.message}`));
    });
    child.on('close', (status, signal) => {
      if (status === 0) resolve(Buffer.concat(pieces));
      else reject(new ProgramFault(`${program} ended with ${signal ?? `status ${status ?? '?'}`}`));
    });
    child.stdin.end(input);
  });
}

const RENDER_LIMITS: ProgramLimits = { seconds: 15, memoryMb: 1024, outputBytes: 130_000_000 };

/** One page as pixels. @throws ProgramFault */
export async function drawByPdftoppm(
  program: string,
  pdf: Uint8Array,
  page: number,
  dpi: number,
): Promise<Raster> {
  const number = String(page);
  const args = ['-r', String(dpi), '-f', number, '-l', number, '-'];
  return parsePpm(await runProgram(program, args, pdf, RENDER_LIMITS));
}

/** "P6 width height 255" and the bytes (netpbm ppm(5)). */
function parsePpm(ppm: Buffer): Raster {
  const head = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(ppm.subarray(0, 64).toString('latin1'));
  const [width, height] = [Number(head?.[1]), Number(head?.[2])];
  const data = head === null ? Buffer.alloc(0) : ppm.subarray(head[0].length);
  if (head === null || data.length !== width * height * 3) throw new ProgramFault('pdftoppm drew no page');
  return { width, height, data };
}
