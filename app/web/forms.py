"""Forms: what a posted form holds, as text and at most one file, nothing judged yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import HTTPException
from starlette.datastructures import FormData, UploadFile

if TYPE_CHECKING:
    from starlette.requests import Request

MAX_FIELDS = 200
"""A trail has at most 50 entries; the rest is room for what browser extensions add."""
MAX_FILES = 4
MAX_FIELD = 11 * 1024 * 1024
"""Bytes of one field: as large as a whole body may be, so that a text that is too long comes back to its writer."""


@dataclass(frozen=True, slots=True)
class PostedFile:
    """A file as it was sent; its name is the sender's word for it."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class PostedForm:
    """The fields of one form. A field that was not sent, or sent as a file, is an empty text."""

    fields: tuple[tuple[str, str], ...]
    file: PostedFile | None = None

    def one(self, name: str) -> str:
        """Return the first value of a field."""
        return next(iter(self.every(name)), "")

    def every(self, name: str) -> tuple[str, ...]:
        """Return all values of a field that may be repeated."""
        return tuple(value for known, value in self.fields if known == name)


async def read_form(request: Request, file_field: str = "", max_file: int = 0) -> PostedForm:
    """Return the form of a request; of a file only `max_file` + 1 bytes are read, enough to see that it is too large.

    Raise 400 where the body is no form, or is written in an encoding that cannot be read.
    """
    try:
        async with request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=MAX_FIELD) as form:
            texts = tuple((name, value) for name, value in form.multi_items() if isinstance(value, str))
            return PostedForm(texts, await _read_file(form, file_field, max_file))
    except UnicodeError as error:
        raise HTTPException(400) from error


async def _read_file(form: FormData, name: str, most: int) -> PostedFile | None:
    """Return the file of a field; a file field left alone is sent as an empty file without a name."""
    file = form.get(name)
    if not isinstance(file, UploadFile) or not (file.filename or file.size):
        return None
    return PostedFile(file.filename or "", await file.read(most + 1))
