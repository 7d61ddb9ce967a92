"""A second verifier of exports, written from README "Export format" alone: standard library only, no line of the first.

  python3 verify.py FOLDER VKEY [KEPT-CHECKPOINT-FILE]

Prints what does not hold, one fault a line; status 0 when everything holds. The export is to be whole.
"""

import base64
import datetime
import hashlib
import json
import os
import re
import sys

faults = []
notes = []


# ---- Ed25519 (RFC 8032 §5.1.7), slow and plain ----

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    u, v, w, z = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P, 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = v - u, z - w, z + w, v + u
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, point):
    total = (0, 1, 1, 0)
    while n:
        if n & 1:
            total = add(total, point)
        point, n = add(point, point), n >> 1
    return total


def point_of(raw):
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    xx = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if (x * x - xx) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - xx) % P or (x == 0 and sign):
        return None
    return (P - x if x & 1 != sign else x, y, 1, (P - x if x & 1 != sign else x) * y % P)


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(public, text, signature):
    a, r, s = point_of(public), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + text).digest(), "little") % Q
    left, right = times(s, BASE), add(r, times(h, a))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


# ---- notes and checkpoints (C2SP signed-note, tlog-checkpoint) ----


def key_of(text):
    name, digest, material = text.split("+", 2)
    material = base64.b64decode(material)
    if material[0] != 1 or hashlib.sha256(name.encode() + b"\n" + material).digest()[:4].hex() != digest:
        raise ValueError("a key does not fit its own hash")
    return {"text": text, "name": name, "hash": bytes.fromhex(digest), "public": material[1:]}


def text_of(note, key):
    """The signed text, None when this key did not sign it."""
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    for line in signatures.splitlines():
        parts = line.split(" ")
        if len(parts) == 3 and parts[0] == "—" and parts[1] == key["name"]:
            raw = base64.b64decode(parts[2])
            if raw[:4] == key["hash"] and signed(key["public"], text.encode(), raw[4:]):
                return text
    return None


def checkpoint_of(note, key):
    text = text_of(note, key)
    if text is None:
        return None
    origin, size, root = text.splitlines()[:3]
    return (int(size), base64.b64decode(root)) if origin == key["name"] else None


def claimed(note):
    return int(note.split("\n")[1])


# ---- trees (RFC 6962 §2.1) ----


def leaf_of(record):
    return hashlib.sha256(b"\0" + record).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def split_of(width):
    """The largest power of two below."""
    return 1 << (width - 1).bit_length() - 1


def root_of(hashes):
    if len(hashes) == 1:
        return hashes[0]
    k = split_of(len(hashes))
    return node(root_of(hashes[:k]), root_of(hashes[k:]))


def root_by_inclusion(leaf, index, size, path):
    if size == 1:
        return leaf if not path else None
    k = split_of(size)
    if index < k:
        return node(root_by_inclusion(leaf, index, k, path[:-1]), path[-1])
    return node(path[-1], root_by_inclusion(leaf, index - k, size - k, path[:-1]))


def roots_by_consistency(old, size, path, old_root, known=True):
    """RFC 6962 §2.1.2 read backwards: the roots of the old and of the present tree that the path makes."""
    if old == size:
        (whole,) = [old_root, *path] if known else path
        return whole, whole
    k = split_of(size)
    if old <= k:
        before, after = roots_by_consistency(old, k, path[:-1], old_root, known)
        return before, node(after, path[-1])
    before, after = roots_by_consistency(old - k, size - k, path[:-1], old_root, False)
    return node(path[-1], before), node(path[-1], after)


def agrees(kept, present, path):
    try:
        return kept[0] <= present[0] and roots_by_consistency(kept[0], present[0], path, kept[1]) == (kept[1], present[1])
    except (IndexError, ValueError):  # too short, too long
        return False


# ---- the export ----


def range_of(text):
    low, _, high = text.partition("-")
    return int(low), int(high or low)


def iso(at):
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def year_before(at):
    try:
        return at.replace(year=at.year - 1)
    except ValueError:  # 29 February
        return at.replace(year=at.year - 1, month=3, day=1)


