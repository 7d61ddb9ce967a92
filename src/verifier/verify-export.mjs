#!/usr/bin/env node
/**
 * Checks an export, a proof or a consistency proof of a congthu mail log, off-line, with nothing but Node (18 or
 * newer): no module of congthu, no package, no database. README "Export format" says all that is needed to write
 * another one in any language.
 *
 *   node verify-export.mjs FOLDER [--key VKEY] [--kept CHECKPOINT-FILE] [--tsa PEM-FILE] [--whole]
 *   node verify-export.mjs --proof FILE.tlog-proof --key VKEY
 *   node verify-export.mjs --consistency FILE --kept CHECKPOINT-FILE --key VKEY
 *
 * --key   the verifier key you were given when the log began (`congthu log key`); without it the export's own word
 *         for its key is taken, which proves only that the export agrees with itself
 * --kept  a checkpoint you kept from before: shows whether history was rewritten since, even with a stolen key
 * --tsa   certificates of the time-stamping authority or its CA, for the tokens of checkpoints
 * --whole the export is to hold every entry of the log, but for months it says were forgotten
 *
 * Status 0: everything holds. 1: something does not. 2: cannot tell, or wrong usage.
 */
import { createHash, createPublicKey, verify as verifySignature, X509Certificate } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
const node = (left, right) => sha256(NODE, left, right);
const same = (a, b) => a !== undefined && b !== undefined && Buffer.compare(a, b) === 0;

// ---- signed notes (C2SP signed-note) and checkpoints (C2SP tlog-checkpoint) ----

export function parseKey(text) {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.trim());
  if (match === null) throw new Error(`"${text.trim()}" is no verifier key`);
  const material = Buffer.from(match[3], 'base64');
  if (material.length !== 33 || material[0] !== 1)
    throw new Error('only Ed25519 verifier keys are understood');
  const hash = sha256(`${match[1]}\n`, material).subarray(0, 4);
  if (hash.toString('hex') !== match[2]) throw new Error('the verifier key does not fit its own hash');
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), material.subarray(1)]);
  return {
    text: text.trim(),
    name: match[1],
    hash,
    key: createPublicKey({ key: spki, format: 'der', type: 'spki' }),
  };
}

/** The signed text when this key's signature holds, else null. */
function openNote(note, key) {
  const end = note.lastIndexOf('\n\n');
  if (end < 0) return null;
  const text = note.slice(0, end + 1);
  for (const line of note.slice(end + 2).split('\n')) {
    const [dash, name, base64, rest] = line.split(' ');
    if (dash !== '—' || name !== key.name || base64 === undefined || rest !== undefined) continue;
    const bytes = Buffer.from(base64, 'base64');
    if (
      same(bytes.subarray(0, 4), key.hash) &&
      verifySignature(null, Buffer.from(text), key.key, bytes.subarray(4))
    )
      return text;
  }
  return null;
}

function openCheckpoint(note, key) {
  const text = openNote(note, key);
  if (text === null) return null;
  const [origin, size, root] = text.split('\n');
  if (origin !== key.name || !/^(0|[1-9][0-9]{0,15})$/.test(size ?? '')) return null;
  const hash = Buffer.from(root ?? '', 'base64');
  return hash.length === 32 ? { size: Number(size), root: hash } : null;
}

const claimedSize = (note) => Number(note.split('\n')[1]);

// ---- trees (RFC 6962 §2.1; proofs as RFC 9162 §2.1.3.2 and §2.1.4.2 verify them) ----

/** Root of the perfect subtrees [hash, height] that stand side by side, tallest first. */
function foldPeaks(peaks) {
  let root = peaks.length === 0 ? sha256() : peaks[peaks.length - 1].hash;
  for (let i = peaks.length - 2; i >= 0; i--) root = node(peaks[i].hash, root);
  return root;
}

function pushPeak(peaks, hash, height) {
  peaks.push({ hash, height });
  while (peaks.length > 1 && peaks[peaks.length - 2].height === peaks[peaks.length - 1].height) {
    const right = peaks.pop();
    const left = peaks.pop();
    peaks.push({ hash: node(left.hash, right.hash), height: left.height + 1 });
  }
}

function rootOf(hashes) {
  const peaks = [];
  for (const hash of hashes) pushPeak(peaks, hash, 0);
  return foldPeaks(peaks);
}

