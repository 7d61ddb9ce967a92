import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openssl, type Leaf, type Pki } from './openssl-pki.ts';
import { appendRevision, pageBody, type Objects, type Revision } from './pdf-writer.ts';

/** Signs the files of pdf-writer.ts: openssl makes the CMS, nothing of the program under test is used. */
export interface Signing {
  readonly leaf: Leaf;
  readonly pki: Pki;
  /** Object number of the field; the signature dictionary takes the next one. */
  readonly field: number;
  /** All fields of the form after this signature; default: this one alone. */
  readonly fields?: readonly number[];
  readonly subFilter?: string;
  /** Certify with this DocMDP level. */
  readonly certify?: number;
  readonly rect?: string;
  /** Further objects of the same revision. */
  readonly objects?: Objects;
  readonly revision?: Omit<Revision, 'objects'>;
  /** Entries added to the signature dictionary, before /Contents. */
  readonly entries?: string;
  readonly cms?: (data: Buffer, signing: Signing) => Buffer;
  /** Text of the gap when it is not what a signature needs. */
  readonly contents?: (cms: Buffer) => string;
}

export const RESERVED = 12_000;

/** Appends a revision with a signature field on page 3 and form 6, and signs it. */
export function signPdf(pdf: Buffer, signing: Signing): Buffer {
  const fields = signing.fields ?? [signing.field];
  const list = fields.map((num) => `${num} 0 R`).join(' ');
  const value = signing.field + 1;
  const reference = `/Reference [<< /Type /SigRef /TransformMethod /DocMDP /TransformParams << /Type /TransformParams /P ${signing.certify ?? 0} /V /1.2 >> >>]`;
  const draft = appendRevision(pdf, {
    objects: {
      ...(signing.certify === undefined
        ? {}
        : { 1: `<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R /Perms << /DocMDP ${value} 0 R >> >>` }),
      3: pageBody(`/Annots [${list}]`),
      6: `<< /Fields [${list}] /SigFlags 3 >>`,
      [signing.field]: `<< /Type /Annot /Subtype /Widget /FT /Sig /T (Sig${signing.field}) /F 132 /Rect [${signing.rect ?? '0 0 0 0'}] /P 3 0 R /V ${value} 0 R >>`,
      [value]: `<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /${signing.subFilter ?? 'adbe.pkcs7.detached'} ${signing.certify === undefined ? '' : reference} ${signing.entries ?? ''} /ByteRange [0 1111111111 2222222222 3333333333] /Contents <${'0'.repeat(RESERVED)}> >>`,
      ...signing.objects,
    },
    ...signing.revision,
  });
  return fillSignature(draft, signing);
}

/** Puts byte range and CMS into a draft whose last signature is still empty. */
export function fillSignature(draft: Buffer, signing: Signing): Buffer {
  const filled = Buffer.from(draft);
  const gap = filled.lastIndexOf(`<${'0'.repeat(RESERVED)}>`);
  const after = gap + RESERVED + 2;
  const range = `[0 ${gap} ${after} ${filled.length - after}]`.padEnd(
    '[0 1111111111 2222222222 3333333333]'.length,
  );
  filled.write(range, filled.lastIndexOf('[0 1111111111 2222222222 3333333333]'), 'latin1');
  const data = Buffer.concat([filled.subarray(0, gap), filled.subarray(after)]);
  const cms = (signing.cms ?? detachedCms)(data, signing);
  const contents = signing.contents?.(cms) ?? cms.toString('hex').padEnd(RESERVED, '0');
  filled.write(contents, gap + 1, 'latin1');
  return filled;
}

export const withFile = <T>(data: Buffer, use: (file: string) => T): T => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'congthu-sign-'));
  try {
    const file = path.join(dir, 'data');
    fs.writeFileSync(file, data);
    return use(file);
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
};

const cmsArguments = (file: string, { leaf, pki }: Signing): string[] => [
  ...['cms', '-sign', '-binary', '-outform', 'DER', '-md', 'sha256', '-in', file],
  ...['-signer', leaf.cert, '-inkey', leaf.key, '-certfile', pki.issuing],
];

export const detachedCms = (data: Buffer, signing: Signing): Buffer =>
  withFile(data, (file) => openssl(cmsArguments(file, signing)));

/** With the signing certificate named in it, as CAdES wants. */
export const cadesCms = (data: Buffer, signing: Signing): Buffer =>
  withFile(data, (file) => openssl([...cmsArguments(file, signing), '-cades']));

/** The content inside, which a detached signature must not have. */
export const opaqueCms = (data: Buffer, signing: Signing): Buffer =>
  withFile(data, (file) => openssl([...cmsArguments(file, signing), '-nodetach']));
