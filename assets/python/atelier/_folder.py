"""The folder as a shelf of names: finding, naming, forgetting, making room. Follows crates/bridge/src/bridge.rs."""

import difflib
import errno
import itertools
import json
import os
import time
from contextlib import contextmanager

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

VERSION = 1
FOLDER_VARIABLE = "ATELIER_BRIDGE"
BUDGET_VARIABLE = "ATELIER_BRIDGE_BUDGET"
# A reader that finds a manifest whose data is gone looks again this often: it met a putter between two steps.
LOOKS = 20
# What a process that ended in the middle left is removed after this many seconds.
ABANDONED_S = 3600
_count = itertools.count()


class BridgeError(Exception):
    """What went wrong on the bridge, and what to do about it."""


class UnknownName(BridgeError, KeyError):
    """Nothing has this name."""

    def __str__(self):
        return str(self.args[0])


def check_name(name):
    """Refuses what is no identifier, or several with dots between. So no name is a path."""
    if not isinstance(name, str):
        raise BridgeError("A name on the bridge is text, not %s." % type(name).__name__)
    why = None
    if not name:
        why = "it is empty"
    elif len(name.encode("utf-8", "replace")) > 120:
        why = "it is longer than 120 bytes"
    else:
        for part in name.split("."):
            if not part:
                why = "a part between dots is empty"
            elif part[0].isnumeric():
                why = "a part starts with a digit"
            elif not all(letter == "_" or letter.isalnum() for letter in part):
                why = "it has characters other than letters, digits, underscores and dots"
    if why:
        raise BridgeError(
            "%r cannot be a name on the bridge: %s. Names are like those of variables, with dots between parts, as in "
            "flights or model.weights." % (name[:60], why)
        )


def folder():
    """The bridge that the studio gave to this process."""
    path = os.environ.get(FOLDER_VARIABLE)
    if not path:
        raise BridgeError(
            "ATELIER_BRIDGE is not set: this program was not started by the studio. In a terminal, run "
            'eval "$(atelier env)" first.'
        )
    return path


def prepare():
    """Makes the folder private to this user, and checks that it is."""
    path = folder()
    if not os.path.isabs(path):
        raise BridgeError("The bridge's folder %s cannot be used: it is not an absolute path." % path)
    os.makedirs(path, mode=0o700, exist_ok=True)
    found = os.lstat(path)
    if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
        raise BridgeError("The bridge's folder %s cannot be used: it belongs to another user." % path)
    if not os.path.isdir(path) or os.path.islink(path):
        raise BridgeError("The bridge's folder %s cannot be used: it is not a folder." % path)
    if found.st_mode & 0o077:
        os.chmod(path, 0o700)
    return path


