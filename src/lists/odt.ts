import { DocumentGrids } from './document-grids.ts';
import { OdfStyles } from './odf-styles.ts';
import { OdfText } from './odf-text.ts';
import { OfficeFile } from './office-file.ts';
import type { ListFormat } from './port.ts';
import { attribute, walkXml, type Attributes } from './xml.ts';

/** OpenDocument texts (ODF 1.3 part 3 §9): their tables with the text around them. */
export const odt: ListFormat = {
  name: 'odt',
  mediaTypes: ['application/vnd.oasis.opendocument.text'],
  read({ bytes, filename }) {
    const office = new OfficeFile(bytes);
    const content = office.required('content.xml');
    const styles = new OdfStyles();
    styles.read(office.part('styles.xml'));
    styles.read(content);
    const grids = new DocumentGrids(filename);
    walkXml(content, new OdfText(sinkOf(grids), styles));
    return grids.finish();
  },
};

const sinkOf = (grids: DocumentGrids) => ({
  open(name: string, attributes: Attributes): void {
    const count = (what: string): number => Number(attribute(attributes, what) ?? 1);
    if (name === 'table') grids.openTable();
    else if (name === 'table-row') grids.openRow();
    else if (name === 'table-cell')
      grids.openCell(count('number-columns-spanned'), count('number-rows-spanned'));
  },
  close(name: string): void {
    if (name === 'table') grids.closeTable();
    else if (name === 'table-cell') grids.closeCell();
  },
  write(text: string, font: string | undefined): void {
    grids.text(text, font);
  },
  endParagraph(): void {
    grids.endParagraph();
  },
  concealed(): void {
    grids.mark('concealed');
  },
  tracked(): void {
    grids.markAll();
  },
});
