const IDLE_POLL_MS = 1000;

/** Repeats `once` with a pause between two rounds, the first at once; `stop` waits for a round that runs. */
export function every(
  pauseMs: number,
  once: () => Promise<void>,
  failed: (error: unknown) => void,
): Pick<Loop, 'stop'> {
  let running = once().catch(failed);
  const timer = setInterval(() => {
    running = running.then(once).catch(failed);
  }, pauseMs);
  return {
    stop() {
      clearInterval(timer);
      return running;
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
