"""Torture of real processes: kills, failing disks, two programs, two stations."""
