import type { Regulation } from '../regulation.ts';
import { GIBIBYTE, LOG_TWELVE_MONTHS, MEBIBYTE, OFFICE_HOURS, REPORT_KINDS } from './common.ts';

/** Đồng Tháp, Quyết định 143/2025/QĐ-UBND (domain.md §1.3): days as lock clock, birth year in addresses. */
export const DONGTHAP_143_2025: Regulation = {
  id: 'vn-dongthap-143-2025',
  legal: {
    number: '143/2025/QĐ-UBND',
    title: 'Quy chế quản lý, vận hành và sử dụng hệ thống thư điện tử công vụ tỉnh Đồng Tháp',
    instrument: 'Quy chế',
    issuedOn: '2025-12-01',
    effectiveFrom: { value: '2025-12-11', source: 'assumed', assumed: true },
  },
  identity: {
    provinceName: 'tỉnh Đồng Tháp',
    operatorName: 'Trung tâm Chuyển đổi số, Sở Khoa học và Công nghệ',
    operatorAbbr: 'TTCDS',
    domains: [{ name: 'dongthap.gov.vn', primary: true }],
    mode: 'execute',
  },
  intake: [{ kind: 'request', source: 'outside' }],
  unitLevels: [
    { code: 'so', nameVi: 'Sở, ban, ngành cấp tỉnh', mayRequest: true },
    { code: 'xa', nameVi: 'Ủy ban nhân dân xã, phường', mayRequest: true },
    { code: 'donvi', nameVi: 'Đơn vị trực thuộc', mayRequest: true },
    { code: 'phong', nameVi: 'Phòng, ban', mayRequest: true, subordinate: true },
  ],
  authorityMailboxes: [],
  senderRules: [
    {
      kinds: '*',
      allow: ['unit_mailbox', 'sub_unit_mailbox', 'paper'],
      requireManagingUnit: true,
      source: 'outside',
    },
  ],
  senderArticle: 'Quy chế',
  autoForwarded: 'accept',
  verification: {
    routes: [
      { route: 'digital_signature', enabled: true, source: 'outside' },
      { route: 'scan_signed_sealed', enabled: true, source: 'outside' },
      { route: 'paper', enabled: true, source: 'outside' },
    ],
    article: 'Quy chế',
    editableListNeedsSignature: true,
    signer: { mustBeHead: false, requireOrgSignature: true, requirePersonSignature: false },
    unitMailboxSuffices: REPORT_KINDS,
    scanNeedsOfficer: true,
    onUnverified: 'reject',
    encoding: { rule: 'TCVN6909_required', source: 'outside' },
  },
  attachment: { maxBytes: 20 * MEBIBYTE, scope: 'message', forbidEncryptedArchive: false, source: 'outside' },
  list: {
    requireReasonNeedDemand: false,
    requiredFor: ['CREATE_PERSON', 'CHANGE', 'PASSWORD_RESET'],
    requiredColumns: {
      CREATE_PERSON: ['fullName', 'position', 'phone'],
      PASSWORD_RESET: ['currentAddress'],
    },
    decisionRequired: ['CHANGE'],
    partialAcceptance: true,
    source: 'outside',
  },
  addressing: {
    unit: [
      {
        level: 'phong',
        template: '{parent}.{unit}',
        example: ['Văn phòng, vp.snv', 'snv.vp@dongthap.gov.vn'],
        source: 'outside',
      },
      { level: '*', template: '{unit}', example: ['Sở Nội vụ', 'snv@dongthap.gov.vn'], source: 'outside' },
    ],
    person: [
      {
        level: '*',
        template: '{fullName}',
        example: ['Nguyễn Văn An', 'nguyenvanan@dongthap.gov.vn'],
        source: 'outside',
      },
    ],
    namespace: 'domain',
    collision: {
      suffix: 'birth_year',
      position: 'end',
      leaderPriority: 'none',
      allocateAt: 'immediately',
      source: 'outside',
    },
    reuseDeleted: 'never',
  },
  deadlines: {
    '*': { duration: { n: 5, unit: 'working_day' }, from: 'receipt', legal: true, source: 'outside' },
  },
  replies: { acknowledgement: 'same_day', completion: { value: 'email', source: 'outside' } },
  passwords: {
    user: { min: 8, source: 'assumed' },
    mustChangeAtFirstLogin: true,
    lockIfNotChanged: { value: { n: 5, unit: 'day' }, source: 'outside' },
  },
  lifecycle: {
    lockAfter: { value: { n: 45, unit: 'day' }, source: 'outside' },
    lockBasis: 'last_login',
    deleteAfter: { value: { n: 30, unit: 'day' }, source: 'outside' },
    deleteClockFrom: 'lock',
    lockedStillReceives: true,
    notifyOn: ['lock', 'delete'],
  },
  quotas: { person: 500 * MEBIBYTE, unit: 2 * GIBIBYTE, overrideNeedsDecision: false, source: 'outside' },
  unitMailbox: { onePerUnit: true, handoverOnHeadChange: true },
  directory: { publish: false, source: 'outside' },
  reports: [
    {
      id: 'units-june',
      audience: 'Sở Khoa học và Công nghệ',
      schedule: 'before 06-20',
      from: 'units',
      source: 'outside',
    },
    {
      id: 'units-december',
      audience: 'Sở Khoa học và Công nghệ',
      schedule: 'before 12-20',
      from: 'units',
      source: 'outside',
    },
  ],
  log: LOG_TWELVE_MONTHS,
  officeHours: OFFICE_HOURS,
  templates: 'vi',
  articles: {
    request: 'Quy chế',
    deadline: 'Quy chế',
    password: 'Quy chế',
    address: 'Quy chế',
    attachment: 'Quy chế',
    secrecy: 'Quy chế',
    encoding: 'Quy chế',
    lock: 'Quy chế',
  },
  notes: ['Ngày ban hành và ngày hiệu lực do người vận hành xác nhận.'],
};
