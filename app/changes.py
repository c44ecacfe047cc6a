"""Changes: what authors push, good and bad, each together with what must come of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.git_server import Repository, run

HUGE = 300_000
"""Bytes: more than an article may have."""
SYLLABLES = ("ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "zu")
"""One for each digit: words that no article and no language has, so that they find one article only."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What must come of a change, besides the good article that is pushed together with it."""

    told: tuple[str, ...] = ()
    """What the page of the version must say."""
    served: Mapping[str, str] = field(default_factory=dict)
    """Slug → word that must stand on its page."""
    gone: str = ""
    """Slug that must be nowhere."""
    force: bool = False
    """Whether it can be pushed by force only."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Where an author makes one change: the files, and the article of the change before."""

    repository: Repository
    number: int
    """From 1; number 0 is there from the start."""

    @property
    def before(self) -> str:
        """Slug of the article that the change before brought, and that is live."""
        return slug_of(self.number - 1)

    @property
    def word(self) -> str:
        """What must be served once the change is live, if the change is a good one."""
        return f"{spoken(self.number)}neu"

    @property
    def bad(self) -> str:
        """What must never be served."""
        return bad_of(self.number)

    @property
    def keeps(self) -> Mapping[str, str]:
        """What a bad edit of the article before leaves as it is."""
        return {self.before: word_of(self.number - 1)}

    def write(self, path: str, text: str, newline: str = "\n") -> str:
        """Write a file below articles/public/, and return its path as faults name it."""
        file = self.repository.work / "articles" / "public" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline=newline)
        return f"public/{path}"

    def spoil(self, text: str) -> str:
        """Write a text in place of the article before."""
        return self.write(f"probe/{self.before}.md", text)


def spoken(number: int) -> str:
    """Return a word for a number below 10,000."""
    return "".join(SYLLABLES[int(digit)] for digit in f"{number:04d}")


def slug_of(number: int) -> str:
    """Return the slug of the good article of a change."""
    return f"probe-{number}"


def word_of(number: int) -> str:
    """Return the word in its title that finds it."""
    return f"{spoken(number)}tor"


def bad_of(number: int) -> str:
    """Return the word that stands in everything bad about a change."""
    return f"{spoken(number)}xan"


def article(title: str, text: str = "Text.", more: str = "") -> str:
    """Return the text of an article file; `more` are further lines of its front matter."""
    return f"---\ntitle: {title}\n{more}---\n{text}\n"


def good(_edit: Edit) -> Outcome:
    """Push nothing but the good article."""
    return Outcome()


def edited(edit: Edit) -> Outcome:
    """Change an article that is there."""
    edit.spoil(article(f"Probe {word_of(edit.number - 1)}", edit.word))
    return Outcome(served={edit.before: edit.word})


def removed(edit: Edit) -> Outcome:
    """Take an article away."""
    (edit.repository.work / "articles/public/probe" / f"{edit.before}.md").unlink()
    return Outcome(gone=edit.before)


def windows(edit: Edit) -> Outcome:
    """Save an article with Windows line ends, which are as good as others."""
    edit.write(f"probe/{edit.before}.md", article(f"Probe {word_of(edit.number - 1)}", edit.word), newline="\r\n")
    return Outcome(served={edit.before: edit.word})


def related(edit: Edit) -> Outcome:
    """Write two articles that name each other as related, which they may."""
    return Outcome(served=_pair(edit, "related"))


def redirected(edit: Edit) -> Outcome:
    """Let two articles redirect to each other."""
    served = _pair(edit, "redirects")
    return Outcome(("is the slug of",), served)


def _pair(edit: Edit, field_name: str) -> dict[str, str]:
    one, other = f"ring-{edit.number}-a", f"ring-{edit.number}-b"
    for slug, partner in ((one, other), (other, one)):
        edit.write(f"probe/{slug}.md", article(f"Ring {slug}", edit.word, f"{field_name}: [{partner}]\n"))
    return {one: edit.word, other: edit.word}


def conflict(edit: Edit) -> Outcome:
    """Leave the marks of a merge conflict."""
    path = edit.spoil(article(edit.bad, f"<<<<<<< HEAD\n{edit.bad}\n=======\n{edit.bad}\n>>>>>>> other"))
    return Outcome((path, "merge conflict"), edit.keeps)


