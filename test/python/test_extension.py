"""The server extension against a core that does as it is told."""

from __future__ import annotations

import asyncio
import json
import os
import re
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from fake_core import Exchange, FakeCore
from jupyter_server.auth import Authorizer
from jupyter_server.utils import JupyterServerAuthWarning
from tornado.httpclient import HTTPClientError

from branchbook import _connection, extension, located
from branchbook.errors import BranchbookError
from branchbook.handlers import READ_VERBS

pytest_plugins = ["pytest_jupyter.jupyter_server"]

API = "branchbook/api"


class Viewer(Authorizer):
    """Lets everybody read and nobody write."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        """True for reading."""
        return action == "read"


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    """The extension, and a check that no handler forgets to authenticate."""
    return {"ServerApp": {"jpserver_extensions": {"branchbook": True}, "allow_unauthenticated_access": False}}


@pytest.fixture
def core(jp_serverapp: Any, jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[FakeCore]:
    """The core that the server under test talks to."""
    with tempfile.TemporaryDirectory(prefix="bb-") as folder:
        fake = FakeCore(Path(folder, "core.sock"))
        jp_asyncio_loop.run_until_complete(fake.start())
        connection = jp_serverapp.web_app.settings["branchbook_connection"]
        connection._ensure = fake.ensure
        yield fake
        jp_asyncio_loop.run_until_complete(connection.close())
        jp_asyncio_loop.run_until_complete(fake.stop())


@pytest.fixture
def operate(jp_fetch: Any) -> Any:
    """Run a verb through the server."""

    async def run(verb: str, path: str = "", args: dict[str, Any] | None = None, **options: Any) -> list[Any]:
        body = json.dumps({"path": path, "args": args or {}})
        response = await jp_fetch(API, "operation", verb, method="POST", body=body, **options)
        return [json.loads(line) for line in response.body.splitlines() if line]

    return run


def error_of(failure: pytest.ExceptionInfo[HTTPClientError]) -> tuple[int, str]:
    response = failure.value.response
    assert response is not None
    return response.code, json.loads(response.body)["error"]["code"]


# ------------------------------------------------------------------------------------------------- who may


@pytest.mark.parametrize(
    ("method", "route"),
    [
        ("GET", "health"),
        ("GET", "project?path="),
        ("GET", "file?address=a@b"),
        ("POST", "operation/status"),
        ("POST", "operation/snapshot"),
    ],
)
async def test_strangers_are_turned_away(
    method: str, route: str, core: FakeCore, http_server_client: Any, jp_base_url: str
) -> None:
    body = '{"path": "", "args": {}}' if method == "POST" else None
    with pytest.raises(HTTPClientError) as failure:
        await http_server_client.fetch(f"{jp_base_url}{API}/{route}", method=method, body=body, follow_redirects=False)
    assert failure.value.code == 403
    assert core.exchanges == []
    assert core.starts == 0


async def test_a_cookie_alone_may_not_write(
    core: FakeCore, jp_serverapp: Any, http_server_client: Any, jp_base_url: str
) -> None:
    page = await http_server_client.fetch(f"{jp_base_url}login")
    xsrf = re.search(r"_xsrf=([^;]+)", page.headers["Set-Cookie"])[1]
    form = urlencode({"password": jp_serverapp.identity_provider.token, "_xsrf": xsrf})
    welcome = await http_server_client.fetch(
        f"{jp_base_url}login",
        method="POST",
        body=form,
        headers={"Cookie": f"_xsrf={xsrf}"},
        follow_redirects=False,
        raise_error=False,
    )
    login = re.search(r"username-[^=]+=[^;]+", "; ".join(welcome.headers.get_list("Set-Cookie")))[0]
    cookie = f"{login}; _xsrf={xsrf}"

    url = f"{jp_base_url}{API}/operation/snapshot"
    options = {"method": "POST", "body": '{"path": "", "args": {}}'}
    for headers in [{"Cookie": cookie}, {"Cookie": cookie, "X-XSRFToken": xsrf[::-1]}]:
        with pytest.raises(HTTPClientError) as failure:
            await http_server_client.fetch(url, headers=headers, **options)
        assert failure.value.code == 403
        assert "xsrf" in json.loads(failure.value.response.body)["message"].lower()
    assert core.exchanges == []
    answer = await http_server_client.fetch(url, headers={"Cookie": cookie, "X-XSRFToken": xsrf}, **options)
    assert answer.code == 200


async def test_viewers_may_only_read(core: FakeCore, jp_serverapp: Any, operate: Any, jp_fetch: Any) -> None:
    jp_serverapp.web_app.settings["authorizer"] = Viewer(parent=jp_serverapp)
    for verb in READ_VERBS:
        assert (await operate(verb))[-1]["type"] == "result"
    assert (await operate("branch", args={"action": "list"}))[-1]["type"] == "result"
    assert (await operate("undo", args={"list": True}))[-1]["type"] == "result"
    assert (await operate("diff"))[-1]["type"] == "result"
    seen = len(core.exchanges)
    writes = ["init", "track", "snapshot", "switch", "merge", "restore", "get", "undo"]
    writes += ["push", "pull", "clone", "join", "login", "logout"]
    other = [("branch", {"action": "delete", "name": "x"}), ("branch", {}), ("diff", {"export": "/x.csv"})]
    other += [("remote", {"action": "add"}), ("namespace", {"action": "create"}), ("share", {"action": "request"})]
    for verb, args in [(verb, {}) for verb in writes] + other:
        with pytest.raises(HTTPClientError) as failure:
            await operate(verb, args=args)
        assert failure.value.code == 403, verb
    assert len(core.exchanges) == seen


async def test_getting_never_changes_anything(core: FakeCore, jp_fetch: Any) -> None:
    for verb in ["status", "snapshot", "switch"]:
        with pytest.raises(HTTPClientError) as failure:
            await jp_fetch(API, "operation", verb)
        assert failure.value.code == 405
    assert core.exchanges == []


async def test_credentials_stay_here(core: FakeCore, operate: Any) -> None:
    await operate("status", headers={"Cookie": "secret=1", "X-Secret": "1"})
    assert set(core.exchanges[0].headers) == {"host", "connection", "content-type", "content-length"}


def test_no_route_forgets_to_authenticate(jp_configurable_serverapp: Any) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        jp_configurable_serverapp()
    ours = [str(each.message) for each in caught if issubclass(each.category, JupyterServerAuthWarning)]
    assert not any("branchbook" in message for message in ours)


# ------------------------------------------------------------------------------------------------- where


@pytest.fixture
def folders(jp_root_dir: Path, tmp_path: Path) -> Path:
    """Something outside the server's folder, and links to it."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (jp_root_dir / "inside" / "deep").mkdir(parents=True)
    (jp_root_dir / "escape").symlink_to(outside)
    (jp_root_dir / "climb").symlink_to("../outside")
    (jp_root_dir / "shortcut").symlink_to("inside/deep")
    (tmp_path / (jp_root_dir.name + "-neighbour")).mkdir()
    return outside


