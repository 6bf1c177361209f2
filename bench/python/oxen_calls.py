"""Oxen through its Python package, which has no command line. The process is warm: that is in Oxen's favour."""

from importlib.metadata import version as version_of

import oxen
from serve import serve


def version() -> str:
    oxen.user.config_user("Bench", "bench@example.org")
    return version_of("oxenai")


def prepare(project: str) -> None:
    oxen.Repo(project).init()


def add(project: str, paths: list[str], message: str) -> None:
    repo = oxen.Repo(project)
    for path in paths:
        repo.add(f"{project}/{path}")
    repo.commit(message)


def checkout(project: str, branch: str, create: bool) -> None:
    oxen.Repo(project).checkout(branch, create=create)


serve(version, prepare, add, checkout)
