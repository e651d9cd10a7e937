import shop_flask
import shop_quart
from comparison import Case, Expect, Request, compare

cases = [
    Case(id="order", request=Request("GET", "/orders/7"), expect=Expect(status=200)),
    Case(id="empty", request=Request("POST", "/orders")),
]
run = compare(shop_flask, shop_quart, cases)
for comparison in run:
    print(comparison.case.id, comparison.verdict)
    for found in comparison.differences:
        print(f"  {found.field}: {found.reference!r}, {found.candidate!r}")
print(run.exit_code)
