/** What a file is by its first bytes; names and declared types are only claims. */
export function sniff(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 4096)).toString('latin1');
  if (head.startsWith('%PDF-')) return 'application/pdf';
  if (head.startsWith('PK\x03\x04')) return zipKind(Buffer.from(bytes));
  if (head.startsWith('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')) return 'application/x-ole-storage';
  if (head.startsWith('\x89PNG\r\n')) return 'image/png';
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (head.startsWith('II*\0') || head.startsWith('MM\0*')) return 'image/tiff';
  if (head.startsWith('Rar!')) return 'application/vnd.rar';
  if (head.startsWith("7z\xbc\xaf'\x1c")) return 'application/x-7z-compressed';
   
  return /[\x00-\x08\x0e-\x1a]/.test(head) && !/^(\xff\xfe|\xfe\xff)/.test(head)
    ? 'application/octet-stream'
    : 'text/plain';
}

function zipKind(bytes: Buffer): string {
  const has = (name: string): boolean => bytes.includes(name);
  if (has('xl/workbook')) return 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
  if (has('word/document')) return 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
  if (has('application/vnd.oasis.opendocument.spreadsheet'))
    return 'application/vnd.oasis.opendocument.spreadsheet';
  if (has('application/vnd.oasis.opendocument.text')) return 'application/vnd.oasis.opendocument.text';
  return 'application/zip';
}

/** The encryption flag of any local zip header, Office encryption inside OLE, /Encrypt of a PDF. */
export function isEncrypted(bytes: Uint8Array, mediaType: string): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (buffer.subarray(0, 4).toString('latin1') === 'PK\x03\x04') return (buffer[6]! & 1) !== 0;
  if (mediaType === 'application/x-ole-storage')
    return buffer.includes(Buffer.from('EncryptedPackage', 'utf16le'));
  return mediaType === 'application/pdf' && buffer.includes('/Encrypt');
}

/** A page picture or a PDF may be the scan of a signed and sealed paper. */
export const maybeScan = (mediaType: string): boolean =>
  mediaType === 'application/pdf' || mediaType.startsWith('image/');
