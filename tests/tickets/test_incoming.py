from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tickets.incoming import Answer, Automatic, Bounce, Incoming, Own, Unknown, read_incoming
from app.tickets.mail_parts import text_of_html
from tests.tickets.images import image
from tests.tickets.letters import ADDRESSES, NUMBER, OWN, TOKEN, bounce, letter

if TYPE_CHECKING:
    from email.message import EmailMessage


def read(mail: EmailMessage | bytes) -> Incoming:
    """Return what a mail is."""
    return read_incoming(mail if isinstance(mail, bytes) else mail.as_bytes(), ADDRESSES, OWN)


def answer(mail: EmailMessage | bytes) -> Answer:
    """Return the answer that a mail is."""
    read_mail = read(mail)
    assert isinstance(read_mail, Answer), read_mail
    return read_mail


def test_an_answer_has_its_ticket_its_text_and_its_sender() -> None:
    """By the signed address; the quote is kept and folded."""
    said = answer(letter("Die rote.\n\nAm 22.11.26 um 10:30 schrieb B:\n> Welche Lampe?"))
    assert (said.number, said.sender, said.message_id) == (NUMBER, "erika@example.org", "<1@example.org>")
    assert said.text[: said.shown] == "Die rote."
    assert "> Welche Lampe?" in said.text


@pytest.mark.parametrize("header", ["Cc", "Delivered_To", "X_Original_To", "Envelope_To"])
def test_the_address_may_stand_in_any_header_of_delivery(header: str) -> None:
    """A forwarding server or a second recipient moves it."""
    assert answer(letter(to="hilfe@birkennetz.example", **{header: ADDRESSES.of(NUMBER)})).number == NUMBER


def test_the_subject_alone_matches_nothing() -> None:
    """A number is no secret: only the signed address is believed."""
    mail = letter(to="hilfe@birkennetz.example", Subject=f"Re: [{NUMBER}] {ADDRESSES.of(NUMBER)}")
    assert read(mail) == Unknown("It is not addressed to a ticket.")


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"}, {"Auto_Submitted": "auto-generated; x"}, {"X_Autoreply": "yes"},
        {"X_Autorespond": "x"}, {"Precedence": "BULK"}, {"Precedence": "junk"}, {"List_Id": "<a.example>"},
        {"Return_Path": "<>"}, {"Subject": "Abwesenheitsnotiz: Ihr Ticket"}, {"Subject": "Automatische Antwort: x"},
        {"Subject": "Out of Office: x"}, {"Subject": "=?utf-8?q?Automatische_Antwort?="},
    ],
)  # fmt: skip
def test_what_no_person_wrote_is_automatic(headers: dict[str, str]) -> None:
    """Each sign is enough by itself."""
    raw = letter().as_bytes()
    lines = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
    assert isinstance(read(lines.encode() + raw), Automatic)


@pytest.mark.parametrize(
    "headers", [{"Auto_Submitted": "no", "Subject": "Out of office"}, {"Subject": "Re: Automatische Antwort"}, {}]
)
def test_what_a_person_wrote_is_an_answer(headers: dict[str, str]) -> None:
    """The subject is the last hint, and only its beginning."""
    assert answer(letter(**headers)).text == "Die rote."


@pytest.mark.parametrize(
    "headers",
    [
        {"From": "portal@birkennetz.example"},
        {"From": f"x <{ADDRESSES.of(NUMBER)}>"},
        {"Message_ID": f"<{TOKEN}@birkennetz.example>"},
    ],
)
def test_what_we_wrote_is_our_own(headers: dict[str, str]) -> None:
    """A mail in a circle is no answer."""
    assert read(letter(**headers)) == Own()


def test_a_colleague_of_the_same_domain_may_be_a_customer() -> None:
    """Only addresses from which we write are ours."""
    assert answer(letter(From="erika@birkennetz.example", Message_ID="<1@birkennetz.example>")).text == "Die rote."


def test_a_bounce_names_the_mail_that_came_back() -> None:
    """For good, or for now."""
    assert read(bounce()) == Bounce(None, (TOKEN,), ("erika@example.org",), final=True)
    delayed = read(bounce(action="delayed", To=ADDRESSES.of(NUMBER)))
    assert delayed == Bounce(NUMBER, (TOKEN,), ("erika@example.org",), final=False)


def test_a_bounce_without_a_report_is_recognised() -> None:
    """As Postfix wrote them before there was a standard."""
    text = (
        "This is the Postfix program at host mx.example.\n\n<erika@example.org>: host mx said: 550 no such user\n\n"
        f"Message-ID: <{TOKEN}@birkennetz.example>"
    )
    qmail = "Hi. This is the qmail-send program at mx.example.\n\n<erika@example.org>:\nno mailbox here.\n"
    for words in (text, qmail):
        found = read(letter(words, From="MAILER-DAEMON@mx.example"))
        assert isinstance(found, (Bounce, Answer))
    assert isinstance(read(letter(qmail, From="MAILER-DAEMON@mx.example")), Bounce)


def test_words_about_a_bounce_are_an_answer() -> None:
    """A customer may tell of mails that come back."""
    told = "Hi. This is the qmail-send program at mx.example.\n\n<erika@example.org>:\nno mailbox here.\n"
    assert answer(letter(told)).text.startswith("Hi.")


def test_files_are_checked_by_their_bytes() -> None:
    """What is not taken is named."""
    mail = letter()
    mail.add_attachment(image(), maintype="application", subtype="octet-stream", filename="foto.exe")
    mail.add_attachment(b"MZ\x90\x00\x00", maintype="image", subtype="png", filename="virus.png")
    mail.add_attachment(letter("Innen"))
    said = answer(mail)
    assert [(file.name, file.media_type) for file in said.files] == [
        ("foto.exe.png", "image/png"),
        ("nachricht.eml", "text/plain"),
    ]
    assert said.left_out == ("virus.png",)


