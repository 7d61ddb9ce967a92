import type { Regulation } from '../regulation.ts';
import {
  GIBIBYTE,
  LEAST_COLUMNS,
  LOG_TWELVE_MONTHS,
  MEBIBYTE,
  OFFICE_HOURS,
  REPORT_KINDS,
} from './common.ts';

/** Quảng Bình, Quyết định 41/2015/QĐ-UBND. */
export const QUANGBINH_41_2015: Regulation = {
  id: 'vn-quangbinh-41-2015',
  legal: {
    number: '41/2015/QĐ-UBND',
    title: 'Quy chế quản lý, vận hành và sử dụng hệ thống thư điện tử công vụ tỉnh Quảng Bình',
    instrument: 'Quy chế',
    issuedOn: '2015-12-07',
    // The decision page is not in the text at hand; ten days after signing is the usual clause.
    effectiveFrom: { value: '2015-12-17', source: 'assumed', assumed: true },
  },
  identity: {
    provinceName: 'tỉnh Quảng Bình',
    operatorName: 'Sở Thông tin và Truyền thông',
    operatorAbbr: 'STTTT',
    domains: [{ name: 'quangbinh.gov.vn', primary: true }],
    webmailUrl: 'https://mail.quangbinh.gov.vn',
    mode: 'execute',
  },
  intake: [
    { kind: 'request', address: { value: 'stttt@quangbinh.gov.vn', source: 'QB-4.1a' }, source: 'QB-4.1a' },
    { kind: 'support', source: 'QB-6.1' },
  ],
  unitLevels: [
    { code: 'so', nameVi: 'Sở, ban, ngành cấp tỉnh', mayRequest: true },
    { code: 'huyen', nameVi: 'Ủy ban nhân dân huyện, thị xã, thành phố', mayRequest: true },
    { code: 'xa', nameVi: 'Ủy ban nhân dân xã, phường, thị trấn', mayRequest: true },
    { code: 'donvi', nameVi: 'Đơn vị trực thuộc', mayRequest: true },
    { code: 'khac', nameVi: 'Tổ chức khác được cấp tài khoản', mayRequest: true },
    { code: 'phong', nameVi: 'Phòng, ban thuộc cơ quan, đơn vị', mayRequest: true, subordinate: true },
  ],
  authorityMailboxes: [],
  senderRules: [
    {
      kinds: ['PASSWORD_RESET', 'INCIDENT'],
      allow: ['unit_mailbox', 'sub_unit_mailbox', 'personal_mailbox', 'paper', 'phone'],
      requireManagingUnit: false,
      source: 'QB-6.1',
    },
    { kinds: '*', allow: ['unit_mailbox', 'paper'], requireManagingUnit: true, source: 'QB-4.1' },
  ],
  senderArticle: 'Điều 4',
  autoForwarded: 'accept',
  verification: {
    routes: [
      { route: 'digital_signature', enabled: true, source: 'QB-4.1a' },
      { route: 'scan_signed_sealed', enabled: true, source: 'QB-4.1a' },
      { route: 'paper', enabled: true, source: 'QB-4.1b' },
    ],
    article: 'Điều 4',
    editableListNeedsSignature: true,
    signer: { mustBeHead: false, requireOrgSignature: true, requirePersonSignature: false },
    unitMailboxSuffices: REPORT_KINDS,
    scanNeedsOfficer: true,
    onUnverified: 'reject',
    encoding: { rule: 'normalise_silently', source: 'assumed' },
  },
  attachment: { maxBytes: 20 * MEBIBYTE, scope: 'message', forbidEncryptedArchive: false, source: 'QB-9' },
  list: {
    requireReasonNeedDemand: false,
    requiredFor: ['CANCEL'],
    requiredColumns: LEAST_COLUMNS,
    decisionRequired: [],
    partialAcceptance: true,
    source: 'QB-7.1',
  },
  addressing: {
    unit: [
      {
        level: 'huyen',
        template: '{name}',
        example: ['Ủy ban nhân dân huyện Quảng Ninh', 'quangninh@quangbinh.gov.vn'],
        source: 'QB-5.1b',
      },
      {
        level: '*',
        template: '{unit}',
        example: ['Sở Thông tin và Truyền thông', 'stttt@quangbinh.gov.vn'],
        source: 'QB-5.1a',
      },
    ],
    person: [
      {
        level: '*',
        template: '{given}{initials}.{unit}',
        example: ['Nguyễn Văn An, stttt', 'annv.stttt@quangbinh.gov.vn'],
        source: 'QB-5.2a',
      },
    ],
    namespace: 'unit',
    collision: {
      suffix: 'number',
      position: 'before_dot',
      leaderPriority: 'same_unit',
      allocateAt: 'immediately',
      source: 'QB-5.2b',
    },
    reuseDeleted: 'never',
  },
  deadlines: {
    CANCEL: {
      duration: { n: 5, unit: 'working_day' },
      from: 'information_complete',
      legal: true,
      source: 'QB-7.1',
    },
    PASSWORD_RESET: {
      duration: { n: 2, unit: 'working_day' },
      from: 'information_complete',
      legal: true,
      source: 'QB-6.2',
    },
    '*': { duration: { n: 5, unit: 'working_day' }, from: 'receipt', legal: true, source: 'QB-4.2' },
  },
  replies: {
    acknowledgement: 'same_day',
    completion: { value: 'signed_document', source: 'QB-4.2' },
    // QB-6.2: a password reset is answered within 2 working days, no document is asked for.
    documentFor: ['CREATE_PERSON', 'CREATE_UNIT', 'CHANGE', 'TRANSFER', 'CANCEL'],
  },
  passwords: {
    user: { min: 7, classesAtLeast: 3, source: 'QB-8.1' },
    admin: {
      min: 14,
      classesAtLeast: 3,
      rotateEvery: { n: 1, unit: 'month' },
      unique: true,
      source: 'QB-8.1',
    },
    mustChangeAtFirstLogin: true,
  },
  lifecycle: {
    lockAfter: { value: { n: 3, unit: 'month' }, source: 'QB-7.2' },
    lockBasis: 'last_login',
    warnBefore: { value: { n: 15, unit: 'day' }, source: 'assumed', assumed: true },
    lockedStillReceives: true,
    notifyOn: ['lock'],
  },
  quotas: { person: 2 * GIBIBYTE, unit: 2 * GIBIBYTE, overrideNeedsDecision: true, source: 'QB-9' },
  unitMailbox: { onePerUnit: true, handoverOnHeadChange: true, source: 'QB-10.1' },
  directory: { publish: true, source: 'QB-14.4' },
  reports: [
    {
      id: 'units-half-year',
      audience: 'UBND tỉnh qua Sở Thông tin và Truyền thông',
      schedule: 'every 6 months',
      from: 'units',
      source: 'QB-14.6',
    },
    {
      id: 'operator-periodic',
      audience: 'UBND tỉnh',
      schedule: 'periodic',
      from: 'operator',
      source: 'QB-16.9',
    },
  ],
  userDuties: {
    value: [
      'Thường xuyên kiểm tra, sử dụng hộp thư để phục vụ công việc; chịu trách nhiệm về nội dung thông tin gửi, nhận.',
      'Không cung cấp hoặc để lộ mật khẩu cho người khác; không truy nhập vào hộp thư của người khác và không để người khác sử dụng địa chỉ, hộp thư của mình.',
      'Trường hợp bị lộ hoặc quên mật khẩu, báo cáo Sở Thông tin và Truyền thông để được cấp mật khẩu mới.',
      'Khi phát hiện văn bản, tài liệu thuộc danh mục bí mật nhà nước trong hộp thư, kịp thời báo cáo Thủ trưởng cơ quan.',
      'Khi phát sinh lỗi hoặc sự cố, thông báo cho cán bộ đầu mối phụ trách công nghệ thông tin của đơn vị.',
    ],
    source: 'QB-15.1',
  },
  log: LOG_TWELVE_MONTHS,
  officeHours: OFFICE_HOURS,
  templates: 'vi',
  articles: {
    request: 'Điều 4',
    deadline: 'Điều 4',
    password: 'Điều 8',
    address: 'Điều 5',
    attachment: 'Điều 9',
    secrecy: 'Điều 13',
    encoding: 'Điều 4',
    lock: 'Điều 7',
  },
  notes: [
    'Điều 5 khoản 2 điểm b viện dẫn "Điểm a Khoản 3"; Điều 5 chỉ có 2 khoản, đọc là Khoản 2.',
    'Nếu không ai giữ chức vụ lãnh đạo, người đăng ký trước giữ nguyên định dạng.',
  ],
};
