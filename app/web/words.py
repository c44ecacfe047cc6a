"""Words: what the pages say, in the reader's language; German texts are the message ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from babel.dates import format_date, format_datetime, get_timezone
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from app.articles.article import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime, tzinfo
    from pathlib import Path

    from app.articles.article import Language

ZONE = "Europe/Berlin"
LOCALES: Mapping[Language, str] = {"de": "de_DE", "en": "en_GB"}
DATE_TIME: Mapping[Language, str] = {"de": "d. MMMM y, HH:mm 'Uhr'", "en": "d MMMM y, HH:mm"}


FAR_DAY: Mapping[Language, str] = {"de": "EEEE, d. MMMM", "en": "EEEE, d MMMM"}
SHORT_DAY: Mapping[Language, str] = {"de": "dd.MM.", "en": "d MMM"}
CLOCK: Mapping[Language, str] = {"de": " Uhr", "en": ""}


def msg(text: str) -> str:
    """Mark a text that is translated later, where it is shown."""
    return text


class Words:
    """The texts, dates and numbers of one language."""

    def __init__(self, lang: Language, catalogue: Mapping[str, str | tuple[str, ...]], zone: str = ZONE) -> None:
        self.lang: Language = lang
        self._zone = get_timezone(zone)
        self._catalogue = catalogue

    @property
    def zone(self) -> tzinfo:
        """The time zone in which times are shown."""
        return self._zone

    def gettext(self, text: str) -> str:
        """Return the translation of a German text, or the text itself."""
        found = self._catalogue.get(text) or text
        return found if isinstance(found, str) else found[0]

    def ngettext(self, one: str, many: str, count: int) -> str:
        """Return the form for `count`; German and English have the same two."""
        found = self._catalogue.get(one)
        forms = found if isinstance(found, tuple) and all(found) else (one, many)
        return forms[count != 1]

    def day(self, value: date) -> str:
        """Return a day as people write it: 22. November 2026."""
        return format_date(value, "long", locale=LOCALES[self.lang])

    def short_day(self, value: date) -> str:
        """Return a day in little room: 22.11., 22 Nov."""
        return format_date(value, SHORT_DAY[self.lang], locale=LOCALES[self.lang])

    def moment(self, value: datetime) -> str:
        """Return day and time in the time zone of the provider's customers."""
        return format_datetime(value, DATE_TIME[self.lang], tzinfo=self._zone, locale=LOCALES[self.lang])

    def until(self, value: datetime, now: datetime) -> str:
        """Return a moment to come as people say it: today, tomorrow or the weekday, and the time."""
        there = value.astimezone(self._zone)
        days = (there.date() - now.astimezone(self._zone).date()).days
        near = {0: msg("heute"), 1: msg("morgen")}
        written = format_date(there.date(), FAR_DAY[self.lang], locale=LOCALES[self.lang])
        return f"{self.gettext(near[days]) if days in near else written}, {there:%H:%M}{CLOCK[self.lang]}"

    def since(self, value: datetime, now: datetime) -> str:
        """Return a moment that is over, in little room: today and yesterday with the time, before that the day."""
        there, here = value.astimezone(self._zone), now.astimezone(self._zone)
        near = {0: msg("heute"), 1: msg("gestern")}
        days = (here.date() - there.date()).days
        if days in near:
            return f"{self.gettext(near[days])}, {there:%H:%M}{CLOCK[self.lang]}"
        return self.short_day(there.date()) if there.year == here.year else self.day(there.date())

    def number(self, value: float) -> str:
        """Return a number with the separators of the language."""
        return format_decimal(value, locale=LOCALES[self.lang])


def read_words(folder: Path, zone: str = ZONE) -> dict[Language, Words]:
    """Read every `<lang>.po` and `<lang>.<part>.po` of a folder; German needs none. Times are shown in `zone`."""
    return {lang: Words(lang, _read_catalogue(folder, lang), zone) for lang in LANGUAGES}


def _read_catalogue(folder: Path, lang: Language) -> dict[str, str | tuple[str, ...]]:
    texts: dict[str, str | tuple[str, ...]] = {}
    for path in sorted(folder.glob(f"{lang}*.po")):
        with path.open("rb") as file:
            texts.update(_message(message) for message in read_po(file, locale=LOCALES[lang]) if message.id)
    return texts


def _message(message: Any) -> tuple[str, str | tuple[str, ...]]:
    if message.pluralizable:
        return message.id[0], tuple(message.string)
    return message.id, message.string
