"""Commands: what scripts/ starts, said in words on the way."""

from __future__ import annotations

import argparse
import getpass
import logging
import socket
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn
from anyio.to_thread import current_default_thread_limiter
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app import desk_bench, desk_load, handing_over, hooks, keeper, killing, preview, proofreading, pushing
from app.articles.library import read_library
from app.articles.publication import Publications, Trouble
from app.database import StoreUnavailable
from app.desk.agent import Role
from app.main import accounts_of, create_app, encoder_of, persons_of
from app.publisher import publisher_of
from app.search import measuring, model
from app.search.versions import NoIndex
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from fastapi import FastAPI

    from app.search.builder import Built
    from app.search.encoder import Encoder

SHUTDOWN_SECONDS = 10
WORKERS = 6
"""Threads that make pages. Of 40, as anyio has them, all want the interpreter at once, and who writes waits longest."""
SWITCH_SECONDS = 0.0005
"""How long another thread waits for the interpreter: a transaction hands it over with each of its statements."""
HEADER_BYTES = 1_048_576
"""What uvicorn takes before it hangs up without a word; our own limit, which answers 431, is far below."""

AUTHORS = {"check-articles": proofreading.add_options, "preview": preview.add_options, "rehearse": pushing.add_options}
"""What adds the options of commands around what authors do."""

console = Console(stderr=True, highlight=False)


