"""Our metrics and the benchmarks' own scripts, question by question on recorded verdicts."""

from __future__ import annotations

import agreement
import pytest
from agreement import COMPARISONS


@pytest.mark.parametrize("compare", COMPARISONS, ids=lambda compare: compare.__name__)
def test_the_official_script_says_the_same_of_each_question(compare) -> None:
    try:
        found = compare()
    except FileNotFoundError as exc:
        pytest.skip(f"needs {exc.filename}")
    assert found.compared > 40
    assert found.differing == ()


def test_a_difference_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {"results": [[[[1]], [[1]], 1.0], [[[1]], [[2]], 0.5]]}
    monkeypatch.setattr(agreement, "_recorded", lambda _name: rows)
    found = agreement.soft_f1_made_up()
    assert (found.compared, found.differing) == (2, ("case 1",))
