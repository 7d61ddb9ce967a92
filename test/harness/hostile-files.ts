import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { crc32, deflateRawSync, deflateSync } from 'node:zlib';
import { appendRevision, basePdf } from './pdf-writer.ts';
import { storedZip } from './zip-writer.ts';

/** What may lie in a folder that somebody hands to `congthu verify`: names and how each is made there. */
export type Maker = (at: string) => void;

const write =
  (bytes: () => Buffer | string): Maker =>
  (at) => {
    fs.writeFileSync(at, bytes());
  };
/** Of a size that takes no room on the disk. */
const sparse =
  (size: number): Maker =>
  (at) => {
    fs.writeFileSync(at, '');
    fs.truncateSync(at, size);
  };

/** Bytes that follow from a seed, so that a failure can be seen again. */
function noise(length: number, seed: number): Buffer {
  let state = seed >>> 0;
  return Buffer.from(
    Array.from({ length }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    }),
  );
}

/** A zip with one deflated part of `size` zeros. */
function zipBomb(name: string, size: number): Buffer {
  const zeros = Buffer.alloc(size);
  const data = deflateRawSync(zeros);
  const label = Buffer.from(name);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(8, 4);
  common.writeUInt32LE(crc32(zeros), 10);
  common.writeUInt32LE(data.length, 14);
  common.writeUInt32LE(size, 18);
  common.writeUInt16LE(label.length, 22);
  const start = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, label, data]);
  const listed = Buffer.concat([Buffer.from('PK\x01\x02\x14\0', 'latin1'), common, Buffer.alloc(14), label]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(start.length, 16);
  return Buffer.concat([start, listed, end]);
}

/** 300 MB of blanks where the cross-reference stream should be. */
function pdfBomb(): Buffer {
  const packed = deflateSync(Buffer.alloc(300_000_000, 0x20));
  const head = '%PDF-1.7\n';
  const object = `1 0 obj\n<< /Type /XRef /Size 2 /W [1 2 1] /Root 1 0 R /Filter /FlateDecode /Length ${packed.length} /ByteRange [0 1 2 3] >>\nstream\n`;
  const tail = `\nendstream\nendobj\nstartxref\n${head.length}\n%%EOF\n`;
  return Buffer.concat([Buffer.from(head + object), packed, Buffer.from(tail)]);
}

const head = 'From: snv@quangbinh.gov.vn\r\nSubject: x\r\nMIME-Version: 1.0\r\n';

/** How a CMS SignedData of indefinite length begins. */
const SIGNED_DATA = Buffer.from('308006092a864886f70d010702a080', 'hex');

/** A letter of multiparts, each in the other. */
const nested = (depth: number): string =>
  head +
  Array.from(
    { length: depth },
    (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`,
  ).join('');

export const HOSTILE: Readonly<Record<string, Maker>> = {
  'empty.eml': write(() => ''),
  'one-byte.pdf': write(() => '%'),
  'folder.eml': (at) => {
    fs.mkdirSync(at);
  },
  'missing.eml': () => undefined,
  'loop.eml': (at) => {
    fs.symlinkSync(`${at}.other`, at);
    fs.symlinkSync(at, `${at}.other`);
  },
  'dangling.eml': (at) => {
    fs.symlinkSync(path.join(path.dirname(at), 'nowhere'), at);
  },
  'endless.eml': (at) => {
    fs.symlinkSync('/dev/zero', at);
  },
  'pipe.eml': (at) => {
    execFileSync('mkfifo', [at]);
  },
  'larger-than-memory.pdf': sparse(6 * 1024 ** 3),
  'larger-than-letters.eml': sparse(76 * 1024 * 1024),
  'noise.eml': write(() => noise(200_000, 1)),
  'noise.pdf': write(() => Buffer.concat([Buffer.from('%PDF-1.7\n'), noise(200_000, 2)])),
  'noise.xlsx': write(() => Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), noise(200_000, 3)])),
  'noise.p7m': write(() => Buffer.concat([SIGNED_DATA, noise(200_000, 4)])),
  'zip-bomb.xlsx': write(() => zipBomb('xl/workbook.xml', 300_000_000)),
  'zip-of-nothing.docx': write(() => storedZip({})),
  'zip-cut-off.xlsx': write(() => zipBomb('xl/workbook.xml', 1_000_000).subarray(0, -30)),
  'pdf-bomb.pdf': write(pdfBomb),
  'pdf-cut-off.pdf': write(() => basePdf().subarray(0, 300)),
  'pdf-loop.pdf': write(() =>
    appendRevision(basePdf(), { objects: {}, trailer: '/ByteRange [0 0 0 0]', xref: 'none' }),
  ),
  'deep.p7s': write(() =>
    Buffer.concat([SIGNED_DATA, Buffer.from('3080'.repeat(400_000), 'hex'), Buffer.alloc(1000)]),
  ),
  'said-to-be-long.p7s': write(() => Buffer.from('30847fffffff06092a864886f70d010702', 'hex')),
  'deep.eml': write(() => nested(20_000)),
  'many-parts.eml': write(
    () =>
      `${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(50_000)}--b--\r\n`,
  ),
  'only-header.eml': write(() => `${head}X: ${'a'.repeat(5_000_000)}`),
  'without-line-end.eml': write(() => `From: a@b.vn${' '.repeat(3_000_000)}`),
  'xml-bomb.docx': write(() =>
    storedZip({
      '[Content_Types].xml':
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>',
      '_rels/.rels': '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>',
    }),
  ),
  'tên có dấu.eml': write(() => `${head}\r\nxin chào\r\n`),
  ['te\u0302n ro\u031b\u0300i.eml']: write(() => `${head}\r\nxin chào\r\n`),
  'two\nlines.eml': write(() => `${head}\r\nx\r\n`),
  'a\u001b[2J\u202egpj.eml': write(() => `${head}\r\nx\r\n`),
  '-- -json "quoted" %s $(x).eml': write(() => `${head}\r\nx\r\n`),
};

/** Makes them all; resolves names to paths. */
export function hostileFolder(dir: string): ReadonlyMap<string, string> {
  const made = new Map<string, string>();
  for (const [name, make] of Object.entries(HOSTILE)) {
    const at = path.join(dir, name);
    make(at);
    made.set(name, at);
  }
  return made;
}
