"""What was found when the store was opened, in words."""

from __future__ import annotations

from loopdesk.i18n.catalogue import _, ngettext
from loopdesk.store.database import OpenReport


def findings(report: OpenReport) -> tuple[str, str]:
    """Return the sentence that a person must know, and its consequence; both "" after a normal opening."""
    if report.damaged is not None:
        sentence = _("This station's store was damaged and has been replaced. The damaged file was kept.")
        detail = ngettext(
            "1 unfinished action was saved; see Attention.",
            "{n} unfinished actions were saved; see Attention.",
            report.salvaged,
        )
        return sentence, detail
    if report.lost:
        return _("This station's store was missing. What was kept in it is gone unless IT restores it."), ""
    if report.log is not None and report.log.changes:
        missing = ngettext(
            "The end of this station's store was damaged: 1 change is missing. A copy was kept.",
            "The end of this station's store was damaged: {n} changes are missing. A copy was kept.",
            report.log.changes,
        )
        return missing, _("Loop is asked what is true before anything is sent.")
    if report.restored:
        return _(
            "An older copy of the store was restored. Loop is asked what is true before anything is sent."
        ), ""
    return "", ""
