"""What `make up` reads of the environment."""

from __future__ import annotations

import pytest

from local.up import DEFAULT_PORT, EXPECTED, SettingRefused, _port


@pytest.mark.parametrize("port", ["http", "-1", "70000"])
def test_a_port_that_is_none_is_refused_by_its_variables_name(port: str) -> None:
    with pytest.raises(SettingRefused) as refused:
        _port({"BATON_PORT": port})

    assert str(refused.value) == f"BATON_PORT must be a port number such as 8787, not '{port}'"
    assert isinstance(refused.value, EXPECTED)


def test_without_a_port_the_usual_one_is_taken() -> None:
    assert _port({}) == _port({"BATON_PORT": ""}) == DEFAULT_PORT
