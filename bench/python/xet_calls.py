"""hf-xet's chunker and hashes: nothing is stored."""

from importlib.metadata import version as version_of

import hf_xet
from serve import serve


def version() -> str:
    return version_of("hf-xet")


def hash_files(paths: list[str]) -> None:
    hf_xet.hash_files(paths)


serve(version, hash_files)
