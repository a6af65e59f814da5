"""The C library and the Python module in one process: run with the library and who comes first.

The C library's symbols are made global, so that any name that both had would clash.
"""

import ctypes
import sys
from ctypes import (
    POINTER,
    byref,
    c_char_p,
    c_int,
    c_int64,
    c_size_t,
    c_ubyte,
    c_uint32,
    c_uint64,
    c_void_p,
)

DOCUMENT = bytes(range(16))
PATH = b"user.profile.bio"
COUNTER = b"visits"


class Buf(ctypes.Structure):
    """sync_buf."""

    _fields_ = [("ptr", POINTER(c_ubyte)), ("len", c_size_t), ("cap", c_size_t)]


class CReplica:
    """A replica of the C library in this process."""

    def __init__(self, library: ctypes.CDLL, replica: int) -> None:
        self.library = library
        self.handle = c_void_p()
        self.check(
            library.sync_replica_new(
                DOCUMENT, c_uint64(replica), None, byref(self.handle), c_void_p()
            )
        )

    def check(self, status: int) -> None:
        """Ends the program after a failure."""
        if status != 0:
            self.library.sync_status_name.restype = c_char_p
            sys.exit(f"C: {self.library.sync_status_name(c_int(status))!r}")

    def call(self, name: str, *arguments: object) -> None:
        """Makes a call that returns nothing else than a status."""
        self.check(getattr(self.library, name)(self.handle, *arguments, c_void_p()))

    def read(self, name: str, *arguments: object) -> bytes:
        """Makes a call that hands out a buffer."""
        buf = Buf()
        self.call(name, *arguments, byref(buf))
        data = bytes(buf.ptr[: buf.len])
        self.check(self.library.sync_buf_free(byref(buf)))
        return data


def load(path: str) -> ctypes.CDLL:
    """Loads the C library."""
    library = ctypes.CDLL(path, mode=ctypes.RTLD_GLOBAL)
    library.sync_abi_version.restype = c_uint32
    if library.sync_abi_version() != 1:
        sys.exit("the library has another interface")
    return library


def main(path: str, first: str) -> None:
    """Loads both, in one of two orders, and lets them converge."""
    if first == "c":
        library = load(path)
        import libsync  # noqa: PLC0415 - the order is what is tested
    else:
        import libsync  # noqa: PLC0415

        libsync.Replica().set("a", 1)
        library = load(path)

    in_c = CReplica(library, 1)
    in_python = libsync.Replica(DOCUMENT, 2)
    text = "from C, "
    in_c.call(
        "sync_replica_insert_text",
        *(PATH, c_size_t(len(PATH)), c_int(2), c_size_t(0)),
        *(text.encode(), c_size_t(len(text))),
    )
    in_python.insert(PATH.decode(), 0, "from Python")
    in_c.call("sync_replica_increment", COUNTER, c_size_t(len(COUNTER)), c_int64(-2))
    in_python.increment(COUNTER.decode(), 5)
    to_c = in_python.export(in_c.read("sync_replica_encode_version"))
    to_python = in_c.read("sync_replica_export", None, c_size_t(0))
    in_python.apply(to_python)
    in_c.call("sync_replica_apply", to_c, c_size_t(len(to_c)), None, None)

    # An error on one side leaves the other alone.
    status = library.sync_replica_apply(in_c.handle, b"x", c_size_t(1), None, None, None)
    if status == 0:
        sys.exit("C took noise for changes")
    try:
        in_python.apply(b"x")
        sys.exit("Python took noise for changes")
    except libsync.DecodeError:
        pass

    shown = in_c.read("sync_replica_to_json").decode()
    parts = ["from C, ", "from Python", '"visits":3']
    if shown != in_python.to_json() or not all(part in shown for part in parts):
        sys.exit(f"no convergence: {shown} and {in_python.to_json()}")
    in_c.check(library.sync_replica_free(in_c.handle))
    print(shown)


if __name__ == "__main__":
    main(*sys.argv[1:])
