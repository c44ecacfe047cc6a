"""The mailer: sends an article's answer to a caller. Main hands one in where the portal can mail."""

from __future__ import annotations

from typing import Literal, Protocol


class ArticleMailer(Protocol):
    """Takes mails of articles; what it has taken is sent, now or later."""

    def mail_article(  # noqa: PLR0913, PLR0917 - one mail
        self, recipient: str, lang: Literal["de", "en"], title: str, passage: str, url: str, key: str
    ) -> None:
        """Take one mail: the passage may have several lines, and is public.

        The same `key` again sends nothing more. Raise ValueError when `recipient` is not one address of mail, and
        StoreUnavailable when nothing can be taken now.
        """
