"""Cases out of public bug reports and carriers' own pages, against the whole path of a scan."""
