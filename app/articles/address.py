"""The address of an article: slug, language, category and visibility, all told by where its file lies."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

from app.articles.article import Language, Visibility

SLUG = re.compile(r"[a-z0-9-]+")

_VISIBILITIES: dict[str, Visibility] = {"public": "public", "internal": "internal"}
_LANGUAGES: dict[str, Language] = {"de": "de", "en": "en"}
_PARTS = 3
_LANGUAGE_SUFFIX = re.compile(r"[.\-_ ]+(de|en)$", re.IGNORECASE)
_NAMELESS = re.compile(r"\d*|index|readme")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ẞ": "SS"})


@dataclass(frozen=True, slots=True)
class Address:
    """What the place of a file says about its article; `lang` is None where the name carries no language."""

    slug: str
    lang: Language | None
    category: str
    visibility: Visibility = "public"


def read_address(path: str) -> Address:
    """Read `public/<category>/<slug>[.<lang>].md`; ValueError says what is wrong and what to do."""
    parts = path.split("/")
    if len(parts) != _PARTS or parts[0] not in _VISIBILITIES:
        raise ValueError(f'"{path}" is not in its place. Put it into public/<category>/ or internal/<category>/.')
    slug, lang = read_name(parts[2])
    return Address(slug, lang, _checked(parts[1]), _VISIBILITIES[parts[0]])


def read_name(file_name: str) -> tuple[str, Language | None]:
    """Read `<slug>[.<lang>].md`; ValueError says what is wrong and what to do."""
    slug, _, suffix = file_name.removesuffix(".md").partition(".")
    if suffix and suffix not in _LANGUAGES:
        raise ValueError(f'".{suffix}" is no language of this portal. Call the file "{slug}.md" or "{slug}.en.md".')
    return _checked(slug), _LANGUAGES.get(suffix)


def read_plain_address(path: str) -> Address:
    """Read the address of a Markdown file in a folder that was not made for this portal; everything there is public."""
    place = PurePosixPath(path)
    stem, lang = _without_language(place.stem)
    folders = [_without_language(part) for part in place.parts[:-1]]
    slug = slugify(stem)
    if _NAMELESS.fullmatch(slug) and folders:
        slug = slugify(folders[-1][0])
    category, folder_lang = folders[0] if folders else ("articles", None)
    return Address(slug or "article", lang or folder_lang, slugify(category) or "articles")


def plain_slugs(path: str) -> tuple[str, ...]:
    """List the slugs a plain file may get, shortest first: its name, folder and name, name and number, whole path."""
    parts = [slugify(without_language(part)) for part in PurePosixPath(path).with_suffix("").parts]
    named = parts[:-1] if _NAMELESS.fullmatch(parts[-1]) and len(parts) > 1 else parts
    candidates = (named[-1:], named[-2:], [*named[-1:], *parts[len(named) :]], parts)
    return tuple("-".join(filter(None, names)) or "article" for names in candidates)


def slugify(text: str) -> str:
    """Make an ASCII slug: ä becomes ae, ß becomes ss, accents go, the rest becomes hyphens."""
    latin = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text).translate(_UMLAUTS))
    return re.sub(r"[^a-z0-9]+", "-", latin.encode("ascii", "ignore").decode().lower()).strip("-")


def without_language(name: str) -> str:
    """Give the name of a file or folder without the language it ends with: "hetzner" for "hetzner-de"."""
    return _without_language(name)[0]


def _checked(name: str) -> str:
    if not SLUG.fullmatch(name):
        raise ValueError(f'"{name}" may only hold a-z, 0-9 and "-". Call it "{slugify(name) or "new-name"}".')
    return name


def _without_language(name: str) -> tuple[str, Language | None]:
    found = _LANGUAGE_SUFFIX.search(name)
    if not found or not found.start():
        return name, None
    return name[: found.start()], _LANGUAGES[found[1].lower()]