export function inclusionRoot(leaf, index, size, path_) {
  if (!(index >= 0 && index < size)) return undefined;
  let fn = BigInt(index);
  let sn = BigInt(size) - 1n;
  let r = leaf;
  for (const p of path_) {
    if (sn === 0n) return undefined;
    if (fn % 2n === 1n || fn === sn) {
      r = node(p, r);
      while (fn % 2n === 0n && fn !== 0n) [fn, sn] = [fn / 2n, sn / 2n];
    } else r = node(r, p);
    [fn, sn] = [fn / 2n, sn / 2n];
  }
  return sn === 0n ? r : undefined;
}

export function consistent(old, size, oldRoot, root, proof) {
  if (old === size) return proof.length === 0 && same(oldRoot, root);
  if (old === 0) return proof.length === 0;
  if (old > size || proof.length === 0) return false;
  const path_ = [...proof];
  let fn = BigInt(old) - 1n;
  let sn = BigInt(size) - 1n;
  const isPower = (BigInt(old) & (BigInt(old) - 1n)) === 0n;
  if (isPower) path_.unshift(oldRoot);
  while (fn % 2n === 1n) [fn, sn] = [fn / 2n, sn / 2n];
  let fr = path_[0];
  let sr = path_[0];
  for (const c of path_.slice(1)) {
    if (sn === 0n) return false;
    if (fn % 2n === 1n || fn === sn) {
      fr = node(c, fr);
      sr = node(c, sr);
      while (fn % 2n === 0n && fn !== 0n) [fn, sn] = [fn / 2n, sn / 2n];
    } else sr = node(sr, c);
    [fn, sn] = [fn / 2n, sn / 2n];
  }
  return sn === 0n && same(fr, oldRoot) && same(sr, root);
}

// ---- single files ----

/** C2SP tlog-proof whose `extra` is salt (16 bytes) ‖ entry. Throws with the reason when it does not hold. */
export function checkProofText(text, key) {
  const split = text.indexOf('\n\n');
  const [header, extra, index, ...hashes] = text.slice(0, split).split('\n');
  if (header !== 'c2sp.org/tlog-proof@v1' || !extra?.startsWith('extra ') || !/^index \d+$/.test(index ?? ''))
    throw new Error('this is no tlog-proof with a record');
  const note = text.slice(split + 2);
  const checkpoint = openCheckpoint(note, key);
  if (checkpoint === null) throw new Error('the checkpoint is not signed by the key');
  const record = Buffer.from(extra.slice(6), 'base64');
  const number = Number(index.slice(6));
  const root = inclusionRoot(
    sha256(LEAF, record),
    number,
    checkpoint.size,
    hashes.map((hash) => Buffer.from(hash, 'base64')),
  );
  if (!same(root, checkpoint.root)) throw new Error('the entry is not in the tree of the checkpoint');
  return { number, entry: record.subarray(16).toString('utf8'), size: checkpoint.size, note };
}

/** "old N", hashes, blank line, checkpoint (as C2SP tlog-witness). */
export function checkConsistencyText(text, kept, key) {
  const split = text.indexOf('\n\n');
  const [old, ...hashes] = text.slice(0, split).split('\n');
  const checkpoint = openCheckpoint(text.slice(split + 2), key);
  const before = openCheckpoint(kept, key);
  if (checkpoint === null || before === null) throw new Error('a checkpoint is not signed by the key');
  if (old !== `old ${before.size}`) throw new Error('the proof is about another checkpoint');
  const path_ = hashes.map((hash) => Buffer.from(hash, 'base64'));
  if (!consistent(before.size, checkpoint.size, before.root, checkpoint.root, path_))
    throw new Error('the later log does not begin with the kept one: history was rewritten');
  return { old: before.size, size: checkpoint.size };
}

// ---- time-stamps (RFC 3161 TimeStampResp; CMS as RFC 5652 §5.4 verifies it) ----

const SIGNED_DATA = '06092a864886f70d010702';
const TST_INFO = '060b2a864886f70d0109100104';
const CONTENT_TYPE = '06092a864886f70d010903';
const MESSAGE_DIGEST = '06092a864886f70d010904';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
const DIGESTS = new Map([
  ['0609608648016503040201', 'sha256'],
  ['0609608648016503040202', 'sha384'],
  ['0609608648016503040203', 'sha512'],
]);

