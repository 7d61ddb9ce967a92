import fs from 'node:fs';
import { z } from 'zod';

/**
 * OAuth2 for the IMAP door (RFC 6749 §6): a JSON file
 *
 *     { "tokenUrl": "https://login.example.vn/token", "clientId": "congthu", "clientSecret": "…", "refreshToken": "…" }
 *
 * is exchanged for an access token before each login. A provider that hands out a new refresh token with every exchange
 * voids the old one, so the file is rewritten (beside itself, then renamed).
 */
const credentials = z.object({
  tokenUrl: z.url(),
  clientId: z.string().min(1),
  clientSecret: z.string().optional(),
  refreshToken: z.string().min(1),
  scope: z.string().optional(),
});

const answer = z.object({ access_token: z.string().min(1), refresh_token: z.string().min(1).optional() });

const ANSWER_MS = 15_000;

/** @throws when the file or the provider's answer cannot be used; the text carries no secret */
export async function accessToken(file: string): Promise<string> {
  const known = credentials.parse(JSON.parse(fs.readFileSync(file, 'utf8')));
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: known.refreshToken,
    client_id: known.clientId,
    ...(known.clientSecret === undefined ? {} : { client_secret: known.clientSecret }),
    ...(known.scope === undefined ? {} : { scope: known.scope }),
  });
  const response = await fetch(known.tokenUrl, {
    method: 'POST',
    body: form,
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  if (!response.ok) throw new Error(`the token endpoint of ${file} answered ${response.status}`);
  const given = answer.parse(await response.json());
  if (given.refresh_token !== undefined && given.refresh_token !== known.refreshToken)
    keep(file, { ...known, refreshToken: given.refresh_token });
  return given.access_token;
}

function keep(file: string, renewed: z.infer<typeof credentials>): void {
  const beside = `${file}.new`;
  fs.writeFileSync(beside, `${JSON.stringify(renewed, null, 2)}\n`, { mode: 0o600 });
  fs.renameSync(beside, file);
}
