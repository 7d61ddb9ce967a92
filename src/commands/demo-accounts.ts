import { randomInt } from 'node:crypto';
import { hashPassword } from '../console/password-hash.ts';
import { createSeal, newRecoveryCodes, newTotpSecret } from '../console/totp.ts';
import { loadSecret } from '../notices/activation-link.ts';
import type { Role } from '../rules/accounts.ts';
import { GENERATED_LENGTH, generatePassword } from '../rules/passwords.ts';
import { addAccount } from '../store/accounts.ts';
import type { OpenDatabase } from '../store/database.ts';

const PEOPLE: readonly (readonly [name: string, fullName: string, role: Role, duty: string])[] = [
  ['lan', 'Nguyễn Thị Lan', 'officer', 'cán bộ xử lý hồ sơ'],
  ['kiem', 'Trần Văn Kiểm', 'auditor', 'kiểm tra nhật ký'],
  ['quan', 'Lê Quản', 'admin', 'quản trị'],
];
/** Each code enters once; more than these nobody needs in a demo. */
const CODES_SHOWN = 4;

/**
 * One account of each role that is ready to work: a newcomer has no authenticator app at hand, so recovery codes take
 * the place of its codes. Resolves to what is to be shown.
 */
export async function addDemoAccounts(db: OpenDatabase, dir: string, now: Date): Promise<string[]> {
  const seal = createSeal(loadSecret(dir));
  const lines: string[] = [];
  for (const [name, fullName, role, duty] of PEOPLE) {
    const password = generatePassword((n) => randomInt(n), GENERATED_LENGTH + 2);
    const passwordHash = await hashPassword(password);
    const { codes, hashes } = newRecoveryCodes();
    await db.transaction((tx) =>
      addAccount(tx.orm, {
        name,
        fullName,
        role,
        passwordHash,
        passwordChangedAt: now,
        mustChange: false,
        totpSecret: seal.close(newTotpSecret()),
        recoveryHashes: hashes,
        createdAt: now,
      }),
    );
    lines.push(
      `  ${name} (${duty}): mật khẩu ${password}  mã, mỗi mã một lần: ${codes.slice(0, CODES_SHOWN).join('  ')}`,
    );
  }
  return lines;
}
