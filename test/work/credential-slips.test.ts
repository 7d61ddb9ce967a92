import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { derBlocks } from '../../src/evidence/trust-store.ts';
import { createActivationLinks } from '../../src/notices/activation-link.ts';
import { compose } from '../../src/notices/send.ts';
import { loadSigningKey } from '../../src/notices/sign.ts';
import type { Notice } from '../../src/store/notices.ts';
import { openOffice, type Office, type Told } from '../harness/office.ts';
import { openssl, type Leaf } from '../harness/openssl-pki.ts';

const UNIT = 'snv@quangbinh.gov.vn';
const OTHER = 'stc@quangbinh.gov.vn';
const OFFICER = 'canbo@quangbinh.gov.vn';
const HEAD = ['STT', 'Họ và tên', 'Chức vụ', 'Số điện thoại'];
const ENCRYPTS = 'keyUsage=critical,keyEncipherment\nextendedKeyUsage=emailProtection';
const SIGNS_ONLY = 'keyUsage=critical,digitalSignature,nonRepudiation\nextendedKeyUsage=emailProtection';
/** The office's own links (harness/office.ts). */
const links = createActivationLinks(Buffer.alloc(32, 7), 'http://congthu.test');

const opened: Office[] = [];
const folders: string[] = [];
const temporary = (): string => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-slips-'));
  folders.push(folder);
  return folder;
};
async function open(env: Readonly<Record<string, string>>, leafUsages?: string): Promise<Office> {
  const office = await openOffice({
    regulation: 'vn-quangbinh-41-2015',
    at: '2026-03-02T08:00:00+07:00',
    units: [
      { code: 'snv', name: 'Sở Nội vụ', mailbox: UNIT },
      { code: 'stc', name: 'Sở Tài chính', mailbox: OTHER },
    ],
    mailboxes: [{ address: UNIT, unit: 'snv', kind: 'unit', fullName: 'Sở Nội vụ' }],
    env: { CONGTHU_SIGN_REPLIES: 'yes', ...env },
    ...(leafUsages === undefined ? {} : { leafUsages }),
  });
  opened.push(office);
  return office;
}
afterAll(async () => {
  for (const office of opened) await office.close();
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

let people = 0;
const NAMES = [
  'Trần Thị Bình',
  'Lê Quang Cường',
  'Phạm Minh Đức',
  'Võ Ngọc Khánh',
  'Đỗ Hữu Lâm',
  'Bùi Gia Hân',
];
/** Asks for one mailbox and hands back the completion notice. */
async function completed(office: Office, from = UNIT): Promise<Told> {
  await office.told();
  const name = NAMES[people++ % NAMES.length]!;
  const list = [HEAD, [1, name, 'Chuyên viên', `09051234${String(people).padStart(2, '0')}`]];
  const { id } = await office.send({ from, subject: 'V/v đề nghị cấp mới hộp thư điện tử', list });
  expect(await office.letter(id)).toMatchObject({ state: 'completed' });
  return (await office.told()).find(({ template }) => template === 'completed')!;
}
const slipOf = ({ attachments }: Told): Buffer | null =>
  attachments.find(({ filename }) => filename === 'phieu-cap-tai-khoan.eml')?.content ?? null;
/** By openssl, as the file stands. */
function decrypted(slip: Buffer, leaf: Leaf): string {
  const file = path.join(temporary(), 'phieu.eml');
  fs.writeFileSync(file, slip);
  const entity = openssl([
    'cms',
    '-decrypt',
    '-in',
    file,
    '-recip',
    leaf.cert,
    '-inkey',
    leaf.key,
  ]).toString();
  return Buffer.from(entity.split('\r\n\r\n')[1]!, 'base64').toString();
}

test('is off unless switched on, and asks for the key the notice is signed with', () => {
  expect(readConfig({}).credentialSlips).toBe(false);
  expect(() => readConfig({ CONGTHU_CREDENTIAL_SLIPS: 'yes' })).toThrow('CONGTHU_SIGNING_P12');
  expect(() => readConfig({ CONGTHU_CREDENTIAL_SLIPS: 'always' })).toThrow('neither yes nor no');
  expect(() => readConfig({ CONGTHU_UNIT_CERTIFICATES_DIR: '/nicht' })).toThrow('cannot be read');
});

describe('a unit whose own signing certificate may receive keys', () => {
  let office: Office;
  let notice: Told;
  beforeAll(async () => {
    office = await open({ CONGTHU_CREDENTIAL_SLIPS: 'yes' });
    notice = await completed(office);
  }, 60_000);

  test('gets the links in a slip that its key opens, and none in clear', () => {
    expect(notice.text).not.toContain('{{activation:');
    expect(notice.text).toContain('phiếu cấp tài khoản kèm theo');
    const text = decrypted(slipOf(notice)!, office.leafOf(UNIT));
    expect(text).toContain('Trần Thị Bình');
    const token = /http:\/\/congthu\.test\/kich-hoat\/([\w-]{43})\r?\n/.exec(text)?.[1];
    expect(token).toBeDefined();
    expect(text).not.toContain('{{');
  });

  test('no other key opens it', () => {
    expect(() => decrypted(slipOf(notice)!, office.leafOf(OTHER))).toThrow();
  });

  test('the link in it is the one the database knows by its hash, and stands nowhere in clear', async () => {
    const text = decrypted(slipOf(notice)!, office.leafOf(UNIT));
    const token = /kich-hoat\/([\w-]{43})/.exec(text)![1]!;
    const [row] = await office.db.sql`select address, used_at from activation
      where token_hash = ${createHash('sha256').update(token).digest()}`;
    expect(row).toMatchObject({ used_at: null });
    const columns = await office.db.sql<{ schema: string; name: string }[]>`
      select table_schema as schema, table_name as name from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema in ('public', 'mail', 'mail_log')`;
    expect(columns.length).toBeGreaterThan(20);
    for (const { schema, name } of columns) {
      const [found] = await office.db
        .sql`select count(*)::int as n from ${office.db.sql(`${schema}.${name}`)} t
        where t::text like ${`%${token}%`} or t::text like ${`%${Buffer.from(token).toString('hex')}%`}`;
      expect(found, `${schema}.${name}`).toEqual({ n: 0 });
    }
  });

  test('the log tells how the credentials went out, and to which certificate', async () => {
    const [der] = derBlocks(fs.readFileSync(office.leafOf(UNIT).cert));
    const sha256 = createHash('sha256').update(der!).digest('hex');
    const entries = (await office.log('notice.queued')).filter((entry) => entry.includes('"completed"'));
    expect(entries.at(-1)).toContain(`credential slip encrypted to certificate ${sha256}`);
  });

  test('after a crash the same slip is sent again: the outbox holds the sealed bytes', async () => {
    const [row] = await office.db.sql<Notice[]>`select id, recipient, subject, text, html,
      message_id as "messageId", in_reply_to as "inReplyTo", "references" from notice
      where template = 'completed'`;
    const key = loadSigningKey(path.join(office.pki.dir, '../operator.p12'), 'test');
    const options = { from: 'stttt@quangbinh.gov.vn', senderName: 'Sở TTTT', key, fillIn: links.fillIn };
    const send = () => compose(row!, options, new Date('2026-03-02T01:05:00Z'), notice.attachments);
    for (const mail of [await send(), await send()]) {
      // Out of the signed letter, as a mail program takes it.
      const file = path.join(temporary(), 'notice.eml');
      fs.writeFileSync(file, mail);
      const root = path.join(office.pki.anchors, 'root.pem');
      const inside = openssl([
        'cms',
        '-verify',
        '-in',
        file,
        '-CAfile',
        root,
        '-attime',
        '1772413500',
      ]).toString();
      const start = inside.indexOf('\r\n\r\n', inside.indexOf('message/rfc822')) + 4;
      const slip = inside.slice(start, inside.indexOf('\r\n--', start));
      expect(decrypted(Buffer.from(slip), office.leafOf(UNIT))).toContain('/kich-hoat/');
      expect(inside).not.toContain('kich-hoat');
    }
  });

  test('[QB-10.3] a unit locked out of its mailbox: the officers hold no key, so they get the link', async () => {
    await office.told();
    const { id } = await office.send({
      from: UNIT,
      subject: 'V/v bàn giao hộp thư điện tử của đơn vị khi thay thủ trưởng',
      text: 'Đề nghị bàn giao hộp thư điện tử của đơn vị cho thủ trưởng mới.',
    });
    expect(await office.letter(id)).toMatchObject({ state: 'completed' });
    const told = await office.told();
    const handover = told.find(({ template }) => template === 'handover')!;
    expect(handover.recipient).toBe(OFFICER);
    expect(handover.text).toContain('{{activation:');
    expect(told.flatMap(({ attachments }) => attachments.map(({ filename }) => filename))).not.toContain(
      'phieu-cap-tai-khoan.eml',
    );
  });
});

test('switched off, the same unit gets links', async () => {
  const office = await open({});
  const notice = await completed(office);
  expect(slipOf(notice)).toBeNull();
  expect(notice.text).toContain('{{activation:');
}, 60_000);

describe('a unit that signs with a certificate for signing only', () => {
  let office: Office;
  let certificates: string;
  beforeAll(async () => {
    certificates = temporary();
    const env = { CONGTHU_CREDENTIAL_SLIPS: 'yes', CONGTHU_UNIT_CERTIFICATES_DIR: certificates };
    office = await open(env, SIGNS_ONLY);
  }, 60_000);

  const pin = async (leaf: Leaf): Promise<void> => {
    fs.copyFileSync(leaf.cert, path.join(certificates, 'snv.pem'));
    const [der] = derBlocks(fs.readFileSync(leaf.cert));
    const sha256 = createHash('sha256').update(der!).digest('hex');
    await office.db.sql`update unit set certificates = ${[sha256]} where code = 'snv'`;
  };
  const usual = { email: UNIT, commonName: 'Sở Nội vụ', usages: ENCRYPTS };

  test('gets links', async () => {
    const notice = await completed(office);
    expect(slipOf(notice)).toBeNull();
    expect(notice.text).toContain('{{activation:');
  });

  test('gets a slip when the operator has its certificate for encryption, pinned for it', async () => {
    const leaf = office.pki.leaf('encrypts', usual);
    await pin(leaf);
    const notice = await completed(office);
    expect(notice.text).not.toContain('{{activation:');
    expect(decrypted(slipOf(notice)!, leaf)).toContain('http://congthu.test/kich-hoat/');
  });

  test.each<[string, () => Leaf]>([
    ['expired', () => office.pki.leaf('expired', { ...usual, until: '20260301000000Z' })],
    [
      'revoked',
      () => {
        const leaf = office.pki.leaf('revoked', usual);
        office.pki.revoke(leaf);
        office.at('2027-03-01T08:00:00+07:00');
        return leaf;
      },
    ],
  ])('gets links when that certificate is %s', async (_name, make) => {
    await pin(make());
    const notice = await completed(office);
    expect(slipOf(notice)).toBeNull();
    expect(notice.text).toContain('{{activation:');
  });

  test('a certificate in the folder that is pinned for another unit is not used', async () => {
    office.at('2026-03-03T08:00:00+07:00');
    await pin(office.pki.leaf('not-mine', usual));
    await office.db.sql`update unit set certificates = array[]::text[] where code = 'snv'`;
    const notice = await completed(office);
    expect(slipOf(notice)).toBeNull();
  });
});

describe('Sở Nội vụ decides for another unit (HCM-7.2c)', () => {
  const AUTHORITY = 'snv@tphcm.gov.vn';
  const CONCERNED = 'stc@tphcm.gov.vn';
  const HEADS = [
    'STT',
    'Họ và tên',
    'Địa chỉ hộp thư hiện tại',
    'Nội dung đề nghị',
    'Lý do',
    'Số, ngày quyết định',
  ];
  let office: Office;
  let certificates: string;
  beforeAll(async () => {
    certificates = temporary();
    office = await openOffice({
      regulation: 'vn-hcm-41-2011',
      at: '2026-03-02T08:00:00+07:00',
      units: [
        { code: 'snv', name: 'Sở Nội vụ', mailbox: AUTHORITY },
        { code: 'stc', name: 'Sở Tài chính', mailbox: CONCERNED },
      ],
      mailboxes: ['annv', 'binhtt'].map((local) => ({
        address: `${local}.stc@tphcm.gov.vn`,
        unit: 'stc',
        fullName: 'Nguyễn Văn An',
      })),
      env: { CONGTHU_CREDENTIAL_SLIPS: 'yes', CONGTHU_UNIT_CERTIFICATES_DIR: certificates },
    });
    opened.push(office);
  }, 60_000);

  const decided = async (address: string): Promise<{ authority: Told; completed: Told }> => {
    await office.told();
    const { id } = await office.send({
      from: AUTHORITY,
      subject: 'V/v cập nhật hộp thư theo quyết định của Sở Nội vụ',
      text: 'Do thay đổi nhân sự, có nhu cầu cập nhật để phục vụ công tác, đề nghị cấp lại mật khẩu theo danh sách.',
      list: [
        HEADS,
        [1, 'Nguyễn Văn An', address, 'Cấp lại mật khẩu', 'quên mật khẩu', '45/QĐ-SNV ngày 27/02/2026'],
      ],
    });
    expect(await office.letter(id)).toMatchObject({ state: 'completed' });
    const told = await office.told();
    const of = (wanted: string) => told.find(({ template }) => template === wanted)!;
    return { authority: of('authority'), completed: of('completed') };
  };

  test('the unit concerned gets its links; the asking unit’s key opens none of them', async () => {
    const { authority, completed: asked } = await decided('annv.stc@tphcm.gov.vn');
    expect(authority.recipient).toBe(CONCERNED);
    expect(slipOf(authority)).toBeNull();
    expect(authority.text).toContain('{{activation:');
    expect(slipOf(asked)).toBeNull();
    expect(asked.text).not.toContain('{{activation:');
  });

  test('with a certificate pinned for the unit concerned, the slip is for that one alone', async () => {
    const leaf = office.pki.leaf('stc-encrypts', {
      email: CONCERNED,
      commonName: 'Sở Tài chính',
      usages: ENCRYPTS,
    });
    fs.copyFileSync(leaf.cert, path.join(certificates, 'stc.pem'));
    const [der] = derBlocks(fs.readFileSync(leaf.cert));
    const sha256 = createHash('sha256').update(der!).digest('hex');
    await office.db.sql`update unit set certificates = ${[sha256]} where code = 'stc'`;
    const { authority, completed: asked } = await decided('binhtt.stc@tphcm.gov.vn');
    expect(authority.text).not.toContain('{{activation:');
    expect(decrypted(slipOf(authority)!, leaf)).toContain('http://congthu.test/kich-hoat/');
    expect(() => decrypted(slipOf(authority)!, office.leafOf(AUTHORITY))).toThrow();
    expect(slipOf(asked)).toBeNull();
  });
});
