import { DocumentGrids } from './document-grids.ts';
import { DocxReader } from './docx-body.ts';
import { readDocxStyles } from './docx-styles.ts';
import { OfficeFile } from './office-file.ts';
import { ListError, type ListFormat } from './port.ts';
import { walkXml } from './xml.ts';

/** Word documents (ECMA-376 part 1 §17), transitional and strict: their tables with the text around them. */
export const docx: ListFormat = {
  name: 'docx',
  mediaTypes: ['application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  read({ bytes, filename }) {
    const office = new OfficeFile(bytes);
    const document = office.related('', 'officeDocument');
    if (document === null) throw new ListError('malformed', 'the file names no document');
    const styles = office.related(document, 'styles');
    const grids = new DocumentGrids(filename);
    const reader = new DocxReader(grids, readDocxStyles(styles === null ? null : office.part(styles)));
    walkXml(office.required(document), reader);
    return grids.finish();
  },
};
