"""Content stored as it is, and what failures leave behind."""

from __future__ import annotations

import errno
import io
import os
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from branchbook import BranchbookError, formats


def round_trip(obj: Any, path: Path, trusted: bool = False) -> Any:
    [(file, facts)] = formats.save(obj, path)
    return formats.load(file, path.name, facts, trusted)


def test_content_as_it_is(tmp_path: Path) -> None:
    assert round_trip(b"\x00\x01", tmp_path / "a.bin") == b"\x00\x01"
    assert round_trip("two\nlines\n", tmp_path / "a.md") == "two\nlines\n"
    assert round_trip("short", tmp_path / "b.md") == "short"


def test_open_files_are_stored_whole(tmp_path: Path) -> None:
    stream = io.BytesIO(b"abc")
    stream.seek(2)
    [(file, _)] = formats.save(stream, tmp_path / "a.bin")
    assert file.read_bytes() == b"abc" and stream.tell() == 2
    with (tmp_path / "work.txt").open("w+") as work:
        work.write("unflushed")
        [(file, _)] = formats.save(work, tmp_path / "b.txt")
    assert file.read_bytes() == b"unflushed"


def test_unreadable_streams_are_refused(tmp_path: Path) -> None:
    with (tmp_path / "w.txt").open("w") as work, pytest.raises(BranchbookError, match="writing only"):
        formats.save(work, tmp_path / "a.txt")
    with pytest.raises(BranchbookError, match="closed"):
        formats.save(work, tmp_path / "a.txt")
    assert not (tmp_path / "a.txt").exists()


def test_a_missing_library_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.parquet"
    formats.save(pd.DataFrame({"a": [1]}), path)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    for attempt in (
        lambda: formats.save(pd.DataFrame({"a": [1]}), path),
        lambda: formats.load(path, "a.parquet", {"type": "pandas"}, False),
    ):
        with pytest.raises(BranchbookError, match=r"not installed.*pyarrow\.parquet"):
            attempt()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EIO])
def test_disk_failures_are_named_and_leave_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    path = tmp_path / "a.json"
    formats.save({"a": 1}, path)

    def fail(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(BranchbookError) as caught:
        formats.save({"a": 2}, path)
    names = {errno.ENOSPC: "DISK_FULL", errno.EACCES: "PERMISSION_DENIED", errno.EIO: "IO"}
    assert caught.value.code == names[code]
    assert path.read_text() == '{\n  "a": 1\n}\n' and os.listdir(tmp_path) == ["a.json"]


def test_paths_are_copied_and_folders_are_one_file_each(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "deep").mkdir(parents=True)
    (source / "a.txt").write_text("a")
    (source / "deep" / "b.txt").write_text("b")
    (source / "link").symlink_to("/etc/passwd")
    saved = [file.relative_to(tmp_path).as_posix() for file, _ in formats.save(source, tmp_path / "target")]
    assert saved == ["target/a.txt", "target/deep/b.txt", "target/link"]
    assert (tmp_path / "target" / "link").is_symlink()
    [(same, _)] = formats.save(str(source / "a.txt"), source / "a.txt")
    assert same.read_text() == "a"
    for missing in ("no/such.csv", Path("nothing")):
        with pytest.raises(BranchbookError) as caught:
            formats.save(missing, tmp_path / "x.csv")
        assert caught.value.code == "PATH_UNKNOWN"


def test_a_failure_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    formats.save(pd.DataFrame({"a": [1]}), path)
    before = path.read_bytes()
    with pytest.raises(BranchbookError, match=r"cannot be written as \.parquet"):
        formats.save(pd.DataFrame({"a": [1, "x", object()]}), path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.parquet"]


def test_permissions_of_a_replaced_file_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("{}")
    path.chmod(0o640)
    formats.save({"a": 1}, path)
    assert path.stat().st_mode & 0o777 == 0o640


def test_unsuitable_suffix_names_the_suitable_ones(tmp_path: Path) -> None:
    with pytest.raises(BranchbookError) as caught:
        formats.save(pd.DataFrame(), tmp_path / "a.png")
    assert caught.value.code == "USAGE"
    assert ".parquet" in caught.value.hint


def test_unknown_content_stays_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.xyz"
    path.write_bytes(b"?")
    assert formats.load(path, "a.xyz", None, False) == path
    assert formats.load(path, "notes.md", None, False) == "?"
