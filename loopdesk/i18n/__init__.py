"""Translation: looks up texts in gettext catalogs; without Qt."""
