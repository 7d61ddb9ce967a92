import fs from 'node:fs';
import path from 'node:path';
import { examineOffice } from '../../src/evidence/ooxml.ts';
import { examinePdf } from '../../src/evidence/pdf.ts';
import type { Evidence } from '../../src/evidence/port.ts';
import { loadTrustStore } from '../../src/evidence/trust-store.ts';
import type { Suite, SuiteResult } from './suite.ts';

/** Certificates of these files are expired or of nobody's trust: integrity and coverage are judged apart from that. */
const CONTEXT = { at: new Date('2026-01-01T00:00:00Z'), trust: loadTrustStore({ anchors: '/nonexistent' }) };

interface Judged {
  readonly name: string;
  /** The file has bytes of a signature, whatever they are worth. */
  readonly carries: boolean;
  readonly evidence: Evidence;
}

function judgeFolder(
  folder: string,
  extension: RegExp,
  trace: RegExp,
  judge: (bytes: Buffer) => Evidence,
): Judged[] {
  return fs
    .readdirSync(folder)
    .filter((name) => extension.test(name))
    .map((name) => {
      const bytes = fs.readFileSync(path.join(folder, name));
      return { name, carries: trace.test(bytes.toString('latin1')), evidence: judge(bytes) };
    });
}

const isWhole = ({ evidence: { signatures } }: Judged): boolean =>
  signatures.length > 0 && signatures.every(({ intact }) => intact) && signatures.at(-1)!.coversAll;

function told({ name, evidence }: Judged): string {
  const indication = 'subIndication' in evidence.verdict ? evidence.verdict.subIndication : '';
  return `refused ${name}: ${evidence.verdict.verdict} ${indication}, ${evidence.reason}`;
}

/** Whether trust or time alone stand between a whole signature and TOTAL-PASSED, or something of the file. */
const BY_FORM = /^(?!NO_CERTIFICATE_CHAIN_FOUND)/;
const refusedForItself = (one: Judged): boolean => {
  const { verdict } = one.evidence;
  return !isWhole(one) || ('subIndication' in verdict && BY_FORM.test(verdict.subIndication));
};

function report(suite: string, files: readonly Judged[], missed: readonly string[]): SuiteResult {
  const signed = files.filter(({ carries }) => carries);
  const plain = files.filter(({ carries }) => !carries);
  const whole = signed.filter(isWhole);
  const silent = signed.filter(
    ({ evidence: { reason, signatures } }) => reason === '' || signatures.length === 0,
  );
  const passed = files.filter(({ evidence }) => evidence.verdict.verdict === 'TOTAL-PASSED');
  const invented = plain.filter(({ evidence }) => evidence.signatures.length > 0);
  return {
    suite,
    rows: [
      ['intact and whole', `${whole.length} of ${signed.length} that carry signatures`],
      ['refused, reason told', `${signed.filter(refusedForItself).length - silent.length}`],
      ['unsigned told so', `${plain.length - invented.length} of ${plain.length}`],
    ],
    missed: [
      ...missed,
      ...silent.map(({ name }) => `${name} carries a signature and nothing was said about it`),
      ...passed.map(({ name }) => `${name} passed without any trust anchor`),
      ...invented.map(({ name }) => `${name} was said to be signed`),
    ],
    notes: signed.filter(refusedForItself).map(told),
  };
}

/** Apache POI's signed Office files: each intact, or refused for a reason that is told. */
export const ooxml: Suite = (vectors) => {
  const files = judgeFolder(
    path.join(vectors, 'ooxml-signed'),
    /\.(docx|xlsx|pptx)$/,
    /_xmlsignatures\/sig/,
    (bytes) => examineOffice(bytes, CONTEXT).evidence,
  );
  const misnamed = files.filter(({ name, carries }) => name.includes('unsigned') && carries);
  return report(
    'Apache POI OOXML',
    files,
    misnamed.map(({ name }) => `${name} carries a signature`),
  );
};

/** pyHanko's signed PDFs; none of the files of `coverage-anomalies` may count as covered. */
export const pdf: Suite = (vectors) => {
  const folder = path.join(vectors, 'pdf-signed');
  const judge = (at: string): Judged[] =>
    judgeFolder(at, /\.pdf$/, /\/ByteRange\s*\[/, (bytes) => examinePdf(bytes, CONTEXT).evidence);
  const anomalies = judge(path.join(folder, 'coverage-anomalies'));
  const uncaught = anomalies.filter(({ evidence }) => evidence.signatures.some(({ coversAll }) => coversAll));
  const result = report(
    'pyHanko PDF',
    judge(folder),
    uncaught.map(({ name }) => `the coverage anomaly ${name} was not caught`),
  );
  const caught = `${anomalies.length - uncaught.length} of ${anomalies.length}`;
  return {
    ...result,
    rows: [...result.rows, ['anomalies caught', caught]],
    notes: [...result.notes, ...anomalies.map(told)],
  };
};
