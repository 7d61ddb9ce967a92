import { NO_SIGNATURE } from '../rules/verdict.ts';
import type { DocumentFormats } from './examine.ts';
import { explain } from './explain.ts';
import type { Evidence } from './port.ts';

const NONE: Evidence = {
  format: 'none',
  verdict: NO_SIGNATURE,
  signatures: [],
  reason: 'signatures inside files of this kind are not examined',
  explanation: explain(NO_SIGNATURE, null, []),
};

/**
 * Files whose inner signatures nobody examines count as unsigned: they pass under the letter's own signature or go
 * to an officer, never by themselves.
 */
export const UNEXAMINED: DocumentFormats = {
  examinePdf: (bytes) => ({
    evidence: NONE,
    signedRevision: null,
    encrypted: Buffer.from(bytes).includes('/Encrypt'),
    wanted: [],
  }),
  examineOffice: () => ({ evidence: NONE, wanted: [] }),
};
