import { failed, indeterminate, type Verdict } from '../rules/verdict.ts';
import { verifySignedData } from './cms.ts';
import type { ValidationContext } from './path.ts';
import type { Evidence } from './port.ts';
import { encapsulated } from './smime-open.ts';
import { cmsBytes } from './sniff.ts';

/** A file as it came: a label and its bytes. */
export interface NamedFile {
  readonly filename: string;
  readonly bytes: Uint8Array;
}

/** A file with the signatures that lie beside it or around it. */
export interface PairedFile extends NamedFile {
  /** DER of detached signatures over exactly `bytes`. */
  readonly companions: readonly Uint8Array[];
  /** DER of the .p7m that `bytes` was taken out of. */
  readonly wrapper: Uint8Array | null;
  /** A signature file whose signed file is not here. */
  readonly orphan: boolean;
}

const SIGNATURE_NAME = /\.(p7s|p7m)$/i;

/**
 * Pairs "a.pdf" with "a.pdf.p7s" or "a.p7s", and takes payloads out of .p7m (RFC 8551 §3.2.1 names). A companion
 * vanishes from the list because its facts stand with its file. A companion that fits two files belongs to none.
 */
export function pairFiles(files: readonly NamedFile[]): PairedFile[] {
  const signatures = new Map<NamedFile, Uint8Array>();
  for (const file of files) {
    const der = SIGNATURE_NAME.test(file.filename) ? cmsBytes(file.bytes) : null;
    if (der !== null && encapsulated(der) !== null) signatures.set(file, der);
  }
  const signedFiles = files.filter((file) => !signatures.has(file));
  const companions = new Map<NamedFile, Uint8Array[]>();
  const rest: PairedFile[] = [];
  for (const [file, der] of signatures) {
    const target = partner(file, signedFiles);
    if (target === null) rest.push(alone(file, der));
    else companions.set(target, [...(companions.get(target) ?? []), der]);
  }
  return files.flatMap((file): PairedFile[] => {
    if (signatures.has(file))
      return rest.filter((other) => other.bytes === file.bytes || other.wrapper === signatures.get(file));
    return [{ ...file, companions: companions.get(file) ?? [], wrapper: null, orphan: false }];
  });
}

const key = (name: string): string => name.normalize('NFC').toLowerCase();

function partner(signature: NamedFile, files: readonly NamedFile[]): NamedFile | null {
  const stem = key(signature.filename).replace(SIGNATURE_NAME, '');
  const exact = files.filter((file) => key(file.filename) === stem);
  const [found, ...more] =
    exact.length > 0 ? exact : files.filter((file) => key(file.filename).replace(/\.[^.]*$/, '') === stem);
  return found !== undefined && more.length === 0 ? found : null;
}

/** A signature without its file: either it carries the file, or the file is missing. */
function alone(file: NamedFile, der: Uint8Array): PairedFile {
  const content = encapsulated(der)?.content ?? null;
  if (content === null) return { ...file, companions: [], wrapper: null, orphan: true };
  const filename = file.filename.replace(SIGNATURE_NAME, '');
  return {
    filename: filename === '' ? file.filename : filename,
    bytes: content,
    companions: [],
    wrapper: der,
    orphan: false,
  };
}

/** What the signatures beside or around a file prove; null when there are none. */
export function proveFile(
  file: PairedFile,
  context: ValidationContext,
): { readonly evidence: Evidence; readonly wanted: readonly string[] } | null {
  if (file.orphan) return { evidence: orphaned(), wanted: [] };
  const findings =
    file.wrapper === null
      ? file.companions.map((der) => verifySignedData(der, [file.bytes], context))
      : [verifySignedData(file.wrapper, null, context)];
  const facts = findings.map((finding) => finding.fact);
  const deciding = facts.toSorted((a, b) => severity(b.verdict) - severity(a.verdict))[0];
  if (deciding === undefined) return null;
  const { verdict, reason, explanation } = deciding;
  return {
    evidence: { format: 'cms', verdict, signatures: facts, reason, explanation },
    wanted: findings.flatMap((finding) => finding.wanted),
  };
}

/** Of several signatures the worst decides: a file is as good as its weakest proof. */
export const severity = (verdict: Verdict): number =>
  ({ 'TOTAL-FAILED': 3, INDETERMINATE: 2, 'TOTAL-PASSED': 1, NONE: 0 })[verdict.verdict];

const orphaned = (): Evidence => ({
  format: 'cms',
  verdict: indeterminate('SIGNED_DATA_NOT_FOUND'),
  signatures: [],
  reason: 'a detached signature whose file is not among the attachments',
  explanation: 'có tệp chữ ký số rời nhưng không tìm thấy tệp được ký tương ứng',
});

/** A signature given beside a file that is no CMS structure at all (`verify --detached`). */
export const noSignature = (): Evidence => ({
  format: 'cms',
  verdict: failed('FORMAT_FAILURE'),
  signatures: [],
  reason: 'the signature file is no CMS SignedData',
  explanation: 'tệp chữ ký số không đúng định dạng',
});
