import { UserError } from '../errors.ts';
import type { Regulation } from '../rules/regulation.ts';

/** The regulation a command is about: the one named, else the only one configured. */
export function chosenRegulation(id: string | undefined, regulations: readonly Regulation[]): Regulation {
  const found = id === undefined ? regulations : regulations.filter((known) => known.id === id);
  const [only, second] = found;
  if (only !== undefined && second === undefined) return only;
  const known = regulations.map((regulation) => regulation.id).join(', ');
  throw new UserError(
    id === undefined
      ? 'Several regulations are configured: say which with --regulation.'
      : `"${id}" is not configured.`,
    `Configured: ${known}`,
  );
}
