"""Schemathesis sends what the server's own OpenAPI document allows and forbids, and holds the answers against it."""

from __future__ import annotations

import pytest
from entry_factory import entry_document, write_entry_folder
from hosted import ROUTE, Hosted, digest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import booleans

pytestmark = pytest.mark.server
EXAMPLES = 20


def test_every_answer_is_in_the_document(hosted: Hosted, archive: bytes) -> None:
    """Among its checks: no 5xx, only the documented statuses, content types, headers and bodies, no access without the
    token that the document asks for, 405 for other methods.
    """
    schemathesis = pytest.importorskip("schemathesis", reason="needs schemathesis: tox -e server")
    from schemathesis.specs.openapi.checks import positive_data_acceptance
    from schemathesis.transport.serialization import Binary

    schemathesis.serializer.alias("application/zip", "application/octet-stream")
    write_entry_folder(hosted.home / "leaderboard" / "submissions", entry_document())
    token = hosted.token()
    hosted.start("--uploads-per-hour", "1000000", "--burst", "1000", "--waiting", "1000")
    login = {"Authorization": f"Bearer {token}"}
    assert hosted.post(archive, token).status == 202
    schema = schemathesis.openapi.from_url(f"{hosted.url}/openapi.json")
    found = [result.ok() for result in schema.get_all_operations()]
    assert {(operation.method.upper(), operation.path) for operation in found} == {
        ("POST", ROUTE),
        ("GET", f"{ROUTE}/{{submission}}"),
        ("GET", "/api/v1/entries"),
        ("GET", "/api/v1/entries/{entry}"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),
    }
    seen: set[tuple[str, int]] = set()
    for operation in found:
        # Without parameters there is nothing to vary.
        count = EXAMPLES if operation.method == "post" or "{" in operation.path else 2

        @given(case=operation.as_strategy(), honest=booleans())
        @settings(max_examples=count, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        def check(case: schemathesis.Case, honest: bool) -> None:
            if honest and isinstance(case.body, Binary):
                case.headers["Content-Digest"] = digest(case.body.data)
            # That a digest has to be the body's is more than a schema can say.
            beyond = [positive_data_acceptance] if case.method == "POST" else []
            answer = case.call_and_validate(headers=login, excluded_checks=beyond)
            seen.add((case.method, answer.status_code))

        check()
    assert seen >= {("POST", 202), ("POST", 400), ("GET", 200), ("GET", 404)}, seen
    assert "a fault of the server's own" not in hosted.log()
