"""Keeps the memory of this process, and with it the API key, out of core dumps and crash reports.

==========  =======================================================================================
everywhere  a core file of no size (POSIX); on macOS the system's reports hold no memory but the stack
Linux       not dumpable: a crash collector that gets the core through a pipe gets none, and no other
            process of this user may look into this one
Windows     no fault reports for this process, neither a dialog nor a dump
==========  =======================================================================================
"""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import ctypes

    _SEM_FAILCRITICALERRORS = 0x0001
    _SEM_NOGPFAULTERRORBOX = 0x0002  # also keeps Windows Error Reporting from being called
    _WER_FAULT_REPORTING_FLAG_NOHEAP = 1

    def forbid_dumps() -> None:
        """Forbid dumps for the rest of this process, as far as the system allows."""
        kernel = ctypes.windll.kernel32
        kernel.SetErrorMode(kernel.GetErrorMode() | _SEM_FAILCRITICALERRORS | _SEM_NOGPFAULTERRORBOX)
        # In kernel32, not wer.dll; where it is missing there is no error reporting either.
        set_flags = getattr(kernel, "WerSetFlags", None)
        if set_flags is not None:
            set_flags(_WER_FAULT_REPORTING_FLAG_NOHEAP)
else:
    import resource

    def forbid_dumps() -> None:
        """Forbid dumps for the rest of this process, as far as the system allows."""
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if sys.platform == "linux":
            _forbid_pipes()

    def _forbid_pipes() -> None:
        """Mark the process as not dumpable on Linux: a collector behind ``core_pattern`` ignores the size
        limit.
        """
        import ctypes  # noqa: PLC0415 - there alone

        set_dumpable = 4  # PR_SET_DUMPABLE
        ctypes.CDLL(None).prctl(set_dumpable, 0, 0, 0, 0)
