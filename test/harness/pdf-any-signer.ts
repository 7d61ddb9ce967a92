import { execFileSync } from 'node:child_process';
import { fillSignature, RESERVED, withFile, type Signing } from './pdf-signer.ts';
import { appendRevision, type Body } from './pdf-writer.ts';

/**
 * Signs PDF files of any producer the way signing tools do: an appended revision whose cross-reference is of the kind
 * the file has. qpdf reads the file, so nothing of the program under test is used.
 */

/** qpdf's JSON, version 2: names begin with "/", references are "4 0 R", strings begin with "u:" or "b:". */
type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonDict = Readonly<Record<string, Json>>;

interface Tree {
  readonly highest: number;
  readonly trailer: JsonDict;
  readonly value: (ref: Json) => Json;
}

const isDict = (value: Json | undefined): value is JsonDict =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function readTree(pdf: Buffer): Tree {
  const out = withFile(pdf, (file) =>
    execFileSync('qpdf', ['--json=2', '--json-key=qpdf', '--json-stream-data=none', file], {
      maxBuffer: 1 << 28,
      encoding: 'utf8',
    }),
  );
  const [head, objects] = (JSON.parse(out) as { qpdf: [{ maxobjectid: number }, JsonDict] }).qpdf;
  const at = (key: string): Json => (objects[key] as { value?: Json } | undefined)?.value ?? null;
  return {
    highest: head.maxobjectid,
    trailer: at('trailer') as JsonDict,
    value: (ref) => (isReference(ref) ? at(`obj:${ref}`) : ref),
  };
}

const isReference = (value: Json): value is string => typeof value === 'string' && /^\d+ \d+ R$/.test(value);

