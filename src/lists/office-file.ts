import { openZip, ZipError, type ZipArchive, type ZipFault } from '../zip.ts';
import { ListError, type LIST_ERRORS } from './port.ts';
import { attribute, walkXml } from './xml.ts';

export interface Relation {
  /** Last step of the type's address: "worksheet", "sharedStrings". Transitional and strict differ before it. */
  readonly type: string;
  /** Lower-case part name without the leading slash; null when it points out of the file. */
  readonly part: string | null;
}

const TOLD_AS: Readonly<Record<ZipFault, (typeof LIST_ERRORS)[number]>> = {
  encrypted: 'encrypted',
  too_large: 'too_large',
  malformed: 'malformed',
  ambiguous: 'forbidden_content',
};

/** The parts of an OOXML or ODF file. Names are compared without case (ECMA-376 part 2 §6.2.2.3). */
export class OfficeFile {
  readonly #zip: ZipArchive;
  readonly #names: ReadonlyMap<string, string>;

  /** @throws ListError for what zip.ts refuses */
  constructor(bytes: Uint8Array) {
    this.#zip = asList(() => openZip(bytes));
    this.#names = new Map(this.#zip.names.map((name) => [name.toLowerCase(), name]));
  }

  /** Lower-case. */
  get names(): readonly string[] {
    return [...this.#names.keys()];
  }

  /** Inflated bytes, null when there is no such part. @throws ListError when it is damaged */
  part(name: string): Uint8Array | null {
    const written = this.#names.get(name.toLowerCase());
    return written === undefined ? null : asList(() => this.#zip.read(written));
  }

  /** @throws ListError also when there is no such part */
  required(name: string): Uint8Array {
    const bytes = this.part(name);
    if (bytes === null) throw new ListError('malformed', `the file has no part ${name}`);
    return bytes;
  }

  /** Relations of a part by id; of the whole file for ''. */
  relations(source: string): Map<string, Relation> {
    const slash = source.lastIndexOf('/') + 1;
    const bytes = this.part(`${source.slice(0, slash)}_rels/${source.slice(slash)}.rels`);
    const relations = new Map<string, Relation>();
    if (bytes === null) return relations;
    walkXml(bytes, {
      open(name, attributes) {
        const id = attribute(attributes, 'Id');
        const type = attribute(attributes, 'Type');
        if (name !== 'Relationship' || id === undefined || type === undefined) return;
        const external = attribute(attributes, 'TargetMode') === 'External';
        const target = attribute(attributes, 'Target') ?? '';
        relations.set(id, {
          type: type.slice(type.lastIndexOf('/') + 1),
          part: external ? null : resolve(source, target),
        });
      },
    });
    return relations;
  }

  /** The part that a relation of this type leads to, null when there is none. */
  related(source: string, type: string): string | null {
    return [...this.relations(source).values()].find((relation) => relation.type === type)?.part ?? null;
  }
}

function resolve(source: string, target: string): string {
  const steps = target.startsWith('/') ? [] : source.split('/').slice(0, -1);
  for (const step of target.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '.' && step !== '') steps.push(step);
  }
  return steps.join('/').toLowerCase();
}

function asList<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ZipError) throw new ListError(TOLD_AS[error.code], error.message);
    throw error;
  }
}
