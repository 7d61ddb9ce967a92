/** The answer, or a throw after so many milliseconds; a late answer is let go. */
export function inTime<T>(answer: Promise<T>, ms: number): Promise<T> {
  answer.catch(() => undefined);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no answer within ${ms} ms`));
    }, ms);
    answer.then(resolve, reject).finally(() => {
      clearTimeout(timer);
    });
  });
}
