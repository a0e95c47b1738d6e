"""What is in an upload: zip archives and gzip files taken apart, files that belong together put together.

Nothing is written to disk and no name is used as a path. Every step is bounded, so that a small archive
cannot grow without end.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from ecg_core.errors import EcgError, UnreadableFileError
from ecg_core.readers.excerpt import excerpt
from ecg_core.readers.table import READERS, Reader

_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"
HEAD = 4096
_PIECE = 1 << 20
_OFFICE = "[Content_Types].xml"
_ZIP_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError)
_JUNK = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Limits:
    """How much an upload may unpack to.

    Attributes
    ----------
    files : int
        In all archives together.
    file_bytes, total_bytes : int
        Of one unpacked file, and of all files of an upload's zip archives together.
    depth : int
        Archives within archives.
    """

    files: int = 20_000
    file_bytes: int = 1_000_000_000
    total_bytes: int = 4_000_000_000
    depth: int = 3


@dataclass(frozen=True)
class Source:
    """One uploaded file: its name, its content when asked for, and the beginning of it."""

    name: str
    load: Callable[[], bytes | memoryview]
    head: bytes

    @property
    def file_name(self) -> str:
        """The last part of the name."""
        return _base(self.name)

    @classmethod
    def of(cls, name: str, data: bytes | memoryview) -> Source:
        """A file whose content is at hand; its name is somebody's text."""
        return cls(_clean(name) if name else "", lambda: data, bytes(data[:HEAD]))


@dataclass(frozen=True)
class Bundle:
    """The file of one ECG and those that belong to it; or why there is none.

    Attributes
    ----------
    name : str
        With the archive it is in, e.g. ``study.zip/day 1/100.hea``.
    problem : str
        Empty where the file can be loaded.
    """

    name: str
    load: Callable[[], bytes | memoryview] = bytes
    partners: tuple[Source, ...] = field(default=())
    problem: str = ""

    @property
    def file_name(self) -> str:
        """The last part of the name."""
        return _base(self.name)

    def siblings(self) -> dict[str, bytes]:
        """The content of the files that belong to it, by name without a folder."""
        return {partner.file_name: bytes(partner.load()) for partner in self.partners}


def find_bundles(sources: Sequence[Source], limits: Limits | None = None) -> list[Bundle]:
    """Every ECG file among the sources, in their order; what cannot be unpacked is there with its reason.

    Parameters
    ----------
    sources : sequence of Source
        What was dropped together.
    """
    unpacking = _Unpacking(limits or Limits())
    names = _distinct([source.name for source in sources])
    sources = [replace(source, name=name) for name, source in zip(names, sources, strict=True)]
    entries = list(unpacking.entries(sources, depth=0))
    files = {entry.name: entry for entry in entries if isinstance(entry, Source)}
    partners = _all_partners(files)
    taken = {partner.name for found in partners.values() for partner in found}
    return [
        entry
        if isinstance(entry, Bundle)
        else Bundle(entry.name, entry.load, tuple(partners.get(entry.name, ())))
        for entry in entries
        if entry.name not in taken
    ]


def _all_partners(files: dict[str, Source]) -> dict[str, list[Source]]:
    """By the name of a file that is read with others: those others."""
    by_stem: dict[str, list[Source]] = {}
    for name, source in files.items():
        by_stem.setdefault(_stem(name), []).append(source)
    found = {}
    for name, source in files.items():
        reader = next((r for r in READERS if r.has_siblings and r.recognizes(source.head)), None)
        if reader is not None:
            found[name] = _partners(reader, source, files, by_stem[_stem(name)])
    return found


def _partners(
    reader: Reader, source: Source, files: dict[str, Source], same_stem: list[Source]
) -> list[Source]:
    """What a header names and what those headers name, and the annotations of the same name."""
    folder = source.name.removesuffix(_base(source.name))
    found: dict[str, Source] = {}
    wanted = [source]
    while wanted:
        for name in named_partners(wanted.pop()):
            partner = files.get(folder + name)
            if partner is not None and partner.name not in found and partner.name != source.name:
                found[partner.name] = partner
                wanted.append(partner)
    for other in same_stem:
        if other.name != source.name and other.name not in found and _accompanies(reader, other):
            found[other.name] = other
    return list(found.values())


def _accompanies(reader: Reader, other: Source) -> bool:
    try:
        return reader.accompanies is not None and reader.accompanies(other.load())
    except EcgError:
        return False


def named_partners(source: Source) -> tuple[str, ...]:
    """The files that a header names; none where the file is no header, or a broken one."""
    reader = next((r for r in READERS if r.partners and r.recognizes(source.head)), None)
    if reader is None or reader.partners is None:
        return ()
    try:
        return reader.partners(source.load())
    except EcgError:
        return ()


def _base(name: str) -> str:
    return name.rpartition("/")[2]


def _stem(name: str) -> str:
    folder, slash, base = name.rpartition("/")
    return folder + slash + base.partition(".")[0]


