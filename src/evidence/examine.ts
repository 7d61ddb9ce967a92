import { createHash } from 'node:crypto';
import { parseContent, StructureLimit, type Content } from '../mime/parse.ts';
import { NO_SIGNATURE } from '../rules/verdict.ts';
import { verifySignedData } from './cms.ts';
import { explain } from './explain.ts';
import type { ValidationContext } from './path.ts';
import type { Evidence, ExaminedDocument, ExaminedLetter } from './port.ts';
import { examineSmime } from './smime.ts';
import { isEncrypted, sniff } from './sniff.ts';

interface Document {
  readonly facts: ExaminedDocument;
  readonly bytes: Buffer;
}

const NONE: Evidence = {
  format: 'none',
  verdict: NO_SIGNATURE,
  signatures: [],
  reason: 'the file is not signed',
  explanation: explain(NO_SIGNATURE, null, []),
};

/** All facts about a stored letter and its attachments. Pure: the same bytes give the same documents. */
export async function examineLetter(raw: Buffer, context: ValidationContext): Promise<ExaminedLetter> {
  const signed = examineSmime(raw, context);
  try {
    const content = await parseContent(signed.entity);
    const covered = signed.evidence.verdict.verdict === 'TOTAL-PASSED';
    const documents = readDocuments(content, covered, context).map((document) => document.facts);
    return {
      letter: signed.evidence,
      subject: content.subject,
      bodyText: content.text,
      documents,
      limit: null,
    };
  } catch (error) {
    if (!(error instanceof StructureLimit)) throw error;
    return { letter: signed.evidence, subject: '', bodyText: '', documents: [], limit: error.message };
  }
}

/** Exactly the bytes whose digest the facts carry, from inside what was verified. */
export async function documentBytes(
  raw: Buffer,
  index: number,
  sha256: string,
  context: ValidationContext,
): Promise<Buffer> {
  const { entity } = examineSmime(raw, context);
  const document = readDocuments(await parseContent(entity), true, context).find(
    ({ facts }) => facts.index === index,
  );
  if (document?.facts.sha256 !== sha256)
    throw new Error(`document ${index} is not the one that was examined`);
  return document.bytes;
}

/** Attachments without the detached signatures that stand beside them. */
function readDocuments(content: Content, covered: boolean, context: ValidationContext): Document[] {
  const isSignature = (name: string): boolean => /\.p7s$/i.test(name);
  const files = content.attachments.filter(({ filename }) => !isSignature(filename));
  return files.map(({ filename, content: bytes }, index) => {
    const mediaType = sniff(bytes);
    const companion = content.attachments.find(
      (other) => isSignature(other.filename) && pairs(other.filename, filename),
    );
    const evidence = companion === undefined ? NONE : detachedEvidence(companion.content, bytes, context);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const encrypted = isEncrypted(bytes, mediaType);
    return {
      bytes,
      facts: {
        index,
        filename,
        mediaType,
        size: bytes.length,
        sha256,
        evidence,
        coveredByLetter: covered,
        encrypted,
      },
    };
  });
}

/** "a.xlsx.p7s" or "a.p7s" belong to "a.xlsx". */
function pairs(signature: string, file: string): boolean {
  const base = signature.slice(0, -4).toLowerCase();
  return base === file.toLowerCase() || base === file.toLowerCase().replace(/\.[^.]+$/, '');
}

function detachedEvidence(signature: Buffer, bytes: Buffer, context: ValidationContext): Evidence {
  const { fact } = verifySignedData(signature, [bytes], context);
  return {
    format: 'cms',
    verdict: fact.verdict,
    signatures: [fact],
    reason: fact.reason,
    explanation: fact.explanation,
  };
}
