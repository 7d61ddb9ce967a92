import { mendLibrary, type Mend } from '../mend-library.ts';

/**
 * postgres.js and drizzle on it: the one place that loads them (a test of layers sees to that), because the driver is
 * mended while it is loaded. As published, 3.4.9 ends the whole process when PostgreSQL goes away under load
 * (porsager/postgres issues 1066, 1154, 1208: a write put off until after the close meets no socket), and a connection
 * that survives is left with half a message, a timer that never fires, or a query that takes the next one's answer.
 * `test/trouble/restart.test.ts` stops a PostgreSQL under three gateways. Once a release has these mends, this file
 * becomes two plain imports.
 */
const MENDS: readonly Mend[] = [
  // The end of a COPY is a message of its own: without this it waits until the database's system acknowledges the rows,
  // which it delays by up to 40 ms (RFC 896 beside RFC 1122 §4.2.3.2).
  {
    file: 'src/connection.js',
    was: `    x.on('error', error)
    x.on('close', closed)`,
    becomes: `    x.setNoDelay(true)
    x.on('error', error)
    x.on('close', closed)`,
  },
  // A query for a connection that is closed hears so, instead of being written to nothing later.
  {
    file: 'src/connection.js',
    was: `      return queryError(q, Errors.connection('CONNECTION_DESTROYED', options))`,
    becomes: `      return queryError(q, Errors.connection('CONNECTION_DESTROYED', options))

    if (!socket) {
      queryError(q, Errors.connection('CONNECTION_CLOSED', options))
      return true
    }`,
  },
  // What waited to be written dies with its connection: it must neither lead the next one's words nor keep its timer.
  {
    file: 'src/connection.js',
    was: `    clearImmediate(nextWriteTimer)
    socket.removeListener('data', data)`,
    becomes: `    clearImmediate(nextWriteTimer)
    chunk = nextWriteTimer = null
    socket.removeListener('data', data)`,
  },
  {
    file: 'src/connection.js',
    was: `    clearImmediate(nextWriteTimer)
    if (socket) {`,
    becomes: `    clearImmediate(nextWriteTimer)
    chunk = nextWriteTimer = null
    if (socket) {`,
  },
  // Queries sent between the socket's error and its close (a rollback is) would wait in the next connection's line, and
  // the database's last word would be taken for its answer to that one's first query.
  {
    file: 'src/connection.js',
    was: `    !hadError && (query || sent.length) && error(Errors.connection('CONNECTION_CLOSED', options, socket))`,
    becomes: `    ;(query || sent.length) && error(Errors.connection('CONNECTION_CLOSED', options, socket))
    query = errorResponse = null`,
  },
  // Rows sent by COPY that the database refuses at their end would be waited for without end, and with them the transaction.
  {
    file: 'src/connection.js',
    was: `    stream && (stream.destroy(err), stream = null)`,
    becomes: `    stream && (stream.destroy(err), stream = null)
    final && (final(err), final = null)`,
  },
  // Rows are sent as they are given, not copied behind their five bytes of head first; whoever gave them may use the
  // memory again when the callback comes. And a COPY that is over says nothing more: its connection may be gone, or busy
  // with somebody else's query.
  {
    file: 'src/connection.js',
    was: `  function CopyInResponse() {
    stream = new Stream.Writable({
      autoDestroy: true,
      write(chunk, encoding, callback) {
        socket.write(b().d().raw(chunk).end(), callback)
      },
      destroy(error, callback) {
        callback(error)
        socket.write(b().f().str(error + b.N).end())
        stream = null
      },`,
    becomes: `  function CopyInResponse() {
    stream = new Stream.Writable({
      autoDestroy: true,
      write(chunk, encoding, callback) {
        const head = Buffer.allocUnsafe(5)
        head[0] = 100
        head.writeInt32BE(chunk.length + 4, 1)
        socket.cork()
        socket.write(head)
        socket.write(chunk, callback)
        socket.uncork()
      },
      destroy(error, callback) {
        callback(error)
        if (stream !== this)
          return
        stream = null
        socket && socket.write(b().f().str(error + b.N).end())
      },`,
  },
  // A transaction ends with its connection: what it still asks must not reach the one opened in its place, where it
  // would run outside any transaction, or inside somebody else's.
  {
    file: 'src/index.js',
    was: `        new Promise((_, reject) => connection.onclose = reject)`,
    becomes: `        new Promise((_, reject) => connection.onclose = error => {
          gone = error
          while (queries.length)
            queries.shift().reject(error)
          reject(error)
        })`,
  },
  {
    file: 'src/index.js',
    was: `      , connection
      , prepare = null
`,
    becomes: `      , connection
      , gone = null
      , prepare = null
`,
  },
  {
    file: 'src/index.js',
    was: `        q.catch(e => uncaughtError || (uncaughtError = e))
        c.queue === full`,
    becomes: `        q.catch(e => uncaughtError || (uncaughtError = e))
        gone
          ? q.reject(gone)
          : c.queue === full`,
  },
];

const loadedMended = mendLibrary('postgres', 'src/store/driver.ts', MENDS);

export const { default: postgresClient } = await import('postgres');
export const { drizzle } = await import('drizzle-orm/postgres-js');
export const { migrate: migrateByDrizzle } = await import('drizzle-orm/postgres-js/migrator');

// Better no gateway than one that falls with its database.
loadedMended();
