import { afterAll, beforeAll, expect, test } from 'vitest';
import { codeOf, stepAt } from '../../src/console/totp.ts';
import { PASSWORD, runConsole, visitor, type RunningConsole } from '../harness/console.ts';

let run: RunningConsole;
beforeAll(async () => {
  run = await runConsole();
});
afterAll(() => run.close());

const log = async (event: string) =>
  (
    await run.db.sql<
      { entry: string }[]
    >`select entry from mail_log.mail_event where event = ${event} order by at`
  ).map(({ entry }) => JSON.parse(entry) as Record<string, string>);

/** RFC 4648 §6, as an authenticator app reads it. */
function fromBase32(text: string): Buffer {
  const bits = Array.from(text, (sign) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(sign).toString(2).padStart(5, '0'),
  );
  return Buffer.from(
    bits
      .join('')
      .match(/.{8}/g)!
      .map((byte) => parseInt(byte, 2)),
  );
}

test('password, then code, then in; both stand in the log; log-out ends the session', async () => {
  const account = await run.account('lan', 'officer');
  const browser = visitor(run.url);
  await browser.open('/dang-nhap');
  const before = browser.jar.get('congthu');
  const first = await browser.post('/dang-nhap', { name: 'LAN', password: PASSWORD });
  expect(first.status).toBe(303);
  expect(browser.jar.get('congthu')).not.toBe(before);
  const half = await browser.get('/tai-khoan');
  expect([half.status, half.headers.get('location')]).toEqual([303, '/dang-nhap/ma']);
  await browser.open('/dang-nhap/ma');
  const code = account.code();
  expect((await browser.post('/dang-nhap/ma', { code: '000000' })).status).toBe(401);
  expect((await browser.post('/dang-nhap/ma', { code })).status).toBe(303);
  expect(await browser.open('/tai-khoan')).toContain('Cán bộ lan');
  expect(await log('login.ok')).toMatchObject([{ actor: 'lan', client: '127.0.0.1' }]);
  const thief = visitor(run.url);
  thief.jar.set('congthu', browser.jar.get('congthu')!);
  expect((await browser.post('/dang-xuat', {})).status).toBe(303);
  expect((await thief.get('/tai-khoan')).headers.get('location')).toBe('/dang-nhap');
});

test('a code counts once, even for somebody who read it over the shoulder', async () => {
  const account = await run.account('code-twice', 'officer');
  const code = account.code();
  const [one, two] = [visitor(run.url), visitor(run.url)];
  for (const browser of [one, two]) {
    await browser.open('/dang-nhap');
    await browser.post('/dang-nhap', { name: account.name, password: PASSWORD });
    await browser.open('/dang-nhap/ma');
  }
  const answers = await Promise.all([one, two].map((browser) => browser.post('/dang-nhap/ma', { code })));
  expect(answers.map(({ status }) => status).sort()).toEqual([303, 401]);
});

test('a first password has to be changed, the authenticator set up, and recovery codes work once', async () => {
  const { name } = await run.account('moi', 'admin', { enrolled: false, mustChange: true });
  const browser = visitor(run.url);
  await browser.open('/dang-nhap');
  await browser.post('/dang-nhap', { name, password: PASSWORD });
  expect((await browser.get('/')).headers.get('location')).toBe('/tai-khoan/mat-khau');
  await browser.open('/tai-khoan/mat-khau');
  const change = (password: string, again = password) =>
    browser.post('/tai-khoan/mat-khau', { current: PASSWORD, password, again });
  const problems = async (response: Response) => [response.status, await response.text()] as const;
  expect(await problems(await change('Ngan-2026!'))).toMatchObject([
    422,
    expect.stringContaining('14 ký tự'),
  ]);
  expect((await change(PASSWORD)).status).toBe(422);
  expect((await change('Mot-Hai-Ba-2026!', 'Mot-Hai-Ba-2027!')).status).toBe(422);
  expect((await change('can-bo-moi-2026-abc')).status).toBe(422);
  expect((await change('Mot-Hai-Ba-2026!')).status).toBe(303);
  expect((await browser.get('/')).headers.get('location')).toBe('/tai-khoan/xac-thuc');
  const page = await browser.open('/tai-khoan/xac-thuc');
  const key = /<code>([A-Z2-7 ]+)<\/code>/.exec(page)![1]!.replaceAll(' ', '');
  const sealed = /name="sealed" value="([^"]+)"/.exec(page)![1]!;
  expect(key).toHaveLength(32);
  const secret = fromBase32(key);
  expect((await browser.post('/tai-khoan/xac-thuc', { sealed, code: '000000' })).status).toBe(422);
  const enrolled = await browser.post('/tai-khoan/xac-thuc', {
    sealed,
    code: codeOf(secret, stepAt(run.clock.now())),
  });
  const recovery = /<code>([a-z2-7]{5}-[a-z2-7]{5})<\/code>/.exec(await enrolled.text())![1]!;
  expect(await browser.open('/tai-khoan')).toContain('quản trị');
  const withCode = async () => {
    const other = visitor(run.url);
    await other.open('/dang-nhap');
    await other.post('/dang-nhap', { name, password: 'Mot-Hai-Ba-2026!' });
    await other.open('/dang-nhap/ma');
    return (await other.post('/dang-nhap/ma', { code: recovery })).status;
  };
  expect([await withCode(), await withCode()]).toEqual([303, 401]);
});