@pytest.mark.parametrize(
    "path",
    [
        "..",
        "../outside",
        "inside/../../outside",
        "inside/..",
        "/../outside",
        "//etc",
        "escape",
        "escape/file.ipynb",
        "climb",
        "..\\outside",
        "inside\\..\\..\\outside",
        "a\0b",
        "../{root}-neighbour",
    ],
)
async def test_paths_stay_inside(path: str, core: FakeCore, folders: Path, jp_root_dir: Path, operate: Any) -> None:
    with pytest.raises(HTTPClientError) as failure:
        await operate("status", path.replace("{root}", jp_root_dir.name))
    assert error_of(failure) == (400, "PATH_UNSAFE")
    assert core.exchanges == []


@pytest.mark.parametrize(
    ("path", "below"),
    [
        ("", ""),
        ("/", ""),
        ("inside", "inside"),
        ("inside/deep/", "inside/deep"),
        ("shortcut", "inside/deep"),
        ("/etc/passwd", "etc/passwd"),
        ("%2e%2e/outside", "%2e%2e/outside"),
        ("..hidden", "..hidden"),
        ("ünï côde/🎉", "ünï côde/🎉"),
    ],
)
async def test_paths_are_translated(
    path: str, below: str, core: FakeCore, folders: Path, jp_root_dir: Path, operate: Any
) -> None:
    lines = await operate("status", path)
    assert lines[-1]["result"]["project"] == str(Path(os.path.realpath(jp_root_dir), below))