class _Unpacking:
    """Counts what has been unpacked of one upload."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._files = self._bytes = 0

    def entries(self, sources: Sequence[Source], depth: int) -> Iterator[Source | Bundle]:
        for source in sources:
            try:
                if source.head.startswith(_ZIP):
                    yield from self._zip(source, depth)
                elif source.head.startswith(_GZIP):
                    yield from self._gzip(source, depth)
                else:
                    yield source
            except EcgError as error:
                yield Bundle(source.name, problem=str(error))

    def _deeper(self, depth: int) -> int:
        if depth >= self._limits.depth:
            raise UnreadableFileError(f"There are more than {self._limits.depth} archives within each other")
        return depth + 1

    def _zip(self, source: Source, depth: int) -> Iterator[Source | Bundle]:
        depth = self._deeper(depth)
        try:
            archive = zipfile.ZipFile(_ViewFile(memoryview(source.load())))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise UnreadableFileError(f"The zip archive is damaged: {excerpt(str(error))}") from error
        members = [info for info in archive.infolist() if not info.is_dir() and not _is_junk(info.filename)]
        if any(info.filename == _OFFICE for info in members):
            raise UnreadableFileError("The file is an Office document; save the sheet as CSV")
        if not members:
            raise UnreadableFileError("The zip archive is empty")
        self._count(len(members), sum(info.file_size for info in members))
        names = _distinct([f"{source.name}/{_clean(info.filename)}" for info in members])
        for name, info in zip(names, members, strict=True):
            try:
                member = Source(name, self._loader(archive, info), self._member(archive, info, HEAD))
            except EcgError as error:
                yield Bundle(name, problem=str(error))
            else:
                yield from self.entries([member], depth)

    def _count(self, files: int, size: int) -> None:
        self._files += files
        self._bytes += size
        if self._files > self._limits.files:
            raise UnreadableFileError(
                f"The archive has more than {self._limits.files:,} files; pack them into several archives"
            )
        if self._bytes > self._limits.total_bytes:
            raise UnreadableFileError(
                f"The archive unpacks to more than {self._limits.total_bytes / 1e6:,.0f} MB; "
                "pack its files into several archives"
            )

    def _loader(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], bytes]:
        return lambda: self._member(archive, info, None)

    def _member(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int | None) -> bytes:
        """A member's content, or its beginning; never more than its declared size, which was counted."""
        if info.flag_bits & 1:
            raise UnreadableFileError("The file is encrypted in its archive; pack it without a password")
        if info.file_size > self._limits.file_bytes:
            raise UnreadableFileError(self._too_large())
        try:
            with archive.open(info) as file:
                return file.read(-1 if most is None else most)
        except _ZIP_FAULTS as error:
            raise UnreadableFileError(f"The file is damaged in its archive: {excerpt(str(error))}") from error

    def _too_large(self) -> str:
        return (
            f"The file unpacks to more than {self._limits.file_bytes / 1e6:,.0f} MB, the limit for one file"
        )

    def _gzip(self, source: Source, depth: int) -> Iterator[Source | Bundle]:
        depth = self._deeper(depth)
        self._count(1, 0)
        name = source.name[:-3] if source.name.lower().endswith(".gz") else source.name
        head = _Gunzip(memoryview(source.load())).read(HEAD)
        yield from self.entries([Source(name, lambda: self._gunzip(source), head)], depth)

    def _gunzip(self, source: Source) -> bytes:
        stream, pieces, size = _Gunzip(memoryview(source.load())), [], 0
        while piece := stream.read(_PIECE):
            size += len(piece)
            if size > self._limits.file_bytes:
                raise UnreadableFileError(self._too_large())
            pieces.append(piece)
        return b"".join(pieces)


def _is_junk(name: str) -> bool:
    return name.startswith(_JUNK[0]) or _base(name) in _JUNK[1:]


def _clean(name: str) -> str:
    """A member's path as text: without climbing, drives or control characters."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "/".join("".join(c for c in part if c.isprintable()) or "unnamed" for part in parts) or "unnamed"


def _distinct(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = number = seen.get(name, 0) + 1
        result.append(name if number == 1 else f"{name} ({number})")
    return result


class _Gunzip:
    """Unpacks gzip members one after another, a piece at a time."""

    def __init__(self, data: memoryview) -> None:
        self._rest: memoryview | bytes = data
        self._inflate = zlib.decompressobj(31)

    def read(self, size: int) -> bytes:
        while True:
            if self._inflate.eof:
                self._rest = self._inflate.unused_data
                if not self._rest.startswith(_GZIP):
                    return b""
                self._inflate = zlib.decompressobj(31)
            if not len(self._rest):
                raise UnreadableFileError("The gzip file ends too early")
            try:
                piece = self._inflate.decompress(self._rest, size)
            except zlib.error as error:
                raise UnreadableFileError(f"The gzip file is damaged: {excerpt(str(error))}") from error
            self._rest = self._inflate.unconsumed_tail
            if piece:
                return piece


class _ViewFile(io.RawIOBase):
    """A file over bytes that are not copied."""

    def __init__(self, data: memoryview) -> None:
        self._data, self._at = data, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._data)}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: object) -> int:
        target = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        piece = self._data[self._at : self._at + len(target)]
        target[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
