import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import YAML from 'yaml';
import { UserError } from '../../src/errors.ts';
import { parseRegulation } from '../../src/regulation-files.ts';
import { REGULATIONS } from '../../src/rules/regulations.ts';
import { openOffice, type Office } from '../harness/office.ts';

/**
 * Somebody writes the regulation of a province of their own from an empty file, with nothing but the error messages:
 * what is missing is copied from them, and where a path is named the text of the law is looked up.
 */
const ID = 'vn-mythanh-7-2026';
const DOMAIN = 'mythanh.gov.vn';
const KINDS = ['CREATE_PERSON', 'CHANGE', 'CANCEL'];

/** What the newcomer knows: the text of the law, by the path the messages name. */
const LAW: Readonly<Record<string, unknown>> = {
  'legal.number': '7/2026/QĐ-UBND',
  'legal.title': 'Quy chế quản lý, sử dụng thư điện tử công vụ tỉnh Mỹ Thành',
  'legal.issuedOn': '2026-01-05',
  'legal.effectiveFrom.value': '2026-01-15',
  'legal.effectiveFrom.source': 'MT-1',
  'identity.provinceName': 'tỉnh Mỹ Thành',
  'identity.operatorName': 'Sở Khoa học và Công nghệ',
  'identity.operatorAbbr': 'SKHCN',
  'identity.domains': [{ name: DOMAIN, primary: true }],
  intake: [{ kind: 'request', address: { value: `skhcn@${DOMAIN}`, source: 'MT-3' }, source: 'MT-3' }],
  unitLevels: [{ code: 'so', nameVi: 'Sở, ban, ngành', mayRequest: true }],
  senderRules: [{ kinds: '*', allow: ['unit_mailbox', 'paper'], requireManagingUnit: true, source: 'MT-3' }],
  senderArticle: 'Điều 3',
  'verification.article': 'Điều 4',
  'verification.encoding.source': 'MT-4',
  'attachment.source': 'MT-5',
  'list.source': 'MT-3',
  'addressing.collision.source': 'MT-6',
  'replies.completion.source': 'MT-3',
  'passwords.user.source': 'MT-7',
  'quotas.source': 'MT-8',
  'log.source': 'MT-9',
  'officeHours.hours': [
    ['07:30', '11:30'],
    ['13:00', '16:30'],
  ],
  'officeHours.cutOff': '16:30',
  templates: 'vi',
  ...Object.fromEntries(
    ['request', 'deadline', 'password', 'address', 'attachment', 'secrecy', 'encoding', 'lock'].map(
      (topic) => [`articles.${topic}`, 'Điều 3'],
    ),
  ),
};

/** Figures that have a sensible value in what was copied, and which the law sets otherwise. */
const SET: Readonly<Record<string, unknown>> = {
  'verification.routes': [{ route: 'digital_signature', enabled: true, source: 'MT-4' }],
  'verification.editableListNeedsSignature': true,
  'list.requiredFor': KINDS,
  'list.partialAcceptance': true,
  'addressing.person': [
    {
      level: '*',
      template: '{given}{initials}.{unit}',
      example: ['Nguyễn Văn An, snv', `annv.snv@${DOMAIN}`],
      source: 'MT-6',
    },
  ],
  deadlines: {
    '*': { duration: { n: 4, unit: 'working_day' }, from: 'receipt', legal: true, source: 'MT-3' },
  },
  'passwords.user.min': 10,
  'log.value.retainMonths': 24,
  'lifecycle.lockedStillReceives': true,
};

const put = (document: YAML.Document, at: string, value: unknown): void => {
  document.setIn(
    at.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key)),
    document.createNode(value),
  );
};

interface Fault {
  readonly path: string;
  readonly stub: string | null;
}

/** The faults of a message: "  path: …", and below a missing one the YAML to write. */
function faultsOf(message: string): Fault[] {
  return message
    .split(/\n(?= {2}\S)/u)
    .slice(1)
    .map((text) => ({
      path: /^ {2}([\w.*]+): /u.exec(text)![1]!,
      stub: text.includes('missing. To write:') ? text.split('\n').slice(1).join('\n') : null,
    }));
}

