import type { Problem } from './mailbox-list.ts';
import { foldName, nameDoubt, splitName } from './names.ts';
import { looksLike } from './public-mail.ts';
import type { Unit } from './registry.ts';
import type { AddressPattern, Regulation } from './regulation.ts';
import { isAwkward, isReserved } from './reserved-names.ts';

/** What is known of somebody who is to get an address. */
export interface Applicant {
  readonly fullName: string;
  readonly birthDate: string | null;
  readonly idNumber: string | null;
  /** Local part or whole address the list asks for. */
  readonly wanted: string | null;
}

export type Proposal =
  | { readonly localPart: string; readonly needsOfficer: string | null }
  /** No address can be proposed by rule; `reason` in Vietnamese says what an officer has to settle. */
  | { readonly localPart: null; readonly needsOfficer: string };

/** True when a local part was ever given out (locked and cancelled ones included) or is being given out now. */
export type Taken = (localPart: string) => boolean;

/** RFC 5321 §4.5.3.1.1. */
const LONGEST_LOCAL_PART = 64;
/** More people of one base form in one province is a mistake in the list. */
const MOST_NAMESAKES = 999;
const LOCAL_PART = /^[a-z0-9]+(?:[.][a-z0-9]+)*$/u;

type Parts = Readonly<Partial<Record<string, string>>>;

/** Fills a template; null when a part it needs is missing. */
function fill(template: string, parts: Parts): string | null {
  const keys = [...template.matchAll(/\{(\w+)\}/gu)].map((found) => found[1]!);
  // A single-word name has no initials; everything else a template names must be there.
  if (keys.some((key) => key !== 'initials' && (parts[key] ?? '') === '')) return null;
  return keys.reduce((text, key) => text.replace(`{${key}}`, parts[key] ?? ''), template);
}

function patternFor(patterns: readonly AddressPattern[], level: string): AddressPattern | null {
  return (
    patterns.find((known) => known.level === level) ?? patterns.find((known) => known.level === '*') ?? null
  );
}

/** "Ủy ban nhân dân huyện Mỹ Xuyên" → "myxuyen": the place's name without its kind (QB-5.1b, ST-3.2a). */
export function placeName(unitName: string): string {
  return foldName(unitName)
    .replace(/^(?:uy ban nhan dan|ubnd)\s+/u, '')
    .replace(/^(?:huyen|thi xa|thanh pho|quan|tp|tx)\s+/u, '')
    .replaceAll(' ', '');
}

/** The unit's part in addresses, without a parent's part: "tthc" of "tthc.snv". */
const unitPart = (unit: Unit): string => unit.abbreviation.toLowerCase();

/** The address of a unit's own mailbox by rule; null where the regulation has no rule (BH-5, TH-4b). */
export function proposeUnitLocalPart(regulation: Regulation, unit: Unit, parent: Unit | null): string | null {
  const pattern = patternFor(regulation.addressing.unit, unit.level);
  if (pattern === null) return null;
  const parts = { unit: unitPart(unit), parent: parent === null ? '' : unitPart(parent) };
  return fill(pattern.template, { ...parts, name: placeName(unit.name) });
}

/**
 * A person's local part by the regulation's rule and collision order. An existing mailbox is never renamed to make
 * room, so the answer is always a free name or a question to an officer.
 */
export function proposeLocalPart(
  regulation: Regulation,
  applicant: Applicant,
  unit: Unit,
  taken: Taken,
): Proposal {
  if (applicant.wanted !== null) return keepWanted(regulation, applicant.wanted, unit, taken);
  const pattern = patternFor(regulation.addressing.person, unit.level);
  const name = splitName(applicant.fullName);
  if (pattern === null) {
    return { localPart: null, needsOfficer: 'Quy định không nêu cách đặt tên; cán bộ xác định hộp thư' };
  }
  if (name === null) return { localPart: null, needsOfficer: 'Họ tên không đọc được' };
  const parts: Parts = {
    ...name,
    user: name.given + name.initials,
    unit: unitPart(unit),
    idLast3: lastDigits(applicant.idNumber, 3),
    idLast4: lastDigits(applicant.idNumber, 4),
    birthYear: birthYear(applicant.birthDate),
  };
  const free = firstFree(regulation, pattern.template, parts, taken);
  if (free === null) {
    return { localPart: null, needsOfficer: 'Không còn tên theo quy tắc; cán bộ thống nhất với đơn vị' };
  }
  const noRule = pattern.template.includes('{user}')
    ? 'Quy chế không quy định cách đặt tên người dùng'
    : null;
  const awkward = isAwkward(free) ? 'Tên hộp thư dễ gây hiểu nhầm' : null;
  return { localPart: free, needsOfficer: nameDoubt(applicant.fullName) ?? noRule ?? awkward };
}

