import { commands, helpText } from './commands/all.ts';
import { UserError } from './errors.ts';

// argv → command; nothing else.
const [name = 'help', ...args] = process.argv.slice(2);
const command = commands.find((candidate) => candidate.name === name);
const abort = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    abort.abort();
  });
}
if (command === undefined || args.includes('--help')) {
  const known = command !== undefined || ['help', '--help', '-h'].includes(name);
  (known ? process.stdout : process.stderr).write(
    command?.usage ?? `${known ? '' : `congthu: there is no command "${name}"\n`}${helpText}`,
  );
  process.exitCode = known ? 0 : 2;
} else {
  try {
    process.exitCode = await command.run(args, {
      env: process.env,
      out: process.stdout,
      err: process.stderr,
      signal: abort.signal,
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(
      `congthu ${name}: ${error.message}\n${error.hint === undefined ? '' : `→ ${error.hint}\n`}`,
    );
    process.exitCode = 2;
  }
}
