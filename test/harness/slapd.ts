import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'ldapts';
import { freePort } from './free-port.ts';

/** Debian's slapd with its argon2 module. */
export const hasSlapd = fs.existsSync('/usr/sbin/slapd');
export const withoutSlapd = !hasSlapd && process.env['CONGTHU_TEST_ALL'] !== '1';

export interface Slapd {
  readonly url: string;
  readonly bindDn: string;
  readonly password: string;
  readonly base: string;
  /** True when the entry's owner gets in with this password. */
  logsIn(dn: string, password: string): Promise<boolean>;
  stop(): Promise<void>;
}

const SUFFIX = 'dc=quangbinh,dc=gov,dc=vn';

/** An OpenLDAP of the test's own: argon2 passwords, ppolicy for locks, lastbind for logins. */
export async function startSlapd(): Promise<Slapd> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-slapd-'));
  const port = await freePort();
  const conf = path.join(dir, 'slapd.conf');
  fs.mkdirSync(path.join(dir, 'db'));
  fs.writeFileSync(
    conf,
    `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload argon2
moduleload ppolicy
pidfile ${dir}/pid
database mdb
suffix "${SUFFIX}"
rootdn "cn=congthu,${SUFFIX}"
rootpw secret
directory ${dir}/db
lastbind on
overlay ppolicy
ppolicy_default "cn=policy,${SUFFIX}"
`,
  );
  const policy = `dn: cn=policy,${SUFFIX}
objectClass: device
objectClass: pwdPolicy
cn: policy
pwdAttribute: userPassword
pwdLockout: TRUE
`;
  const start = `dn: ${SUFFIX}
objectClass: domain
dc: quangbinh

dn: ou=people,${SUFFIX}
objectClass: organizationalUnit
ou: people

${policy}`;
  execFileSync('/usr/sbin/slapadd', ['-f', conf], { input: start });
  const url = `ldap://127.0.0.1:${port}`;
  const child = spawn('/usr/sbin/slapd', ['-d', '0', '-f', conf, '-h', url], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const bindDn = `cn=congthu,${SUFFIX}`;
  const binds = async (dn: string, password: string): Promise<boolean> => {
    const client = new Client({ url, timeout: 5000, connectTimeout: 5000 });
    try {
      await client.bind(dn, password);
      return true;
    } catch {
      return false;
    } finally {
      await client.unbind().catch(() => undefined);
    }
  };
  for (let tries = 0; !(await binds(bindDn, 'secret')); tries += 1) {
    if (tries > 100 || child.exitCode !== null) throw new Error('slapd does not start');
    await sleep(50);
  }
  return {
    url,
    bindDn,
    password: 'secret',
    base: `ou=people,${SUFFIX}`,
    logsIn: binds,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}
