const IDLE_POLL_MS = 1000;

/**
 * Repeats `once` at the pace of a clock, the first at once. A round that is not over when the next is due takes its
 * place: one that hung for an hour is not followed by an hour's rounds. `stop` waits for a round that runs.
 */
export function every(
  paceMs: number,
  once: () => Promise<void>,
  failed: (error: unknown) => void,
): Pick<Loop, 'stop'> {
  let running: Promise<void> | null = null;
  const round = (): void => {
    running ??= once()
      .catch(failed)
      .finally(() => {
        running = null;
      });
  };
  round();
  const timer = setInterval(round, paceMs);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

export interface Loop {
  wake(): void;
  stop(): Promise<void>;
}

/** Repeats `once` while it finds work; sleeps until woken by NOTIFY, and polls beside it in case one was missed. */
export function keepWorking(once: () => Promise<boolean>, failed: (error: unknown) => void): Loop {
  let stopped = false;
  let awake = (): void => undefined;
  const rest = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, IDLE_POLL_MS);
      awake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const isStopped = (): boolean => stopped;
  const running = (async () => {
    while (!isStopped()) {
      const busy = await once().catch((error: unknown) => {
        failed(error);
        return false;
      });
      if (!busy && !isStopped()) await rest();
    }
  })();
  return {
    wake: () => {
      awake();
    },
    stop() {
      stopped = true;
      awake();
      return running;
    },
  };
}
