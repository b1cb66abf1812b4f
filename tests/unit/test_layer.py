"""The layer contains only modules that a function imports."""

from __future__ import annotations

from pathlib import Path

from tests.unit.imports import FUNCTIONS, layer_modules, modules, reached


def reached_by_function(folder: Path, layer: dict[str, Path]) -> set[str]:
    return reached("app", {**layer, **modules(folder)})


def test_every_module_of_the_layer_is_imported_by_a_function() -> None:
    layer = layer_modules()
    used = set().union(*(reached_by_function(folder, layer) for folder in FUNCTIONS))
    unused = sorted(layer.keys() - used)
    assert unused == [], "no function imports these: move each to its users (for tools of authors: cli/authoring)"


def test_an_import_inside_a_function_counts_and_one_for_types_does_not(tmp_path: Path) -> None:
    for name, text in {
        "app": "def handler():\n    import needed.part\n",
        "needed/__init__": "",
        "needed/part": "from needed.other import x\nif TYPE_CHECKING:\n    from needed import for_types\n",
        "needed/other": "x = 1\n",
        "needed/for_types": "",
    }.items():
        file = (tmp_path / name).with_suffix(".py")
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    known = modules(tmp_path)
    assert known.keys() - reached("app", known) == {"needed.for_types"}
