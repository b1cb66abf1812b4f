"""What moto does anew each time, and need not."""

from __future__ import annotations

import functools
from typing import Any

import jsonpath_ng.ext
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor

from baton.clients import CREATION_LOCK
from local.moto_fixes.methods import original_method, replace_method

MAX_TREES = 32  # in memory, those used last


def parse_definitions_once() -> None:
    """moto parses a definition when its machine is made and at each start of an execution: 10 to 200 ms. The tree can
    be shared. The program that is made of it belongs to one execution."""
    original = original_method(AmazonStateLanguageParser, "parse")

    @functools.lru_cache(MAX_TREES)
    def tree_of(definition: str) -> Any:
        return original(definition)[1]

    def parse(definition: str) -> tuple[Any, Any]:
        tree = tree_of(definition)
        return Preprocessor().visit(tree), tree

    replace_method(AmazonStateLanguageParser, "parse", staticmethod(parse))


def keep_the_client_of_lambda() -> None:
    """A Task makes a client for each call of a function: 2 ms."""
    module: Any = lambda_eval_utils
    original = module.boto_client_for

    @functools.cache
    def client(region: str, service: str) -> Any:
        with CREATION_LOCK:
            return original(region, service)

    def boto_client_for(region: str, service: str, state_credentials: Any = None) -> Any:
        return client(region, service)

    module.boto_client_for = boto_client_for


def parse_paths_once() -> None:
    """For each event and each queue of a rule, moto parses eight paths, and builds a parser for each: 4 ms."""
    library: Any = jsonpath_ng.ext  # moto takes ``parse`` from here at each call
    library.parse = functools.lru_cache(library.parse)
