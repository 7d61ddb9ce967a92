import { openZip, ZipError, type ZipArchive } from '../zip.ts';
import { encapsulated, openLetter } from './smime-open.ts';
import { leaves } from './examine-parts.ts';
import { contentOf, partBudget, readEntity, type Entity } from './mime.ts';
import { MimeLimit } from './mime-fields.ts';
import { fileLabel } from './mime-words.ts';
import { cmsBytes } from './sniff.ts';

/**
 * A letter taken apart as our own readers take it, for a virus scanner: it knows neither CMS nor where its own reading of
 * a malformed letter differs from ours. What lies in an opaque signature, in .p7m files, attached letters and zips (Office
 * files among them) comes out one by one; how those formats are read beyond that is the scanner's business.
 */
export interface Unpacked {
  readonly pieces: readonly Piece[];
  /** Which bound was reached, so that there is more than was taken out; null when everything is there. */
  readonly limit: string | null;
}

export interface Piece {
  /** Labels from the letter inwards, "danh-sach.zip › a.docx". Strangers' words. */
  readonly label: string;
  readonly bytes: Uint8Array;
}

/** A zip in a .p7m in a letter attached to a letter is six layers deep; honest letters have three. */
const MAX_LAYERS = 8;
/** Office files have some dozens of parts, those with many pictures hundreds; each costs a connection to the scanner. */
const MAX_PIECES = 2_500;
/** Must pass between processes in one frame (parser-process/protocol.ts); a letter of 50 MB and its parts do. */
const MAX_BYTES = 140 * 1024 * 1024;

class UnpackLimit extends Error {
  override name = 'UnpackLimit';
}

interface Out {
  readonly pieces: Piece[];
  bytes: number;
}

/** Never throws on hostile input. */
export function unpack(raw: Uint8Array): Unpacked {
  const out: Out = { pieces: [], bytes: 0 };
  try {
    unpackLetter(raw, [], out);
    return { pieces: out.pieces, limit: null };
  } catch (error) {
    if (error instanceof UnpackLimit || error instanceof MimeLimit)
      return { pieces: out.pieces, limit: error.message };
    throw error;
  }
}

function unpackLetter(raw: Uint8Array, path: readonly string[], out: Out): void {
  checkLayers(path);
  const budget = partBudget();
  const root = readEntity(raw, budget);
  const opened = openLetter(root, budget);
  // As the mail inside an opaque signature, for a scanner that knows mail.
  if (opened.form === 'opaque') add(opened.payload.whole, [...path, 'noi-dung-da-ky'], out);
  for (const part of leaves(opened.payload)) unpackPart(part, path, out);
}

function unpackPart(part: Entity, path: readonly string[], out: Out): void {
  const inner = [...path, part.filename ?? part.type.value];
  const bytes = contentOf(part);
  add(bytes, inner, out);
  if (/^message\/(rfc822|global)$/.test(part.type.value)) unpackLetter(bytes, inner, out);
  else unpackFile(bytes, inner, out);
}

function checkLayers(path: readonly string[]): void {
  if (path.length > MAX_LAYERS) throw new UnpackLimit(`more than ${MAX_LAYERS} layers of packing`);
}

/** What lies inside a file that itself has been added. */
function unpackFile(bytes: Uint8Array, path: readonly string[], out: Out): void {
  checkLayers(path);
  const content = contentOfCms(bytes);
  if (content !== null) {
    add(content, [...path, 'noi-dung'], out);
    unpackFile(content, [...path, 'noi-dung'], out);
    return;
  }
  const zip = zipOf(bytes);
  for (const name of zip?.names ?? []) {
    const member = memberOf(zip!, name);
    if (member === null) continue;
    const inner = [...path, fileLabel(name)];
    add(member, inner, out);
    unpackFile(member, inner, out);
  }
}

function add(bytes: Uint8Array, path: readonly string[], out: Out): void {
  if (bytes.length === 0) return;
  out.bytes += bytes.length;
  if (out.pieces.length >= MAX_PIECES) throw new UnpackLimit(`more than ${MAX_PIECES} parts`);
  if (out.bytes > MAX_BYTES) throw new UnpackLimit(`more than ${MAX_BYTES} bytes when unpacked`);
  out.pieces.push({ label: path.join(' › '), bytes });
}

function contentOfCms(bytes: Uint8Array): Uint8Array | null {
  const der = cmsBytes(bytes);
  return der === null ? null : (encapsulated(der)?.content ?? null);
}

/** A zip that our readers refuse (bombs, two readings, passwords) is opened by nobody here; the scanner has it whole. */
function zipOf(bytes: Uint8Array): ZipArchive | null {
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) return null;
  try {
    return openZip(bytes);
  } catch (error) {
    if (error instanceof ZipError) return null;
    throw error;
  }
}

function memberOf(zip: ZipArchive, name: string): Uint8Array | null {
  try {
    return zip.read(name);
  } catch (error) {
    if (error instanceof ZipError) return null;
    throw error;
  }
}
