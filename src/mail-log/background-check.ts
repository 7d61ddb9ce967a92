import { Worker } from 'node:worker_threads';
import type { PublicKey } from './checkpoint.ts';
import type { Verification } from './verify.ts';

/** A full check of the log in a thread of its own: hashing a million entries must not hold up a mail client. */
export interface BackgroundCheck {
  state(): CheckState;
  /** Starts one; false while one runs already. `done` is told once, also of a failure. */
  start(asked: CheckAsked, done: (result: CheckResult) => void): boolean;
  /** Ends a running check. */
  close(): Promise<void>;
}

export interface CheckAsked {
  readonly key: PublicKey;
  /** A checkpoint the auditor kept. */
  readonly from?: string;
  /** Who asked, for whoever looks at the page meanwhile. */
  readonly actor: string;
  readonly at: Date;
}

/** `failed`: nothing can be said about the log (the database went away …). */
export type CheckResult =
  | { readonly result: 'checked'; readonly report: Verification }
  | { readonly result: 'failed'; readonly error: string };

export type CheckState =
  | { readonly state: 'idle' }
  | { readonly state: 'running'; readonly asked: CheckAsked; readonly done: number; readonly all: number }
  | ({ readonly state: 'done'; readonly asked: CheckAsked } & CheckResult);

/** What the thread is told, and what it tells. */
export interface CheckTask {
  readonly url: string;
  readonly origin: string;
  readonly publicKey: Uint8Array;
  readonly from: string | null;
}
export type CheckMessage = { readonly done: number; readonly all: number } | CheckResult;

export function createBackgroundCheck(url: string): BackgroundCheck {
  let state: CheckState = { state: 'idle' };
  let worker: Worker | null = null;
  return {
    state: () => state,
    start(asked, done) {
      if (state.state === 'running') return false;
      const { origin, publicKey } = asked.key;
      const workerData: CheckTask = { url, origin, publicKey, from: asked.from ?? null };
      state = { state: 'running', asked, done: 0, all: 0 };
      const finish = (result: CheckResult): void => {
        if (state.state !== 'running') return;
        state = { state: 'done', asked, ...result };
        worker = null;
        done(result);
      };
      worker = new Worker(new URL('./check-thread.ts', import.meta.url), { workerData });
      worker.on('message', (message: CheckMessage) => {
        if ('result' in message) finish(message);
        else if (state.state === 'running') state = { state: 'running', asked, ...message };
      });
      worker.on('error', (error) => {
        finish({ result: 'failed', error: String(error) });
      });
      worker.on('exit', (code) => {
        finish({ result: 'failed', error: `the check ended early (${code})` });
      });
      return true;
    },
    async close() {
      await worker?.terminate();
    },
  };
}
