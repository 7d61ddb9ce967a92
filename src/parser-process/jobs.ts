import { verifyAnyFile } from '../evidence/examine-file.ts';
import { charsetOf, wordParts } from '../evidence/examine-parts.ts';
import { documentAt, examineLetter, letterPayload, type DocumentFormats } from '../evidence/examine.ts';
import { contentOf } from '../evidence/mime.ts';
import { decodeText } from '../evidence/mime-words.ts';
import { sniff } from '../evidence/sniff.ts';
import { unpack } from '../evidence/unpack.ts';
import type { ValidationContext } from '../evidence/path.ts';
import { keptTrustStore } from '../evidence/trust-store.ts';
import { readList } from '../lists/formats.ts';
import { ListError, type Grid } from '../lists/port.ts';
import { secrecyMarkInGrids } from '../rules/secrecy-in-files.ts';
import { examineScan, recogniseScan } from '../scan/examine-scan.ts';
import type { Answers, Envelope, ListsRead, ParserRequest } from './protocol.ts';

/** A value and the bytes that go with it. */
export interface Outcome {
  readonly value: Answers[keyof Answers];
  readonly pieces: readonly Uint8Array[];
}

/** What the parsing child can do, on bytes a stranger sent. A throw becomes the job's error, never more. */
export async function carryOut(
  request: ParserRequest,
  bytes: Buffer,
  formats: DocumentFormats,
): Promise<Outcome> {
  switch (request.job) {
    case 'examine':
      return plain(examineLetter(bytes, contextOf(request), formats));
    case 'verify-file': {
      const length = bytes.length - (request.detachedLength ?? 0);
      const beside = request.detachedLength === null ? null : bytes.subarray(length);
      const file = { filename: request.name, bytes: bytes.subarray(0, length) };
      return plain(verifyAnyFile(file, beside, contextOf(request), formats));
    }
    case 'screen': {
      const { grids } = await readLists({ ...request, job: 'read-lists', includeBody: false }, bytes);
      return plain(secrecyMarkInGrids(grids));
    }
    case 'read-lists':
      return plain(await readLists(request, bytes));
    case 'unpack': {
      const { pieces, limit } = unpack(bytes);
      const told = pieces.map(({ label, bytes: piece }) => ({ label, length: piece.length }));
      return { value: { pieces: told, limit }, pieces: pieces.map((piece) => piece.bytes) };
    }
    case 'examine-scan':
      return scanOf(request.document, bytes);
    case 'recognise': {
      const file = examinedDocument(bytes, request.document);
      const { mediaType } = sniff(file.bytes, file.filename);
      return plain(await recogniseScan(file.bytes, mediaType, request.page));
    }
  }
}

const plain = (value: Outcome['value']): Outcome => ({ value, pieces: [] });

/** The bytes of a document the facts name. @throws Error when the letter holds no such bytes */
function examinedDocument(raw: Buffer, { index, sha256 }: { index: number; sha256: string }) {
  const file = documentAt(raw, index, sha256);
  if (file === null) throw new Error(`document ${index} is not the one that was examined`);
  return file;
}

async function scanOf(document: { index: number; sha256: string }, raw: Buffer): Promise<Outcome> {
  const { bytes, filename } = examinedDocument(raw, document);
  const { fact, pictures } = await examineScan(bytes, sniff(bytes, filename).mediaType);
  const told = pictures.map(({ bytes: picture, ...about }) => ({ ...about, length: picture.length }));
  return { value: { fact, pictures: told }, pieces: pictures.map((picture) => picture.bytes) };
}

const trustOf = keptTrustStore();

const contextOf = ({ at, now, trustDirs }: Envelope): ValidationContext => ({
  trust: trustOf(trustDirs),
  at: new Date(at),
  ...(now === undefined ? {} : { now: new Date(now) }),
});

async function readLists(
  request: Extract<ParserRequest, { job: 'read-lists' }>,
  raw: Buffer,
): Promise<ListsRead> {
  const problems: ListsRead['problems'][number][] = [];
  const read = async (bytes: Uint8Array, filename: string): Promise<Grid[]> => {
    try {
      return await readList({ bytes, filename, ...sniff(bytes, filename) });
    } catch (error) {
      if (!(error instanceof ListError)) throw error;
      problems.push({ filename, code: error.code, message: error.message });
      return [];
    }
  };
  const grids: Grid[] = [];
  for (const document of request.documents) {
    const file = examinedDocument(raw, document);
    grids.push(...(await read(file.bytes, file.filename)));
  }
  const body: Grid[] = [];
  if (request.includeBody)
    for (const { bytes, filename } of bodyFiles(raw)) body.push(...(await read(bytes, filename)));
  return { grids, body, problems };
}

/**
 * The letter's own words as files, in UTF-8, for tables that were typed into the mail. Of two renderings the one with
 * the table counts: programs flatten tables in the plain one.
 */
function bodyFiles(raw: Buffer): { filename: string; bytes: Buffer }[] {
  const files = wordParts(letterPayload(raw)).map((leaf) => ({
    filename: leaf.type.value === 'text/html' ? 'noi-dung-thu.html' : 'noi-dung-thu.txt',
    bytes: Buffer.from(decodeText(contentOf(leaf), charsetOf(leaf))),
  }));
  const tables = files.filter(
    ({ filename, bytes }) => filename.endsWith('.html') && /<table\b/iu.test(bytes.toString()),
  );
  if (tables.length > 0) return tables;
  const plain = files.filter(({ filename }) => filename.endsWith('.txt'));
  return plain.length > 0 ? plain : files;
}
