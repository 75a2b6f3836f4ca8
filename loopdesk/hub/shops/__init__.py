"""The site's shops, and their keys of Loop, encrypted at rest."""
