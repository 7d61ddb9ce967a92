import type { TrustDirs } from '../evidence/trust-store.ts';
import type { Unpacked } from '../evidence/unpack.ts';
import { ParserChild, ParserCrash, type ChildLimits } from './child-process.ts';
import type { RecognisedPage } from '../scan/recognise.ts';
import type { SecrecyMark } from '../rules/secrecy.ts';
import type { ScanFact, ScanPicture } from '../rules/scan-facts.ts';
import type { Answers, Examined, FileVerified, ListsRead, ParserRequest } from './protocol.ts';

export { ParserCrash } from './child-process.ts';

export interface PoolOptions extends Partial<ChildLimits> {
  /** Children at work at the same time. */
  readonly children?: number;
  /** A child is replaced after so many jobs, so that what one file leaves behind does not last. */
  readonly jobsPerChild?: number;
}

interface Validation {
  /** The moment of receipt, at which paths are decided. */
  readonly at: Date;
  /** When this is asked; revocation data made since receipt counts too. */
  readonly now?: Date;
  readonly trustDirs: TrustDirs;
}

/**
 * Parsers of strangers' files in children that can be killed (threats.md: worker limits did not hold 800 MB of
 * Buffers). Every call rejects with ParserCrash when its child dies or reaches a limit, with Error when the job
 * itself fails; other calls are untouched.
 */
export interface ParserPool {
  examine(job: Validation & { readonly raw: Uint8Array }): Promise<Examined>;
  /** The secrecy mark some document carries; documents that cannot be read carry none that a machine sees. */
  screen(job: {
    readonly raw: Uint8Array;
    readonly documents: readonly { readonly index: number; readonly sha256: string }[];
  }): Promise<SecrecyMark | null>;
  readLists(job: {
    readonly raw: Uint8Array;
    readonly documents: readonly { readonly index: number; readonly sha256: string }[];
    readonly includeBody?: boolean;
  }): Promise<ListsRead>;
  /** Facts about one document as a scan, and pictures of it. */
  examineScan(job: {
    readonly raw: Uint8Array;
    readonly document: { readonly index: number; readonly sha256: string };
  }): Promise<{ readonly fact: ScanFact; readonly pictures: readonly ScanPicture[] }>;
  /** Words on one page of a document; null where no recogniser is installed. */
  recognise(job: {
    readonly raw: Uint8Array;
    readonly document: { readonly index: number; readonly sha256: string };
    readonly page: number;
  }): Promise<RecognisedPage | null>;
  /** The letter taken apart, for a virus scanner; `limit` names a bound that was reached. */
  unpack(job: { readonly raw: Uint8Array }): Promise<Unpacked>;
  verifyFile(
    job: Validation & { readonly name: string; readonly bytes: Uint8Array; readonly detached?: Uint8Array },
  ): Promise<FileVerified>;
  close(): void;
}

/** evidence.md "Hostile PDFs": killed after 20 s, few at a time; 1 GB holds a 50 MB letter several times over. */
const DEFAULTS = {
  entry: new URL('./child.ts', import.meta.url),
  timeoutMs: 20_000,
  memoryMb: 1024,
  children: 2,
  jobsPerChild: 200,
};

export function createParserPool(options: PoolOptions = {}): ParserPool {
  const settings = { ...DEFAULTS, ...options };
  const idle: ParserChild[] = [];
  const waiting: (() => void)[] = [];
  let busy = 0;
  let closed = false;

  const acquire = async (): Promise<ParserChild> => {
    if (busy >= settings.children) await new Promise<void>((resolve) => waiting.push(resolve));
    else busy++;
    if (closed) {
      // A job that waited while the pool was closed must not start a child nobody will end; nor may the next one.
      waiting.shift()?.();
      throw new ParserCrash('died', 'the parser pool is closed');
    }
    const child = idle.pop();
    return child === undefined || child.failed ? new ParserChild(settings) : child;
  };
  const release = (child: ParserChild): void => {
    if (closed || child.failed || child.jobs >= settings.jobsPerChild) child.kill();
    else idle.push(child);
    const next = waiting.shift();
    if (next === undefined) busy--;
    else next();
  };
  const runForBytes = async <J extends ParserRequest['job']>(
    request: ParserRequest & { readonly job: J },
    pieces: readonly Uint8Array[],
  ): Promise<{ value: Answers[J]; bytes: Buffer }> => {
    if (closed) throw new ParserCrash('died', 'the parser pool is closed');
    const child = await acquire();
    try {
      const { answer, bytes } = await child.run(request, pieces);
      if (!answer.ok) throw new Error(answer.error);
      return { value: answer.value as Answers[J], bytes };
    } finally {
      release(child);
    }
  };

  const run = async <J extends ParserRequest['job']>(
    request: ParserRequest & { readonly job: J },
    pieces: readonly Uint8Array[],
  ): Promise<Answers[J]> => (await runForBytes<J>(request, pieces)).value;

  return {
    examine: ({ raw, ...validation }) => run({ job: 'examine', ...envelope(validation) }, [raw]),
    screen: ({ raw, documents }) => run({ job: 'screen', documents }, [raw]),
    readLists: ({ raw, documents, includeBody = false }) =>
      run({ job: 'read-lists', documents, includeBody }, [raw]),
    examineScan: async ({ raw, document: { index, sha256 } }) => {
      const request = { job: 'examine-scan', document: { index, sha256 } } as const;
      const { value, bytes } = await runForBytes(request, [raw]);
      return { fact: value.fact, pictures: withBytes(value.pictures, bytes) };
    },
    recognise: ({ raw, document: { index, sha256 }, page }) =>
      run({ job: 'recognise', document: { index, sha256 }, page }, [raw]),
    unpack: async ({ raw }) => {
      const { value, bytes } = await runForBytes({ job: 'unpack' } as const, [raw]);
      return { pieces: withBytes(value.pieces, bytes), limit: value.limit };
    },
    verifyFile: ({ name, bytes, detached, ...validation }) =>
      run(
        { job: 'verify-file', name, detachedLength: detached?.length ?? null, ...envelope(validation) },
        detached === undefined ? [bytes] : [bytes, detached],
      ),
    close() {
      closed = true;
      for (const child of idle.splice(0)) child.kill();
    },
  };
}

/** Gives each thing that was told its own bytes back. */
function withBytes<T extends { readonly length: number }>(told: readonly T[], bytes: Buffer) {
  let at = 0;
  return told.map(({ length, ...about }) => {
    at += length;
    return { ...about, bytes: bytes.subarray(at - length, at) };
  });
}

const envelope = ({ at, now, trustDirs }: Validation) => ({
  at: at.toISOString(),
  ...(now === undefined ? {} : { now: now.toISOString() }),
  trustDirs,
});
