/**
 * An error whose text is meant for the person at the terminal: it says what is wrong and what to do next.
 * Everything else that is thrown is a defect or an outage and is shown with its stack in the log only.
 */
export class UserError extends Error {
  override name = 'UserError';
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** The text of anything thrown, for logs: message and causes, never a secret-bearing object dump. */
export function causeText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : ` ← ${causeText(error.cause)}`;
  return `${error.name}: ${error.message}${cause}`;
}
