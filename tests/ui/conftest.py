"""The application with its theme applied, as every window of the program finds it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from loopdesk.ui.app import make_app
from loopdesk.ui.theme import apply_theme


@pytest.fixture
def dressed(qapp: QApplication) -> QApplication:
    """Return the application in the light theme at 100 %, without the windows of earlier tests."""
    app = make_app(["loopdesk"])
    # No event loop runs between tests: what was given to deleteLater still exists and would be styled.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert app is qapp
    apply_theme(app, "light")
    return app
