"""What `make up` reads of the environment."""

from __future__ import annotations

import pytest

from local.up import DEFAULT_PORT, EXPECTED, SettingRefused, _port


@pytest.mark.parametrize("port", ["http", "-1", "70000"])
def test_a_wrong_port_is_refused_with_the_name_of_its_variable(port: str) -> None:
    with pytest.raises(SettingRefused) as error_info:
        _port({"BATON_PORT": port})

    assert str(error_info.value) == f"BATON_PORT must be a port number such as 8787, not '{port}'"
    assert isinstance(error_info.value, EXPECTED)


def test_the_default_port_is_used_without_a_setting() -> None:
    assert _port({}) == _port({"BATON_PORT": ""}) == DEFAULT_PORT
