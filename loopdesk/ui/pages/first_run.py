"""The first start: draws a ``FirstRunScreen`` and emits what was entered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.pages import FirstRunScreen
from loopdesk.ui import texts
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.card import Card
from loopdesk.ui.widgets.fitted import FittedLabel

if TYPE_CHECKING:
    from loopdesk.presenters.pages.first_run import FirstRunPresenter

_WIDTH = 520


class FirstRunView(QWidget):
    """One card in the middle: three fields, what is wrong, and how to continue.

    Signals:
        begun(str, str, str): Begin; carries key, station and operator.
        gone_on(str, str, str): The same, without checking the key.
        practice_wanted(): Practice first.
        way_wanted(): The hub's code instead of the shop's key, or back.
    """

    begun = Signal(str, str, str)
    gone_on = Signal(str, str, str)
    practice_wanted = Signal()
    way_wanted = Signal()

    def __init__(self, presenter: FirstRunPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._presenter = presenter
        self._filled = False
        self._is_hub = self._is_scanned = False
        self._build_page()
        self._build_fields()
        self._build_buttons()
        self._space()
        self.retranslate()
        self._connect()
        presenter.attach(self)

    def _build_page(self) -> None:
        """Make the card in the middle of a page that scrolls if it must."""
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer.addWidget(area)
        page = QWidget()
        page.setObjectName("page")
        area.setWidget(page)
        middle = QVBoxLayout(page)
        row = QHBoxLayout()
        self.card = Card(page)
        row.addStretch(1)
        row.addWidget(self.card)
        row.addStretch(1)
        middle.addStretch(1)
        middle.addLayout(row)
        middle.addStretch(2)
        self._column = QVBoxLayout(self.card)
        self.title = FittedLabel("name", 2, self.card)
        self.intro = FittedLabel("body", 3, self.card)
        self._column.addWidget(self.title)
        self._column.addWidget(self.intro)

    def _build_fields(self) -> None:
        """Make the captioned fields."""
        self.captions: dict[str, FittedLabel] = {}
        self.fields: dict[str, QLineEdit] = {}
        self._pairs: list[QVBoxLayout] = []
        for name in ("key", "station", "operator"):
            self.captions[name] = FittedLabel("body-strong", 1, self.card)
            field = QLineEdit(self.card)
            field.setMaxLength(2000 if name == "key" else 60)
            field.returnPressed.connect(self._next)
            self.fields[name] = field
            pair = QVBoxLayout()
            pair.addWidget(self.captions[name])
            pair.addWidget(field)
            if name == "key":
                self.way = KeyCapButton("way", icon="arrow-up-down", parent=self.card)
                pair.addWidget(self.way)
            self._pairs.append(pair)
            self._column.addLayout(pair)
        self.fields["key"].setEchoMode(QLineEdit.EchoMode.Password)
        self.guns = FittedLabel("secondary", 3, self.card)
        self._column.addWidget(self.guns)
        self.problem = FittedLabel("body-strong", 5, self.card)
        self._column.addWidget(self.problem)

    def _build_buttons(self) -> None:
        """Make the buttons."""
        self.begin = KeyCapButton("begin", variant="primary", height=76, parent=self.card)
        self.go_on = KeyCapButton("go_on", parent=self.card)
        self.practice = KeyCapButton("practice", icon="graduation-cap", parent=self.card)
        for button in (self.begin, self.go_on, self.practice):
            self._column.addWidget(button)

    def _connect(self) -> None:
        """Connect buttons and signals."""
        self.begin.clicked.connect(self._begin)
        self.go_on.clicked.connect(self._go_on)
        self.practice.clicked.connect(self.practice_wanted)
        self.way.clicked.connect(self.way_wanted)
        self.way_wanted.connect(self._presenter.choose_way)
        self.begun.connect(self._presenter.begin)
        self.gone_on.connect(self._presenter.go_on)
        self.practice_wanted.connect(self._presenter.practice)

    def _next(self) -> None:
        """On Enter go to the next empty field, or begin if there is none."""
        empty = (x for x in self.fields.values() if not x.isHidden() and not self._is_filled(x))
        field = next(empty, None)
        if field is None:
            self._begin()
        else:
            field.setFocus(Qt.FocusReason.TabFocusReason)

    def _is_filled(self, field: QLineEdit) -> bool:
        return bool(field.text().strip()) or (field is self.fields["key"] and self._is_scanned)

    def _begin(self) -> None:
        self.begun.emit(*self._entered())

    def _go_on(self) -> None:
        self.gone_on.emit(*self._entered())

    def _entered(self) -> tuple[str, str, str]:
        key, station, operator = (field.text() for field in self.fields.values())
        return key, station, operator

    def render(self, screen: FirstRunScreen) -> None:  # type: ignore[override]
        """Draw this screen. What a person typed stays in the fields."""
        if not self._filled:
            self._filled = True
            self.fields["station"].setText(screen.station)
            self.fields["operator"].setText(screen.operator)
        self._show_way(screen)
        self.captions["key"].setVisible(screen.needs_key)
        self.fields["key"].setVisible(screen.needs_key)
        self.guns.show_text(screen.guns)
        self.problem.show_text(screen.problem, screen.tone, 1000)
        for name, field in self.fields.items():
            field.setEnabled(not screen.checking)
            field.setAccessibleDescription(texts.clean(screen.problem) if name == screen.wrong else "")
        if screen.wrong and not screen.checking and not self.fields[screen.wrong].hasFocus():
            self.fields[screen.wrong].setFocus(Qt.FocusReason.OtherFocusReason)
        words = _("Asking Loop…") if screen.checking else _("Begin")
        self.begin.show_words(words, "", enabled=not screen.checking)
        self.go_on.setVisible(bool(screen.go_on))
        self.go_on.show_words(screen.go_on, "", enabled=not screen.checking)
        self.practice.setEnabled(not screen.checking)

    def _show_way(self, screen: FirstRunScreen) -> None:
        """Ask for the key or for the hub's code; what was typed for one is not taken for the other."""
        if (screen.is_hub, screen.is_scanned) != (self._is_hub, self._is_scanned):
            self._is_hub, self._is_scanned = screen.is_hub, screen.is_scanned
            self.fields["key"].clear()
            self.retranslate()
        self.way.setVisible(screen.needs_key)
        self.way.setEnabled(not screen.checking)

    def showEvent(self, event: QShowEvent) -> None:
        """Focus the first empty field."""
        super().showEvent(event)
        shown = [x for x in self.fields.values() if not x.isHidden()]
        first = next((x for x in shown if not x.text()), shown[0])
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def retranslate(self) -> None:
        """Set the view's own texts in the window's language."""
        self.title.show_text(_("Set up this bench"))
        self.intro.show_text(_("Three things are needed once. They can be changed later."))
        captions = {
            "key": _("The hub's code") if self._is_hub else _("API key of the shop"),
            "station": _("Name of this bench"),
            "operator": _("Who works here"),
        }
        hints = {
            "key": self._key_hint(),
            "station": _("dock 1"),
            "operator": _("first name"),
        }
        for name, field in self.fields.items():
            self.captions[name].show_text(captions[name])
            field.setAccessibleName(captions[name])
            field.setPlaceholderText(hints[name])
        self.captions["key"].setVisible(not self.fields["key"].isHidden())
        self.way.show_words(_("Enter the shop's key") if self._is_hub else _("This site has a hub"), "")
        self.practice.show_words(_("Practice first"), "")
        self.setAccessibleName(self.title.text())

    def _key_hint(self) -> str:
        if self._is_scanned:
            return _("it was scanned")
        return _("scan it, or paste it as a whole") if self._is_hub else _("paste it as a whole")

    def _space(self) -> None:
        """Set the spacing for the scale."""
        now = look()
        self.card.setFixedWidth(now.px(_WIDTH))
        self._column.setContentsMargins(now.px(32), now.px(28), now.px(32), now.px(28))
        self._column.setSpacing(now.px(14))
        for pair in self._pairs:
            pair.setSpacing(now.px(4))
        for field in self.fields.values():
            field.setMinimumHeight(now.px(48))

    def changeEvent(self, event: QEvent) -> None:
        """Follow scale and language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange and hasattr(self, "fields"):
            self._space()
        elif event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