test('two administrators never have the same password (QB-8.4)', async () => {
  await run.account('quantri-mot', 'admin');
  const second = await run.account('quantri-hai', 'admin');
  await run.db
    .sql`update account set password_hash = (select password_hash from account where name = 'moi') where name = 'quantri-hai'`;
  const browser = visitor(run.url);
  await browser.open('/dang-nhap');
  await browser.post('/dang-nhap', { name: second.name, password: 'Mot-Hai-Ba-2026!' });
  await browser.open('/dang-nhap/ma');
  await browser.post('/dang-nhap/ma', { code: second.code() });
  await browser.open('/tai-khoan/mat-khau');
  const answer = await browser.post('/tai-khoan/mat-khau', {
    current: 'Mot-Hai-Ba-2026!',
    password: PASSWORD,
    again: PASSWORD,
  });
  expect([answer.status, await answer.text()]).toMatchObject([422, expect.stringContaining('QB-8.4')]);
});

test('a changed password ends every other session; an administrator’s lasts a month (QB-8.3)', async () => {
  const account = await run.account('doi', 'admin');
  const [here, elsewhere] = [visitor(run.url), visitor(run.url)];
  await here.login(account);
  await elsewhere.login(account);
  await here.open('/tai-khoan/mat-khau');
  const fields = { current: PASSWORD, password: 'Bon-Nam-Sau-2026!', again: 'Bon-Nam-Sau-2026!' };
  expect((await here.post('/tai-khoan/mat-khau', fields)).status).toBe(303);
  expect((await here.get('/tai-khoan')).status).toBe(200);
  expect((await elsewhere.get('/tai-khoan')).headers.get('location')).toBe('/dang-nhap');
  await run.db.sql`update account set password_changed_at = now() - interval '33 days' where name = 'doi'`;
  expect((await here.get('/tai-khoan')).headers.get('location')).toBe('/tai-khoan/mat-khau');
});

test('an idle session ends, and every session ends after a day’s work', async () => {
  const account = await run.account('nghi', 'officer');
  const browser = visitor(run.url);
  await browser.login(account);
  run.clock.forward(44);
  expect((await browser.get('/tai-khoan')).status).toBe(200);
  run.clock.forward(46);
  expect((await browser.get('/tai-khoan')).headers.get('location')).toBe('/dang-nhap');
  await browser.login(account);
  for (let i = 0; i < 14; i++) {
    run.clock.forward(40);
    expect((await browser.get('/tai-khoan')).status).toBe(200);
  }
  run.clock.forward(41);
  expect((await browser.get('/tai-khoan')).headers.get('location')).toBe('/dang-nhap');
});

test('a disabled account is out at once', async () => {
  const account = await run.account('khoa', 'officer');
  const browser = visitor(run.url);
  await browser.login(account);
  await run.db.sql`update account set disabled_at = now() where name = 'khoa'`;
  expect((await browser.get('/tai-khoan')).headers.get('location')).toBe('/dang-nhap');
  await browser.open('/dang-nhap');
  expect((await browser.post('/dang-nhap', { name: 'khoa', password: PASSWORD })).status).toBe(401);
});

test('a form from elsewhere, with another token or another origin, is refused', async () => {
  const account = await run.account('gia-mao', 'officer');
  const browser = visitor(run.url);
  await browser.login(account);
  await browser.open('/tai-khoan/mat-khau');
  expect((await browser.post('/dang-xuat', { csrf: 'A'.repeat(43) })).status).toBe(403);
  const csrf = /name="csrf" value="([^"]+)"/.exec(await browser.open('/tai-khoan/mat-khau'))![1]!;
  const cross = await fetch(`${run.url}/dang-xuat`, {
    method: 'POST',
    headers: { cookie: `congthu=${browser.jar.get('congthu')!}`, 'sec-fetch-site': 'cross-site' },
    body: new URLSearchParams({ csrf }),
    redirect: 'manual',
  });
  expect(cross.status).toBe(403);
  expect((await browser.get('/tai-khoan')).status).toBe(200);
});

test('wrong guesses are counted per account in the database, before they are checked', async () => {
  const account = await run.account('doan', 'officer');
  const guess = async (password: string) => {
    const browser = visitor(run.url);
    await browser.open('/dang-nhap');
    return (await browser.post('/dang-nhap', { name: account.name, password })).status;
  };
  await run.db.sql`delete from login_guess`;
  const many = await Promise.all(Array.from({ length: 10 }, () => guess('sai mat khau')));
  expect(many.filter((status) => status === 401)).toHaveLength(8);
  expect(await guess(PASSWORD)).toBe(429);
  run.clock.forward(16);
  expect(await guess(PASSWORD)).toBe(303);
  const entries = (await log('login.failed')).filter(({ actor }) => actor === 'doan');
  expect(entries.filter(({ detail }) => detail === 'too many attempts')).toHaveLength(1);
});

test('an unknown name never reaches the log: it may be a password in the wrong field', async () => {
  const browser = visitor(run.url);
  await browser.open('/dang-nhap');
  await browser.post('/dang-nhap', { name: 'mat-khau-bi-mat', password: 'x' });
  const entries = await log('login.failed');
  expect(entries.at(-1)).toMatchObject({ actor: 'unknown' });
  expect(JSON.stringify(entries)).not.toContain('mat-khau-bi-mat');
});
