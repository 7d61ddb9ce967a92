import { ListBudget } from './grid-builder.ts';
import { OdfStyles } from './odf-styles.ts';
import { OdfText } from './odf-text.ts';
import { OdsReader } from './ods-sheet.ts';
import { OfficeFile } from './office-file.ts';
import type { ListFormat } from './port.ts';
import { walkXml } from './xml.ts';

/** OpenDocument spreadsheets (ODF 1.3 part 3 §9). */
export const ods: ListFormat = {
  name: 'ods',
  mediaTypes: ['application/vnd.oasis.opendocument.spreadsheet'],
  read({ bytes, filename }) {
    const office = new OfficeFile(bytes);
    const content = office.required('content.xml');
    const styles = new OdfStyles();
    styles.read(office.part('styles.xml'));
    styles.read(content);
    const reader = new OdsReader(filename, styles, new ListBudget());
    walkXml(content, new OdfText(reader, styles));
    return reader.grids;
  },
};
