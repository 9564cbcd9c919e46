"""What one server without workers answers to good, wrong and hostile requests; each test is a team of its own."""

from __future__ import annotations

import http.client
import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from hosted import ROUTE, Hosted, digest, send_half, wait_for

pytestmark = pytest.mark.server
LIMIT = 1 << 20
BODY = b"what is in it matters to the worker alone"
_NAMES = itertools.count(1)


@pytest.fixture(scope="module")
def server(scoring: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosted]:
    made = Hosted(tmp_path_factory.mktemp("requests") / "home", scoring)
    made.token()
    yield made.start("--archive-limit", "1", "--burst", "6", "--waiting", "3")
    made.close()


@pytest.fixture
def token(server: Hosted) -> str:
    """Of a new team."""
    return server.token(f"Team {next(_NAMES)}")


def stored(server: Hosted) -> list[str]:
    return sorted(path.name for name in ("incoming", "uploads") for path in (server.home / name).iterdir())


def test_nobody_sends_without_a_token(server: Hosted, token: str) -> None:
    public = token.split("_")[1]
    forged = f"omb_{public}_{'A' * 43}"
    before = stored(server)
    for wrong in (None, "", "nonsense", forged, token + "A", token.upper()):
        answer = server.post(BODY, wrong)
        assert (answer.status, answer.headers["www-authenticate"].partition(" ")[0]) == (401, "Bearer")
        assert answer.json["detail"]
    assert server.post(BODY, token).status == 202
    revoked = server.command("token", "revoke", public)
    assert revoked.returncode == 0, revoked.stderr
    answer = server.post(BODY, token)
    assert answer.status == 403
    assert "revoked" in answer.json["detail"]
    assert len(stored(server)) == len(before) + 1
    listed = server.command("token", "list").stdout
    assert public in listed
    assert "revoked" in listed
    assert token.split("_", 2)[2] not in listed


@pytest.mark.parametrize(
    ("headers", "status", "said"),
    [
        ({"Content_Digest": digest(b"other")}, 400, "what arrived"),
        ({"Content_Digest": "sha-256=:AAAA:"}, 400, "expected sha-256"),
        ({"Content_Digest": "sha-512=:AAAA:"}, 400, "expected sha-256"),
        ({"Content_Digest": ""}, 400, "expected sha-256"),
        ({"Content_Type": "text/html"}, 415, "application/zip"),
        ({"Content_Encoding": "gzip"}, 415, "Content-Encoding"),
    ],
)
def test_wrong_headers(server: Hosted, token: str, headers: dict[str, str], status: int, said: str) -> None:
    before = stored(server)
    answer = server.post(BODY, token, **headers)
    assert answer.status == status
    assert said in answer.json["detail"]
    assert stored(server) == before


def test_digests_of_other_kinds_may_stand_beside(server: Hosted, token: str) -> None:
    assert server.post(BODY, token, Content_Digest=f"sha-512=:AAAA:, {digest(BODY)}").status == 202


def test_too_large(server: Hosted, token: str) -> None:
    before, body = stored(server), bytes(LIMIT + 1)
    answer = server.post(body, token)
    assert (answer.status, answer.json["detail"]) == (413, f"the archive is too large; expected at most {LIMIT} bytes")
    chunked = {"Content-Type": "application/zip", "Content-Digest": digest(body), "Authorization": f"Bearer {token}"}
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)
    connection.request("POST", ROUTE, iter([body[:1000], body[1000:]]), chunked, encode_chunked=True)
    assert connection.getresponse().status == 413
    connection.close()
    assert stored(server) == before
    assert server.post(bytes(LIMIT), token).status == 202
    assert server.post(b"", token).status == 400


def test_the_same_archive_is_one_submission(server: Hosted, token: str) -> None:
    before = stored(server)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: server.post(BODY, token), range(3)))
    assert {answer.status for answer in answers} == {202}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert len(stored(server)) == len(before) + 1
    assert answers[0].headers["location"] == answers[0].json["status_url"]


