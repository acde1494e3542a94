"""Basket features: what a customer buys and returns. A bought line has a positive amount, a returned one a negative."""

from models.features.language.expressions import above, below, rows
from models.features.language.specification import Feature

BOUGHT = above("amount", 0)
RETURNED = below("amount", 0)

FEATURES = (
    Feature(
        name="lines_per_order",
        label="Lines per order",
        unit="lines",
        group="basket",
        value=rows("purchases").mean("lines"),
        missing="without purchases",
    ),
    Feature(
        name="units_per_order",
        label="Units per order",
        unit="units",
        group="basket",
        value=rows("purchases").mean("quantity"),
        missing="without purchases, or where they carry no quantity",
    ),
    Feature(
        name="return_share",
        label="Share of the money spent that was returned",
        unit="share",
        group="basket",
        value=-rows("orders", where=RETURNED).sum("amount") / rows("orders", where=BOUGHT).sum("amount"),
        missing="where nothing was bought",
    ),
    Feature(
        name="returned_lines_365d",
        label="Lines returned in the last 365 days",
        unit="lines",
        group="basket",
        value=rows("orders", where=RETURNED, days=365).count(),
        missing="never: 0 without returns",
    ),
    Feature(
        name="categories_365d",
        label="Categories bought in the last 365 days",
        unit="categories",
        group="basket",
        value=rows("orders", where=BOUGHT, days=365).nunique("category"),
        missing="never: 0 where no category was bought",
    ),
    Feature(
        name="top_category_share",
        label="Share of lines in the most bought category",
        unit="share",
        group="basket",
        value=rows("orders", where=BOUGHT).top_share("category"),
        missing="where no category was bought",
    ),
    Feature(
        name="products_365d",
        label="Different products bought in the last 365 days",
        unit="products",
        group="basket",
        value=rows("orders", where=BOUGHT, days=365).nunique("product"),
        missing="never: 0 where no product was bought",
    ),
    Feature(
        name="top_product_share",
        label="Share of lines with the most bought product",
        unit="share",
        group="basket",
        value=rows("orders", where=BOUGHT).top_share("product"),
        missing="where no product was bought",
    ),
)
