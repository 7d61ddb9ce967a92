import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A change of a library's source, made while it is loaded: for defects that no option reaches, until a release has them. */
export interface Mend {
  /** Below the package's folder. */
  readonly file: string;
  /** Stands in the file exactly once; where it does not, the release is another one and nothing is loaded. */
  readonly was: string;
  readonly becomes: string;
}

/**
 * Mends a package that has not been loaded yet. Only the module that calls this may load it (test/layers.test.ts).
 * @param by the calling module, for messages
 * @returns to be called when the package is loaded; throws when it came past the mends
 */
export function mendLibrary(name: string, by: string, mends: readonly Mend[]): () => void {
  const toCome = new Set(mends.map(({ file }) => file));
  const inPackage = new RegExp(`/node_modules/${name}/(.+)$`, 'u');
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const file = inPackage.exec(url)?.[1] ?? '';
      const its = mends.filter((one) => one.file === file);
      if (its.length === 0) return loaded;
      const { source } = loaded;
      if (source === undefined) throw new Error(`${fileURLToPath(url)} cannot be read`);
      toCome.delete(file);
      const text = typeof source === 'string' ? source : Buffer.from(source as Uint8Array).toString('utf8');
      return {
        ...loaded,
        source: its.reduce((mended, mend) => mendText(mended, mend, `${name}, mended by ${by}`), text),
      };
    },
  });
  return () => {
    if (toCome.size > 0) throw new Error(`${name} was loaded past ${by}: ${[...toCome].join(', ')}`);
  };
}

function mendText(text: string, { file, was, becomes }: Mend, whose: string): string {
  if (text.split(was).length !== 2)
    throw new Error(`not the release that is mended (${whose}): ${file} has no “${was}”`);
  return text.replace(was, () => becomes);
}