def test_two_archives_at_once_are_two(server: Hosted, token: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda number: server.post(BODY + bytes([number]), token), range(2)))
    assert [answer.status for answer in answers] == [202, 202]
    assert answers[0].json["id"] != answers[1].json["id"]


def test_a_team_waits_for_its_own_submissions(server: Hosted, token: str) -> None:
    bodies = [BODY + bytes([number]) for number in range(4)]
    assert [server.post(body, token).status for body in bodies[:3]] == [202] * 3
    answer = server.post(bodies[3], token)
    assert (answer.status, answer.headers["retry-after"]) == (429, "60")
    assert "3 submissions of the team are unfinished" in answer.json["detail"]
    assert server.post(bodies[0], token).status == 202
    assert server.post(BODY, server.token(f"Team {next(_NAMES)}")).status == 202


def test_a_team_sends_so_many_in_an_hour(server: Hosted, token: str) -> None:
    assert [server.post(BODY, token).status for _ in range(6)] == [202] * 6
    answer = server.post(BODY, token)
    assert answer.status == 429
    assert 200 < int(answer.headers["retry-after"]) <= 300
    assert "12 uploads an hour" in answer.json["detail"]


def test_whose_status_it_is(server: Hosted, token: str) -> None:
    url = server.post(BODY, token).json["status_url"]
    own = server.get(url, token)
    assert own.headers["cache-control"] == "no-store"
    assert (own.json["state"], own.json["progress"], own.json["entry"]) == ("received", {"done": 0, "total": 0}, None)
    assert server.get(url).status == 401
    assert server.get(url, server.token(f"Team {next(_NAMES)}")).status == 404
    for unknown in ("s-000000000000000000000000", "x", "%00", "..%2F..%2Fetc%2Fpasswd"):
        assert server.get(f"{ROUTE}/{unknown}", token).status == 404


def test_an_upload_that_breaks_off_leaves_nothing(server: Hosted, token: str) -> None:
    before = stored(server)
    with send_half(server, BODY, token):
        wait_for(lambda: stored(server) != before)
    wait_for(lambda: stored(server) == before)
    assert server.post(BODY, token).status == 202


def test_pages_and_their_headers(server: Hosted) -> None:
    page = server.get("/")
    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    for name, value in (("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer")):
        assert page.headers[name] == value
    again = server.get("/", If_None_Match=page.headers["etag"])
    assert (again.status, again.content) == (304, b"")
    assert server.get("/index.html").content == page.content
    assert server.request("HEAD", "/", None, None, {}).headers["content-length"] == str(len(page.content))
    for asset, kind in (("site.css", "text/css"), ("site.js", "text/javascript"), ("metrics.js", "text/javascript")):
        assert server.get(f"/assets/{asset}").headers["content-type"].startswith(kind)
    for nothing in ("/entries/x.html", "/../etc/passwd", "/entries/%2e%2e/server.sqlite3", "/docs", "/api/v1/x"):
        missing = server.get(nothing)
        assert missing.status == 404
        assert missing.headers["content-type"] == "application/json"
        assert missing.headers["x-content-type-options"] == "nosniff"
    assert server.request("POST", "/", b"", None, {}).status == 405


def test_health_and_numbers(server: Hosted) -> None:
    assert server.get("/healthz").json == {"status": "ok", "problems": []}
    assert server.get("/readyz").status == 200
    numbers = server.get("/metrics")
    assert numbers.headers["content-type"].startswith("text/plain")
    text = numbers.content.decode()
    assert 'omnibench_http_requests_total{method="GET",route="/healthz",status="200"}' in text
    assert "omnibench_database_up 1.0" in text
    assert "Team" not in text


def test_one_server_a_folder(server: Hosted) -> None:
    second = server.command("serve", "--port", "0")
    assert second.returncode == 2
    assert "another server runs on this folder" in second.stderr


def test_one_line_a_request(server: Hosted, token: str) -> None:
    server.get("/no%0d%0aINFO%20forged", token)
    wait_for(lambda: "forged" in server.log())
    assert not [line for line in server.log().splitlines() if line.startswith("INFO forged")]
    assert all(line[:2] == "20" for line in server.log().splitlines())
    assert token.split("_", 2)[2] not in server.log()
