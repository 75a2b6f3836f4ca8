"""What an operator does: scan intake, lookup, inspection, parcels, mystery parcels."""
