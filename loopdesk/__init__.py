"""loopdesk: the receiving dock's bench for Loop Returns.

Each package's docstring says what it is for; ``docs/architecture.md`` shows all of them on their floors.
"""

__version__ = "0.1.0"
