"""Kills functions at every boundary of a run and checks that the record is the same.

A boundary is a call that leaves a function: a trip to the database (a commit), a call of AWS, a call of an agent.
``test_kills`` plays a scenario once without faults and numbers its boundaries. Then it plays it twice for each
boundary, with a kill before it and with a kill after it. Every play must leave the same record and the same events.
``test_random_faults`` does this with random graphs and random faults of all kinds.

Real: Postgres with every function's own login, the compiled ASL, ``functions/*/app.py`` as ``baton.bootstrap`` wires
them, the API's use cases. Simulated: everything else.

* ``machine`` plays Step Functions: it interprets a compiled machine along its ``lines``, with its retries and
  catches (``asl`` has the details). ``step_functions`` has all executions and their tokens.
* ``fibers`` run invocations, and the delivery thread of each, one at a time and stop them at every boundary, so that
  the order of everything is the choice of a seed: the same seed and the same faults are the same play.
* ``boundaries`` counts the crossings and injects the faults. A killed function raises an exception that our code does
  not catch; its threads, its environment and its connection are discarded.
* ``lambda_service`` is Lambda, ``aws`` the services that functions call, ``api_client`` the people and programs that
  call the API, and repeat a call without an answer.
* ``simulation`` chooses what runs next. Time is virtual and passes only when nothing can run: it jumps to the next
  moment at which something wakes, and the record's times move into the past (``clock``). The schedule calls
  ``relay`` and ``reconcile`` every minute while they have something to do.
* ``record_summary`` reads the record after a play, without ids and times; ``scenario_runner`` plays ``scenarios``.
"""