/** One DER value: { tag, body, raw }. */
function derAt(bytes, at) {
  const first = bytes[at + 1];
  const extra = first < 0x80 ? 0 : first & 0x7f;
  if (first === undefined || first === 0x80 || extra > 4) throw new Error('the token is no DER');
  const length = extra === 0 ? first : bytes.readUIntBE(at + 2, extra);
  const start = at + 2 + extra;
  if (start + length > bytes.length) throw new Error('the token is cut off');
  const raw = bytes.subarray(at, start + length);
  return { tag: bytes[at], body: bytes.subarray(start, start + length), raw };
}

function derIn({ body }) {
  const values = [];
  for (let at = 0; at < body.length; at += values.at(-1).raw.length) values.push(derAt(body, at));
  return values;
}

const hex = (value) => value?.raw.toString('hex');
const digestOf = (algorithm) => {
  const name = DIGESTS.get(hex(derIn(algorithm)[0]));
  if (name === undefined) throw new Error('the token uses a digest that is not understood');
  return name;
};

/**
 * What a token proves of a text: when, and by whose signature. Throws the reason when it does not hold.
 * @param trusted X509Certificate[]: the authority's own certificate or its CA's; undefined: not asked
 */
export function checkToken(response, text, trusted) {
  const [, token] = derIn(derAt(response, 0));
  const [type, content] = token === undefined ? [] : derIn(token);
  if (hex(type) !== SIGNED_DATA) throw new Error('the token holds no signature');
  const [, , wrapped, ...rest] = derIn(derIn(content)[0]);
  const [wrappedType, wrappedContent] = derIn(wrapped);
  if (hex(wrappedType) !== TST_INFO) throw new Error('the token is no time-stamp');
  const info = derIn(wrappedContent)[0];
  const [, , imprint, , generalized] = derIn(derAt(info.body, 0));
  const [algorithm, digest] = derIn(imprint);
  if (!same(createHash(digestOf(algorithm)).update(text).digest(), digest.body))
    throw new Error('the token is about another checkpoint');
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{1,9})?Z$/.exec(
    generalized.body.toString('latin1'),
  );
  if (parts === null) throw new Error('the token names no time');
  const [, year, month, day, hour, minute, second, fraction = ''] = parts;
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction.slice(0, 4)}Z`);
  const certificates = rest
    .filter(({ tag }) => tag === 0xa0)
    .flatMap((set) => derIn(set).map(({ raw }) => new X509Certificate(raw)));
  const signers = derIn(rest.at(-1));
  if (signers.length !== 1) throw new Error('the token has not one signature');
  const [, , digestAlgorithm, attributes, , signature] = derIn(signers[0]);
  const name = digestOf(digestAlgorithm);
  const said = new Map(derIn(attributes).map((one) => [hex(derIn(one)[0]), derIn(derIn(one)[1])[0]]));
  if (attributes.tag !== 0xa0 || hex(said.get(CONTENT_TYPE)) !== TST_INFO)
    throw new Error('the token has no signed attributes');
  if (!same(said.get(MESSAGE_DIGEST)?.body, createHash(name).update(info.body).digest()))
    throw new Error('the signature of the token is about something else');
  const signed = Buffer.concat([Buffer.of(0x31), attributes.raw.subarray(1)]);
  const signer = [...certificates, ...(trusted ?? [])].find(
    (certificate) =>
      certificate.keyUsage?.includes(TIME_STAMPING) &&
      verifySignature(name, signed, certificate.publicKey, signature.body),
  );
  if (signer === undefined) throw new Error('the signature of the token does not hold');
  if (trusted !== undefined && !leadsTo(signer, trusted, certificates, time))
    throw new Error('the token is not of the given authority');
  return { time, authority: signer.subject.replaceAll('\n', ', ') };
}

/** From a certificate by its issuers to a trusted one, all valid at that time. */
function leadsTo(certificate, trusted, others, time, depth = 0) {
  const valid = new Date(certificate.validFrom) <= time && time <= new Date(certificate.validTo);
  if (!valid || depth > 5) return false;
  if (trusted.some(({ raw }) => same(raw, certificate.raw))) return true;
  const issuer = [...trusted, ...others].find(
    (other) => other.ca && certificate.checkIssued(other) && certificate.verify(other.publicKey),
  );
  return issuer !== undefined && leadsTo(issuer, trusted, others, time, depth + 1);
}

// ---- exports ----

/** "tile/1/x001/067" or with ".p/12" (C2SP tlog-tiles). */
function tilePath(level, number, width) {
  const digits = String(number).padStart(3, '0');
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g);
  const name = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/');
  return `tile/${level}/${name}${width === 256 ? '' : `.p/${width}`}`;
}

/** By the calendar of UTC: what is numbered behind a heartbeat of these months may not be forgotten. */
function twelveMonthsBefore(text) {
  const at = new Date(text);
  at.setUTCMonth(at.getUTCMonth() - 12);
  return at;
}

/** Longer than this no gateway is silent: it makes a heartbeat every five minutes. */
const MOST_SILENT_MS = 600_000;
const MOST_GAPS = 50;

/**
 * @param files { names(): string[], read(name): Buffer|undefined, lines(name): Iterable<string> }
 * @param options { key?: string, kept?: string, tsa?: X509Certificate[], whole?: boolean }
 * @returns { faults: string[], unclear: string[], notes: string[], entries: number, size: number }
 */
export function verifyExport(files, options = {}) {
  const faults = [];
  const unclear = [];
  const notes = [];
  const fault = (text) => {
    if (faults.length < 100) faults.push(text);
  };
  const result = { faults, unclear, notes, entries: 0, size: 0 };
  const text = (name) => files.read(name)?.toString('utf8');

  // 1. The keys: the first one, then each successor as the log itself names it under its predecessor's signature.
  const keys = [];
  try {
    const list = (text('keys') ?? '').split('\n').filter((line) => line !== '');
    if (list.length === 0) throw new Error('the export names no key');
    keys.push({ since: 0, ...parseKey(list[0]) });
    for (let i = 1; i < list.length; i++) {
      const before = keys[i - 1];
      const next = parseKey(list[i]);
      const proof = checkProofText(text(`keys-${i}.tlog-proof`) ?? '', before);
      const entry = JSON.parse(proof.entry);
      if (openCheckpoint(proof.note, next) === null)
        throw new Error('a handing over is not signed by the new key');
      if (entry.event !== 'key.rotated' || entry.detail !== `${before.text} → ${next.text}`)
        throw new Error('the log names another successor of the key');
      keys.push({ since: proof.size, ...next });
    }
    if (options.key === undefined)
      notes.push(`no key given: ${keys[0].text} is taken on the export's own word`);
    else if (!keys.some((key) => key.text === options.key.trim()))
      throw new Error('the export is not signed by the given key or one it handed over to');
  } catch (error) {
    fault(`keys: ${error.message}`);
    return result;
  }
  const keyFor = (size) => keys.filter(({ since }) => since <= size).at(-1) ?? keys[0];

  // 2. The checkpoint and the manifest.
  const note = text('checkpoint') ?? '';
  const signer = keyFor(claimedSize(note) || 0);
  const checkpoint = openCheckpoint(note, signer);
  if (checkpoint === null) {
    fault('the checkpoint is not signed by the log');
    return result;
  }
  const size = (result.size = checkpoint.size);
  const manifest = openNote(text('MANIFEST') ?? '', signer);
  if (manifest === null) fault('the manifest is not signed by the log');
  const listed = new Map();
  let ranges = [];
  for (const line of (manifest ?? '').split('\n')) {
    const file = /^sha256 ([0-9a-f]{64}) (.+)$/.exec(line);
    if (file !== null) listed.set(file[2], file[1]);
    if (line.startsWith('entries '))
      ranges = line
        .slice(8)
        .split(' ')
        .map((part) => part.split('-').map(Number))
        .map(([first, last = first]) => ({ first, last }));
  }
  for (const name of files.names()) {
    if (name === 'MANIFEST') continue;
    const wanted = listed.get(name);
    if (wanted === undefined) fault(`${name} is not in the manifest`);
    else if (files.digest(name) !== wanted) fault(`${name} is not the file of the manifest`);
    listed.delete(name);
  }
  for (const name of listed.keys()) fault(`${name} of the manifest is missing`);

  // 3. The tiles: read, completed by the entries' own hashes, and each compared with the level above.
  const tiles = new Map();
  for (const name of files.names()) {
    const match = /^tile\/(\d+)\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d+))?$/.exec(name);
    if (match === null) continue;
    const bytes = files.read(name);
    const hashes = [];
    for (let at = 0; at + 32 <= bytes.length; at += 32) hashes.push(bytes.subarray(at, at + 32));
    const number = Number(match[2].replaceAll(/[x/]/g, ''));
    if (name !== tilePath(Number(match[1]), number, hashes.length))
      fault(`${name} has a wrong name or width`);
    tiles.set(`${match[1]}/${number}`, hashes);
  }
  const hashAt = (level, index) => tiles.get(`${level}/${Math.floor(index / 256)}`)?.[index % 256];

  let range = 0;
  const forgotten = [];
  const heartbeats = [];
  let next = ranges[0]?.first ?? 0;
  let open = []; // leaves of the level-0 tile under way
  let openTile = -1;
  // What is silent for long is told and is no fault: no gateway ran, or somebody with the key took the entries out.
  const gaps = [];
  let before = { number: -1, at: NaN };
  const listen = (number, { at, event }) => {
    const own = event === 'mail.transferred' ? NaN : Date.parse(at);
    const latest = number === before.number + 1 ? before.at : NaN;
    if (own - latest > MOST_SILENT_MS)
      gaps.push(`no entry from ${new Date(latest).toISOString()} to ${new Date(own).toISOString()}`);
    const known = [latest, own].filter((time) => !Number.isNaN(time));
    before = { number, at: known.length === 0 ? NaN : Math.max(...known) };
  };
  const keptTile = Math.floor(claimedSize(options.kept ?? '') / 256);
  const closeTile = () => {
    if (openTile < 0) return;
    const width = Math.min(256, size - openTile * 256);
    const leaves = Array.from({ length: width }, (_, i) => open[i] ?? hashAt(0, openTile * 256 + i));
    if (leaves.some((leaf) => leaf === undefined))
      fault(`tile 0/${openTile}: neighbours of the entries are missing`);
    else if (width === 256) {
      if (!same(rootOf(leaves), hashAt(1, openTile)))
        fault(`entries of tile 0/${openTile} are not those of the tree`);
    }
    if (width < 256 || openTile === keptTile) tiles.set(`0/${openTile}`, leaves);
    open = [];
  };
  for (const line of files.lines('entries.jsonl')) {
    if (line === '') continue;
    let record;
    try {
      record = JSON.parse(line);
      const fields = JSON.parse(record.entry);
      const canonical = `{${Object.keys(fields)
        .sort()
        .map((name) => `${JSON.stringify(name)}:${JSON.stringify(fields[name])}`)
        .join(',')}}`;
      if (canonical !== record.entry) fault(`entry ${record.number} is not canonical JSON`);
      if (fields.event === 'heartbeat') heartbeats.push({ number: record.number, at: new Date(fields.at) });
      if (fields.event === 'log.prune')
        for (const part of /^numbers ([\d -]+);/.exec(fields.detail ?? '')?.[1].split(' ') ?? []) {
          const [first, last = first] = part.split('-').map(Number);
          forgotten.push({ first, last, young: twelveMonthsBefore(fields.at) });
        }
      if (typeof fields.at !== 'string' || typeof fields.event !== 'string')
        throw new Error('no at or event');
      listen(record.number, fields);
    } catch (error) {
      fault(`entries.jsonl: a line cannot be read (${error.message})`);
      continue;
    }
    const { number } = record;
    while (range < ranges.length && next > ranges[range].last) next = ranges[++range]?.first ?? Infinity;
    if (number !== next) fault(`entry ${next} is expected, entry ${number} stands there`);
    next = number + 1;
    result.entries++;
    const leaf = sha256(LEAF, Buffer.from(record.salt, 'hex'), Buffer.from(record.entry, 'utf8'));
    if (number >= size) fault(`entry ${number} is behind the end of the tree`);
    const tile = Math.floor(number / 256);
    if (tile !== openTile) {
      closeTile();
      openTile = tile;
    }
    const known = hashAt(0, number);
    if (known !== undefined && !same(known, leaf)) fault(`entry ${number} was changed`);
    open[number % 256] = leaf;
  }
  closeTile();
  const expected = ranges.at(-1);
  if (expected !== undefined && next !== expected.last + 1) fault(`entries from ${next} on are missing`);

  for (const { first, last, young } of forgotten)
    if (heartbeats.some(({ number, at }) => number < last && at > young))
      fault(`entries ${first}-${last} are said to be forgotten, but are younger than twelve months`);

  if (options.whole === true) {
    let at = 0;
    for (const { first, last } of [...ranges, ...forgotten].sort((a, b) => a.first - b.first)) {
      if (first > at) fault(`entries ${at}-${first - 1} are neither exported nor forgotten`);
      at = Math.max(at, last + 1);
    }
    if (at < size) fault(`entries ${at}-${size - 1} are neither exported nor forgotten`);
  }

  for (const [name, hashes] of tiles) {
    const [level, number] = name.split('/').map(Number);
    if (hashes.length === 256 && !same(rootOf(hashes), hashAt(level + 1, number)))
      fault(`tile ${name} is not the one of the level above`);
  }
  /** Root of the first `count` leaves from the tiles; undefined when tiles are missing. */
  const rootAt = (count) => {
    const peaks = [];
    let left = count;
    let first = 0;
    for (let level = Math.floor(Math.log2(Math.max(count, 1)) / 8); level >= 0; level--) {
      const span = 256 ** level;
      for (; left >= span; left -= span, first += span) {
        const hash = hashAt(level, first / span);
        if (hash === undefined) return undefined;
        pushPeak(peaks, hash, level * 8);
      }
    }
    return foldPeaks(peaks);
  };
  const root = rootAt(size);
  if (root === undefined) fault('tiles are missing: the root cannot be rebuilt');
  else if (!same(root, checkpoint.root))
    fault('the entries and tiles do not give the root of the checkpoint');

  if (gaps.length > MOST_GAPS)
    gaps.splice(0, gaps.length - MOST_GAPS, `${gaps.length - MOST_GAPS} earlier times without any entry`);
  notes.push(...gaps);

  // 4. What was laid down outside: each checkpoint is signed and the beginning of this log.
  const anchors = new Map();
  let stamped;
  for (const line of files.lines('anchors.jsonl')) {
    if (line === '') continue;
    try {
      const { place, at, note, proof, token } = JSON.parse(line);
      const where = `the checkpoint laid down in ${place} at ${at}`;
      const anchor = openCheckpoint(note, keyFor(claimedSize(note) || 0));
      if (anchor === null) throw new Error(`${where} is not signed by this log`);
      const hashes = proof.map((hash) => Buffer.from(hash, 'base64'));
      if (!consistent(anchor.size, size, anchor.root, checkpoint.root, hashes))
        throw new Error(`${where} shows that history before entry ${anchor.size} was rewritten`);
      anchors.set(anchor.size, hashes);
      if (token !== undefined) {
        const { time, authority } = checkToken(Buffer.from(token, 'base64'), note, options.tsa);
        stamped = `${authority} says that the first ${anchor.size} entries stood on ${time.toISOString()}`;
      }
    } catch (error) {
      fault(`anchors.jsonl: ${error.message}`);
    }
  }
  if (anchors.size > 0)
    notes.push(`${anchors.size} checkpoints laid down outside are beginnings of this log`);
  if (stamped !== undefined) notes.push(stamped);
  if (stamped !== undefined && options.tsa === undefined)
    notes.push('who that authority is was not checked: give --tsa with its certificate');

  // 5. What the auditor kept.
  if (options.kept !== undefined) {
    const kept = openCheckpoint(options.kept, keyFor(claimedSize(options.kept) || 0));
    if (kept === null) fault('the kept checkpoint is not signed by this log');
    else if (kept.size > size)
      fault(`the kept checkpoint knows ${kept.size} entries, the log has only ${size}`);
    else {
      const proof = text(`consistency/${kept.size}`);
      const then = rootAt(kept.size);
      const lines = (proof ?? '').split('\n\n')[0].split('\n').slice(1);
      const hashes =
        proof === undefined ? anchors.get(kept.size) : lines.map((hash) => Buffer.from(hash, 'base64'));
      if (then !== undefined) {
        if (!same(then, kept.root)) fault(`history before entry ${kept.size} was rewritten`);
      } else if (hashes === undefined)
        unclear.push(`no proof for the kept checkpoint of ${kept.size}: export again with --since`);
      else if (!consistent(kept.size, size, kept.root, checkpoint.root, hashes))
        fault(`history before entry ${kept.size} was rewritten`);
    }
  } else notes.push('no kept checkpoint given: a history rewritten and signed again would not show');
  return result;
}