@pytest.mark.parametrize("query", ["..", "%2e%2e/outside", "escape", "%2Fescape", "inside/%2e%2e/%2e%2e/outside"])
async def test_locating_stays_inside(
    query: str, core: FakeCore, folders: Path, http_server_client: Any, jp_base_url: str, jp_auth_header: dict[str, str]
) -> None:
    with pytest.raises(HTTPClientError) as failure:
        await http_server_client.fetch(f"{jp_base_url}{API}/project?path={query}", headers=jp_auth_header)
    assert error_of(failure) == (400, "PATH_UNSAFE")
    assert core.exchanges == []


@pytest.mark.parametrize("verb", ["clone", "join"])
async def test_folders_are_made_inside_only(
    verb: str, core: FakeCore, folders: Path, jp_root_dir: Path, operate: Any
) -> None:
    for folder in ["..", "escape/iris", "inside/../../outside", str(folders).replace("/", "//", 1)]:
        with pytest.raises(HTTPClientError) as failure:
            await operate(verb, "inside", {"folder": folder})
        assert error_of(failure) == (400, "PATH_UNSAFE"), folder
    assert core.exchanges == []
    await operate(verb, "inside", {"folder": "inside/iris"})
    assert core.exchanges[0].body["args"] == {"folder": os.path.realpath(jp_root_dir / "inside" / "iris")}


async def test_get_writes_inside_only(core: FakeCore, folders: Path, jp_root_dir: Path, operate: Any) -> None:
    for output in [
        str(folders / "x"),
        "/etc/cron.d/x",
        "relative",
        f"{jp_root_dir}/../outside/x",
        f"{jp_root_dir}/escape/x",
    ]:
        with pytest.raises(HTTPClientError) as failure:
            await operate("get", "inside", {"address": "a@b", "output": output})
        assert error_of(failure) == (400, "PATH_UNSAFE"), output
        with pytest.raises(HTTPClientError) as failure:
            await operate("diff", "inside", {"from": "a@b", "export": output})
        assert error_of(failure) == (400, "PATH_UNSAFE"), output
    assert core.exchanges == []
    await operate("get", "inside", {"address": "a@b", "output": str(jp_root_dir / "copy.csv")})
    assert len(core.exchanges) == 1


@pytest.mark.parametrize("body", ["[]", "null", '{"args": {}}', '{"path": 1}', '{"path": "", "args": []}', '"x"'])
async def test_bodies_are_checked(body: str, core: FakeCore, jp_fetch: Any) -> None:
    with pytest.raises(HTTPClientError) as failure:
        await jp_fetch(API, "operation", "status", method="POST", body=body)
    assert error_of(failure) == (400, "USAGE")


def test_located(tmp_path: Path) -> None:
    server = tmp_path / "srv"
    project = server / "a b" / "ünï"
    project.mkdir(parents=True)
    assert located.describe(str(server), str(project)) == {
        "root": str(project),
        "contentsPath": "a b/ünï",
        "projectPrefix": "",
    }
    assert located.describe(str(server), str(server)) == {"root": str(server), "contentsPath": "", "projectPrefix": ""}
    above = located.describe(str(project), str(server))
    assert (above["contentsPath"], above["projectPrefix"]) == (None, "a b/ünï")


# ------------------------------------------------------------------------------------------------- streaming


