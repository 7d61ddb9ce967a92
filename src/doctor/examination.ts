import type { Clock } from '../clock.ts';
import { readConfig, type Environment } from '../config.ts';
import { causeText, UserError } from '../errors.ts';
import { openDatabase, pendingMigrations, type OpenDatabase } from '../store/database.ts';
import { failure, GRADES, ok, plain, skipped, text, type Finding, type Grade, type Text } from './finding.ts';
import type { Patient, Probe } from './probe.ts';
import { PROBES } from './probes.ts';

export interface Examined extends Finding {
  readonly probe: string;
  readonly title: Text;
}

export interface ExaminationOptions {
  readonly clock: Clock;
  readonly quick: boolean;
  readonly progress: Patient['progress'];
  /** Told while an embedded PostgreSQL starts. */
  readonly starting: (what: string) => void;
  readonly probes?: readonly Probe[];
}

/** Looks at everything, one after the other; what one probe finds or throws never keeps the next from looking. */
export async function examine(env: Environment, options: ExaminationOptions): Promise<Examined[]> {
  const { config, findings } = readConfiguration(env);
  if (config === null) return findings;
  const patient: Patient = { config, ...options };
  const reached = await reach(config, options.starting);
  try {
    for (const probe of options.probes ?? PROBES) {
      const found = await lookSafely(probe, patient, reached);
      findings.push(...found.map((finding) => ({ probe: probe.id, title: probe.title, ...finding })));
    }
  } finally {
    if (typeof reached !== 'string') await reached.db.close();
  }
  return findings;
}

/** 0 = all in order, 1 = warnings only, 2 = at least one failure. */
export function exitStatus(findings: readonly Finding[]): 0 | 1 | 2 {
  const { failure: failures, warning } = countGrades(findings);
  if (failures > 0) return 2;
  return warning > 0 ? 1 : 0;
}

export function countGrades(findings: readonly Finding[]): Record<Grade, number> {
  const counts = Object.fromEntries(GRADES.map((grade) => [grade, 0])) as Record<Grade, number>;
  for (const { grade } of findings) counts[grade] += 1;
  return counts;
}

function readConfiguration(env: Environment) {
  const about = { probe: 'configuration', title: text('Cấu hình', 'Configuration') };
  try {
    const config = readConfig(env);
    const set = Object.keys(env).filter((name) => name.startsWith('CONGTHU_')).length;
    const seen = text(`đọc được, ${set} biến được đặt`, `readable, ${set} variables set`);
    return { config, findings: [{ ...about, ...ok(seen) }] };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const hint = text(
      'Sửa các biến môi trường nêu trên; xem README, mục "Configuration".',
      'Correct the variables named above; see README "Configuration".',
    );
    return { config: null, findings: [{ ...about, ...failure(plain(error.message), hint) }] };
  }
}

interface Reached {
  readonly db: OpenDatabase;
  readonly current: boolean;
}

/** The database without migrating it: whoever checks must not change. A string says why it cannot be had. */
async function reach(config: Patient['config'], starting: (what: string) => void): Promise<Reached | string> {
  try {
    const { databaseUrl: url, dataDir } = config;
    const db = await openDatabase({ url, dataDir, connections: 2, progress: starting });
    try {
      return { db, current: (await pendingMigrations(db.sql)).missing.length === 0 };
    } catch (error) {
      await db.close();
      return causeText(error);
    }
  } catch (error) {
    return causeText(error);
  }
}

async function lookSafely(probe: Probe, patient: Patient, reached: Reached | string): Promise<Finding[]> {
  try {
    if (probe.needs === 'nothing') return await probe.look(patient);
    if (typeof reached === 'string') {
      if (probe.id === 'database') return [unreachable(reached)];
      return [
        skipped(text('chưa kết nối được cơ sở dữ liệu', 'the database cannot be reached'), DATABASE_FIRST),
      ];
    }
    if (probe.needs === 'tables' && !reached.current)
      return [skipped(text('các bảng chưa được cập nhật', 'the tables are not up to date'), TABLES_FIRST)];
    return await probe.look({ ...patient, db: reached.db });
  } catch (error) {
    const words = error instanceof UserError ? error.message : causeText(error);
    const hint = error instanceof UserError && error.hint !== undefined ? plain(error.hint) : UNEXPECTED;
    return [failure(plain(words), hint)];
  }
}

const unreachable = (cause: string): Finding =>
  failure(
    plain(cause),
    text(
      'Kiểm tra DATABASE_URL, máy chủ PostgreSQL có chạy và cho phép kết nối từ máy này (pg_hba.conf) hay không.',
      'Check DATABASE_URL, that PostgreSQL runs and that it lets this machine in (pg_hba.conf).',
    ),
  );

const DATABASE_FIRST = text(
  'Khắc phục dòng “Cơ sở dữ liệu” trước, rồi kiểm tra lại.',
  'Mend the line “Database” first, then check again.',
);
const TABLES_FIRST = text(
  'Chạy congthu migrate, rồi kiểm tra lại.',
  'Run congthu migrate, then check again.',
);

const UNEXPECTED = text(
  'Xem nguyên nhân ở trên; nếu không rõ, gửi dòng này cho đơn vị vận hành phần mềm.',
  'See the cause above; if it says nothing to you, send this line to whoever maintains the program.',
);
