import { CMS_ATTACKS } from './smime-attacks-cms.ts';
import { MIME_ATTACKS } from './smime-attacks-mime.ts';
import { PATH_ATTACKS } from './smime-attacks-path.ts';
import type { Attack } from './smime-kit.ts';

/** How each letter of test/cases/smime/attacks.json is made, by the name of its case. */
export const SMIME_ATTACKS: Readonly<Record<string, Attack>> = {
  ...CMS_ATTACKS,
  ...PATH_ATTACKS,
  ...MIME_ATTACKS,
};