/** The files of a folder. */
export function folder(dir) {
  const names = [];
  const walk = (below) => {
    for (const item of fs.readdirSync(path.join(dir, below), { withFileTypes: true })) {
      const name = below === '' ? item.name : `${below}/${item.name}`;
      if (item.isDirectory()) walk(name);
      else names.push(name);
    }
  };
  walk('');
  function* chunks(name) {
    const file = fs.openSync(path.join(dir, name), 'r');
    try {
      const buffer = Buffer.alloc(1 << 20);
      for (let n; (n = fs.readSync(file, buffer)) > 0;) yield buffer.subarray(0, n);
    } finally {
      fs.closeSync(file);
    }
  }
  return {
    names: () => names,
    read: (name) => (names.includes(name) ? fs.readFileSync(path.join(dir, name)) : undefined),
    digest(name) {
      const hash = createHash('sha256');
      for (const chunk of chunks(name)) hash.update(chunk);
      return hash.digest('hex');
    },
    *lines(name) {
      if (!names.includes(name)) return;
      let rest = Buffer.alloc(0);
      for (const chunk of chunks(name)) {
        rest = Buffer.concat([rest, chunk]);
        let from = 0;
        for (let at; (at = rest.indexOf(10, from)) >= 0; from = at + 1) yield rest.toString('utf8', from, at);
        rest = Buffer.from(rest.subarray(from));
      }
      if (rest.length > 0) yield rest.toString('utf8');
    },
  };
}

