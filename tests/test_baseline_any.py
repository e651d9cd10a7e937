"""A baseline file of any content is read, or gives one named problem."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comparison.core.errors import ComparisonError
from comparison.runs.baseline import read_baseline
from tests.examples import some

KEPT = "baseline.jsonl"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.mark.slow
@settings(
    max_examples=some(300),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.binary() | JSON.map(msgspec.json.encode), min_size=1, max_size=4))
def test_any_bytes_as_a_baseline_are_loaded_or_rejected(
    tmp_path: Path, lines: list[bytes]
) -> None:
    path = tmp_path / KEPT
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(ComparisonError, match=r"baseline\.jsonl:1"):
        read_baseline(path)
