"""Where PostgreSQL cannot start, its tests fail: none is skipped, none passes on SQLite alone."""

import pytest

from tests.support.postgres import real_postgres


def test_a_postgres_that_does_not_start_fails_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.postgres._FASTER", ("no_such_setting=1",))

    with pytest.raises(pytest.fail.Exception, match="need PostgreSQL: "), real_postgres():
        pass
