import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import { checkRecipient, type CheckedRecipient } from './evidence/recipient.ts';
import { derBlocks, keptTrustStore } from './evidence/trust-store.ts';
import type { ActivationLinks } from './notices/activation-link.ts';
import { encryptTo } from './notices/encrypt.ts';
import { slipMessage } from './notices/slip-message.ts';
import type { SealSlip } from './work/step.ts';

/** Seals credential slips, where the operator has switched them on. */
export function configuredSlips(
  { credentialSlips, unitCertificates, trustDirs, noticeFrom, hostname }: Config,
  clock: Clock,
  links: Pick<ActivationLinks, 'fillIn'>,
): SealSlip | null {
  if (!credentialSlips) return null;
  const trustOf = keptTrustStore();
  return ({ dossier, recipient, text }, pinned, certificates) => {
    const at = clock.now();
    const context = { trust: trustOf(trustDirs), at };
    const found = firstUsable([...keptCertificates(unitCertificates, pinned), ...certificates], (one) =>
      checkRecipient(one, context),
    );
    if (found === null) return null;
    const from = noticeFrom ?? `congthu@${hostname}`;
    const seal = (content: Buffer): Buffer => encryptTo(found, content);
    return {
      attachment: {
        filename: 'phieu-cap-tai-khoan.eml',
        mediaType: 'message/rfc822',
        content: slipMessage({ from, to: recipient, dossier, at, text: links.fillIn(text) }, seal),
      },
      commonName: found.commonName,
      serial: Buffer.from(found.serial).toString('hex'),
      sha256: found.sha256,
    };
  };
}

function firstUsable(
  certificates: readonly Buffer[],
  check: (certificate: Buffer) => CheckedRecipient | { readonly usable: false },
): CheckedRecipient | null {
  for (const certificate of certificates) {
    const checked = check(certificate);
    if (checked.usable) return checked;
  }
  return null;
}

/** The operator's files whose fingerprint is pinned; an administrator may add one while the gateway runs. */
function keptCertificates(folder: string | undefined, pinned: readonly string[]): Buffer[] {
  if (folder === undefined || pinned.length === 0) return [];
  return fs
    .readdirSync(folder)
    .filter((name) => /\.(pem|crt|cer|der)$/i.test(name))
    .sort()
    .flatMap((name) => derBlocks(fs.readFileSync(path.join(folder, name))))
    .filter((der) => pinned.includes(createHash('sha256').update(der).digest('hex')));
}
