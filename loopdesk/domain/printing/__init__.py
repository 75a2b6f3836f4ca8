"""Labels for goods and parcels: what stands on them, their ZPL, and what a label printer tells."""
