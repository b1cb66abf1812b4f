"""Keeps what moto makes anew each time."""

from __future__ import annotations

import functools
from typing import Any

import jsonpath_ng.ext
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor

from local.moto_fixes.methods import original_method, replace_method

MAX_TREES = 32  # in memory, those used last


def parse_definitions_once() -> None:
    """moto parses a definition when its machine is made and at each start of an execution: 10 to 200 ms. The tree can
    be shared. The program that is made of it belongs to one execution."""
    original = original_method(AmazonStateLanguageParser, "parse")

    @functools.lru_cache(MAX_TREES)
    def tree_of(definition: str) -> Any:
        _, tree = original(definition)
        return tree

    def parse(definition: str) -> tuple[Any, Any]:
        tree = tree_of(definition)
        return Preprocessor().visit(tree), tree

    replace_method(AmazonStateLanguageParser, "parse", staticmethod(parse))


def parse_paths_once() -> None:
    """For each event and each queue of a rule, moto parses eight paths, and builds a parser for each: 4 ms."""
    library: Any = jsonpath_ng.ext  # moto's events take ``parse`` from here at each call
    library.parse = functools.lru_cache(library.parse)
