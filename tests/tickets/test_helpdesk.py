from __future__ import annotations

import asyncio
import gc
import io
import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTPUTF8
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from app.tickets.helpdesk import Ambiguous, ConsoleHelpdesk, Failed, Helpdesk, Refused, SmtpHelpdesk
from app.tickets.ticket import Attachment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from app.tickets.parcel import Parcel

    MakeParcel = Callable[..., Parcel]


# aiosmtpd does not close its own TLS connections; ours are closed, as a run against a server elsewhere showed.
leaky_server = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


class Answers:
    """What an aiosmtpd server says at each stage; it keeps what it accepted."""

    def __init__(self, mail: str = "250 OK", rcpt: str = "250 OK", data: str = "250 OK: queued as 42") -> None:
        self.says = {"mail": mail, "rcpt": rcpt, "data": data}
        self.kept: list[Any] = []

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Say what is said to a sender."""
        envelope.mail_from = address
        return self.says["mail"]

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802 - same
        """Say what is said to a recipient."""
        envelope.rcpt_tos.append(address)
        return self.says["rcpt"]

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - same
        """Keep the mail, and perhaps hang up without a word."""
        self.kept.append(envelope)
        if self.says["data"] == "drop":
            server.transport.close()
        return self.says["data"]


@contextmanager
def mail_server(answers: Answers, **settings: Any) -> Iterator[int]:
    """Run a real SMTP server on a free port of 127.0.0.1."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    controller = Controller(answers, hostname="127.0.0.1", port=port, **settings)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
        del controller
        if settings:
            gc.collect()  # now, while a warning about the server's connections is still ignored


@contextmanager
def silent_server(greeting: bytes = b"") -> Iterator[int]:
    """Run a server that takes a connection, perhaps greets, and says no more."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken: list[socket.socket] = []

        def take() -> None:
            taken.append(server.accept()[0])
            taken[0].sendall(greeting)

        thread = threading.Thread(target=take)
        thread.start()
        yield int(server.getsockname()[1])
        thread.join()
        taken[0].close()


def desk(port: int, **given: Any) -> SmtpHelpdesk:
    """Return a helpdesk that sends to this port, without TLS and with little patience."""
    quick: dict[str, Any] = {"security": "none", "step_seconds": 5.0, "data_seconds": 5.0} | given
    return SmtpHelpdesk("127.0.0.1", port, "portal@birkennetz.example", "desk@example.org", **quick)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Make a certificate for 127.0.0.1 and its key."""
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    make = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([*make.split(), "-keyout", key, "-out", cert], check=True, capture_output=True)
    return cert, key


