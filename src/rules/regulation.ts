/**
 * A regulation (quy chế) as data: every rule of a province that software can decide, each figure with its
 * article. Values live in `regulations/<id>.ts`; nothing here or there runs code of its own.
 */

/** Where a figure comes from: an id of requirements.md ("HCM-9.1a"), or what to call it when the text is silent. */
export type Source = string;

/** A figure with its article. `assumed` marks what the operator has to confirm because the text is silent. */
export interface Sourced<T> {
  readonly value: T;
  readonly source: Source;
  readonly assumed?: true;
}

export const DURATION_UNITS = ['working_day', 'day', 'month', 'hour'] as const;
/** "03 ngày làm việc", "05 ngày", "03 tháng", "02 giờ": four different clocks, so the unit is part of the value. */
export interface Duration {
  readonly n: number;
  readonly unit: (typeof DURATION_UNITS)[number];
}

/** Request kinds of the five regulations together (requirements.md §7), and who keeps a unit's mailbox (HCM-13.1). */
export const REQUEST_KINDS = [
  'CREATE_PERSON',
  'CREATE_UNIT',
  'CHANGE',
  'TRANSFER',
  'CANCEL',
  'PASSWORD_RESET',
  'REOPEN',
  'ABSENCE_REASON',
  'HANDOVER',
  'DELEGATION',
  'QUARTERLY_DECLARATION',
  'USAGE_REPORT',
  'INCIDENT',
  'ABUSE_REPORT',
  'AUTHORITY_DECISION',
] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

/** The columns a list can carry (domain.md §4.2). */
export const COLUMN_KEYS = [
  'no',
  'fullName',
  'birthDate',
  'position',
  'unit',
  'department',
  'phone',
  'idNumber',
  'proposedAddress',
  'currentAddress',
  'action',
  'reason',
  'decision',
  'note',
] as const;
export type ColumnKey = (typeof COLUMN_KEYS)[number];

export const SENDER_KINDS = [
  'unit_mailbox',
  'sub_unit_mailbox',
  'personal_mailbox',
  'authority_mailbox',
  'paper',
  'phone',
] as const;
/** Who may speak, decided by the registry and never by the shape of an address (requirements.md §6.1). */
export type SenderKind = (typeof SENDER_KINDS)[number];

export const INTAKE_KINDS = ['request', 'support', 'abuse', 'incident', 'authority'] as const;
export type IntakeKind = (typeof INTAKE_KINDS)[number];

export const DECISION_PARTS = ['number', 'date', 'issuer'] as const;
export type DecisionPart = (typeof DECISION_PARTS)[number];