def check(folder, trusted, kept_note):
    files = {}
    for below, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(below, name)
            files[os.path.relpath(path, folder)] = open(path, "rb").read()
    text = lambda name: files[name].decode()

    keys = [(0, key_of(line)) for line in text("keys").split()]
    for n in range(1, len(keys)):
        head, _, note = text(f"keys-{n}.tlog-proof").partition("\n\n")
        form, extra, index, *path = head.split("\n")
        record = base64.b64decode(extra.removeprefix("extra "))
        before, after = keys[n - 1][1], keys[n][1]
        size, root = checkpoint_of(note, before)
        entry = json.loads(record[16:])
        path = [base64.b64decode(one) for one in path]
        if (
            form != "c2sp.org/tlog-proof@v1"
            or checkpoint_of(note, after) != (size, root)
            or root_by_inclusion(leaf_of(record), int(index.removeprefix("index ")), size, path) != root
            or (entry["event"], entry["detail"]) != ("key.rotated", f"{before['text']} → {after['text']}")
        ):
            faults.append(f"key {n} is not the successor of the one before")
        keys[n] = (size, after)
    if trusted not in [key["text"] for _, key in keys]:
        faults.append("the export is not signed by the trusted key")
    key_for = lambda size: [key for since, key in keys if since <= size][-1]

    note = text("checkpoint")
    present = checkpoint_of(note, key_for(claimed(note)))
    manifest = text_of(text("MANIFEST"), key_for(claimed(note)))
    if present is None or manifest is None:
        faults.append("checkpoint or manifest is not signed by the log")
        return
    size = present[0]
    listed, ranges = {}, []
    for line in manifest.splitlines():
        if line.startswith("sha256 "):
            listed[line[72:]] = line[7:71]
        if line.startswith("entries "):
            ranges = [range_of(one) for one in line[8:].split(" ")]
    found = {name: hashlib.sha256(body).hexdigest() for name, body in files.items() if name != "MANIFEST"}
    if found != listed:
        faults.append(f"not the files of the manifest: {sorted(set(found.items()) ^ set(listed.items()))[:3]}")

    hashes = {}
    for name, body in files.items():
        match = re.fullmatch(r"tile/(\d+)/((?:x\d{3}/)*\d{3})(?:\.p/\d+)?", name)
        if match:
            first = int(re.sub(r"[x/]", "", match[2])) * 256
            for i in range(len(body) // 32):
                hashes[int(match[1]), first + i] = body[i * 32 : i * 32 + 32]

    numbers, forgotten, beats = [], [], []
    latest, last = None, -1
    for line in text("entries.jsonl").split("\n")[:-1]:
        line = json.loads(line)
        number, entry = line["number"], json.loads(line["entry"])
        numbers.append(number)
        leaf = leaf_of(bytes.fromhex(line["salt"]) + line["entry"].encode())
        if hashes.setdefault((0, number), leaf) != leaf:
            faults.append(f"entry {number} was changed")
        at = datetime.datetime.fromisoformat(entry["at"].replace("Z", "+00:00"))
        if entry["event"] == "heartbeat":
            beats.append((number, at))
        if number != last + 1:
            latest = None
        last = number
        if entry["event"] != "mail.transferred":
            if latest is not None and at - latest > datetime.timedelta(minutes=10):
                notes.append(f"no entry from {iso(latest)} to {iso(at)}")
            latest = at if latest is None else max(latest, at)
        match = entry["event"] == "log.prune" and re.match(r"numbers ([\d -]+);", entry.get("detail", ""))
        if match:
            forgotten += [(*range_of(one), at) for one in match[1].split(" ")]
    if numbers != [n for low, high in ranges for n in range(low, high + 1)]:
        faults.append("entries are missing, too many or out of order")
    gone = {n for low, high, _ in forgotten for n in range(low, high + 1)}
    missing = [n for n in range(size) if n not in set(numbers) and n not in gone]
    if missing:
        faults.append(f"entries neither here nor forgotten: {missing[:5]}")
    for low, high, at in forgotten:
        if any(number < high and beat > year_before(at) for number, beat in beats):
            faults.append(f"{low}-{high} is younger than twelve months and cannot be forgotten")

    # Each hash above the leaves is the root of the 256 below it, wherever those are known.
    for level, index in list(hashes):
        if level > 0:
            below = [hashes.get((level - 1, index * 256 + i)) for i in range(256)]
            if None not in below and root_of(below) != hashes[level, index]:
                faults.append(f"tile {level - 1}/{index} does not give its hash")

    def range_hash(low, high):
        level = ((high - low).bit_length() - 1) // 8
        while level >= 0:
            if high - low == 256**level and low % 256**level == 0 and (level, low // 256**level) in hashes:
                return hashes[level, low // 256**level]
            level -= 1
        if high - low == 1:
            raise KeyError(low)
        k = split_of(high - low)
        return node(range_hash(low, low + k), range_hash(low + k, high))

    try:
        if range_hash(0, size) != present[1]:
            faults.append("entries and tiles do not give the root of the checkpoint")
    except KeyError as error:
        faults.append(f"hashes are missing from leaf {error} on")

    paths = {}
    for line in text("anchors.jsonl").splitlines():
        anchor = json.loads(line)
        laid = checkpoint_of(anchor["note"], key_for(claimed(anchor["note"])))
        path = [base64.b64decode(one) for one in anchor["proof"]]
        if laid is None or not agrees(laid, present, path):
            faults.append(f"history was rewritten after the checkpoint of {anchor['at']}")
        else:
            paths[laid[0]] = path
    for name in files:
        if name.startswith("consistency/"):
            lines = text(name).partition("\n\n")[0].split("\n")
            paths[int(lines[0].removeprefix("old "))] = [base64.b64decode(one) for one in lines[1:]]
    if kept_note is None:
        return
    kept = checkpoint_of(kept_note, key_for(claimed(kept_note)))
    if kept is None or kept[0] > size:
        faults.append("the kept checkpoint is not of this log, or knows more entries")
        return
    try:
        holds = range_hash(0, kept[0]) == kept[1]
    except KeyError:
        holds = kept[0] in paths and agrees(kept, present, paths[kept[0]])
    if not holds:
        faults.append(f"history before entry {kept[0]} was rewritten, or there is no proof that it was not")


kept = open(sys.argv[3], encoding="utf-8").read() if len(sys.argv) > 3 else None
try:
    check(sys.argv[1], sys.argv[2], kept)
except Exception as error:  # whatever cannot be read does not hold
    faults.append(f"{type(error).__name__}: {error}")
print("\n".join(faults) or "the export holds")
for note in notes:
    print(f"note: {note}", file=sys.stderr)
sys.exit(1 if faults else 0)