@contextmanager
def _lock(path):
    """Held while names change hands; readers need none. Rust takes the same one."""
    handle = os.open(os.path.join(path, ".lock"), os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        if fcntl is not None:
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _started(pid):
    """Field 22 of /proc/<pid>/stat, counted after the name, which may hold anything. None: it does not run."""
    try:
        with open("/proc/%d/stat" % pid) as file:
            fields = file.read().rpartition(")")[2].split()
        return None if fields[0] in "ZX" else int(fields[19])
    except (OSError, IndexError, ValueError):
        return None


def is_alive(producer):
    """Whether the process still runs; True where that cannot be told."""
    if not os.path.exists("/proc/self/stat"):
        return True
    return _started(producer.get("pid", 0)) == producer.get("started")


def _advice(manifest):
    producer = manifest.get("producer", {})
    place = " in " + producer["notebook"] if producer.get("notebook") else ""
    if is_alive(producer):
        return "Put it again%s." % place
    language = producer.get("language", "other")
    return "The %s process that put it has ended: run the cell that puts it%s again." % (language, place)


def names():
    """All names, sorted."""
    try:
        files = os.listdir(folder())
    except FileNotFoundError:
        return []
    return sorted(file[:-5] for file in files if file.endswith(".json") and "~" not in file)


def _unknown(path, name):
    try:
        with open(os.path.join(path, name + ".gone")) as file:
            for_name = file.read(200)
        return UnknownName(
            "%s was dropped from the bridge to make room for %s, because it was not read for longest. Put it again, or "
            "delete what is no longer needed first." % (name, for_name)
        )
    except OSError:
        pass
    known = names()
    if not known:
        return UnknownName("Nothing on the bridge is named %s. The bridge is empty: put it first." % name)
    near = difflib.get_close_matches(name, known, 10, 0.6)
    near += [other for other in known if other not in near and other.lower().startswith(name.lower())]
    return UnknownName("Nothing on the bridge is named %s. There is %s." % (name, ", ".join(near or known[:10])))


def read_manifest(path, name):
    try:
        with open(os.path.join(path, name + ".json"), "rb") as file:
            manifest = json.loads(file.read())
    except FileNotFoundError:
        raise _unknown(path, name) from None
    except ValueError:
        raise BridgeError("%s on the bridge is stale: its manifest cannot be read. Put it again." % name) from None
    version = manifest.get("version", 0) if isinstance(manifest, dict) else 0
    if version > VERSION:
        raise BridgeError(
            "%s was put by a newer version of Atelier (format %s; this one reads up to %d). Restart this kernel, or update "
            "its environment." % (name, version, VERSION)
        )
    data = manifest.get("data") if isinstance(manifest, dict) else None
    if not isinstance(data, str) or not data.startswith(name + "~") or "/" in data or "\\" in data or "\0" in data:
        raise BridgeError("%s on the bridge is stale: its manifest names other data. Put it again." % name)
    return manifest


def info(name):
    """What is known of a name without reading its data: kind, rows, columns, who put it."""
    check_name(name)
    manifest = read_manifest(folder(), name)
    return dict(manifest, producer=dict(manifest["producer"], alive=is_alive(manifest["producer"])))


def open_entry(name):
    """The manifest and the open data of what has this name now."""
    check_name(name)
    path = folder()
    look = 0
    while True:
        look += 1
        manifest = read_manifest(path, name)
        try:
            file = open(os.path.join(path, manifest["data"]), "rb")
        except FileNotFoundError:
            # Replaced between the two steps, unless it stays so.
            if look < LOOKS:
                time.sleep(0)
                continue
            raise BridgeError("%s on the bridge is stale: its data was removed. %s" % (name, _advice(manifest))) from None
        size = os.fstat(file.fileno()).st_size
        if size != manifest["num_bytes"]:
            file.close()
            why = "its data has %d bytes instead of %d" % (size, manifest["num_bytes"])
            raise BridgeError("%s on the bridge is stale: %s. %s" % (name, why, _advice(manifest)))
        try:
            # For whom room is made: those who were not read for longest.
            now = time.time_ns()
            os.utime(os.path.join(path, name + ".json"), ns=(now, now))
        except OSError:
            pass
        return manifest, file


def delete(name):
    """Forgets a name. Those who read it keep what they have."""
    check_name(name)
    path = folder()
    if not os.path.exists(os.path.join(path, name + ".json")):
        raise _unknown(path, name)
    with _lock(path):
        _remove(path, name)
        _unlink(os.path.join(path, name + ".gone"))


def _unlink(path):
    try:
        os.unlink(path)
    except OSError:
        pass


def _remove(path, name):
    try:
        data = read_manifest(path, name)["data"]
    except BridgeError:
        data = None
    _unlink(os.path.join(path, name + ".json"))
    if data:
        _unlink(os.path.join(path, data))


def size_text(count):
    unit, value = "bytes", float(count)
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        unit, value = larger, value / 1000
    return "%d bytes" % count if unit == "bytes" else "%.1f %s" % (value, unit)


def _file_system(path):
    """Its bytes: all, and those free."""
    found = os.statvfs(path)
    return found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize


def _budget(path):
    try:
        return int(os.environ.get(BUDGET_VARIABLE, ""))
    except ValueError:
        return _file_system(path)[0] // 2


def _make_room(path, name, size):
    """Drops what was not read for longest until it fits, and says so in its place."""
    budget = _budget(path)
    if size > budget:
        raise BridgeError(
            "%s takes %s, more than the bridge may hold (%s). Write it to a Parquet file instead, or set "
            "ATELIER_BRIDGE_BUDGET to more bytes." % (name, size_text(size), size_text(budget))
        )
    with _lock(path):
        _sweep(path)
        shelf = []
        for other in names():
            try:
                used = os.stat(os.path.join(path, other + ".json")).st_mtime_ns
                shelf.append((used, read_manifest(path, other)["num_bytes"], other))
            except (OSError, BridgeError):
                continue
        total = sum(entry[1] for entry in shelf)
        for _, bytes_of_other, other in sorted(shelf):
            if total + size <= budget and size <= _file_system(path)[1]:
                return
            _remove(path, other)
            with open(os.path.join(path, other + ".gone"), "w") as file:
                file.write(name)
            total -= bytes_of_other
    if size > _file_system(path)[1]:
        raise _full(path, name, size)


def _full(path, name, size):
    free = size_text(_file_system(path)[1])
    text = "%s takes %s, but only %s are free in %s. Delete what is no longer needed." % (name, size_text(size), free, path)
    return BridgeError(text)


def _sweep(path):
    """Removes what processes that ended in the middle of a put left."""
    for file in os.listdir(path):
        name, mark, _ = file.partition("~")
        whole = os.path.join(path, file)
        try:
            if not mark or time.time() - os.stat(whole).st_mtime < ABANDONED_S:
                continue
            if read_manifest(path, name)["data"] == file:
                continue
        except OSError:
            continue
        except BridgeError:
            pass
        _unlink(whole)


def _token():
    return "%d-%x-p%d" % (os.getpid(), time.time_ns(), next(_count))


def store(name, kind, size, write, **about):
    """Makes room, lets `write(file, path)` fill a file, and gives it the name. `about` goes into the manifest."""
    check_name(name)
    path = prepare()
    _make_room(path, name, size)
    extension = {"table": "arrow", "array": "arrow", "value": "value", "bytes": "bin"}[kind]
    data = "%s~%s.%s" % (name, _token(), extension)
    whole = os.path.join(path, data)
    try:
        with open(os.open(whole, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "wb", buffering=0) as file:
            write(file, whole)
            about["num_bytes"] = os.fstat(file.fileno()).st_size
        _commit(path, name, dict(about, kind=kind, data=data))
    except BaseException as error:
        _unlink(whole)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _full(path, name, size) from None
        raise


def _commit(path, name, about):
    pid = os.getpid()
    notebook = os.environ.get("JPY_SESSION_NAME") or os.environ.get("TRAINING_JOB_NAME") or ""
    producer = {"pid": pid, "started": _started(pid) or 0, "language": "python", "notebook": notebook}
    manifest = dict(about, version=VERSION, created_ms=time.time_ns() // 1_000_000, producer=producer)
    text = json.dumps(manifest).encode()
    draft = os.path.join(path, "%s~%s.draft" % (name, _token()))
    with _lock(path):
        try:
            old = read_manifest(path, name)["data"]
        except BridgeError:
            old = None
        try:
            with open(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                file.write(text)
            os.rename(draft, os.path.join(path, name + ".json"))
        except BaseException:
            _unlink(draft)
            raise
        if old:
            _unlink(os.path.join(path, old))
        _unlink(os.path.join(path, name + ".gone"))