export const FORWARD_DAYS = ['working_day', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday'] as const;

export const EVIDENCE_ROUTES = ['digital_signature', 'scan_signed_sealed', 'paper'] as const;
export type EvidenceRoute = (typeof EVIDENCE_ROUTES)[number];

export const CHARACTER_CLASSES = ['upper', 'lower', 'digit', 'special'] as const;
export type CharacterClass = (typeof CHARACTER_CLASSES)[number];

export interface PasswordPolicy {
  readonly min: number;
  /** All of these must occur. */
  readonly classes?: readonly CharacterClass[];
  /** At least this many of the four must occur. */
  readonly classesAtLeast?: number;
  readonly noPersonalInfo?: boolean;
  readonly rotateEvery?: Duration;
  readonly unique?: boolean;
  readonly source: Source;
}

/** `template` uses {given} {initials} {fullName} {unit} {dept} {parent} {name} {user} {idLast3} {idLast4} {birthYear}. */
export interface AddressPattern {
  /** Level code of the unit it applies to, or '*' */
  readonly level: string;
  readonly template: string;
  /** What goes in and which address comes out, checked by a test. */
  readonly example: readonly [input: string, address: string];
  readonly source: Source;
}

export interface Deadline {
  readonly duration: Duration;
  readonly from: 'receipt' | 'information_complete';
  /** false: an internal target only; nothing is ever called overdue "by regulation". */
  readonly legal: boolean;
  readonly source: Source;
}

export interface SenderRule {
  readonly kinds: readonly RequestKind[] | '*';
  readonly allow: readonly SenderKind[];
  readonly requireManagingUnit: boolean;
  readonly source: Source;
}

export interface Domain {
  readonly name: string;
  readonly primary: boolean;
  /** ISO dates, inclusive; a former domain may still send until `validTo`. */
  readonly validFrom?: string;
  readonly validTo?: string;
}

export interface Regulation {
  /** "vn-hcm-41-2011": system + number + year, never "41" alone (two decisions carry it). */
  readonly id: string;
  readonly legal: {
    readonly number: string;
    readonly title: string;
    /** What the decision promulgates, as its own heading calls it. */
    readonly instrument: 'Quy chế' | 'Quy định';
    readonly issuedOn: string;
    readonly effectiveFrom: Sourced<string>;
    readonly effectiveTo?: string;
    readonly supersededBy?: string;
    /** Id of the regulation whose place this one takes from `effectiveFrom` on; its units need no new import. */
    readonly replaces?: string;
  };
  readonly identity: {
    readonly provinceName: string;
    readonly operatorName: string;
    readonly operatorAbbr: string;
    readonly executor?: { readonly name: string; readonly address?: Sourced<string> };
    readonly domains: readonly Domain[];
    readonly webmailUrl?: string;
    readonly ssoUrl?: string;
    readonly hotline?: string;
    readonly mode: 'execute' | 'collect_and_forward' | 'decide_then_order';
    /** `collect_and_forward`: on which day the consolidated list is drafted. */
    readonly forwardOn?: Sourced<(typeof FORWARD_DAYS)[number]>;
  };
  readonly intake: readonly {
    readonly kind: IntakeKind;
    /** Absent where the text names none: the operator must configure it. */
    readonly address?: Sourced<string>;
    readonly source: Source;
  }[];
  readonly unitLevels: readonly {
    readonly code: string;
    readonly nameVi: string;
    readonly mayRequest: boolean;
    /** A body inside another unit (phòng, đơn vị cấp 2): its mailbox speaks as `sub_unit_mailbox`. */
    readonly subordinate?: true;
  }[];
  /** Mailboxes whose decisions are carried out without a unit's request (HCM-7.2c). */
  readonly authorityMailboxes: readonly Sourced<string>[];
  /** First match wins. */
  readonly senderRules: readonly SenderRule[];
  /** The article a refusal of a sender names, as the seed numbers it: "Điều 7". */
  readonly senderArticle: string;
  readonly autoForwarded: 'reject' | 'accept';
  readonly verification: {
    readonly routes: readonly {
      readonly route: EvidenceRoute;
      readonly enabled: boolean;
      readonly source: Source;
      readonly assumed?: true;
    }[];
    /** The article that asks for signature or scan, for notices: "Điều 8". */
    readonly article: string;
    readonly editableListNeedsSignature: boolean;
    readonly signer: {
      readonly mustBeHead: boolean;
      readonly requireOrgSignature: boolean;
      readonly requirePersonSignature: boolean;
    };
    /** Kinds for which the unit's proven mailbox is enough, without signature or scan (HCM-9.1a, HCM-11.2). */
    readonly unitMailboxSuffices: readonly RequestKind[];
    readonly scanNeedsOfficer: boolean;
    readonly onUnverified: 'reject' | 'await_paper' | 'staff_review';
    readonly encoding: { readonly rule: 'TCVN6909_required' | 'normalise_silently'; readonly source: Source };
  };
  readonly attachment: {
    readonly maxBytes?: number;
    readonly scope?: 'message' | 'file';
    readonly forbidEncryptedArchive: boolean;
    readonly source: Source;
  };
  readonly list: {
    readonly requireReasonNeedDemand: boolean;
    /** Kinds that need an attached list; '*' always. */
    readonly requiredFor: readonly RequestKind[] | '*';
    readonly requiredColumns: Readonly<Partial<Record<RequestKind, readonly ColumnKey[]>>>;
    readonly decisionRequired: readonly RequestKind[];
    /** What a row has to say of its decision; the number alone where absent. */
    readonly decisionParts?: readonly DecisionPart[];
    readonly partialAcceptance: boolean;
    readonly source: Source;
  };
  readonly addressing: {
    readonly unit: readonly AddressPattern[];
    /** Empty: the regulation has no generator; the wanted name comes from the list and an officer confirms. */
    readonly person: readonly AddressPattern[];
    /** Where a name is unique; `unit`: the address carries the unit's part, so the whole domain follows. */
    readonly namespace: 'domain' | 'unit';
    readonly collision: {
      readonly suffix: 'number' | 'birth_year' | 'id_digits' | 'manual';
      readonly position: 'before_dot' | 'end';
      readonly leaderPriority: 'none' | 'same_unit' | 'same_day';
      readonly allocateAt: 'immediately' | 'end_of_receipt_day';
      readonly source: Source;
    };
    /** An address that was ever given is never given to somebody else (ST-2.3: it is a login elsewhere too). */
    readonly reuseDeleted: 'never';
  };
  /** '*' is the default for kinds not named. */
  readonly deadlines: Readonly<Partial<Record<RequestKind | '*', Deadline>>>;
  readonly replies: {
    readonly acknowledgement: 'same_day' | 'none';
    readonly completion: Sourced<'email' | 'signed_document'>;
    /** Kinds whose completion needs the document; all where absent. */
    readonly documentFor?: readonly RequestKind[];
  };
  readonly passwords: {
    readonly user: PasswordPolicy;
    readonly admin?: PasswordPolicy;
    readonly mustChangeAtFirstLogin: boolean;
    readonly lockIfNotChanged?: Sourced<Duration | 'at_first_login'>;
    readonly reopenNotBefore?: Sourced<Duration>;
  };
  readonly lifecycle: {
    readonly lockAfter?: Sourced<Duration>;
    readonly lockBasis?: 'last_login' | 'last_use';
    readonly reasonSuspendsLock?: boolean;
    readonly warnBefore?: Sourced<Duration>;
    readonly deleteAfter?: Sourced<Duration>;
    readonly deleteClockFrom?: 'last_use' | 'lock';
    readonly lockedStillReceives: boolean;
    readonly notifyOn: readonly ('lock' | 'delete')[];
  };
  readonly quotas: {
    /** Bytes. */
    readonly person?: number;
    readonly unit?: number;
    readonly overrideNeedsDecision: boolean;
    readonly source: Source;
  };
  readonly unitMailbox: {
    readonly onePerUnit: boolean;
    /** As many as the head likes where absent. */
    readonly maxDelegates?: number;
    readonly handoverOnHeadChange: boolean;
    /** The article on who keeps the mailbox. */
    readonly source?: Source;
  };
  readonly directory: {
    readonly reviewEvery?: Duration;
    readonly publish: boolean;
    readonly source?: Source;
  };
  readonly reports: readonly {
    readonly id: string;
    readonly audience: string;
    readonly schedule: string;
    readonly from: 'operator' | 'units';
    readonly source: Source;
  }[];
  /** What owners of mailboxes are told with their first login, in sentences. */
  readonly userDuties?: Sourced<readonly string[]>;
  /** The operator's own periodic work that officers are reminded of. */
  readonly upkeep?: readonly {
    readonly id: string;
    /** "kiểm tra và bảo trì hệ thống thư điện tử" */
    readonly duty: string;
    readonly schedule: string;
    readonly source: Source;
  }[];
  readonly log: Sourced<{ readonly retainMonths: number }>;
  readonly officeHours: {
    readonly hours: readonly (readonly [from: string, to: string])[];
    /** Received after this local time counts as received on the next working day. */
    readonly cutOff: string;
    readonly afterHours: 'next_working_day' | 'same_day';
  };
  /** Folder of notice templates below templates/. */
  readonly templates: string;
  /** Article numbers notices cite, by topic; only numbers that the text really carries. */
  readonly articles: Readonly<
    Record<
      'request' | 'deadline' | 'password' | 'address' | 'attachment' | 'secrecy' | 'encoding' | 'lock',
      string
    >
  >;
  readonly notes: readonly string[];
}
