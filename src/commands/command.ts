/** What a command gets from main.ts: its words and the streams, so that tests can run it in process. */
export interface CommandIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: NodeJS.WritableStream;
  readonly err: NodeJS.WritableStream;
  /** Aborted on SIGINT/SIGTERM. */
  readonly signal: AbortSignal;
}

export interface Command {
  readonly name: string;
  /** One line for `congthu help`. */
  readonly summary: string;
  /** Shown by `congthu <name> --help`. */
  readonly usage: string;
  /** Resolves to the exit status. A `UserError` becomes a message and status 2. */
  run(args: readonly string[], io: CommandIo): Promise<number>;
}
