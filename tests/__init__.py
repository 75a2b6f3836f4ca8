"""The tests, by what of the program they run.

* ``unit``: one room of the program each, without a window.
* ``contracts``: what every store promises, on the in-memory fakes and on the real file.
* ``ui``: the Qt window with screens made by hand.
* ``scenarios``: the whole program with its window against the simulator, one promise to the operator each.
* ``public``: cases out of public bug reports of other programs.
* ``abuse``: a scripted server that answers what Loop never would.
* ``torture``: kills, power loss, random walks, fuzzing; short here, long in ``make torture``.
* ``volume``: large shops and long days, counted in requests.
* ``packaging``: what can be checked of the packages without building one.

What they share: ``builders`` (domain values), ``fakes`` (ports in memory), ``bench_rig`` (the
bench without a window), ``simulator_thread`` (a simulated Loop), ``network`` (a proxy that breaks things).
``test_architecture``, ``test_walls`` and ``test_rooms`` check the source and the pages about it.
"""