def main(words: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; what stops it is said in one sentence."""
    arguments = parser().parse_args(words)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        return int(arguments.run(settings_from(arguments), arguments))
    except ValidationError as error:
        console.print(*(f"{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors()), sep="\n")
    except (NoIndex, StoreUnavailable, measuring.BadData, model.ModelUnavailable, OSError, ValueError) as error:
        console.print(f"{type(error).__name__}: {error}", markup=False, soft_wrap=True)
    return 1


def parser() -> argparse.ArgumentParser:
    """Return the reader of the command line."""
    root = argparse.ArgumentParser(prog="wegweiser", description="Wegweiser, a self-service knowledge base portal.")
    commands = root.add_subparsers(required=True, metavar="COMMAND")
    for name, run, about in (
        ("serve", serve, "Prepare model and index, start the portal, print its address."),
        ("publish", publish, "Bring articles into the index as soon as they are there; serve starts it by itself."),
        ("prepare-model", prepare_model, "Fetch and unpack the embedding model, if it is not there yet."),
        ("build-index", build_index, "Check the articles and build both indexes."),
        ("check-articles", check_articles, "Tell authors what is wrong or could be better, as path:line."),
        ("preview", show_preview, "Show an article file as it will be seen and found, live while it is saved."),
        ("install-hooks", install_hooks, "Have git check the articles before they are pushed."),
        ("evaluate", evaluate, "Measure search on questions whose answers are known."),
        ("fit", fit, "Fit the weights of ranking and confidence to development sets."),
        ("bench", bench, "Measure building and searching."),
        ("load", load, "Let agents work while tickets come in, and count what is lost."),
        ("rehearse", rehearse, "Push good and bad changes while people search, and kill the builder."),
        ("add-agent", add_agent, "Add one of the staff, give a new password, or let somebody in no longer."),
        ("export-person", export_person, "Write out everything that is kept of a person."),
        ("erase-person", erase_person, "Take a person out of all that is kept; figures stay."),
    ):
        command = commands.add_parser(name, help=about, description=about)
        command.set_defaults(run=run)
        command.add_argument("--articles", type=Path, metavar="DIR", help="article folder in place of ARTICLES")
        if name == "serve":
            command.add_argument("--port", type=int, metavar="N", help="port in place of PORT; 0 takes a free one")
        if name in AUTHORS:
            AUTHORS[name](command)
        if name == "evaluate":
            measuring.add_options(command)
        if name == "fit":
            command.add_argument("--data", type=Path, metavar="DIR", required=True, help="folder of development sets")
            command.add_argument("--general", nargs="*", default=(), metavar="SET", help="sets about everything")
        if name == "bench":
            add_bench_options(command)
        if name == "load":
            desk_load.add_options(command)
        if name == "add-agent":
            add_agent_options(command)
        if name in {"export-person", "erase-person"}:
            handing_over.add_options(command, erases=name == "erase-person")
    return root


def add_bench_options(command: argparse.ArgumentParser) -> None:
    """Add what measures the desk in place of search."""
    command.add_argument("--desk", action="store_true", help="measure the desk, in a portal made for that alone")
    command.add_argument("--desk-articles", type=int, default=5_000, metavar="N", help="articles that are made up")
    command.add_argument("--desk-tickets", type=int, default=20_000, metavar="N", help="tickets that are made up")
    command.add_argument("--rounds", type=int, default=desk_bench.ROUNDS, metavar="N", help="how often each is asked")


def add_agent_options(command: argparse.ArgumentParser) -> None:
    """Add what says who is meant, and what is to be done."""
    command.add_argument("--email", required=True, help="address to sign in with")
    command.add_argument("--name", default="", help="name that colleagues see")
    command.add_argument("--role", choices=[*Role], help="what the agent may do")
    command.add_argument("--password-stdin", action="store_true", help="read the password from the standard input")
    change = command.add_mutually_exclusive_group()
    change.add_argument("--single-sign-on", action="store_true", help="no password: the agent signs in at the provider")
    change.add_argument("--new-password", action="store_true", help="give an agent who is there a new password")
    change.add_argument("--disable", action="store_true", help="let an agent in no longer, and end every session")


def settings_from(arguments: argparse.Namespace) -> Settings:
    """Return the settings of the environment with those of the command line put over them."""
    given = {name: getattr(arguments, name, None) for name in ("articles", "port")}
    return Settings(**{name: value for name, value in given.items() if value is not None})


def serve(settings: Settings, _arguments: argparse.Namespace) -> int:
    """Start the portal and print its address once it answers."""
    settings = settings if settings.port else settings.model_copy(update={"port": free_port(settings.host)})
    encoder = prepared_encoder(settings)
    report(refreshed(settings, encoder))
    server = Server(create_app(settings, encoder), settings)
    with keeper.kept(keeper.command(settings.articles), Publications(settings.data / "publish").note_death):
        server.run()
    return 0


def publish(settings: Settings, _arguments: argparse.Namespace) -> int:
    """Bring articles into the index, again and again, behind everything else that this machine does."""
    keeper.step_back()
    publisher_of(settings, cache(lambda: prepared_encoder(settings)), bar).run(threading.Event())
    return 0


def free_port(host: str) -> int:
    """Return a port nobody listens on; it must be known before the portal is made, which names its own address."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as free:
        free.bind((host, 0))
        return int(free.getsockname()[1])


class Server(uvicorn.Server):
    """uvicorn, telling where it listens as soon as it does."""

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        super().__init__(uvicorn.Config(
            app, host=settings.host, port=settings.port, log_level="warning", http="h11", ws="none",
            server_header=False, proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=settings.trusted_proxies, h11_max_incomplete_event_size=HEADER_BYTES,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        ))  # fmt: skip

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say where."""
        current_default_thread_limiter().total_tokens = WORKERS
        sys.setswitchinterval(SWITCH_SECONDS)
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            print(f"Wegweiser is ready: http://{host}:{port}", flush=True)


def prepare_model(settings: Settings, _arguments: argparse.Namespace) -> int:
    """Fetch and unpack the default model; ModelUnavailable when it cannot be had."""
    model.prepare(settings.index / "model", console.print)
    return 0


def build_index(settings: Settings, _arguments: argparse.Namespace) -> int:
    """Build both indexes."""
    built = refreshed(settings, prepared_encoder(settings))
    report(built)
    return 0 if built else 1


def check_articles(settings: Settings, arguments: argparse.Namespace) -> int:
    """Print every finding; 1 when one of them is an error."""
    reader = proofreading.Proofreader(
        settings.articles, settings.index, settings.default_language, (settings.site_phone, settings.site_mail),
        datetime.now(UTC).date(), lambda: prepared_encoder(settings), bar, say,
    )  # fmt: skip
    return reader.run(arguments)


def show_preview(settings: Settings, arguments: argparse.Namespace) -> int:
    """Serve the preview of one file, on this machine only, until it is ended."""
    port = settings.port or free_port(preview.HOST)
    settings = settings.model_copy(update={"host": preview.HOST, "port": port, "trusted_proxies": ""})
    watched = preview.preview_of(settings, arguments.file, lambda: prepared_encoder(settings))
    Server(preview.create_preview(settings, watched), settings).run()
    return 0


def install_hooks(settings: Settings, _arguments: argparse.Namespace) -> int:
    """Put the hook into the repository of the articles; 1 when somebody must do it by hand."""
    return hooks.install(settings.articles, say)


def say(line: str) -> None:
    """Tell a line as it is: paths are not wrapped, and brackets are no marks."""
    console.print(line, markup=False, soft_wrap=True)


def evaluate(settings: Settings, arguments: argparse.Namespace) -> int:
    """Print the tables of search quality."""
    with bar("Asking") as progress:
        return measuring.evaluate(settings.index, prepared_encoder(settings), arguments, progress)


def fit(settings: Settings, arguments: argparse.Namespace) -> int:
    """Write the weights that fit the development sets best, and print how such weights do on sets left out."""
    encoder = prepared_encoder(settings)
    if encoder is None:
        raise model.ModelUnavailable("Weights are fitted with a model only. Set EMBEDDING_MODEL, or leave it empty.")
    with bar("Asking") as progress:
        measuring.fit(settings.index / "evaluate" / "fit", encoder, arguments.data, arguments.general, progress)
    return 0


def load(settings: Settings, arguments: argparse.Namespace) -> int:
    """Let agents work while tickets come in, and say what was lost; 0 when nothing was."""
    given = desk_load.Load(arguments.agents, arguments.tickets, arguments.seconds, arguments.pause)
    return desk_load.load_desk(settings, given, arguments.database)


def rehearse(settings: Settings, arguments: argparse.Namespace) -> int:
    """Push changes to a portal made for that alone, then kill a builder again and again; 0 when all went well."""
    pushed = arguments.pushes and pushing.rehearse_pushes(
        settings, arguments.pushes, arguments.readers, model=arguments.model
    )
    return int(pushed or (arguments.kills and killing.rehearse_kills(settings, arguments.kills)))


def bench(settings: Settings, arguments: argparse.Namespace) -> int:
    """Print how long building and searching take, or what agents wait for at the desk."""
    if arguments.desk:
        return desk_bench.bench_desk(settings, arguments.desk_articles, arguments.desk_tickets, arguments.rounds)
    library = read_library(settings.articles, default_language=settings.default_language)
    return measuring.bench(library, prepared_encoder(settings))


def add_agent(settings: Settings, arguments: argparse.Namespace) -> int:
    """Add an agent, or change one; BadAgent, AddressTaken or UnknownAgent when it cannot be done."""
    accounts = accounts_of(settings)
    if arguments.disable:
        accounts.disable(arguments.email)
        console.print(f"{arguments.email} is let in no longer.", markup=False)
    elif arguments.new_password:
        accounts.change_password(arguments.email, given_password(arguments))
        console.print(f"{arguments.email} has a new password, and must sign in again.", markup=False)
    elif arguments.role is None:
        raise ValueError(f"A new agent needs a role. Give --role with one of {', '.join(Role)}.")
    else:
        role = Role(arguments.role)
        password = None if arguments.single_sign_on else given_password(arguments)
        agent = accounts.add(arguments.name, arguments.email, role, password)
        where = " at the provider of OIDC_ISSUER" if arguments.single_sign_on else ""
        console.print(f"{agent.name} ({agent.role}) can sign in as {agent.email}{where}.", markup=False)
    return 0


def export_person(settings: Settings, arguments: argparse.Namespace) -> int:
    """Print what is kept of a person as JSON, or write it into a folder with the files."""
    with persons_of(settings) as persons:
        return handing_over.export(persons, settings.data / "attachments", arguments)


def erase_person(settings: Settings, arguments: argparse.Namespace) -> int:
    """Say what will be erased, ask, and erase; StillOpen where somebody works on it."""
    with persons_of(settings) as persons:
        return handing_over.erase(persons, console, arguments)


def given_password(arguments: argparse.Namespace) -> str:
    """Return the password: asked for twice at a terminal, and otherwise one line of the standard input."""
    if arguments.password_stdin or not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise ValueError("The two passwords are not the same. Start again.")
    return password


def prepared_encoder(settings: Settings) -> Encoder | None:
    """Return the encoder; without one the portal serves by keywords, and says why."""
    try:
        if not settings.embedding_model:
            model.prepare(settings.index / "model", console.print)
        return encoder_of(settings)
    except (model.ModelUnavailable, OSError, ValueError, ImportError) as error:
        console.print(f"No embedding model, search is by words only: {error}", style="yellow", markup=False)
        return None


def refreshed(settings: Settings, encoder: Encoder | None) -> Built | None:
    """Fetch and read the articles and build what changed; where that fails, the last good version goes on."""
    publisher = publisher_of(settings, lambda: encoder, bar)
    built = publisher.publish(always=True)
    if failure := publisher.publications.read().failure:
        what = "index could not be built" if failure.trouble is Trouble.BUILD else "articles could not be fetched"
        console.print(f"The {what}: {failure.detail}", style="yellow", markup=False)
    return built


def report(built: Built | None) -> None:
    """Say what a build came to."""
    if built is None:
        return
    for fault in built.faults:
        console.print(str(fault), style="" if fault.hint else "yellow", markup=False)
    state = "new" if built.fresh else "unchanged"
    console.print(f"{built.articles} articles, {built.passages} passages, {built.encoded} read anew, index {state}.")


@contextmanager
def bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar with the time left, as soon as there is something to show."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


if __name__ == "__main__":
    sys.exit(main())
