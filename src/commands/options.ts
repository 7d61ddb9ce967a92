import { parseArgs as parse, type ParseArgsConfig } from 'node:util';
import { UserError } from '../errors.ts';

/** node:util's parseArgs, whose complaints become a message for the person at the terminal. */
export function parseArgs<T extends ParseArgsConfig>(config: T): ReturnType<typeof parse<T>> {
  try {
    return parse(config);
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (!(error instanceof Error) || typeof code !== 'string' || !code.startsWith('ERR_PARSE_ARGS_'))
      throw error;
    const known = Object.keys(config.options ?? {}).map((name) => `--${name}`);
    throw new UserError(
      error.message.split('. To specify')[0]!,
      known.length === 0 ? undefined : `Options: ${known.join(' ')}`,
    );
  }
}
