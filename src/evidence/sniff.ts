import { inflateRawSync } from 'node:zlib';

/** What a file is, told from its content: names and declared types come from strangers. */
export interface Kind {
  readonly mediaType: string;
  /** Opening it needs a password; such a file is never examined further. */
  readonly encrypted: boolean;
}

const plain = (mediaType: string): Kind => ({ mediaType, encrypted: false });

interface Sign {
  readonly starts: readonly number[];
  readonly kind: (bytes: Buffer) => Kind;
}

const ascii = (text: string): number[] => [...Buffer.from(text, 'latin1')];

/** First match wins. */
const SIGNS: readonly Sign[] = [
  { starts: ascii('PK\x03\x04'), kind: zipKind },
  { starts: [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1], kind: oleKind },
  { starts: [0x89, ...ascii('PNG\r\n')], kind: () => plain('image/png') },
  { starts: [0xff, 0xd8, 0xff], kind: () => plain('image/jpeg') },
  { starts: ascii('II*\0'), kind: () => plain('image/tiff') },
  { starts: ascii('MM\0*'), kind: () => plain('image/tiff') },
  { starts: ascii('GIF8'), kind: () => plain('image/gif') },
  { starts: ascii('Rar!\x1a\x07'), kind: rarKind },
  { starts: ascii("7z\xbc\xaf'\x1c"), kind: sevenZipKind },
  { starts: [0x78, 0x9f, 0x3e, 0x22], kind: () => plain('application/ms-tnef') },
  { starts: ascii('{\\rtf'), kind: () => plain('application/rtf') },
];

const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/** `filename` only tells kinds of text apart. */
export function sniff(bytes: Uint8Array, filename: string): Kind {
  const buffer = view(bytes);
  // ISO 32000-1 Annex H: readers accept the header anywhere in the first 1024 bytes.
  if (buffer.subarray(0, 1024).includes('%PDF-')) return plain('application/pdf');
  const sign = SIGNS.find(({ starts }) => starts.every((byte, i) => buffer[i] === byte));
  if (sign !== undefined) return sign.kind(buffer);
  return cmsKind(buffer) ?? textKind(buffer, filename);
}

/** DER of the OIDs 1.2.840.113549.1.7.2 (signedData) and .7.3 (envelopedData). */
const OID_PREFIX = Buffer.from('06092a864886f70d0107', 'hex');

function cmsKind(bytes: Buffer): Kind | null {
  const der = cmsBytes(bytes);
  if (der === null) return null;
  const at = view(der).subarray(0, 16).indexOf(OID_PREFIX);
  return { mediaType: 'application/pkcs7-mime', encrypted: der[at + OID_PREFIX.length] === 3 };
}

