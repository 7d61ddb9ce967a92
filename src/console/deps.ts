import type { BlockList } from 'node:net';
import type { Clock } from '../clock.ts';
import type { BackgroundCheck } from '../mail-log/background-check.ts';
import type { LogKey } from '../mail-log/checkpoint.ts';
import type { Regulation } from '../rules/regulation.ts';
import type { OpenDatabase } from '../store/database.ts';
import type { ActDeps } from '../work/step.ts';
import type { ActivationDeps } from './activation.ts';
import type { Cookies } from './cookies.ts';
import type { OidcSettings } from './oidc.ts';
import type { Sessions } from './sessions.ts';
import type { createSeal } from './totp.ts';

/** What gateway.ts hands to the console. */
export interface ConsoleDeps extends ActivationDeps {
  readonly db: OpenDatabase;
  readonly clock: Clock;
  readonly regulations: readonly Regulation[];
  /** The installation's secret: CSRF tokens and sealed TOTP secrets come from it. */
  readonly secret: Buffer;
  readonly publicUrl: string;
  /** Host the console listens on; plain cookies are for loopback only. */
  readonly listenHost: string;
  /** Reverse proxies whose X-Forwarded-For counts. */
  readonly proxies: BlockList;
  readonly oidc: OidcSettings | null;
  /** Why letters should go to another gateway now; empty when this one is ready. */
  readonly obstacles: () => Promise<readonly string[]>;
  /** What the desk's actions need. */
  readonly desk: ActDeps;
  /** What the auditor's part needs. */
  readonly mailLog: AuditDeps;
}

export interface AuditDeps {
  /** The log's key as it stands now: exports are signed with it. */
  readonly key: () => LogKey;
  readonly check: BackgroundCheck;
  /** An xlsx of the rows. */
  readonly workbook: (rows: readonly (readonly string[])[]) => Buffer;
  /** Told of trouble behind a page that was already answered. */
  readonly failed: (error: unknown) => void;
}

/** The same with what the console has built for itself. */
export interface Inside extends ConsoleDeps {
  readonly sessions: Sessions;
  readonly cookies: Cookies;
  readonly seal: ReturnType<typeof createSeal>;
}

export const SESSION_COOKIE = 'congthu';
