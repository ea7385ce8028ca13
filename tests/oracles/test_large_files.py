"""The stored figures of the large files are those that these programs work out."""

import pytest

from tests import large_files
from tests.oracles.large_files import worked_out


def test_the_stored_figures_are_those_worked_out_now():
    stored = large_files.references()
    now = worked_out()

    assert stored["sha256"] == now["sha256"]
    assert flat(stored) == pytest.approx(flat(now), rel=1e-6, abs=1e-9)


def flat(found, place=()):
    """Return every figure by the names that lead to it; words count as they are."""
    if isinstance(found, dict | list):
        parts = found.items() if isinstance(found, dict) else enumerate(found)
        return {
            k: v for name, one in parts for k, v in flat(one, (*place, name)).items()
        }
    is_number = isinstance(found, int | float)
    return {place: found} if is_number else {(*place, found): 1}
