"""loopdesk: the receiving dock's bench for Loop Returns.

domain      what a dock knows: returns, grades, scans, actions, and every decision as a pure function
services    the use-cases, as plain asyncio over ports
presenters  what each part of the window shows, as frozen screens, without Qt
ui          the Qt window: views, models, widgets, scan filter, theme
api         Loop's wire: the HTTP client and the translation of its JSON
store       SQLite: returns, drafts, outbox, audit log
system      the machine: paths, settings, key store, lock, sound, printing, logs
simulator   an imitation of Loop with a truth of its own, for practice and tests
"""

__version__ = "0.1.0"
