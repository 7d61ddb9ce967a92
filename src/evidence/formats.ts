import type { DocumentFormats } from './examine.ts';
import { examineOffice } from './ooxml.ts';
import { examinePdf } from './pdf.ts';

/** The formats that carry signatures inside themselves. */
export const DOCUMENT_FORMATS: DocumentFormats = { examinePdf, examineOffice };