function keepWanted(regulation: Regulation, wanted: string, unit: Unit, taken: Taken): Proposal {
  const localPart = wantedLocalPart(wanted);
  if (wantedProblems(regulation, wanted, unit).length > 0 || taken(localPart)) {
    return { localPart: null, needsOfficer: `Hộp thư đề nghị “${wanted}” không dùng được` };
  }
  const external = regulation.addressing.person.length === 0;
  const confirm = external ? 'Cán bộ xác nhận tên hộp thư do đơn vị đề nghị' : null;
  return { localPart, needsOfficer: confirm };
}

function lastDigits(id: string | null, n: number): string {
  const digits = (id ?? '').replaceAll(/\D/gu, '');
  return digits.length >= 9 ? digits.slice(-n) : '';
}

const birthYear = (date: string | null): string => /(?:19|20)\d{2}/u.exec(date ?? '')?.[0] ?? '';

/** The base form if free, else what the regulation puts behind it, in order. */
function firstFree(regulation: Regulation, template: string, parts: Parts, taken: Taken): string | null {
  const usable = (name: string | null): name is string =>
    name !== null &&
    name.length <= LONGEST_LOCAL_PART &&
    !taken(name) &&
    !isReserved(name) &&
    !isOffice(regulation, name);
  const base = fill(template, parts);
  if (base === null || usable(base)) return base;
  const { suffix } = regulation.addressing.collision;
  if (suffix === 'id_digits') {
    const longer = fill(template.replace('{idLast3}', '{idLast4}'), parts);
    return usable(longer) ? longer : null;
  }
  if (suffix === 'birth_year') {
    const dated = fill(`${template}{birthYear}`, parts);
    return usable(dated) ? dated : null;
  }
  if (suffix === 'manual') return null;
  return numbered(regulation, base).find(usable) ?? null;
}

/** annv.stttt → annv1.stttt, annv2.stttt … (QB-5.2b); dcnguyen → dcnguyen1 … (ST-3.4a). */
function numbered(regulation: Regulation, base: string): string[] {
  const dot = base.indexOf('.');
  const cut = regulation.addressing.collision.position === 'before_dot' && dot > 0 ? dot : base.length;
  return Array.from({ length: MOST_NAMESAKES }, (_, i) => `${base.slice(0, cut)}${i + 1}${base.slice(cut)}`);
}

export const wantedLocalPart = (wanted: string): string => wanted.trim().toLowerCase().split('@')[0]!;

const problem = (code: string, text: string, fix: string): Problem => ({
  code,
  column: 'proposedAddress',
  text,
  fix,
});

/** What is wrong with the form of a requested address; empty when it may be kept if it is free. */
export function wantedProblems(regulation: Regulation, wanted: string, unit: Unit): Problem[] {
  const problems = wantedUnitProblems(regulation, wanted);
  if (problems.some(({ code }) => code !== 'address_domain')) return problems;
  const suffix = `.${unitPart(unit)}`;
  const localPart = wantedLocalPart(wanted);
  const dotted = regulation.addressing.person.some(({ template }) => template.includes('.{unit}'));
  if (!dotted || localPart.endsWith(suffix)) return problems;
  const text = `Hộp thư đề nghị “${localPart}” không có phần đơn vị`;
  return [...problems, problem('address_unit', text, `Thêm “${suffix}” ở cuối`)];
}

/** The same for the mailbox of a unit, whose name has no part for a person. */
export function wantedUnitProblems(regulation: Regulation, wanted: string): Problem[] {
  const domain = wanted.includes('@') ? wanted.trim().toLowerCase().split('@').at(-1)! : null;
  return [
    ...domainProblems(regulation, wanted, domain),
    ...localPartProblems(regulation, wantedLocalPart(wanted)),
  ];
}

function domainProblems(regulation: Regulation, wanted: string, domain: string | null): Problem[] {
  const names = regulation.identity.domains.map(({ name }) => name);
  if (domain === null || names.includes(domain)) return [];
  const meant = names.find((name) => looksLike(domain, name)) ?? names[0]!;
  const text = `Hộp thư đề nghị “${wanted}” không thuộc tên miền @${names.join(', @')}`;
  return [problem('address_domain', text, `Sửa tên miền thành @${meant}`)];
}

function localPartProblems(regulation: Regulation, localPart: string): Problem[] {
  if (!LOCAL_PART.test(localPart) || localPart.length > LONGEST_LOCAL_PART) {
    return [
      problem(
        'address_form',
        `Hộp thư đề nghị “${localPart}” không đúng định dạng`,
        'Viết chữ thường không dấu, chỉ gồm a–z, 0–9 và dấu chấm',
      ),
    ];
  }
  return isReserved(localPart) || isOffice(regulation, localPart)
    ? [problem('address_reserved', `Tên “${localPart}” dành cho hệ thống`, 'Đề xuất tên khác')]
    : [];
}

/** Mailboxes the regulation itself names: whoever had one would get the requests of a whole province. */
function isOffice({ intake, identity, authorityMailboxes }: Regulation, localPart: string): boolean {
  const named = [
    ...intake.map(({ address }) => address?.value),
    identity.executor?.address?.value,
    ...authorityMailboxes.map(({ value }) => value),
  ];
  return named.some((address) => address !== undefined && wantedLocalPart(address) === localPart);
}