/** A CMS structure as DER, be it DER, PEM or bare base64 (all three are seen as .p7s); null for anything else. */
export function cmsBytes(bytes: Uint8Array): Uint8Array | null {
  const buffer = view(bytes);
  if (buffer[0] === 0x30) return buffer.subarray(0, 16).includes(OID_PREFIX) ? bytes : null;
  const head = buffer.subarray(0, 64).toString('latin1');
  const armour = /^-----BEGIN (PKCS7|CMS|PKCS #7 SIGNED DATA)-----\s/.exec(head);
  if (armour === null && !head.startsWith('MI')) return null;
  const text = buffer.toString('latin1');
  const end = armour === null ? text.length : text.indexOf('-----END', armour[0].length);
  const body = text.slice(armour?.[0].length ?? 0, end === -1 ? text.length : end);
  if (!/^[A-Za-z0-9+/=\s]+$/.test(body)) return null;
  const der = Buffer.from(body, 'base64');
  return der[0] === 0x30 && der.subarray(0, 16).includes(OID_PREFIX) ? der : null;
}

/** Part names that tell a package's kind; the first that occurs decides. */
const PACKAGES: readonly (readonly [name: string, mediaType: string])[] = [
  ['word/document', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  ['xl/workbook', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  ['ppt/presentation', 'application/vnd.openxmlformats-officedocument.presentationml.presentation'],
];

/** More entries than any office file has; the rest cannot change what it is. */
const MAX_ENTRIES = 2000;

function zipKind(bytes: Buffer): Kind {
  let encrypted = false;
  let mediaType = 'application/zip';
  for (const entry of zipEntries(bytes)) {
    // APPNOTE 4.4.4: bit 0 = encrypted.
    encrypted ||= (entry.flags & 1) === 1;
    if (entry.name === 'mimetype' && entry.method === 0) {
      const declared = bytes
        .subarray(entry.dataAt, entry.dataAt + Math.min(entry.size, 100))
        .toString('latin1');
      if (/^application\/vnd\.oasis\.opendocument\.[a-z]+$/.test(declared)) mediaType = declared;
    }
    if (entry.name === 'META-INF/manifest.xml') encrypted ||= manifestEncrypts(bytes, entry);
    mediaType = PACKAGES.find(([part]) => entry.name.startsWith(part))?.[1] ?? mediaType;
  }
  return { mediaType, encrypted };
}

interface ZipEntry {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly size: number;
  readonly dataAt: number;
}

/** Entries of the central directory; a directory that is cut off ends the walk. */
function* zipEntries(bytes: Buffer): Generator<ZipEntry> {
  const end = bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  if (end === -1 || end + 22 > bytes.length) return;
  let at = bytes.readUInt32LE(end + 16);
  for (let n = 0; n < MAX_ENTRIES && at + 46 <= bytes.length && bytes.readUInt32LE(at) === 0x02014b50; n++) {
    const nameLength = bytes.readUInt16LE(at + 28);
    const local = bytes.readUInt32LE(at + 42);
    if (local + 30 > bytes.length) return;
    yield {
      name: bytes.subarray(at + 46, at + 46 + nameLength).toString('latin1'),
      flags: bytes.readUInt16LE(at + 8),
      method: bytes.readUInt16LE(at + 10),
      size: bytes.readUInt32LE(at + 20),
      dataAt: local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28),
    };
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
}

/** ODF 1.3 part 2 §3.4: encrypted entries are named in the manifest, the zip itself looks plain. */
function manifestEncrypts(bytes: Buffer, entry: ZipEntry): boolean {
  const data = bytes.subarray(entry.dataAt, entry.dataAt + entry.size);
  try {
    // A manifest lists parts; 1 MB of it is already absurd.
    const manifest = entry.method === 8 ? inflateRawSync(data, { maxOutputLength: 1 << 20 }) : data;
    return manifest.includes('encryption-data');
  } catch {
    return false;
  }
}

/** [MS-CFB] directory entries are UTF-16LE names; [MS-OFFCRYPTO] §2.3.2 names the encrypted stream. */
function oleKind(bytes: Buffer): Kind {
  const holds = (name: string): boolean => bytes.includes(Buffer.from(name, 'utf16le'));
  if (holds('EncryptedPackage')) return { mediaType: 'application/x-ole-storage', encrypted: true };
  if (holds('WordDocument')) return plain('application/msword');
  if (holds('Workbook') || holds('Book\0')) return plain('application/vnd.ms-excel');
  return plain('application/x-ole-storage');
}

/** RAR 5: header type 4 is the encryption header; RAR 4: flag 0x80 of the archive header. */
function rarKind(bytes: Buffer): Kind {
  const five = bytes[6] === 1;
  const encrypted = five ? bytes[13] === 4 : ((bytes[10] ?? 0) & 0x80) !== 0;
  return { mediaType: 'application/vnd.rar', encrypted };
}

/** The coder id of AES-256 stands in the header at the end when the file names are readable. */
function sevenZipKind(bytes: Buffer): Kind {
  const tail = bytes.subarray(Math.max(0, bytes.length - 65_536));
  return {
    mediaType: 'application/x-7z-compressed',
    encrypted: tail.includes(Buffer.from('06f10701', 'hex')),
  };
}

const TEXT_KINDS: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  tsv: 'text/csv',
  htm: 'text/html',
  html: 'text/html',
  eml: 'message/rfc822',
  ics: 'text/calendar',
};

/** Text has no NUL, except UTF-16 with its mark. */
function textKind(bytes: Buffer, filename: string): Kind {
  const wide = bytes.length >= 2 && [0xfeff, 0xfffe].includes(bytes.readUInt16LE(0));
  if (bytes.length === 0 || (!wide && bytes.subarray(0, 8192).includes(0)))
    return plain('application/octet-stream');
  const extension = /\.([a-z0-9]+)$/i.exec(filename)?.[1]?.toLowerCase() ?? '';
  return plain(TEXT_KINDS[extension] ?? 'text/plain');
}

/** A page picture or a PDF may be the scan of a signed and sealed paper. */
export const maybeScan = (mediaType: string): boolean =>
  mediaType === 'application/pdf' || mediaType.startsWith('image/');

/** ISO 32000-1 §7.6.1: an encrypted file has an /Encrypt entry in its trailer. */
export const isEncryptedPdf = (bytes: Uint8Array): boolean => view(bytes).includes('/Encrypt');
