"""The one separate window: the choice of a picture file. Questions are asked on the page they are about."""

from __future__ import annotations

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from loopdesk.i18n.catalogue import _

_KINDS = "*.jpg *.jpeg *.png *.webp *.bmp *.gif"


def picture_dialog(parent: QWidget) -> QFileDialog:
    """Make the dialog; the caller connects ``fileSelected`` and calls ``open()``.

    It is Qt's own dialog, because the keys of the system's never pass the scan filter.
    """
    dialog = QFileDialog(parent, _("Choose a picture"))
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilter(_("Pictures ({kinds})", kinds=_KINDS))
    dialog.setDirectory(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation))
    dialog.setWindowModality(Qt.WindowModality.WindowModal)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return dialog
