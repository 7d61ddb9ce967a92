/**
 * Group commit: jobs that come while others are under way wait and are then done together, in one transaction and one
 * fsync. A job that comes alone never waits. If a group fails for what may be one job's own fault, each of it is tried by
 * itself, so that one letter cannot keep others out.
 */
export interface TogetherOptions<Job, Done> {
  /** Does them all or none; results in the order of the jobs. */
  readonly work: (jobs: readonly Job[]) => Promise<readonly Done[]>;
  /** Groups under way at once: while one waits for the disk another is prepared. */
  readonly lanes: number;
  /** Jobs of one group at most. */
  readonly most: number;
}

interface Waiting<Job, Done> {
  readonly job: Job;
  readonly resolve: (done: Done) => void;
  readonly reject: (error: unknown) => void;
}

/** @returns what asks for one job; it rejects as `work` did */
export function createTogether<Job, Done>({
  work,
  lanes,
  most,
}: TogetherOptions<Job, Done>): (job: Job) => Promise<Done> {
  const waiting: Waiting<Job, Done>[] = [];
  let underWay = 0;

  async function lane(): Promise<void> {
    underWay += 1;
    while (waiting.length > 0) await group(waiting.splice(0, most));
    underWay -= 1;
  }

  async function group(jobs: readonly Waiting<Job, Done>[]): Promise<void> {
    try {
      const done = await work(jobs.map(({ job }) => job));
      for (const [i, { resolve }] of jobs.entries()) resolve(done[i]!);
    } catch (error) {
      if (jobs.length === 1 || concernsAll(error)) for (const { reject } of jobs) reject(error);
      else for (const job of jobs) await group([job]);
    }
  }

  return (job) =>
    new Promise((resolve, reject) => {
      waiting.push({ job, resolve, reject });
      if (underWay < lanes) void lane();
    });
}

/** SQLSTATE classes of a database in trouble: connection, resources (disk full), operator, system. */
const DATABASE_TROUBLE: ReadonlySet<string> = new Set(['08', '53', '57', '58']);
/** A digit stands in every one that a server sends, so EPIPE is none. */
const SQLSTATE = /^(?=.*\d)[0-9A-Z]{5}$/;
/** The driver's words for a lost connection, and the system's error numbers; not UNDEFINED_VALUE or Node's ERR_…. */
const MACHINE_TROUBLE = /^(?:CONNECT(?:ION)?_[A-Z_]+|E[A-Z0-9]+)$/;

/** Whether an error is of the connection, the disk or the machine, and trying each job by itself would only take longer. */
export function concernsAll(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (!('code' in at) || typeof at.code !== 'string') continue;
    if (SQLSTATE.test(at.code)) return DATABASE_TROUBLE.has(at.code.slice(0, 2));
    if (MACHINE_TROUBLE.test(at.code)) return true;
  }
  return false;
}