@pytest.fixture
def connected(jp_serverapp: Any, http_server: Any, http_server_port: Any, jp_base_url: str) -> Any:
    """A connection of one's own to the server, to read as it arrives and to break off."""

    async def post(verb: str, args: dict[str, Any]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", http_server_port[1])
        body = json.dumps({"path": "", "args": args}).encode()
        token = jp_serverapp.identity_provider.token
        head = [
            f"POST {jp_base_url}{API}/operation/{verb} HTTP/1.1",
            f"Host: 127.0.0.1:{http_server_port[1]}",
            f"Authorization: token {token}",
            f"Content-Length: {len(body)}",
        ]
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        return reader, writer

    return post


PROGRESS = {"type": "progress", "phase": "store", "done": 1, "total": 2, "unit": "bytes"}


async def test_lines_arrive_as_they_are_written(core: FakeCore, connected: Any) -> None:
    go_on = asyncio.Event()

    async def handle(exchange: Exchange) -> None:
        await exchange.begin()
        await exchange.line(PROGRESS)
        await go_on.wait()
        await exchange.line({"type": "result", "result": {"x": 1}})
        await exchange.end()

    core.handle = handle
    reader, writer = await connected("snapshot", {})
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    assert b" 200 " in head
    assert b"application/x-ndjson" in head
    assert b'"phase"' in await asyncio.wait_for(reader.readuntil(b"}\n"), 5)
    go_on.set()
    assert b'"result"' in await asyncio.wait_for(reader.readuntil(b"}}\n"), 5)
    writer.close()


async def test_leaving_cancels(core: FakeCore, connected: Any) -> None:
    async def handle(exchange: Exchange) -> None:
        await exchange.begin()
        await exchange.line(PROGRESS)
        await asyncio.sleep(60)

    core.handle = handle
    reader, writer = await connected("snapshot", {})
    await asyncio.wait_for(reader.readuntil(b"}\n"), 5)
    assert not core.exchanges[0].closed.is_set()
    writer.close()
    await asyncio.wait_for(core.exchanges[0].closed.wait(), 5)


async def test_leaving_before_the_first_line_cancels(core: FakeCore, connected: Any) -> None:
    async def handle(exchange: Exchange) -> None:
        await asyncio.sleep(60)

    core.handle = handle
    _, writer = await connected("snapshot", {})
    while not core.exchanges:
        await asyncio.sleep(0.01)
    writer.close()
    await asyncio.wait_for(core.exchanges[0].closed.wait(), 5)


async def test_the_core_sets_the_status(core: FakeCore, operate: Any) -> None:
    error = {"code": "MERGE_CONFLICT", "message": "m", "data": {"conflicts": []}, "hint": "h"}

    async def handle(exchange: Exchange) -> None:
        await exchange.answer({"type": "error", "error": error}, 409)

    core.handle = handle
    with pytest.raises(HTTPClientError) as failure:
        await operate("merge", args={"branch": "x"})
    assert failure.value.code == 409
    assert json.loads(failure.value.response.body) == {"type": "error", "error": error}


# ------------------------------------------------------------------------------------------------- crashes


async def test_reading_is_tried_again(core: FakeCore, operate: Any) -> None:
    async def handle(exchange: Exchange) -> None:
        if len(core.exchanges) == 1:
            exchange.die()
        else:
            await core.echo(exchange)

    core.handle = handle
    assert (await operate("status"))[-1]["type"] == "result"
    assert len(core.exchanges) == 2
    assert core.starts == 2


async def test_writing_is_not(core: FakeCore, operate: Any) -> None:
    async def handle(exchange: Exchange) -> None:
        exchange.die()

    core.handle = handle
    with pytest.raises(HTTPClientError) as failure:
        await operate("snapshot")
    assert error_of(failure) == (500, "OUTCOME_UNKNOWN")
    assert len(core.exchanges) == 1
    core.handle = core.echo
    assert (await operate("snapshot"))[-1]["type"] == "result"
    assert core.starts == 2


async def test_dying_midway_ends_the_stream_with_an_error(core: FakeCore, operate: Any) -> None:
    async def handle(exchange: Exchange) -> None:
        await exchange.begin()
        await exchange.line(PROGRESS)
        exchange.die()

    core.handle = handle
    lines = await operate("snapshot")
    assert lines[0] == PROGRESS
    assert lines[1]["error"]["code"] == "OUTCOME_UNKNOWN"


async def test_a_core_that_cannot_start_is_explained(core: FakeCore, operate: Any, jp_serverapp: Any) -> None:
    def ensure() -> Any:
        raise BranchbookError("IO", "The Branchbook core could not be started.", {}, "Its log says more: …")

    jp_serverapp.web_app.settings["branchbook_connection"]._ensure = ensure
    with pytest.raises(HTTPClientError) as failure:
        await operate("status")
    assert error_of(failure) == (500, "IO")


# ------------------------------------------------------------------------------------------------- events


async def test_events_are_followed_and_followed_again(
    core: FakeCore, jp_fetch: Any, jp_serverapp: Any, jp_root_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_connection, "RECONNECT_DELAYS", (0.01, 0.1))
    root = str(jp_root_dir)
    heard: list[dict[str, Any]] = []

    async def listener(logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        heard.append(data)

    jp_serverapp.event_logger.add_listener(schema_id=extension.EVENT_SCHEMA, listener=listener)

    async def handle(exchange: Exchange) -> None:
        if exchange.path.startswith("/v1/project"):
            await exchange.answer({"root": root})
            return
        count = len([each for each in core.exchanges if each.path.startswith("/v1/events")])
        await exchange.begin()
        event = {"type": "project", "root": root, "what": "head", "branch": f"b{count}", "commit": "c" * 40}
        await exchange.line(event)
        if count == 1:
            exchange.die()
        await asyncio.sleep(60)

    core.handle = handle
    response = await jp_fetch(API, "project", params={"path": ""})
    assert json.loads(response.body) == {"root": root, "contentsPath": "", "projectPrefix": ""}
    await asyncio.wait_for(_until(lambda: len(heard) >= 2), 10)
    assert [event["branch"] for event in heard] == ["b1", "b2"]
    assert set(heard[0]) == {"root", "what", "branch", "commit"}
    assert root.replace("/", "%2F") in core.exchanges[-1].path


async def _until(condition: Any) -> None:
    while not condition():
        await asyncio.sleep(0.01)


# ------------------------------------------------------------------------------------------ bytes of a version


async def test_bytes_of_a_version_are_no_page(
    core: FakeCore, jp_serverapp: Any, jp_fetch: Any, jp_root_dir: Path, tmp_path: Path
) -> None:
    jp_serverapp.web_app.settings["authorizer"] = Viewer(parent=jp_serverapp)
    content = b"<script>alert(1)</script>" + bytes(range(256)) * 9000
    file = tmp_path / "copy.html"
    file.write_bytes(content)

    async def get(exchange: Exchange) -> None:
        await exchange.begin()
        await exchange.line({"type": "progress", "phase": "reading", "done": 1, "total": None, "unit": "files"})
        await exchange.line({"type": "result", "result": {"file": str(file), "size": len(content)}})
        await exchange.end()

    core.handle = get
    response = await jp_fetch(API, "file", params={"path": "", "address": "a b/page.html@main~2"})
    assert response.body == content
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"] == "attachment"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert core.exchanges[0].path == "/v1/operation/get"
    assert core.exchanges[0].body == {"project": str(jp_root_dir), "args": {"address": "a b/page.html@main~2"}}


async def test_bytes_that_are_not_there(core: FakeCore, jp_fetch: Any) -> None:
    async def refuse(exchange: Exchange) -> None:
        error = {"code": "ASSET_MISSING", "message": "Not in this clone.", "data": {}}
        await exchange.answer({"type": "error", "error": error}, status=404)

    core.handle = refuse
    with pytest.raises(HTTPClientError) as failure:
        await jp_fetch(API, "file", params={"address": "a.png@main"})
    assert error_of(failure)[1] == "ASSET_MISSING"


@pytest.mark.parametrize("address", ["", "data/a.csv"])
async def test_bytes_need_a_version(address: str, core: FakeCore, jp_fetch: Any) -> None:
    with pytest.raises(HTTPClientError) as failure:
        await jp_fetch(API, "file", params={"address": address})
    assert error_of(failure) == (400, "USAGE")
    assert core.exchanges == []
