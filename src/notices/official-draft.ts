import type { Block } from './render.ts';

/** An official letter of the operator in the form of NĐ 30/2020 Phụ lục I, before it is a file. */
export interface OfficialDraft {
  /** "UBND TỈNH QUẢNG BÌNH" above "SỞ THÔNG TIN VÀ TRUYỀN THÔNG". */
  readonly superior: string;
  readonly organ: string;
  /** "Số: 12/STTTT-TĐT"; without the figure where the clerk gives the number. */
  readonly number: string;
  readonly placeAndDate: string;
  /** "V/v …" */
  readonly about: string;
  readonly to: string;
  readonly blocks: readonly Block[];
  /** "GIÁM ĐỐC"; the organ's own name where its key signs without a person. */
  readonly signer: string;
  readonly recipients: readonly string[];
}
