import type { ExaminedLetter } from '../../evidence/port.ts';
import { decision } from '../../mail-log/events.ts';
import type { LogEvent } from '../../mail-log/event.ts';
import { ACTION_WORDS } from './words.ts';
import type { ActionName } from '../../rules/desk-actions.ts';
import type { Approval, Reason } from '../../rules/approval.ts';
import type { DeskCase, Officer } from './action.ts';

/** What the last judgement asked of an officer; empty when the letter waits for something else. */
export function askedReasons({ letter }: DeskCase): readonly Reason[] {
  const approval = letter.findings['approve'] as Approval | undefined;
  return approval === undefined || approval.decision === 'approved' ? [] : approval.reasons;
}

export const isAsked = (work: DeskCase, ...codes: readonly Reason['code'][]): boolean =>
  // Rows and later findings come after the judgement: then its reasons are settled.
  work.rows.length === 0 && askedReasons(work).some(({ code }) => codes.includes(code));

export const examined = ({ letter }: DeskCase): ExaminedLetter | null =>
  (letter.findings['examine'] as ExaminedLetter | undefined) ?? null;

/** Name and SHA-256 of every document of the letter: the record says which files the officer looked at. */
export const filesOf = (work: DeskCase): { filename: string; sha256: string }[] =>
  (examined(work)?.documents ?? []).map(({ filename, sha256 }) => ({ filename, sha256 }));

/** The entry every action leaves: who, what, about which letter. */
export function decided(
  work: DeskCase,
  officer: Officer,
  action: ActionName,
  outcome: string,
  detail = '',
): LogEvent {
  const { letter } = work;
  const words = [ACTION_WORDS[action][0], detail].filter((part) => part !== '').join(': ');
  const about = { letter: letter.id, dossier: letter.dossier, unit: letter.unit };
  return decision({ ...about, outcome, detail: words, actor: officer.name });
}

/** "công-văn.pdf 3f2a…": files as the log names them. */
export const filesText = (files: readonly { filename: string; sha256: string }[]): string =>
  files.map(({ filename, sha256 }) => `${filename} sha256:${sha256}`).join(', ');