function messageOf(text: string): string | null {
  try {
    parseRegulation(text, 'mythanh.yaml', REGULATIONS);
    return null;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-province-'));
let office: Office | null = null;
afterAll(async () => {
  await office?.close();
  fs.rmSync(folder, { recursive: true });
});

test('an empty file becomes a regulation by following the messages; every fault names its path', () => {
  expect(messageOf('')).toContain('id: vn-province-41-2026');
  const document = new YAML.Document({ id: ID });
  const asked: string[] = [];
  for (let round = 1; ; round++) {
    expect(round).toBeLessThan(6);
    const message = messageOf(document.toString());
    if (message === null) break;
    for (const { path: at, stub } of faultsOf(message)) {
      asked.push(at);
      if (stub === null) {
        expect(Object.keys(LAW), `${at} of\n${message}`).toContain(at);
        put(document, at, LAW[at]);
      } else put(document, at, Object.values(YAML.parse(stub) as object)[0]);
    }
  }
  // All that the law says was asked for by path; the rest are figures a newcomer sees in what was copied.
  expect(Object.keys(LAW).filter((at) => !asked.includes(at))).toEqual([]);
  for (const [at, value] of Object.entries(SET)) put(document, at, value);
  expect(messageOf(document.toString())).toBeNull();
  fs.writeFileSync(path.join(folder, 'mythanh.yaml'), document.toString());
});

test.each([
  [
    'a typing error in a key',
    (text: string) => text.replace('partialAcceptance', 'partialAcceptence'),
    /list: unknown key "partialAcceptence"; known: .*partialAcceptance/u,
  ],
  [
    'an example that its template does not give',
    (text: string) => text.replace('annv.snv@', 'anv.snv@'),
    /addressing\.person\.0\.example: .*gives "annv\.snv"/u,
  ],
  [
    'a level nobody has',
    (text: string) => text.replace(/level: "\*"/u, 'level: huyen'),
    /addressing\.person\.0\.level: is none of the unitLevels \(so\)/u,
  ],
  [
    'an intake outside of the domains',
    (text: string) => text.replace('skhcn@mythanh', 'skhcn@mytanh'),
    /intake\.0\.address\.value: is in none of the domains/u,
  ],
  [
    'a kind that does not exist',
    (text: string) => text.replace('- CANCEL', '- CANCELL'),
    /list\.requiredFor/u,
  ],
  [
    'a schedule nobody understands',
    (text: string) =>
      text.replace(
        'reports: []',
        'reports: [{ id: q, audience: UBND, schedule: every quarter, from: operator, source: MT-9 }]',
      ),
    /reports\.0\.schedule: "every quarter" is none of quarterly/u,
  ],
  [
    'a folder of notices that is not there',
    (text: string) => text.replace('templates: vi', 'templates: en'),
    /templates: no folder of notices "en"; there is vi/u,
  ],
  [
    'a mode without an executor',
    (text: string) => text.replace('mode: execute', 'mode: decide_then_order'),
    /identity\.executor: mode decide_then_order needs/u,
  ],
])('told with its path: %s', (_what, spoil, told) => {
  const text = fs.readFileSync(path.join(folder, 'mythanh.yaml'), 'utf8');
  expect(spoil(text)).not.toBe(text);
  expect(messageOf(spoil(text))).toMatch(told);
});

test('the new province takes a letter, makes the mailbox by its rule and answers with its article', async () => {
  office = await openOffice({
    regulation: 'vn-quangbinh-41-2015',
    at: '2026-03-02T08:00:00+07:00',
    units: [{ code: 'snv', name: 'Sở Nội vụ', mailbox: `snv@${DOMAIN}`, regulation: ID }],
    env: {
      CONGTHU_REGULATIONS: ID,
      CONGTHU_REGULATION_FILES: folder,
      CONGTHU_INTAKE: '',
      CONGTHU_OFFICERS: `canbo@${DOMAIN}`,
    },
  });
  const { id } = await office.send({
    from: `snv@${DOMAIN}`,
    to: `skhcn@${DOMAIN}`,
    subject: 'V/v đề nghị cấp mới hộp thư điện tử công vụ',
    list: [
      ['STT', 'Họ và tên', 'Chức vụ'],
      [1, 'Trần Thị Bình', 'Chuyên viên'],
    ],
  });
  const { dossier, state } = await office.letter(id);
  expect(state).toBe('completed');
  expect(await office.rows(dossier)).toEqual([`binhtt.snv@${DOMAIN} done`]);
  expect(await office.dossier(dossier)).toMatchObject({ regulation: ID, due_date: '2026-03-06' });
  const [received, completed] = (await office.told()).toSorted((a, b) =>
    b.template.localeCompare(a.template),
  );
  expect(received!.text).toContain('04 ngày làm việc');
  expect(received!.text).toContain('Điều 3 Quy chế ban hành kèm theo Quyết định số 7/2026/QĐ-UBND');
  expect(completed!.text).toContain('ít nhất 10 ký tự');
  expect(completed!.text).toContain('SỞ KHOA HỌC VÀ CÔNG NGHỆ');
}, 60_000);
