import { spawn, type ChildProcessByStdio } from 'node:child_process';
import fs from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { readFrames, writeFrame, type Frame } from './frames.ts';
import type { ParserAnswer, ParserRequest } from './protocol.ts';

/** The child died or was killed under a job. The letter goes to an officer; the cause is for our log. */
export class ParserCrash extends Error {
  override name = 'ParserCrash';
  readonly kind: 'time' | 'memory' | 'died';
  constructor(kind: 'time' | 'memory' | 'died', message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

export interface ChildLimits {
  /** The main module of the child; tests hand in children that misbehave. */
  readonly entry: URL;
  readonly timeoutMs: number;
  /** Resident memory of the child. */
  readonly memoryMb: number;
}

/**
 * Writable private memory Node maps before it runs anything (measured: 562 MB with Node 24). The address space as a
 * whole cannot be limited: pdf.js reserves 8 GB of it for each WebAssembly decoder.
 */
const NODE_BASE_MB = 600;
const PRLIMIT = '/usr/bin/prlimit';
const WATCH_MS = 100;

/** One parsing child: one job at a time, and of no use once it has failed. */
export class ParserChild {
  jobs = 0;
  failed = false;
  readonly #limits: ChildLimits;
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers: AsyncGenerator<Frame, undefined>;

  constructor(limits: ChildLimits) {
    this.#limits = limits;
    const node = [
      `--max-old-space-size=${Math.ceil(limits.memoryMb / 2)}`,
      '--disable-warning=ExperimentalWarning',
      limits.entry.pathname,
    ];
    const [command, ...args] = fs.existsSync(PRLIMIT)
      ? [
          PRLIMIT,
          `--data=${(NODE_BASE_MB + limits.memoryMb) * 1024 * 1024}`,
          '--core=0',
          process.execPath,
          ...node,
        ]
      : [process.execPath, ...node];
    // An empty environment: what a stranger's file takes over must find no secret.
    // A process group of its own: what it starts (pdftoppm, tesseract) dies with it.
    this.#process = spawn(command, args, {
      env: {},
      stdio: ['pipe', 'pipe', 'ignore'],
      cwd: '/',
      detached: true,
    });
    this.#process.on('error', () => (this.failed = true));
    this.#process.on('exit', () => (this.failed = true));
    this.#process.stdin.on('error', () => (this.failed = true));
    this.#answers = readFrames(this.#process.stdout);
  }

  /** @throws ParserCrash when the child dies or reaches a limit */
  async run(
    request: ParserRequest,
    pieces: readonly Uint8Array[],
  ): Promise<{ answer: ParserAnswer; bytes: Buffer }> {
    this.jobs++;
    const watch = new Watch(
      this.#limits,
      () => this.#residentMb(),
      () => {
        this.kill();
      },
    );
    try {
      writeFrame(this.#process.stdin, request, pieces);
      const next = await this.#answers.next();
      if (next.value === undefined) throw watch.crash('the parsing child ended');
      const answer = next.value.message as ParserAnswer;
      if (!answer.ok && answer.fatal) throw new ParserCrash('memory', answer.error);
      return { answer, bytes: next.value.bytes };
    } catch (error) {
      this.kill();
      throw error instanceof ParserCrash ? error : watch.crash('the parsing child answered nonsense', error);
    } finally {
      watch.stop();
    }
  }

  kill(): void {
    this.failed = true;
    const { pid } = this.#process;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // The group has ended by itself.
    }
  }

  /** Resident set of the child; 0 where /proc is missing (then prlimit alone holds it). */
  #residentMb(): number {
    try {
      const pages = Number(fs.readFileSync(`/proc/${this.#process.pid}/statm`, 'latin1').split(' ')[1]);
      return (pages * 4096) / 1024 / 1024;
    } catch {
      return 0;
    }
  }
}

/** Looks after one job: kills at the first limit and remembers which it was. */
class Watch {
  #reached: 'time' | 'memory' | null = null;
  readonly #timer: NodeJS.Timeout;
  readonly #interval: NodeJS.Timeout;

  constructor({ timeoutMs, memoryMb }: ChildLimits, residentMb: () => number, kill: () => void) {
    const reach = (limit: 'time' | 'memory'): void => {
      this.#reached ??= limit;
      kill();
    };
    this.#timer = setTimeout(reach, timeoutMs, 'time');
    this.#interval = setInterval(() => {
      if (residentMb() > memoryMb) reach('memory');
    }, WATCH_MS);
  }

  crash(message: string, cause?: unknown): ParserCrash {
    const limit = this.#reached;
    return limit === null
      ? new ParserCrash('died', message, cause)
      : new ParserCrash(limit, `the parsing child reached its ${limit} limit`);
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#interval);
  }
}