function written(value: Json): string {
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(written).join(' ')}]`;
  if (isDict(value))
    return `<< ${Object.entries(value)
      .map(([key, inner]) => `${key} ${written(inner)}`)
      .join(' ')} >>`;
  if (typeof value !== 'string') return JSON.stringify(value);
  if (value.startsWith('u:'))
    return `<feff${Buffer.from(value.slice(2), 'utf16le').swap16().toString('hex')}>`;
  return value.startsWith('b:') ? `<${value.slice(2)}>` : value;
}

const numberOf = (ref: Json | undefined): number =>
  Number.parseInt(isReference(ref ?? null) ? (ref as string) : '', 10);

/** A draft of the next revision: objects are replaced or added, and all else stays. */
class Update {
  readonly tree: Tree;
  readonly objects: Record<number, Body> = {};
  #next: number;

  constructor(pdf: Buffer) {
    this.tree = readTree(pdf);
    this.#next = this.tree.highest + 1;
  }

  add(body: Body): number {
    this.objects[this.#next] = body;
    return this.#next++;
  }

  /** Free number for an object that refers to one made later. */
  reserve(): number {
    return this.#next++;
  }

  /** Adds entries to a dictionary object, or replaces them. */
  change(ref: Json, entries: JsonDict): void {
    this.objects[numberOf(ref)] = written({ ...(this.tree.value(ref) as JsonDict), ...entries });
  }

  append(pdf: Buffer): Buffer {
    const { trailer } = this.tree;
    const kept = ['/Info', '/ID'].filter((key) => trailer[key] !== undefined);
    const xref = pdf.subarray(pdf.lastIndexOf('startxref') - 400).includes('trailer') ? 'table' : 'stream';
    return appendRevision(pdf, {
      objects: this.objects,
      root: numberOf(trailer['/Root']),
      size: this.#next + (xref === 'stream' ? 1 : 0),
      trailer: kept.map((key) => `${key} ${written(trailer[key]!)}`).join(' '),
      xref,
    });
  }
}

export interface AnySigning extends Pick<Signing, 'leaf' | 'pki' | 'subFilter' | 'cms'> {
  /** Name of the field; every signature of a file has its own. */
  readonly field: string;
  /** Draws a picture of the signature, as the tools of Vietnamese offices do. */
  readonly visible?: boolean;
}

/** The file with one more signature. */
export function signAnyPdf(pdf: Buffer, signing: AnySigning): Buffer {
  const update = new Update(pdf);
  const { tree } = update;
  const root = tree.trailer['/Root']!;
  const catalog = tree.value(root) as JsonDict;
  const page = firstPage(tree, catalog['/Pages']!);
  const [field, value] = [update.reserve(), update.reserve()];
  const type = signing.subFilter === 'ETSI.RFC3161' ? 'DocTimeStamp' : 'Sig';
  const moment = type === 'Sig' ? "/M (D:20260105080000+07'00') /Reason (Ky) " : '';
  update.objects[value] =
    `<< /Type /${type} /Filter /Adobe.PPKLite /SubFilter /${signing.subFilter ?? 'adbe.pkcs7.detached'} ${moment}/ByteRange [0 1111111111 2222222222 3333333333] /Contents <${'0'.repeat(RESERVED)}> >>`;
  const picture = signing.visible === true ? update.add(appearance(update)) : null;
  const look = picture === null ? '/Rect [0 0 0 0]' : `/Rect [300 60 500 160] /AP << /N ${picture} 0 R >>`;
  update.objects[field] =
    `<< /Type /Annot /Subtype /Widget /FT /Sig /T (${signing.field}) /F 132 ${look} /P ${numberOf(page)} 0 R /V ${value} 0 R >>`;
  addToForm(update, root, catalog, field);
  const annots = tree.value((tree.value(page) as JsonDict)['/Annots'] ?? []) as readonly Json[];
  update.change(page, { '/Annots': [...annots, `${field} 0 R`] });
  return fillSignature(update.append(pdf), { ...signing, field });
}

/** Like iText: a frame whose layers are forms of their own. */
function appearance(update: Update): Body {
  const form = '/Type /XObject /Subtype /Form /BBox [0 0 200 100]';
  const layer = update.add({ dict: `${form} /Resources << >>`, data: '0 0 1 RG 1 1 198 98 re S' });
  return { dict: `${form} /Resources << /XObject << /n2 ${layer} 0 R >> >>`, data: 'q /n2 Do Q' };
}

function addToForm(update: Update, root: Json, catalog: JsonDict, field: number): void {
  const form = catalog['/AcroForm'];
  const before = (form === undefined ? {} : update.tree.value(form)) as JsonDict;
  const fields = update.tree.value(before['/Fields'] ?? []) as readonly Json[];
  const entries = { '/Fields': [...fields, `${field} 0 R`], '/SigFlags': 3 };
  if (form !== undefined && isReference(form)) update.change(form, entries);
  else update.change(root, { '/AcroForm': { ...before, ...entries } });
}

function firstPage({ value }: Tree, pages: Json): Json {
  let at = pages;
  for (let node = value(at) as JsonDict; node['/Kids'] !== undefined; node = value(at) as JsonDict)
    at = (value(node['/Kids']) as readonly Json[])[0]!;
  return at;
}

/** The file with validation data behind it (PAdES-B-LT): certificates and revocation lists, by reference. */
export function withValidationData(
  pdf: Buffer,
  certificates: readonly Buffer[],
  lists: readonly Buffer[],
): Buffer {
  const update = new Update(pdf);
  const refs = (all: readonly Buffer[]): Json => all.map((data) => `${update.add({ dict: '', data })} 0 R`);
  const certs = update.add(written(refs(certificates)));
  const dss = update.add(`<< /Type /DSS /Certs ${certs} 0 R /CRLs ${written(refs(lists))} >>`);
  update.change(update.tree.trailer['/Root']!, { '/DSS': `${dss} 0 R` });
  return update.append(pdf);
}

/** The file written anew by qpdf. */
export const rewritten = (pdf: Buffer, ...options: readonly string[]): Buffer =>
  withFile(pdf, (file) => execFileSync('qpdf', [...options, file, '-'], { maxBuffer: 1 << 28 }));
