"""Torture: the proof that nothing is lost, nothing happens twice and nothing lies.

Everything here runs in two sizes. The short one is part of ``make test``; ``make torture`` runs the long
one. Sizes and seeds come from the environment (``figures.size``):

* ``TORTURE=full`` takes the long sizes, anything else the short ones;
* ``TORTURE_STEPS``, ``TORTURE_IMAGES``, ``TORTURE_ACTIONS`` … set one size by hand;
* ``TORTURE_MINUTES`` ends each run after so long; the table then says how far it came;
* ``TORTURE_SEED`` sets where the random parts begin; every failure names the seed that repeats it.

What lies where, for the half that runs in one process:

* ``world.py``: a shop at the simulated Loop, the stations in front of it, and everything that can happen;
* ``station.py``: the program without its window, on a real database, that can be killed at any statement;
* ``wire.py``: the real client's bytes, carried to the simulator or lost on the way;
* ``invariants.py``: I1 to I15, each a function that fails with a sentence;
* ``photo_place.py``, ``photo_steps.py``, ``photo_invariants.py``: the same for photos and where they go;
* ``power.py``: a file system that remembers what was synchronized, for images after a power loss;
* ``mutants.py``: the program broken on purpose, so that each check is seen to find something;
* ``cuts.py``: answers that end early, at each of their bytes;
* ``report.py``: writes what a run counted into ``docs/reliability.md``;
* ``figures.py``: what each run counted; the table at the end and one line of JSON for each.
"""
