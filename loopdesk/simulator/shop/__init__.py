"""The simulated shop's records: returns, parcels, barcodes, and crowds of them."""
