"""The `%bb` line: how it is read, shown and completed. The core is a recorder here; test_story.py uses the real one."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from IPython.core.error import UsageError

import branchbook as bb
from branchbook import _core
from branchbook.progress import Progress, describe
from branchbook.results import Result


def snapshot_result(path: str = "data/a.parquet") -> dict[str, Any]:
    facts = {"path": path, "type": "pandas", "rows": 1234, "columns": 5}
    return {
        "snapshot": {
            "id": "3f2c1ab" + "0" * 33,
            "subject": "clean",
            "message": "clean",
            "author": {"name": "Ada", "email": "ada@example.org"},
            "time": "2026-11-21T10:00:00+00:00",
            "provenance": {},
        },
        "branch": "main",
        "changes": [{"path": path, "kind": "modified", "asset": True, "size": 2000}],
        "assets": [
            {
                "path": path,
                "sha256": "0" * 64,
                "size": 2_000_000,
                "newBytes": 1500,
                "previous": {"size": 1_900_000, "facts": {**facts, "rows": 1200}},
                "facts": facts,
            }
        ],
        "notices": [],
        "milliseconds": 12,
    }


class RecordingCore:
    """Answers every request with what the test prepared, and remembers it."""

    def __init__(self) -> None:
        self.operations: list[tuple[str, str, dict[str, Any]]] = []
        self.commands: list[tuple[list[str], str]] = []
        self.results: dict[str, Any] = {"snapshot": snapshot_result()}
        self.answer: dict[str, Any] = {"exitCode": 0, "stdout": "", "stderr": "", "result": None, "error": None}

    def operation(self, verb: str, project: str, args: dict[str, Any], **_: Any) -> dict[str, Any]:
        self.operations.append((verb, project, args))
        result = self.results[verb]
        if isinstance(result, BaseException):
            raise result
        return result

    def command(self, argv: list[str], cwd: str, **_: Any) -> dict[str, Any]:
        self.commands.append((argv, cwd))
        return self.answer


@pytest.fixture
def core(monkeypatch: pytest.MonkeyPatch) -> RecordingCore:
    recording = RecordingCore()
    monkeypatch.setattr(_core, "ensure_core", lambda: recording)
    return recording


def failed(shell: Any, code: str) -> BaseException:
    outcome = shell.run_cell(code)
    assert outcome.error_in_exec is not None
    return outcome.error_in_exec


# ------------------------------------------------------------------------------------------------ snapshot


def test_snapshot_of_a_variable(shell: Any, core: RecordingCore, repository: Path) -> None:
    shell.user_ns["df"] = pd.DataFrame({"a": [1, 2]})
    result = shell.run_line_magic("bb", 'snapshot df data/a.parquet -m "two words"')
    [(verb, folder, args)] = core.operations
    assert (verb, folder) == ("snapshot", str(repository))
    assert args["paths"] == ["data/a.parquet"] and args["message"] == "two words"
    assert args["facts"] == [{"path": "data/a.parquet", "type": "pandas", "rows": 2, "columns": 1}]
    assert args["provenance"]["libraries"]["pandas"] == pd.__version__
    assert pd.read_parquet(repository / "data/a.parquet").equals(shell.user_ns["df"])
    assert result.snapshot.id.startswith("3f2c1ab") and result.assets[0].new_bytes == 1500


def test_snapshot_of_an_attribute(shell: Any, core: RecordingCore, repository: Path) -> None:
    shell.run_cell("import types\nrun = types.SimpleNamespace(scores={'auc': 0.5})")
    shell.run_line_magic("bb", "snapshot run.scores metrics/run.json")
    assert (repository / "metrics/run.json").read_text() == '{\n  "auc": 0.5\n}\n'


def test_snapshot_of_files_keeps_provenance(shell: Any, core: RecordingCore, repository: Path) -> None:
    (repository / "my data").mkdir()
    shell.run_line_magic("bb", "snapshot 'my data' -m x")
    shell.run_line_magic("bb", "snapshot")
    assert [args["paths"] for _, _, args in core.operations] == [["my data"], []]
    assert all("kernel" in args["provenance"] for _, _, args in core.operations)


def test_paths_start_from_the_working_folder(
    shell: Any, core: RecordingCore, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "notebooks").mkdir()
    monkeypatch.chdir(repository / "notebooks")
    shell.user_ns["x"] = np.arange(3)
    shell.run_line_magic("bb", "snapshot x ../data/x.npy")
    assert core.operations[0][2]["paths"] == ["data/x.npy"]
    assert (repository / "data/x.npy").exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("snapshot df", "Where should df be stored"),
        ("snapshot dff data/a.parquet", "no variable and no file called 'dff'"),
        ("snapshot both other", "variable and also a file"),
        ("snapshot df data/a.parquet --nonsense", "--nonsense"),
        ("snapshot df 'data/a.parquet", "quot"),
        ("get", "required"),
        ("get a@main --as 1x", "cannot be the name"),
        ("get a@main --as class", "cannot be the name"),
    ],
)
def test_usage_errors_say_what_to_write(
    shell: Any, core: RecordingCore, repository: Path, line: str, words: str
) -> None:
    shell.user_ns.update(df=pd.DataFrame(), both=1)
    (repository / "both").touch()
    (repository / "other").touch()
    with pytest.raises(UsageError, match=words):
        shell.run_line_magic("bb", line)
    assert core.operations == core.commands == []


@pytest.mark.parametrize("path", ["../out.parquet", "/tmp/out.parquet", ".git/x.parquet", "data/../../out.parquet"])
def test_paths_outside_the_project_are_refused(shell: Any, core: RecordingCore, repository: Path, path: str) -> None:
    shell.user_ns["df"] = pd.DataFrame({"a": [1]})
    error = failed(shell, f"%bb snapshot df {path}")
    assert isinstance(error, bb.BranchbookError) and error.code == "PATH_UNSAFE"
    assert core.operations == []
    assert not (repository.parent / "out.parquet").exists()


def test_a_link_out_of_the_project_is_not_followed(shell: Any, core: RecordingCore, repository: Path) -> None:
    outside = repository.parent / "outside"
    outside.mkdir()
    (repository / "data").symlink_to(outside)
    shell.user_ns["df"] = pd.DataFrame({"a": [1]})
    assert failed(shell, "%bb snapshot df data/a.parquet").code == "PATH_UNSAFE"
    assert list(outside.iterdir()) == []


def test_an_unchanged_object_is_no_failure(shell: Any, core: RecordingCore, repository: Path) -> None:
    version = {**snapshot_result()["snapshot"], "path": "a.json"}
    core.results = {
        "snapshot": bb.BranchbookError("NOTHING_TO_SNAPSHOT", "Nothing changed."),
        "versions": {"path": "a.json", "versions": [version]},
        "status": {"branch": "main"},
    }
    shell.user_ns["m"] = {"a": 1}
    result = shell.run_line_magic("bb", "snapshot m a.json")
    assert result.snapshot.id == version["id"] and len(result.changes) == 0
    assert "No change since snapshot 3f2c1ab" in repr(result)


# -------------------------------------------------------------------------------------------- other verbs


def test_other_verbs_go_through_the_command_line(shell: Any, core: RecordingCore, repository: Path) -> None:
    shell.user_ns["name"] = "experiment one"
    shell.run_line_magic("bb", "merge {name} --into 'prod x' ")
    shell.run_line_magic("branchbook", "show data/a.parquet@{2026-11-01}")
    shell.run_line_magic("bb", "show {unknown}")
    shell.run_line_magic("bb", "")
    assert [argv for argv, _ in core.commands] == [
        ["merge", "experiment one", "--into", "prod x"],
        ["show", "data/a.parquet@{2026-11-01}"],
        ["show", "{unknown}"],
        ["--help"],
    ]
    assert {cwd for _, cwd in core.commands} == {str(repository)}


def test_switch_warns_about_variables(shell: Any, core: RecordingCore, repository: Path) -> None:
    switched = {"from": "main", "to": "prod", "commit": "a" * 40, "parked": None, "milliseconds": 3}
    switched.update(changed=["a"], added=[], removed=[], carried=[], notices=[])
    core.answer["result"] = switched
    assert "variables" not in repr(shell.run_line_magic("bb", "switch prod"))
    shell.run_cell("model = 1")
    assert "still hold what you made on main" in repr(shell.run_line_magic("bb", "switch prod"))


def test_a_failure_is_one_message(shell: Any, core: RecordingCore, repository: Path, capsys: Any) -> None:
    error = {"code": "BRANCH_UNKNOWN", "message": "There is no branch \x1b[2J'x'.", "data": {}, "hint": "Look again."}
    core.answer.update(exitCode=1, error=error)
    assert failed(shell, "%bb switch x").code == "BRANCH_UNKNOWN"
    printed = capsys.readouterr().out
    assert printed.strip() == "BRANCH_UNKNOWN: There is no branch \\x1b[2J'x'.\nLook again."
    failed(shell, "%bb --verbose switch x")
    assert "Traceback" in capsys.readouterr().out


HINTS = [
    ("Bring it first: `branchbook pull`.", "Bring it first: `%bb pull`."),
    ("`branchbook get a.csv` or `branchbook restore .`", "`%bb get a.csv` or `%bb restore .`"),
    # What no cell can run.
    ("Use a hub: `branchbook hub` starts one.", "Use a hub: `branchbook hub` starts one."),
    ("Pipe it in: `branchbook login … --token < token.txt`.", "Pipe it in: `branchbook login … --token < token.txt`."),
]


@pytest.mark.parametrize(("said", "shown"), HINTS)
def test_hints_name_what_can_be_typed_in_a_cell(
    shell: Any, core: RecordingCore, repository: Path, capsys: Any, said: str, shown: str
) -> None:
    error = bb.BranchbookError("PUSH_REJECTED", "It moved.", hint=said)
    core.answer.update(exitCode=1, error=error.to_json())
    assert failed(shell, "%bb push").hint == said
    assert capsys.readouterr().out.splitlines()[-1] == shown
    assert str(error) == f"It moved. {shown}"
    result = Result("snapshot", {**snapshot_result(), "notices": [said]})
    assert shown in repr(result)
    assert escape(shown) in result._repr_html_()


def test_outside_notebooks_commands_have_their_full_name() -> None:
    for said, _ in HINTS:
        assert str(bb.BranchbookError("PUSH_REJECTED", "It moved.", hint=said)) == f"It moved. {said}"


def test_what_the_parser_refuses_is_a_usage_error(shell: Any, core: RecordingCore, repository: Path) -> None:
    core.answer.update(exitCode=2, stderr="error: unknown option '--x'\n")
    with pytest.raises(UsageError, match="unknown option '--x'"):
        shell.run_line_magic("bb", "switch --x")


def test_get_puts_the_object_into_a_variable(shell: Any, core: RecordingCore, repository: Path, tmp_path: Path) -> None:
    copy = tmp_path / "content"
    copy.write_text('{"a": 1}')
    got = {"path": "m.json", "file": str(copy), "size": 8, "snapshot": "a" * 40, "facts": None, "trusted": False}
    core.results["get"] = got
    assert shell.run_line_magic("bb", "get m.json@main~2 --as old") is None
    assert shell.user_ns["old"] == {"a": 1}
    assert shell.run_line_magic("bb", "get m.json@main~2") == {"a": 1}
    assert core.operations[0][2] == {"address": "m.json@main~2"}


def test_reload_and_unload(shell: Any) -> None:
    shell.run_line_magic("reload_ext", "branchbook")
    assert len(shell.Completer.custom_matchers) == 1
    shell.run_line_magic("unload_ext", "branchbook")
    assert "bb" not in shell.magics_manager.magics["line"] and shell.Completer.custom_matchers == []
    shell.run_line_magic("load_ext", "branchbook")


# ------------------------------------------------------------------------------------------------ display

HOSTILE = "<img src=x onerror=alert(1)>\"'&\x1b[31m\u202e.parquet"


def test_names_cannot_inject_html_or_control_characters(shell: Any, core: RecordingCore, repository: Path) -> None:
    data = snapshot_result(HOSTILE)
    data["snapshot"]["subject"] = data["branch"] = data["snapshot"]["author"]["name"] = HOSTILE
    data["notices"] = [HOSTILE]
    core.results["snapshot"] = data
    result = shell.run_line_magic("bb", "snapshot")
    html = result._repr_html_()
    assert "<img" not in html and "&lt;img" in html
    for text in (html, repr(result)):
        assert "\x1b" not in text and "\u202e" not in text


def test_snapshot_display_says_it_all(shell: Any, core: RecordingCore, repository: Path) -> None:
    result = shell.run_line_magic("bb", "snapshot")
    bundle = result._repr_mimebundle_()
    assert bundle["application/vnd.branchbook.snapshot+json"] == core.results["snapshot"]
    for form in ("text/plain", "text/html"):
        for words in ("3f2c1ab", "main", "1,234 rows × 5 columns", "2 MB", "1.5 kB", "+34 rows, +100 kB", "12 ms"):
            assert words in bundle[form]
    assert "var(--jp-" in bundle["text/html"]


def test_results_are_read_only(shell: Any, core: RecordingCore, repository: Path) -> None:
    result = shell.run_line_magic("bb", "snapshot")
    with pytest.raises(AttributeError, match="read-only"):
        result.branch = "x"
    copy = result.to_dict()
    copy["snapshot"]["id"] = "x"
    assert result.snapshot.id != "x"
    assert "new_bytes" in dir(result.assets[0])
    with pytest.raises(AttributeError, match="there are: assets, branch"):
        _ = result.nothing


class _Sink:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def show(self, line: Any, text: str) -> None:
        self.lines.append(text)

    def end(self, text: str) -> None:
        self.lines.append(text)


def test_progress_waits_a_second_and_then_is_sparing() -> None:
    now, sink = [0.0], _Sink()
    line = {"type": "progress", "phase": "reading", "done": 5, "total": 10, "unit": "files"}
    with Progress("snapshot", sink, lambda: now[0]) as shown_progress:
        for step in range(30):
            now[0] = step / 20
            shown_progress.update(line)
        now[0] = 1.5
    shown = "snapshot: reading, 5 of 10 files (50 %)"
    assert sink.lines == [shown, shown, shown, "snapshot: done after 1.5 s"]


def test_progress_tells_the_speed_and_the_time_left() -> None:
    now, sink = [0.0], _Sink()
    with Progress("snapshot", sink, lambda: now[0]) as shown_progress:
        for step in (0, 2, 3):
            now[0] = float(step)
            line = {"phase": "storing", "path": "a", "done": step * 10**6, "total": 9 * 10**6, "unit": "bytes"}
            shown_progress.update(line)
        shown_progress.update({**line, "path": "b"})
    assert sink.lines[:2] == [
        "snapshot: storing a, 2 MB of 9 MB (22 %), 1 MB/s, 7 s left",
        "snapshot: storing a, 3 MB of 9 MB (33 %), 1 MB/s, 6 s left",
    ]


def test_a_short_operation_shows_nothing() -> None:
    sink = _Sink()
    with Progress("status", sink) as short:
        short.update({"phase": "reading", "done": 1, "total": None, "unit": "bytes"})
    assert sink.lines == []


def test_progress_words() -> None:
    line = {"phase": "storing", "path": "a\x1b.csv", "done": 1_200_000, "total": 3_000_000, "unit": "bytes"}
    assert describe(line) == "storing a\\x1b.csv, 1.2 MB of 3 MB (40 %)"
