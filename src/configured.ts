import fs from 'node:fs';
import type { Config } from './config.ts';
import { causeText, UserError } from './errors.ts';
import { ldapMap } from './provisioners/ldap-map.ts';
import { ldapProvisioner, type LdapTarget } from './provisioners/ldap.ts';
import { manual } from './provisioners/manual.ts';
import type { Provisioner } from './provisioners/port.ts';
import { postgresMail } from './provisioners/postgres-mail.ts';
import { readRegulations } from './regulation-files.ts';
import type { Regulation } from './rules/regulation.ts';
import { namedIntakes, regulationById, REGULATIONS, type IntakeAddress } from './rules/regulations.ts';
import type { Tx } from './store/database.ts';

export function configuredRegulations(config: Pick<Config, 'regulations' | 'regulationFiles'>): Regulation[] {
  const { regulationFiles } = config;
  const all = regulationFiles === undefined ? REGULATIONS : readRegulations(regulationFiles, REGULATIONS);
  return config.regulations.map((id) => {
    const found = regulationById(id, all);
    if (found !== null) return found;
    const known = all.map((regulation) => regulation.id).join(', ');
    throw new UserError(`CONGTHU_REGULATIONS: there is no regulation "${id}".`, `Known: ${known}`);
  });
}

/** Addresses the regulations name, and the operator's own as "address" or "address=regulation-id". */
export function configuredIntakes(
  config: Pick<Config, 'intake'>,
  regulations: readonly Regulation[],
): IntakeAddress[] {
  const own = config.intake.map((entry): IntakeAddress => {
    const [address, id] = entry.split('=');
    const regulation = id === undefined ? regulations[0] : regulations.find((known) => known.id === id);
    if (regulation === undefined)
      throw new UserError(`CONGTHU_INTAKE: "${entry}" names no configured regulation.`);
    return { address: address!, kind: 'request', regulation };
  });
  return [...namedIntakes(regulations), ...own];
}

/** @throws UserError when the attribute map cannot be used */
export function configuredProvisioner(config: Config): Provisioner<Tx> {
  switch (config.provisioner) {
    case 'manual':
      return manual;
    case 'postgres-mail':
      return postgresMail;
    case 'ldap':
      return ldapProvisioner(configuredLdap(config));
  }
}

/** The directory of the provisioner `ldap`. @throws UserError when the attribute map cannot be used */
export function configuredLdap({ ldap }: Pick<Config, 'ldap'>): LdapTarget {
  if (ldap === undefined) throw new UserError('CONGTHU_PROVISIONER is not ldap.');
  const { mapFile, ...target } = ldap;
  try {
    const map = ldapMap.parse(mapFile === undefined ? {} : JSON.parse(fs.readFileSync(mapFile, 'utf8')));
    return { ...target, map };
  } catch (error) {
    throw new UserError(`CONGTHU_LDAP_MAP: ${causeText(error)}`, 'See src/provisioners/ldap-map.ts.');
  }
}