def test_ten_files_are_kept_and_the_others_named() -> None:
    """Of two hundred, twenty names."""
    mail = letter()
    for i in range(200):
        mail.add_attachment(f"Zeile {i}", filename=f"{i}.log")
    said = answer(mail)
    assert (len(said.files), said.left_out[0], len(said.left_out)) == (10, "10.log", 20)


def test_a_file_alone_is_an_answer_and_nothing_is_none() -> None:
    """A photo says enough."""
    mail = letter("")
    mail.add_attachment(image(), maintype="image", subtype="png", filename="foto.png")
    assert (answer(mail).text, len(answer(mail).files)) == ("", 1)
    assert read(letter("")) == Unknown("Nothing is in it.")


def test_a_long_text_is_whole_in_a_file() -> None:
    """A message has its limit, and nothing is lost."""
    said = answer(letter("ä" * 30_000))
    assert (len(said.text), said.files[0].name, said.files[0].data.decode()) == (20_000, "mail.txt", "ä" * 30_000)


def test_html_alone_is_read_as_text() -> None:
    """Words and lines are kept, scripts and styles are not."""
    mail = letter("x")
    mail.set_content(
        "<html><head><style>p{}</style><title>t</title></head><body><p>Die\nrote.</p><div>A &amp; B<br>&lt;b&gt;</div>"
        "<script>alert(1)</script><blockquote>alt</blockquote></body></html>",
        subtype="html",
    )
    assert answer(mail).text == "Die rote.\n\nA & B\n<b>\n\nalt"
    mail = letter("Nur der Text.")
    mail.add_alternative("<p>Nicht das HTML.</p>", subtype="html")
    assert answer(mail).text == "Nur der Text."


HEAD = f"From: a@b.example\nTo: {ADDRESSES.of(NUMBER)}\n".encode()
HOSTILE = {
    "nothing": b"",
    "no header": b"\n\nhallo",
    "NUL": HEAD + b"\nDie\x00 rote.",
    "bad charset": HEAD + b"Content-Type: text/plain; charset=klingon\n\nDie rote.\xff",
    "bad base64": HEAD + b"Content-Transfer-Encoding: base64\n\n!!!!",
    "no boundary": HEAD + b"Content-Type: multipart/mixed\n\nhallo",
    "open boundary": HEAD + b'Content-Type: multipart/mixed; boundary="x"\n\n--x\n\nhallo',
    "bad parameters": HEAD + b"Content-Type: text/plain; name*0*=x''%; name*99999999999=%ff\n\nhallo",
    "bad encoded word": HEAD + b"Subject: =?utf-8?b?!!?= =?x?q?=ZZ?=\n\nhallo",
    "twice": HEAD + HEAD + b"Subject: a\nSubject: b\nAuto-Submitted: no\nMessage-ID: <1>\nMessage-ID: <2>\n\nhallo",
    "long header": HEAD + b"X: " + b"a" * 1_000_000 + b"\nCc: " + b"<" * 500_000 + b"\n\nhallo",
    "many headers": HEAD + b"To: x@y.example\n" * 50_000 + b"\nhallo",
    "many parts": HEAD + b'Content-Type: multipart/mixed; boundary="x"\n\n' + b"--x\n\nhallo\n" * 20_000,
    "injection": b"From: =?utf-8?q?a=0ABcc:_x=40evil.example?= <a@b.example>\nTo: " + HEAD[23:] + b"\nhallo",
    "surrogates": HEAD + b"Content-Type: text/plain; charset=utf-16\n\n\x00\xd8\x00",
    "deep html": HEAD + b"Content-Type: text/html\n\n" + b"<div>" * 200_000 + b"hallo",
    "open tags": HEAD + b"Content-Type: text/html\n\n" + b"<a<" * 300_000,
}


def nested(depth: int) -> bytes:
    """Return a mail of parts within parts."""
    begin = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (i, i) for i in range(depth))
    return HEAD + begin + b"\nhallo"


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_hostile_bytes_are_read_or_left_to_a_person(raw: bytes) -> None:
    """Soon, and nothing is raised; what is read can be stored."""
    begin = time.process_time()
    found = read(raw)
    assert time.process_time() - begin < 5.0
    assert isinstance(found, (Answer, Unknown))
    if isinstance(found, Answer):
        assert "\x00" not in found.text + found.message_id + found.sender
        assert "\n" not in found.sender + found.message_id
        found.text.encode()


@pytest.mark.parametrize("depth", [50, 1_000, 5_000])
def test_parts_within_parts_end(depth: int) -> None:
    """Where the library gives up, a person reads."""
    assert isinstance(read(nested(depth)), (Answer, Unknown))


def test_thirty_megabytes_are_read() -> None:
    """In bounded time."""
    begin = time.process_time()
    found = read(HEAD + b"\n" + b"Die rote.\n" * 3_000_000)
    assert isinstance(found, Answer)
    assert time.process_time() - begin < 20.0


@given(st.binary(max_size=500))
def test_any_bytes_are_something(raw: bytes) -> None:
    """With the address of a ticket in front of them."""
    assert isinstance(read(HEAD + raw), (Answer, Automatic, Bounce, Own, Unknown))


def test_html_of_words_is_text() -> None:
    """Rows and items stand on lines of their own."""
    html = "<ul><li>eins</li><li>zwei</li></ul><p>a < b</p>"
    assert text_of_html(html).split() == ["eins", "zwei", "a", "<", "b"]
