"""Labels for goods and mystery parcels: what stands on them, when they print, which are wrong."""
