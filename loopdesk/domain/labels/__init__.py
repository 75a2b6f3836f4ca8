"""From the text of a barcode to candidates: carriers' rules, check digits, GS1, layouts."""
