"""People of the scenes: what a customer's post box holds, and how somebody without a mouse goes through a page."""

from __future__ import annotations

import socket
import time
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

    from playwright.sync_api import Page

MOST_TABS = 120
POST_SECONDS = 15.0
PASSWORD = "zwölf Zeichen lang"  # noqa: S105 - an example
STAND = """selector => {
  const at = document.activeElement;
  const near = [at, at.closest("label, form.search"), at.nextElementSibling].filter(Boolean);
  const ring = near.some((one) => getComputedStyle(one).outlineStyle !== "none");
  return { lost: at === document.body, words: at.outerHTML.slice(0, 120), there: at.matches(selector), ring };
}"""


class PostBox:
    """A mail server that keeps what it is given, by recipient."""

    def __init__(self) -> None:
        self._mails: list[tuple[str, EmailMessage]] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep a mail."""
        mail: Any = message_from_bytes(envelope.content, policy=default)
        self._mails += [(recipient, mail) for recipient in envelope.rcpt_tos]
        return "250 OK"

    def texts(self, recipient: str) -> list[str]:
        """Return what somebody was sent, each mail as its subject and its text."""
        return [f"{mail['Subject']}\n{body_of(mail)}" for to, mail in self._mails if to == recipient]

    def wait(self, recipient: str, words: str) -> str:
        """Return the first mail to somebody that has these words, as soon as it is there."""
        end = time.monotonic() + POST_SECONDS
        while time.monotonic() < end:
            found = next((text for text in self.texts(recipient) if words in text), None)
            if found:
                return found
            time.sleep(0.05)
        raise AssertionError(f"{recipient} was never told „{words}“, but: {self.texts(recipient)}")


@contextmanager
def open_post_box() -> Iterator[tuple[PostBox, int]]:
    """Run a real mail server on a free port of 127.0.0.1."""
    box = PostBox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


def body_of(mail: EmailMessage) -> str:
    """Return the text of a mail with plain line ends."""
    part = mail.get_body()
    return str(part.get_content()).replace("\r\n", "\n") if part else ""


def tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Press Tab until the focus is there; on the way it is never lost, and always to be seen."""
    for _ in range(MOST_TABS):
        page.keyboard.press(key)
        stand = page.evaluate(STAND, selector)
        assert not stand["lost"], f"The focus was lost on the way to {selector}."
        assert stand["ring"], f"No ring around {stand['words']}"
        if stand["there"]:
            return
    raise AssertionError(f"{MOST_TABS} times Tab do not lead to {selector}.")


def press(page: Page, selector: str, key: str = "Tab") -> None:
    """Go to a button or link that leads to another page, and press Enter there."""
    tab_to(page, selector, key)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def write(page: Page, selector: str, text: str) -> None:
    """Go to a field and write at its end."""
    tab_to(page, selector)
    page.keyboard.press("Control+End")
    page.keyboard.type(text)


def sign_in(page: Page, email: str, path: str = "/desk/tickets") -> None:
    """Sign in at the desk with keys alone; the cursor stands where it is needed."""
    page.goto(path)
    expect(page.locator("#email")).to_be_focused()
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{path}")
