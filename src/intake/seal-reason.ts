import type { Admission } from '../rules/admission.ts';
import type { LetterFacts } from '../rules/letter-facts.ts';
import { secrecyMark, type SecrecyMark } from '../rules/secrecy.ts';

/** A report of bad mail quotes that mail; it is sealed and acknowledged by the journey (work/register.ts). */
export function markOf({ subject, bodyText, attachments }: LetterFacts): SecrecyMark | null {
  return secrecyMark([subject, bodyText, ...attachments.map(({ filename }) => filename)].join('\n'));
}

/** Why a letter is sealed unread, or null. A secrecy mark is looked for before anything else opens the letter. */
export function sealReason(
  facts: LetterFacts,
  admission: Admission,
  mark: SecrecyMark | null,
): string | null {
  if (admission.decision === 'quarantine') {
    return admission.reason === 'envelope_mismatch'
      ? 'Địa chỉ phong bì khác với người gửi ghi trong thư'
      : `Cấu trúc thư vượt giới hạn kiểm tra (${facts.limit ?? ''})`;
  }
  return mark === null ? null : `Thư có dấu chỉ độ mật (${mark})`;
}
