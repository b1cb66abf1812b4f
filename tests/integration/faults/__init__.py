"""Kills functions at every boundary of a run and looks whether the record shows it.

A boundary is whatever reaches outside a function: a trip to the database (a commit), a call of AWS, a call of an agent.
``test_kills`` plays a scenario once undisturbed, which numbers its boundaries; then once more for each of them with a
kill just before it, and once with a kill just after it; every play must leave the same record and tell the same events.
``test_random_faults`` does it with random graphs and random faults, which are not only kills.

Real: Postgres with every function's own login, the compiled ASL, ``functions/*/app.py`` as ``baton.bootstrap`` wires
them, the API's use cases. Simulated: what is around them.

* ``machine`` plays Step Functions: it interprets a compiled machine along its ``lines``, and retries and catches as
  that says (``asl`` has the small print). ``step_functions`` keeps all of them, and their tokens.
* ``fibers`` run invocations, and the delivery thread of each, one at a time and stop them at every boundary, so that
  the order of everything is the choice of a seed: the same seed and the same faults are the same play.
* ``boundaries`` counts the crossings and makes things go wrong. A killed function raises what nobody catches; its
  threads, its environment and its connection are thrown away.
* ``lambda_service`` is Lambda, ``aws`` everything that functions call, ``api_client`` the people and programs that ask
  the API for something, and ask again when they get no answer.
* ``simulation`` chooses what goes on next. Time is virtual and passes only when nothing can go on: it jumps to the next
  moment at which something wakes, and all that the record dates moves into the past (``clock``). The schedule calls
  ``relay`` and ``reconcile`` every minute for as long as there is something for them to do.
* ``record_summary`` reads what a play left, without ids and times; ``scenario_runner`` plays ``scenarios``.
"""
