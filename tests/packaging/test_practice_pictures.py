"""Practice has a picture of every product that its shop sells, as the script in the repository draws it."""

from __future__ import annotations

import pytest
from freeze import pictures
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from loopdesk.simulator import cases
from loopdesk.simulator.cases import Product

PRODUCTS = [each for each in vars(cases).values() if isinstance(each, Product) and each.pictured]


def test_every_product_of_the_practice_shop_has_a_picture_and_no_picture_is_without_a_product() -> None:
    assert len(PRODUCTS) == 10
    skus = {product.sku for product in PRODUCTS}
    assert set(pictures.LOOKS) == skus == {path.stem for path in pictures.HERE.iterdir()}


@pytest.mark.parametrize("sku", pictures.LOOKS)
def test_a_picture_is_the_one_that_the_script_draws(qapp: QApplication, sku: str) -> None:
    """Qt's versions smooth an edge differently; more than that is another drawing."""
    kept, drawn = QImage(str(pictures.HERE / f"{sku}.png")), pictures.draw(sku)
    assert kept.size() == drawn.size()
    every = [(x, y) for x in range(0, pictures.EDGE, 5) for y in range(0, pictures.EDGE, 5)]
    others = sum(kept.pixelColor(x, y) != drawn.pixelColor(x, y) for x, y in every)
    assert others < len(every) / 50
    assert len({drawn.pixelColor(x, y).name() for x, y in every}) >= 4