@pytest.fixture
def server_tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    """Return the TLS settings of a server with that certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture
def client_tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    """Return the TLS settings of a client that trusts it."""
    return ssl.create_default_context(cafile=str(certificate[0]))


@contextmanager
def _console() -> Iterator[Helpdesk]:
    yield ConsoleHelpdesk(io.StringIO())


@contextmanager
def _smtp() -> Iterator[Helpdesk]:
    with mail_server(Answers()) as port:
        yield desk(port)


@contextmanager
def _closed_console() -> Iterator[Helpdesk]:
    stream = io.StringIO()
    stream.close()
    yield ConsoleHelpdesk(stream)


@contextmanager
def _no_smtp() -> Iterator[Helpdesk]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    yield desk(port)


@pytest.mark.parametrize("given", [_console, _smtp])
def test_every_helpdesk_takes_a_parcel_and_its_repeat(given: Callable[[], Any], make_parcel: MakeParcel) -> None:
    """It returns a name for what it took; the same parcel again is no error."""
    with given() as helpdesk:
        assert helpdesk.deliver(make_parcel())
        assert helpdesk.deliver(make_parcel(attachments=(Attachment("a.log", "text/plain", b"x"),)))


@pytest.mark.parametrize("given", [_closed_console, _no_smtp])
def test_every_helpdesk_that_is_away_fails(given: Callable[[], Any], make_parcel: MakeParcel) -> None:
    """So that the courier tries again."""
    with given() as helpdesk, pytest.raises(Failed):
        helpdesk.deliver(make_parcel())


def test_the_console_prints_what_a_person_reads(make_parcel: MakeParcel) -> None:
    """Number, message and trail."""
    stream = io.StringIO()
    ConsoleHelpdesk(stream).deliver(make_parcel())
    assert "[W-2026-000123]" in stream.getvalue()
    assert "Versucht: Schritt 3 – Router neu starten" in stream.getvalue()


def test_a_console_of_few_letters_prints_the_rest_as_question_marks(make_parcel: MakeParcel) -> None:
    """An umlaut must not keep a ticket from being delivered."""
    stream = io.TextIOWrapper(io.BytesIO(), "ascii")
    ConsoleHelpdesk(stream).deliver(make_parcel())
    stream.seek(0)
    assert "Erika M?ller" in stream.read()


def test_a_mail_arrives_as_it_was_written(make_parcel: MakeParcel) -> None:
    """From the portal, to the desk, with the file; lines that begin with a dot survive."""
    answers = Answers()
    log = Attachment("router.log", "text/plain", b"link down\n.\n..\n")
    with mail_server(answers) as port:
        remote = desk(port).deliver(make_parcel(text=".\n..x\n.", attachments=(log,)))
    (kept,) = answers.kept
    letter = message_from_bytes(kept.content, policy=SMTPUTF8)
    assert isinstance(letter, EmailMessage)
    _, text, attached = letter.walk()
    assert isinstance(text, EmailMessage)
    assert remote == "OK: queued as 42"
    assert (kept.mail_from, kept.rcpt_tos) == ("portal@birkennetz.example", ["desk@example.org"])
    assert letter["Message-ID"] == "<t1@birkennetz.example>"
    assert "\n\n.\n..x\n.\n\n" in text.get_content().replace("\r\n", "\n")
    assert attached.get_payload(decode=True) == log.data


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        (Answers(rcpt="550 no such user"), Refused),
        (Answers(data="554 not wanted"), Refused),
        (Answers(rcpt="450 mailbox busy"), Failed),
        (Answers(data="452 disk full"), Failed),
        (Answers(mail="451 later"), Failed),
        (Answers(mail="530 sign in first"), Failed),
        (Answers(data="drop"), Ambiguous),
    ],
)
def test_a_no_has_its_outcome(answers: Answers, outcome: type[Exception], make_parcel: MakeParcel) -> None:
    """A letter that is refused for good is not tried again; what an operator can put right is."""
    with mail_server(answers) as port, pytest.raises(outcome):
        desk(port).deliver(make_parcel())


def test_a_mail_may_have_been_kept_when_the_server_hangs_up(make_parcel: MakeParcel) -> None:
    """The repeat has the same Message-ID, so that it is recognised."""
    answers = Answers(data="drop")
    with mail_server(answers) as port:
        for _ in range(2):
            with pytest.raises(Ambiguous, match="lost after the mail went out"):
                desk(port).deliver(make_parcel())
    assert [message_from_bytes(kept.content)["Message-ID"] for kept in answers.kept] == ["<t1@birkennetz.example>"] * 2


@pytest.mark.parametrize("greeting", [b"", b"220 hello\r\n"])
def test_a_server_that_hangs_has_failed(greeting: bytes, make_parcel: MakeParcel) -> None:
    """After the seconds it has for a step."""
    with silent_server(greeting) as port, pytest.raises(Failed, match="Timed out"):
        desk(port, step_seconds=0.2).deliver(make_parcel())


def test_a_server_that_is_slow_after_the_mail_is_ambiguous(make_parcel: MakeParcel) -> None:
    """It may have kept the mail."""

    class Slow(Answers):
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - same
            await asyncio.sleep(0.6)
            return await super().handle_DATA(server, session, envelope)

    with mail_server(Slow()) as port, pytest.raises(Ambiguous):
        desk(port, data_seconds=0.2).deliver(make_parcel())


def _sign_in(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=data == LoginPassword(b"portal", b"secret"), handled=False)


@leaky_server
def test_starttls_with_sign_in(make_parcel: MakeParcel, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    """The password travels only after the connection is protected."""
    settings = {"tls_context": server_tls, "require_starttls": True, "auth_required": True, "authenticator": _sign_in}
    given = {"security": "starttls", "tls_context": client_tls, "user": "portal"}
    with mail_server(Answers(), **settings) as port:
        assert desk(port, password="secret", **given).deliver(make_parcel())  # noqa: S106 - the test's own server
        with pytest.raises(Failed, match="535"):
            desk(port, password="wrong", **given).deliver(make_parcel())  # noqa: S106 - same


@leaky_server
def test_tls_from_the_start(make_parcel: MakeParcel, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext) -> None:
    """As on port 465."""
    with mail_server(Answers(), ssl_context=server_tls) as port:
        assert desk(port, security="tls", tls_context=client_tls).deliver(make_parcel())


@leaky_server
def test_an_unknown_certificate_is_not_trusted(make_parcel: MakeParcel, server_tls: ssl.SSLContext) -> None:
    """Nothing is sent."""
    answers = Answers()
    with mail_server(answers, tls_context=server_tls) as port, pytest.raises(Failed, match=r"(?i)certificate"):
        desk(port, security="starttls").deliver(make_parcel())
    assert answers.kept == []


def test_a_server_without_starttls_is_not_used(make_parcel: MakeParcel) -> None:
    """Who asked for protection gets it or nothing."""
    with mail_server(Answers()) as port, pytest.raises(Failed, match=r"(?i)starttls"):
        desk(port, security="starttls").deliver(make_parcel())


@pytest.mark.parametrize(
    "address", ["", "desk", "d@example.org\nBcc: x@y.example", "a@b.example, c@d.example", "d@ü.de"]
)
def test_a_wrong_address_of_ours_is_told_at_the_start(address: str) -> None:
    """Not when the first ticket waits."""
    with pytest.raises(ValueError, match="is no mail address"):
        SmtpHelpdesk("127.0.0.1", 25, "portal@birkennetz.example", address)


@pytest.mark.parametrize("host", ["mail.example.org", "192.0.2.1"])
def test_a_password_does_not_travel_unprotected(host: str) -> None:
    """Only to this very machine."""
    with pytest.raises(ValueError, match="unprotected"):
        SmtpHelpdesk(host, 25, "a@b.example", "c@d.example", security="none", user="portal")
    assert SmtpHelpdesk("localhost", 25, "a@b.example", "c@d.example", security="none", user="portal")


def test_the_password_is_not_shown() -> None:
    """Neither in a log nor in a traceback."""
    assert "secret" not in repr(desk(25, password="secret"))  # noqa: S106 - not one
