"""What namespace, member, share, join, compute, login and logout show in a notebook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from .display import Table, View, count, size
from .sync_views import clone_view

Data = Mapping[str, Any]
_CLASSES = ("code", "data", "models", "compute")
_SECOND_PARTS = {"branch": "pattern", "asset": "path", "pipeline": "pipeline"}


def namespace_view(data: Data) -> View:
    """Show namespaces, one namespace with its table, or what happened in it."""
    if (places := data.get("places")) is not None:
        return _places(places)
    if (events := data.get("events")) is not None:
        rows = [_event(event) for event in events]
        return View(count(len(rows), "event"), tables=_table(("time", "who", "did", "project", ""), rows))
    if data.get("done"):
        return View(data["done"])
    return _namespace(data["view"])


def member_view(data: Data) -> View:
    """List who is in a namespace."""
    title = data.get("done") or f"{count(len(data['members']), 'member')} of {data['namespace']}"
    return View(title, tables=_members(data["members"]))


def share_view(data: Data) -> View:
    """Say what was done, who has access and why, or list shares, links and requests."""
    if (who := data.get("who")) is not None:
        rows = [
            [principal_text(each["principal"]), each["right"], "; ".join(reason["text"] for reason in each["because"])]
            for each in who
        ]
        return View("Who can see it, and why" if rows else "Nobody", tables=_table(("who", "right", "because"), rows))
    if data.get("done"):
        return View(data["done"], data.get("link") or "")
    tables = [*_grants(data["grants"]), *_links(data["links"]), *_requests(data["requests"])]
    return View(
        f"Shared in {data['namespace']}" if tables else f"Nothing is shared by name in {data['namespace']}",
        tables=tables,
    )


def join_view(data: Data) -> View:
    """Say what was joined, and where its clone is."""
    if data["clone"] is None:
        return View(data["done"], data["root"] or "")
    cloned = clone_view(data["clone"])
    return View(data["done"], f"{cloned.title}, {cloned.detail}", notes=cloned.notes)


def compute_view(data: Data) -> View:
    """List endpoints or who may use the server, or say how a notebook ran."""
    if ran := data.get("ran"):
        how = "Stopped at an error" if ran["failed"] else "Ran"
        return View(f"{how} after {count(ran['cells'], 'cell')}", f"see {ran['output']}")
    if data.get("shares") is not None:
        rows = [[principal_text(share["principal"]), share["created"]] for share in data["shares"]]
        codes = data.get("codes") or []
        title = data.get("done") or f"Your server is shared with {len(rows)}"
        return View(title, count(len(codes), "link"), _table(("who", "since"), rows))
    if data.get("link"):
        return View(data["link"], data.get("done") or "")
    rows = [[each["name"], each["right"], each["title"]] for each in data.get("endpoints") or ()]
    title = data.get("done") or (count(len(rows), "endpoint") if rows else "There are no endpoints")
    return View(title, tables=_table(("name", "you may", ""), rows))


def login_view(data: Data) -> View:
    """Say as whom."""
    return View(f"Signed in to {data['place']}", f"as {data['identity']['displayName']}")


def logout_view(data: Data) -> View:
    """Say that the token is gone."""
    return View(f"The token of {data['place']} is forgotten")


def principal_text(principal: Data) -> str:
    """Write ``user:anna``."""
    return "everyone" if principal["kind"] == "everyone" else f"{principal['kind']}:{principal['name']}"


def object_text(thing: Data) -> str:
    """Write ``branch:iris/prod``."""
    kind = thing["kind"]
    if kind == "namespace":
        return "namespace"
    if kind == "compute":
        return f"compute:{thing['endpoint']}"
    rest = f"/{thing[_SECOND_PARTS[kind]]}" if kind in _SECOND_PARTS else ""
    return f"{kind}:{thing['project']}{rest}"


def _places(places: Sequence[Data]) -> View:
    rows = [_summary(place["place"], each) for place in places for each in place["namespaces"]]
    warnings = [f"{place['place']}: {place['error']}" for place in places if place.get("error")]
    headings = ("namespace", "", "kind", "you may", "projects", "members")
    return View(count(len(rows), "namespace"), tables=_table(headings, rows), warnings=warnings)


def _summary(place: str, each: Data) -> list[str]:
    title = "" if each["title"] == each["name"] else each["title"]
    right = each["right"] or "some of it"
    return [
        f"{place}/{each['name']}",
        title,
        _labelled(each["kind"], each),
        right,
        str(each["projects"]),
        str(each["members"]),
    ]


def _namespace(view: Data) -> View:
    record = view["namespace"]
    may = f"you may {view['right']}" if view["right"] else "you may use some of it"
    detail = f"{_labelled(record['kind'], record)}; {may}; {size(view['usedBytes'])} stored"
    policy = [[audience, *(cells[each] for each in _CLASSES)] for audience, cells in record["policy"].items()]
    projects = [
        [each["name"], each["right"], " ".join(f"{rule['pattern']}={rule['push']}" for rule in each["branchRules"])]
        for each in view["projects"]
    ]
    endpoints = [[each["name"], each["right"], each["title"]] for each in view["endpoints"]]
    tables = [
        Table(("at most", *_CLASSES), policy),
        *_table(("project", "you may", "protected branches"), projects),
        *_members(view["members"]),
        *_table(("compute", "you may", ""), endpoints),
    ]
    asked = any(request["answer"] == "open" for request in view["requests"])
    notes = ["Somebody asks for access: `branchbook share list`."] if asked else []
    return View(f"{view['place']}/{record['name']}", detail, tables, notes)


def _labelled(kind: str, thing: Data) -> str:
    return kind if thing["label"] == "unclassified" else f"{kind}, {thing['label']}"


def _event(event: Data) -> list[str]:
    action = f"{event['action']} (refused)" if event["outcome"] == "refused" else event["action"]
    return [_minute(event["time"]), event["user"], action, event["project"] or "", event["detail"]]


def _members(members: Sequence[Data]) -> list[Table]:
    rows = [
        [principal_text(each["principal"]), each["role"], "cleared" if each["cleared"] else "", each["by"]]
        for each in members
    ]
    return _table(("member", "role", "", "by"), rows)


def _grants(grants: Sequence[Data]) -> list[Table]:
    rows = [
        [each["id"], principal_text(each["principal"]), each["right"], object_text(each["object"]), _end(each)]
        for each in grants
    ]
    return _table(("share", "with", "right", "on", "until"), rows)


def _links(links: Sequence[Data]) -> list[Table]:
    rows = [[each["id"], each["right"], object_text(each["object"]), _link_state(each)] for each in links]
    return _table(("link", "right", "on", ""), rows)


def _requests(requests: Sequence[Data]) -> list[Table]:
    rows = [
        [each["id"], each["user"], each["right"], object_text(each["object"]), each["message"]]
        for each in requests
        if each["answer"] == "open"
    ]
    return _table(("request", "by", "right", "on", ""), rows)


def _link_state(link: Data) -> str:
    opened = f"opened {count(link['used'], 'time')}"
    if link["revoked"]:
        return f"revoked, {opened}"
    return f"{'used' if link['uses'] == 'single' and link['used'] else f'until {_end(link)}'}, {opened}"


def _end(thing: Data) -> str:
    return "" if thing["expires"] is None else _minute(thing["expires"])


def _minute(milliseconds: float) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone().strftime("%Y-%m-%d %H:%M")


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Table]:
    return [Table(headings, rows)] if rows else []
