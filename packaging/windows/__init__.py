"""The Windows installer, and its rehearsal under wine on Debian: ``make package-windows``."""
