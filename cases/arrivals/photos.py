"""Photos that come with a case: decoded and written anew, so that no place or device is told."""

from __future__ import annotations

import io
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from PIL import Image, ImageOps
from sqlalchemy import func, select

from cases.arrivals.tables import PhotoRow
from cases.case import Actor, CaseError, NoSuchCase
from cases.sealing import Sealer
from cases.store import Store, Told
from cases.tables import EventKind

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 50_000_000  # 200 MB when it is unpacked; today's telephones take 12 to 50 million
MAX_PER_CASE = 6
_LONGEST_SIDE = 2560
_SMALL_SIDE = 320
_QUALITY = 85
_NAME_MAX_CHARS = 80
_FORMATS = ("JPEG", "PNG", "WEBP")


class PhotoFault(StrEnum):
    """Why a picture is not kept."""

    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    NO_PICTURE = "no_picture"
    TOO_MANY = "too_many"


class PhotoRefused(CaseError):
    """A picture that is not kept; the message says what to send instead."""

    def __init__(self, fault: PhotoFault, message: str) -> None:
        super().__init__(message)
        self.fault = fault


@dataclass(frozen=True)
class Picture:
    """A picture without metadata, as JPEG."""

    content: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Photo:
    """A kept photo without its content."""

    id: int
    number: str
    name: str
    width: int
    height: int
    added_by: str
    added_at: datetime


def clean_picture(content: bytes) -> Picture:
    """Return the picture upright and without metadata, at most 2560 pixels a side. Raises PhotoRefused."""
    if len(content) > MAX_BYTES:
        most = MAX_BYTES // 1024 // 1024
        raise PhotoRefused(PhotoFault.TOO_LARGE, f"the picture has more than {most} MB: send a smaller one")
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Image.DecompressionBombError
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except Image.DecompressionBombError as problem:
        words = "the picture has too many pixels: send a smaller one"
        raise PhotoRefused(PhotoFault.TOO_MANY_PIXELS, words) from problem
    except (OSError, ValueError, SyntaxError, EOFError) as problem:
        words = "this is no picture in JPEG, PNG or WebP: take it anew and send it"
        raise PhotoRefused(PhotoFault.NO_PICTURE, words) from problem
    upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    # A new image: what else the file carried cannot follow.
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return Picture(out.getvalue(), *bare.size)


def make_small(content: bytes) -> bytes:
    """Return a kept photo at the size of a list, at most 320 pixels a side."""
    with Image.open(io.BytesIO(content), formats=("JPEG",)) as image:
        image.draft("RGB", (_SMALL_SIDE, _SMALL_SIDE))  # unpacks an eighth of it where that is enough
        image.thumbnail((_SMALL_SIDE, _SMALL_SIDE))
        out = io.BytesIO()
        image.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def plain_name(name: str) -> str:
    """Return what may be shown of a file's name: its last part, without control or path characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    # Cf turns the direction of text around: "gpj.exe" would read "exe.jpg".
    kept = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    return kept.strip(" .")[:_NAME_MAX_CHARS] or "photo"


class Photos:
    """Photos of cases, sealed."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, number: str, name: str, content: bytes, actor: Actor) -> int:
        """Keep a picture with a case and return its id; the same picture again is the one kept before.

        Raises PhotoRefused and NoSuchCase.
        """
        picture = clean_picture(content)  # before the transaction: it takes a while
        sealer = self._store.sealer
        digest = sealer.sign("photo", f"{number}:{content.hex()}")
        with self._store.writing() as writing:
            row = writing.case(number)
            known = select(PhotoRow.id).where(PhotoRow.number == number, PhotoRow.digest == digest)
            if (found := writing.session.scalar(known)) is not None:
                return found
            counted = select(func.count()).select_from(PhotoRow).where(PhotoRow.number == number)
            if (writing.session.scalar(counted) or 0) >= MAX_PER_CASE:
                raise PhotoRefused(PhotoFault.TOO_MANY, f"a case has at most {MAX_PER_CASE} photos")
            photo = PhotoRow(
                number=number,
                name=plain_name(name),
                media_type="image/jpeg",
                width=picture.width,
                height=picture.height,
                digest=digest,
                sealed=sealer.seal_bytes(picture.content, photo_context(number, digest)),
                added_by=actor.login,
                added_at=writing.at(row),
            )
            writing.session.add(photo)
            writing.session.flush()
            writing.tell(row, Told(EventKind.ATTACHED, actor, about=f"photo {photo.id}"))
            return photo.id

    def of_case(self, number: str) -> tuple[Photo, ...]:
        """Return the photos of a case, the first one first."""
        wanted = select(PhotoRow).where(PhotoRow.number == number).order_by(PhotoRow.id)
        with self._store.sessions() as session:
            rows = session.scalars(wanted).all()
        return tuple(
            Photo(row.id, row.number, row.name, row.width, row.height, row.added_by, row.added_at)
            for row in rows
        )

    def read(self, photo: int, number: str) -> bytes:
        """Return a photo of a case as JPEG. Raises NoSuchCase where the case has no such photo."""
        with self._store.sessions() as session:
            row = session.get(PhotoRow, photo)
        if row is None or row.number != number:
            raise NoSuchCase(number)
        return open_photo(self._store.sealer, row)


def open_photo(sealer: Sealer, row: PhotoRow) -> bytes:
    """Return the content of a photo's row. Raises Unopenable."""
    return sealer.open_bytes(row.sealed, photo_context(row.number, row.digest))


def photo_context(number: str, digest: str) -> str:
    """Return what a photo is sealed for."""
    return f"case/{number}/photo/{digest}"
