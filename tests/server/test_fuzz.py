"""Schemathesis sends what the server's own OpenAPI document allows and forbids, and holds the answers against it."""

from __future__ import annotations

import pytest
from entry_factory import entry_document, write_entry_folder
from hosted import ROUTE, Hosted
from hypothesis import HealthCheck, Phase, given, settings

pytestmark = pytest.mark.server
EXAMPLES = 25


def test_every_answer_is_in_the_document(hosted: Hosted, archive: bytes) -> None:
    """Among its checks: no 5xx, only the documented statuses, content types, headers and bodies, no access without the
    token that the document asks for, 405 for other methods.
    """
    import schemathesis

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
    for operation in found:
        # Without parameters there is nothing to vary.
        count = EXAMPLES if operation.method == "post" or "{" in operation.path else 2

        @given(case=operation.as_strategy())
        @settings(max_examples=count, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        def check(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=login)

        check()
    assert "a fault of the server's own" not in hosted.log()
