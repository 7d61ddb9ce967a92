import { GridBuilder, ListBudget } from './grid-builder.ts';
import { OfficeFile } from './office-file.ts';
import { ListError, type Grid, type ListFile, type ListFormat } from './port.ts';
import { readSheet, type SheetContext } from './xlsx-sheet.ts';
import { readSharedStrings } from './xlsx-strings.ts';
import { readStyles } from './xlsx-styles.ts';
import { attribute, isTrue, walkXml } from './xml.ts';

/** Workbooks of a unit have a handful of sheets. */
const MOST_SHEETS = 64;

/** Excel workbooks (ECMA-376 part 1 §18), transitional and strict. */
export const xlsx: ListFormat = {
  name: 'xlsx',
  mediaTypes: ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  read({ bytes, filename }: ListFile): Grid[] {
    const office = new OfficeFile(bytes);
    const workbook = office.related('', 'officeDocument');
    if (workbook === null) throw new ListError('malformed', 'the file names no workbook');
    if (workbook.endsWith('.bin')) throw new ListError('unreadable_format', 'a binary workbook (.xlsb)');
    refuseForeignData(office);
    return readSheets(office, workbook, filename);
  },
};

/** DDE and OLE links let a workbook start programs; no list needs them. Links to other workbooks are only formulas. */
function refuseForeignData(office: OfficeFile): void {
  for (const name of office.names.filter((part) => /\/externallinks\/[^/]*\.xml$/u.test(part))) {
    walkXml(office.required(name), {
      open(element) {
        if (element === 'ddeLink' || element === 'oleLink')
          throw new ListError('forbidden_content', `the workbook links to a program (${element})`);
      },
    });
  }
}

interface Sheet {
  readonly name: string;
  readonly relation: string;
  readonly hidden: boolean;
}

function readSheets(office: OfficeFile, workbook: string, filename: string): Grid[] {
  const { sheets, date1904 } = readWorkbook(office.required(workbook));
  const relations = office.relations(workbook);
  const part = (type: string): Uint8Array | null => {
    const name = [...relations.values()].find((relation) => relation.type === type)?.part ?? null;
    return name === null ? null : office.part(name);
  };
  const context: SheetContext = {
    strings: readSharedStrings(part('sharedStrings')),
    styles: readStyles(part('styles')),
    date1904,
  };
  const budget = new ListBudget();
  const grids: Grid[] = [];
  for (const { name, relation, hidden } of sheets) {
    const target = relations.get(relation);
    // Chart and dialog sheets hold no cells.
    if (target?.type !== 'worksheet' || target.part === null) continue;
    const builder = new GridBuilder(budget);
    readSheet(office.required(target.part), context, builder);
    grids.push(builder.build(`${filename} › ${name}`, hidden));
  }
  return grids;
}

function readWorkbook(bytes: Uint8Array): { sheets: Sheet[]; date1904: boolean } {
  const sheets: Sheet[] = [];
  let date1904 = false;
  walkXml(bytes, {
    open(element, attributes) {
      if (element === 'workbookPr') date1904 = isTrue(attributes['date1904']);
      if (element !== 'sheet') return;
      if (sheets.length >= MOST_SHEETS) throw new ListError('too_large', `more than ${MOST_SHEETS} sheets`);
      sheets.push({
        name: attributes['name'] ?? '',
        relation: attribute(attributes, 'id') ?? '',
        hidden: (attributes['state'] ?? 'visible') !== 'visible',
      });
    },
  });
  return { sheets, date1904 };
}