/** The certificates of a PEM file. */
export const certificatesIn = (pem) =>
  (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
    (one) => new X509Certificate(one),
  );

function main(args) {
  const value = (name) => {
    const at = args.indexOf(name);
    return at < 0 ? undefined : args.splice(at, 2)[1];
  };
  const [key, keptFile, proof, consistency, tsaFile] = [
    '--key',
    '--kept',
    '--proof',
    '--consistency',
    '--tsa',
  ].map(value);
  const tsa = tsaFile === undefined ? undefined : certificatesIn(fs.readFileSync(tsaFile, 'utf8'));
  const kept = keptFile === undefined ? undefined : fs.readFileSync(keptFile, 'utf8');
  const at = args.indexOf('--whole');
  const whole = at >= 0 && args.splice(at, 1).length === 1;
  const say = (line) => process.stdout.write(`${line}\n`);
  if (proof !== undefined && key !== undefined) {
    const { number, entry, size } = checkProofText(fs.readFileSync(proof, 'utf8'), parseKey(key));
    say(`entry ${number} of ${size} holds: ${entry}`);
    return 0;
  }
  if (consistency !== undefined && kept !== undefined && key !== undefined) {
    const { old, size } = checkConsistencyText(fs.readFileSync(consistency, 'utf8'), kept, parseKey(key));
    say(`the log of ${size} entries begins with the kept one of ${old}`);
    return 0;
  }
  if (args.length !== 1) {
    say('usage: node verify-export.mjs FOLDER [--key VKEY] [--kept CHECKPOINT-FILE] [--tsa PEM] [--whole]');
    say('       node verify-export.mjs --proof FILE --key VKEY');
    say('       node verify-export.mjs --consistency FILE --kept CHECKPOINT-FILE --key VKEY');
    return 2;
  }
  const found = verifyExport(folder(args[0]), {
    ...(key && { key }),
    ...(kept && { kept }),
    ...(tsa && { tsa }),
    whole,
  });
  say(`${found.entries} entries of a log of ${found.size}`);
  for (const line of found.notes) say(`note: ${line}`);
  for (const line of found.unclear) say(`cannot tell: ${line}`);
  for (const line of found.faults) say(`FAULT: ${line}`);
  say(found.faults.length > 0 ? 'the export does NOT hold' : 'the export holds');
  return found.faults.length > 0 ? 1 : found.unclear.length > 0 ? 2 : 0;
}

if (process.argv[1] !== undefined && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = main(process.argv.slice(2));
  } catch (error) {
    process.stdout.write(`FAULT: ${error.message}\n`);
    process.exitCode = 1;
  }
}
