import { randomInt } from 'node:crypto';
import { parseArgs } from './options.ts';
import { readConfig } from '../config.ts';
import { hashPassword } from '../console/password-hash.ts';
import { UserError } from '../errors.ts';
import { append } from '../mail-log/append.ts';
import { configurationChanged } from '../mail-log/events.ts';
import { prepareMonths } from '../mail-log/sequencer.ts';
import { isAccountName, ROLES, type Role } from '../rules/accounts.ts';
import { GENERATED_LENGTH, generatePassword } from '../rules/passwords.ts';
import { accountByName, addAccount, allAccounts, changeAccount, endSessionsOf } from '../store/accounts.ts';
import type { OpenDatabase, Tx } from '../store/database.ts';
import type { Command, CommandIo } from './command.ts';
import { useDatabase } from './database.ts';

export const accounts: Command = {
  name: 'accounts',
  summary: 'accounts of the console: officers, auditors, administrators',
  usage: `congthu accounts add NAME --role ${ROLES.join('|')} [--full-name TEXT] [--oidc SUBJECT]
congthu accounts list [--json]
congthu accounts disable NAME     ends its sessions at once; the name stays in the log
congthu accounts enable NAME
congthu accounts reset NAME       a new first password; the authenticator is set up anew

add and reset print a first password once; it has to be changed at the first login. With --oidc the account enters
by the province's own login only and has no password.
`,
  async run([verb, ...args], io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        role: { type: 'string' },
        'full-name': { type: 'string' },
        oidc: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
    const name = positionals[0] ?? '';
    if (verb === 'list') return list(io, values.json === true);
    if (verb === 'add') return add(io, name, values.role, values['full-name'] ?? name, values.oidc ?? null);
    if (verb === 'disable') return change(io, name, 'disabled', (now) => ({ disabledAt: now }));
    if (verb === 'enable') return change(io, name, 'enabled', () => ({ disabledAt: null }));
    if (verb === 'reset') return reset(io, name);
    throw new UserError('accounts: say "add", "list", "disable", "enable" or "reset".');
  },
};

/** No back end cuts it, all four classes: it satisfies every shipped policy. */
const firstPassword = (): string => generatePassword((n) => randomInt(n), GENERATED_LENGTH + 2);

async function add(
  io: CommandIo,
  name: string,
  role: string | undefined,
  fullName: string,
  oidcSubject: string | null,
): Promise<number> {
  if (!isAccountName(name))
    throw new UserError(
      `"${name}" is no account name.`,
      'Use 3 to 40 lower-case letters, digits, dots, dashes.',
    );
  const known = ROLES.find((one) => one === role);
  if (known === undefined) throw new UserError(`--role is one of ${ROLES.join(', ')}.`);
  const password = oidcSubject === null ? firstPassword() : null;
  const passwordHash = password === null ? null : await hashPassword(password);
  await inOne(io, name, `added as ${known}`, async (tx, now) => {
    const row = {
      name,
      fullName: fullName.normalize('NFC'),
      role: known,
      passwordHash,
      oidcSubject,
      createdAt: now,
    };
    const added = await addAccount(tx.orm, { ...row, passwordChangedAt: now, mustChange: password !== null });
    if (!added)
      throw new UserError(`There is an account "${name}" or this subject already.`, 'See "accounts list".');
  });
  tell(io, name, password);
  return 0;
}

async function reset(io: CommandIo, name: string): Promise<number> {
  const password = firstPassword();
  const passwordHash = await hashPassword(password);
  await inOne(io, name, 'password and authenticator reset', async (tx, now) => {
    await mustExist(tx, name);
    const fresh = { passwordHash, passwordChangedAt: now, mustChange: true };
    await changeAccount(tx.orm, name, { ...fresh, totpSecret: null, totpStep: 0, recoveryHashes: [] });
    await endSessionsOf(tx.orm, name);
  });
  tell(io, name, password);
  return 0;
}

function tell(io: CommandIo, name: string, password: string | null): void {
  if (password === null) io.out.write(`${name}: enters by the province's own login\n`);
  else io.out.write(`${name}: first password ${password}\nIt is not shown again; hand it over in person.\n`);
}

async function change(
  io: CommandIo,
  name: string,
  what: string,
  values: (now: Date) => { disabledAt: Date | null },
): Promise<number> {
  await inOne(io, name, what, async (tx, now) => {
    await mustExist(tx, name);
    await changeAccount(tx.orm, name, values(now));
    await endSessionsOf(tx.orm, name);
  });
  io.out.write(`${name}: ${what}\n`);
  return 0;
}

async function mustExist(tx: Tx, name: string): Promise<void> {
  if ((await accountByName(tx.orm, name)) === null)
    throw new UserError(`There is no account "${name}".`, 'See "accounts list".');
}

/** The change and its log entry in one transaction. */
async function inOne(
  io: CommandIo,
  name: string,
  what: string,
  act: (tx: Tx, now: Date) => Promise<void>,
): Promise<void> {
  await useDatabase(readConfig(io.env), io, async (db: OpenDatabase) => {
    const now = new Date();
    await prepareMonths(db.sql, now);
    await db.transaction(async (tx) => {
      await act(tx, now);
      const detail = `account ${name}: ${what}`;
      await append(tx.sql, now, configurationChanged({ what: 'account', detail, actor: 'cli' }));
    });
  });
}

async function list(io: CommandIo, json: boolean): Promise<number> {
  return useDatabase(readConfig(io.env), io, async (db) => {
    for (const account of await db.transaction((tx) => allAccounts(tx.orm))) {
      const shown = {
        name: account.name,
        fullName: account.fullName,
        role: account.role satisfies Role,
        enters:
          account.oidcSubject !== null ? 'oidc' : account.totpSecret === null ? 'not yet' : 'password+code',
        state: account.disabledAt === null ? 'enabled' : 'disabled',
      };
      io.out.write(`${json ? JSON.stringify(shown) : Object.values(shown).join('\t')}\n`);
    }
    return 0;
  });
}
