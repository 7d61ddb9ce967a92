import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * postgres.js and drizzle on it: the one place that loads them (a test of layers sees to that), because the driver is
 * mended while it is loaded. As published, 3.4.9 ends the whole process when PostgreSQL goes away under load
 * (porsager/postgres issues 1066, 1154, 1208: a write put off until after the close meets no socket), and a connection
 * that survives is left with half a message, a timer that never fires, or a query that takes the next one's answer.
 * `test/trouble/restart.test.ts` stops a PostgreSQL under three gateways. Once a release has these mends, this file
 * becomes two plain imports.
 */
interface Mend {
  readonly file: 'connection.js' | 'index.js';
  /** Stands in the file exactly once. */
  readonly was: string;
  readonly becomes: string;
}

const MENDS: readonly Mend[] = [
  // A query for a connection that is closed hears so, instead of being written to nothing later.
  {
    file: 'connection.js',
    was: `      return queryError(q, Errors.connection('CONNECTION_DESTROYED', options))`,
    becomes: `      return queryError(q, Errors.connection('CONNECTION_DESTROYED', options))

    if (!socket) {
      queryError(q, Errors.connection('CONNECTION_CLOSED', options))
      return true
    }`,
  },
  // What waited to be written dies with its connection: it must neither lead the next one's words nor keep its timer.
  {
    file: 'connection.js',
    was: `    clearImmediate(nextWriteTimer)
    socket.removeListener('data', data)`,
    becomes: `    clearImmediate(nextWriteTimer)
    chunk = nextWriteTimer = null
    socket.removeListener('data', data)`,
  },
  {
    file: 'connection.js',
    was: `    clearImmediate(nextWriteTimer)
    if (socket) {`,
    becomes: `    clearImmediate(nextWriteTimer)
    chunk = nextWriteTimer = null
    if (socket) {`,
  },
  // Queries sent between the socket's error and its close (a rollback is) would wait in the next connection's line, and
  // the database's last word would be taken for its answer to that one's first query.
  {
    file: 'connection.js',
    was: `    !hadError && (query || sent.length) && error(Errors.connection('CONNECTION_CLOSED', options, socket))`,
    becomes: `    ;(query || sent.length) && error(Errors.connection('CONNECTION_CLOSED', options, socket))
    query = errorResponse = null`,
  },
  // Rows sent by COPY that the database refuses at their end would be waited for without end, and with them the transaction.
  {
    file: 'connection.js',
    was: `    stream && (stream.destroy(err), stream = null)`,
    becomes: `    stream && (stream.destroy(err), stream = null)
    final && (final(err), final = null)`,
  },
  // A COPY that is over says nothing more: its connection may be gone, or busy with somebody else's query.
  {
    file: 'connection.js',
    was: `        callback(error)
        socket.write(b().f().str(error + b.N).end())
        stream = null
      },
      final(callback) {
        socket.write(b().c().end())
        final = callback
        stream = null
      }
    })
    query.resolve(stream)
  }

  function CopyOutResponse() {`,
    becomes: `        callback(error)
        if (stream !== this)
          return
        stream = null
        socket && socket.write(b().f().str(error + b.N).end())
      },
      final(callback) {
        socket.write(b().c().end())
        final = callback
        stream = null
      }
    })
    query.resolve(stream)
  }

  function CopyOutResponse() {`,
  },
  // A transaction ends with its connection: what it still asks must not reach the one opened in its place, where it
  // would run outside any transaction, or inside somebody else's.
  {
    file: 'index.js',
    was: `        new Promise((_, reject) => connection.onclose = reject)`,
    becomes: `        new Promise((_, reject) => connection.onclose = error => {
          gone = error
          while (queries.length)
            queries.shift().reject(error)
          reject(error)
        })`,
  },
  {
    file: 'index.js',
    was: `      , connection
      , prepare = null
`,
    becomes: `      , connection
      , gone = null
      , prepare = null
`,
  },
  {
    file: 'index.js',
    was: `        q.catch(e => uncaughtError || (uncaughtError = e))
        c.queue === full`,
    becomes: `        q.catch(e => uncaughtError || (uncaughtError = e))
        gone
          ? q.reject(gone)
          : c.queue === full`,
  },
];

const mended = new Set<string>();

function mend(file: string, text: string): string {
  mended.add(file);
  return MENDS.filter((one) => one.file === file).reduce((source, { was, becomes }) => {
    if (source.split(was).length !== 2)
      throw new Error(
        `postgres.js is not the release that src/store/driver.ts mends: ${file} has no “${was}”`,
      );
    return source.replace(was, () => becomes);
  }, text);
}

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const file = /\/node_modules\/postgres\/src\/(connection|index)\.js$/.exec(url)?.[1];
    if (file === undefined) return loaded;
    const { source } = loaded;
    if (source === undefined) throw new Error(`${fileURLToPath(url)} cannot be read`);
    const text = typeof source === 'string' ? source : Buffer.from(source as Uint8Array).toString('utf8');
    return { ...loaded, source: mend(`${file}.js`, text) };
  },
});

export const { default: postgresClient } = await import('postgres');
export const { drizzle } = await import('drizzle-orm/postgres-js');
export const { migrate: migrateByDrizzle } = await import('drizzle-orm/postgres-js/migrator');

// Somebody had loaded it before: better no gateway than one that falls with its database.
if (mended.size < 2) throw new Error('postgres.js was loaded past src/store/driver.ts');
