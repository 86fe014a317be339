"""Looking into an .xlsx file before a parser opens it: size, bombs, macros, links, merged cells."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from knowledge.problems import refuse

MAX_FILE_BYTES = 20 * 1024 * 1024
# A workbook of 2,000 guides unpacks to about 15 MB.
MAX_UNPACKED_BYTES = 100 * 1024 * 1024
_MAX_PARTS = 500
_CHUNK_BYTES = 1024 * 1024
_OVERLAP_BYTES = 64

# An encrypted workbook, and an old .xls, is an OLE file.
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ACTIVE = re.compile(r"vba|macro|activex|externallink|embeddings|connections\.xml|\.bin$", re.IGNORECASE)
_HARMLESS = re.compile(r"printerSettings", re.IGNORECASE)
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b")


def check_workbook(content: bytes, file: str) -> None:
    """Raise GuideErrors unless the bytes are a plain workbook of reasonable size."""
    _check_kind(content, file)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_parts(archive, file)
            for part in archive.infolist():
                if part.filename.endswith((".xml", ".rels")):
                    _check_xml(archive, part, file)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
        # Not a zip at all (an old .xls, an encrypted workbook), or a damaged one.
        refuse(file, "not_xlsx")


def _check_kind(content: bytes, file: str) -> None:
    """Name the common things that somebody renamed to .xlsx; anything else is found out by opening it."""
    if content.startswith(_OLE):
        refuse(file, "encrypted")
    if content.startswith(b"PK"):
        return
    head = content[:2000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith(b"<"):
        refuse(file, "not_xlsx_but", kind="网页 (HTML/XML)")
    if head.startswith(b"%pdf"):
        refuse(file, "not_xlsx_but", kind=" PDF")
    if head and b"\0" not in head and (b"," in head or b"\t" in head):
        refuse(file, "not_xlsx_but", kind="文字表格 (CSV)")


def _check_parts(archive: zipfile.ZipFile, file: str) -> None:
    parts = archive.infolist()
    # The declared size is an upper bound: zipfile reads no more than that of a part, whatever it unpacks to.
    if len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        refuse(file, "zip_bomb")
    names = [part.filename for part in parts]
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        refuse(file, "not_xlsx")
    if any(_ACTIVE.search(name) and not _HARMLESS.search(name) for name in names):
        refuse(file, "macros")


def _check_xml(archive: zipfile.ZipFile, part: zipfile.ZipInfo, file: str) -> None:
    """Scan one part in chunks; the overlap catches a tag that a chunk cuts in two."""
    tail = b""
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            window = tail + chunk
            if _DOCTYPE.search(window):
                refuse(file, "zip_bomb")
            if part.filename.startswith("xl/worksheets/") and _MERGED.search(window):
                refuse(file, "merged_cells")
            tail = window[-_OVERLAP_BYTES:]
