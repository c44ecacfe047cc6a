"""A letter: the parcel as an e-mail that a person can read, in the language of the visitor."""

from __future__ import annotations

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING, Final

from app.text import clean_line
from app.tickets.attachment import TEXT, charset
from app.tickets.parcel import DeliveryKind
from app.tickets.trail import Opened, Searched, Tried

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.tickets.parcel import Parcel
    from app.tickets.ticket import Attachment, Language
    from app.tickets.trail import Entry, Trail

MAX_HEADER = 150  # characters
MAX_TOPIC = 70  # characters of the description in the subject

_WORDS: Final[dict[Language, dict[str, str]]] = {
    "de": {
        "ticket": "{name} <{email}> schreibt:",
        "answer": "{name} <{email}> antwortet:",
        "trail": "Was vorher geschah:",
        "searched": "Gesucht: {text}",
        "opened": "Gelesen: {title}",
        "tried": "Versucht: Schritt {step} – {text}",
        "helped": "Hat geholfen: {title}",
        "failed": "Hat nicht geholfen: {title}",
        "facts": "Kategorie: {category} · Dringlichkeit: {urgency}",
        "low": "niedrig",
        "normal": "normal",
        "high": "hoch",
        "files": "Angehängt: {names}",
    },
    "en": {
        "ticket": "{name} <{email}> writes:",
        "answer": "{name} <{email}> answers:",
        "trail": "What happened before:",
        "searched": "Searched for: {text}",
        "opened": "Read: {title}",
        "tried": "Tried: step {step} – {text}",
        "helped": "Helped: {title}",
        "failed": "Did not help: {title}",
        "facts": "Category: {category} · Urgency: {urgency}",
        "low": "low",
        "normal": "normal",
        "high": "high",
        "files": "Attached: {names}",
    },
}


def write_letter(parcel: Parcel, sender: str, recipient: str) -> bytes:
    """Return the letter as it goes over the wire. Its Message-ID is the same in every try; both addresses are ours."""
    host = Address(addr_spec=sender).domain
    letter = EmailMessage(policy=SMTP)
    letter["From"] = Address(addr_spec=sender)
    letter["To"] = Address(addr_spec=recipient)
    letter["Reply-To"] = Address(_display_name(parcel.ticket.name), addr_spec=parcel.ticket.email)
    letter["Subject"] = subject(parcel)
    letter["Date"] = parcel.message.at
    letter["Message-ID"] = f"<{parcel.token}@{host}>"
    if parcel.token != parcel.first_token:
        letter["In-Reply-To"] = letter["References"] = f"<{parcel.first_token}@{host}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(body(parcel), cte="quoted-printable")
    letter["Content-Language"] = parcel.ticket.lang
    for attachment in parcel.attachments:
        _attach(letter, attachment)
    return letter.as_bytes()


def subject(parcel: Parcel) -> str:
    """Return one line: the number of the ticket and how its description begins."""
    again = "Re: " if parcel.kind is DeliveryKind.ANSWER else ""
    topic = clean_line(parcel.ticket.messages[0].text)
    return clean_header(f"{again}[{parcel.ticket.number}] {topic if len(topic) <= MAX_TOPIC else _cut(topic)}")


def body(parcel: Parcel) -> str:
    """Return the text: who writes, what, and for a new ticket what happened before."""
    words, ticket = _WORDS[parcel.ticket.lang], parcel.ticket
    parts = [words[parcel.kind].format(name=ticket.name, email=ticket.email), parcel.message.text]
    if parcel.kind is DeliveryKind.TICKET:
        parts += ["\n".join([words["trail"], *story(ticket.trail, ticket.lang)])] if ticket.trail.entries else []
        parts += [words["facts"].format(category=ticket.category, urgency=words[ticket.urgency])]
    if parcel.attachments:
        parts += [words["files"].format(names=", ".join(attachment.name for attachment in parcel.attachments))]
    return "\n\n".join(parts) + "\n"


def story(trail: Trail, lang: Language) -> Iterator[str]:
    """Tell the trail line by line; the article of a step is named where it is not that of the line before."""
    article = None
    for entry in trail.entries:
        slug = getattr(entry, "slug", None)
        yield _tell(entry, _WORDS[lang], named=slug == article)
        article = slug


def clean_header(text: str) -> str:
    """Return the text as one line that stays text in a header: Python's e-mail library decodes `=?utf-8?q?…?=`.

    What it decodes may hold a line end, and the rest of the line becomes a header of its own, such as Bcc.
    """
    return clean_line(text)[:MAX_HEADER].replace("=?", "= ?")


def _tell(entry: Entry, words: dict[str, str], *, named: bool) -> str:
    match entry:
        case Searched(text):
            return words["searched"].format(text=text)
        case Opened(_, title):
            return words["opened"].format(title=title)
        case Tried(_, title, step, text):
            return words["tried"].format(step=step, text=text) + ("" if named else f" ({title})")
    return words["helped" if entry.helpful else "failed"].format(title=entry.title)


def _cut(topic: str) -> str:
    return topic[:MAX_TOPIC].rpartition(" ")[0] + " …" if " " in topic[:MAX_TOPIC] else topic[:MAX_TOPIC] + "…"


def _display_name(name: str) -> str:
    """Keep letters, digits and a little more: a comma or a bracket could end one address and begin another."""
    return clean_line(re.sub(r"[^\w .'-]", " ", name))


def _attach(letter: EmailMessage, attachment: Attachment) -> None:
    """Attach the bytes as they are; a text says in which encoding it is."""
    main, sub = attachment.media_type.split("/")
    letter.add_attachment(attachment.data, maintype=main, subtype=sub, filename=attachment.name)
    if attachment.media_type == TEXT:
        part = list(letter.iter_attachments())[-1]
        part.set_param("charset", charset(attachment.data) or "utf-8")
