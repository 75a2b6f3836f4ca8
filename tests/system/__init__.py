"""What needs more than Python, make and git: run by ``make system-test`` alone.

Each part says what it lacks and fails then; nothing is skipped. Files are named ``with_…`` so that
``make test`` does not collect them.
"""
