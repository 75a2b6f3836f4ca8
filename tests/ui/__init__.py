"""The Qt window on its own: widgets, views, dialogs, keys, legibility; screens are made by hand."""