def half(edit: Edit) -> Outcome:
    """Push a file that was saved in the middle of a word."""
    return Outcome((edit.spoil(f"---\ntitle: {edit.bad}\nsumma"),), edit.keeps)


def unclosed(edit: Edit) -> Outcome:
    """Forget to close what only agents may read."""
    path = edit.spoil(article(edit.bad, f"Text.\n\n::: intern\n{edit.bad}"))
    return Outcome((path,), edit.keeps)


def tabs(edit: Edit) -> Outcome:
    """Indent YAML by tabs."""
    path = edit.spoil(article(edit.bad, edit.bad, f"questions:\n\t- {edit.bad}\n"))
    return Outcome((path, "there is a tab"), edit.keeps)


def huge(edit: Edit) -> Outcome:
    """Push a file that is no article any more."""
    path = edit.spoil(article(edit.bad, f"{edit.bad} " * (HUGE // len(edit.bad))))
    return Outcome((path, "larger than"), edit.keeps)


def latin(edit: Edit) -> Outcome:
    """Save in an encoding of the last century."""
    path = edit.spoil("")
    (edit.repository.work / "articles" / path).write_bytes(article(edit.bad, "größer").encode("latin-1"))
    return Outcome((path, "not UTF-8"), edit.keeps)


def in_capitals(edit: Edit) -> Outcome:
    """Add a file whose name differs from an article's only in case, and sorts before it."""
    path = edit.write(f"probe/{edit.before.capitalize()}.md", article(edit.bad, edit.bad))
    return Outcome((path, "only in case"), edit.keeps)


def doubled(edit: Edit) -> Outcome:
    """Use a slug that is taken, in a folder that sorts before the one that has it."""
    path = edit.write(f"anderswo/{edit.before}.md", article(edit.bad, edit.bad))
    return Outcome((path, "is already in"), edit.keeps)


def linked(edit: Edit) -> Outcome:
    """Link to a file outside of the articles."""
    outside = edit.repository.work / "geheim.md"
    outside.write_text(article(edit.bad, edit.bad), encoding="utf-8")
    (edit.repository.work / "articles/public/probe" / f"link-{edit.number}.md").symlink_to(outside)
    return Outcome((f"link-{edit.number}.md", "symbolic link"))


def submodule(edit: Edit) -> Outcome:
    """Put another repository inside."""
    inner = edit.repository.work / "articles/public" / f"fremd-{edit.number}"
    edit.write(f"fremd-{edit.number}/fremd.md", article(edit.bad, edit.bad))
    signed = ("-c", "user.name=Mia Weber", "-c", "user.email=mia@example.org")
    for words in (("init", "-q"), ("add", "-A"), (*signed, "commit", "-q", "-m", "x")):
        run("-C", str(inner), *words)
    return Outcome((inner.name, "submodule"))


def confidential(edit: Edit) -> Outcome:
    """Write for agents only, which is no mistake, and must reach no customer."""
    file = edit.repository.work / "articles/internal/probe" / f"intern-{edit.number}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(article(edit.bad, edit.bad), encoding="utf-8")
    return Outcome()


def amended(edit: Edit) -> Outcome:
    """Change the last commit, and push that by force."""
    edit.repository.git("commit", "-q", "--amend", "-m", "anders")
    return Outcome(("force-push",), force=True)


def rewritten(edit: Edit) -> Outcome:
    """Begin a history anew, under those who read it."""
    edit.repository.git("checkout", "-q", "--orphan", f"neu-{edit.number}")
    return Outcome(("force-push",), force=True)


KINDS: Mapping[str, Callable[[Edit], Outcome]] = {
    "new article": good, "edited": edited, "conflict marks": conflict, "Windows line ends": windows,
    "half a file": half, "force-push": amended, "unclosed intern": unclosed, "tabs in YAML": tabs,
    "circular relations": related, "huge file": huge, "removed": removed, "not UTF-8": latin,
    "names differing in case": in_capitals, "history rewritten": rewritten, "slug twice": doubled,
    "circular redirects": redirected, "symbolic link": linked, "submodule": submodule, "internal": confidential,
}  # fmt: skip
"""What a change is called in the report → how it is made."""


def make(repository: Repository, kind: str, number: int) -> Outcome:
    """Make one change and the good article that comes with it; nothing is committed yet."""
    edit = Edit(repository, number)
    outcome = KINDS[kind](edit)
    edit.write(f"probe/{slug_of(number)}.md", article(f"Probe {word_of(number)}"))
    return outcome
