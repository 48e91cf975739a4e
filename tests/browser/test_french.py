"""The main path in French: connect, import, ship, note; no English sentence on it."""

import re

import pytest
from playwright.sync_api import expect

from stores.management.commands.sandbox import PRACTICE_TOKENS
from tests.support.programs import PATIENCE, wait_until

pytestmark = [pytest.mark.browser, pytest.mark.sweep]

NUMBER = "9400111899562173406779"
# Words of ours that would show a sentence that was left in English.
ENGLISH = re.compile(r"\b(The|This|Orders|Store|Shipped|Awaiting|Ship by|Add note)\b")


@pytest.mark.timeout(300)
def test_the_main_path_is_walked_in_french(demo, page):
    demo.begin()
    password = re.search(r"Password +(\S+)", demo.introduction())[1]
    start = f"http://127.0.0.1:{demo.port}"
    wait_until(lambda: demo.count("orders_order") > 20, 60, "the first import")
    context = page.context.browser.new_context(
        viewport={"width": 1280, "height": 900}, locale="fr"
    )
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    page.goto(start)
    page.get_by_label("Nom d’utilisateur").or_(
        page.get_by_label("Nom d'utilisateur")
    ).first.fill("admin")
    page.locator("[name=password]").fill(password)
    page.locator("form button[type=submit]").click()
    expect(page.get_by_role("link", name=re.compile("Commandes")).first).to_be_visible()

    # Connect a second store, and bring its orders in.
    page.goto(f"{start}/stores/store/add/")
    page.get_by_role("link", name=re.compile("Tophatter")).click()
    page.locator("[name=name]").fill("Deuxième boutique")
    page.get_by_label("Jeton d’accès").fill(PRACTICE_TOKENS[1])
    page.get_by_role("button", name="Connecter", exact=True).click()
    expect(page.get_by_text("est connectée")).to_be_visible()
    page.get_by_role("link", name=re.compile("Importer maintenant$")).click()
    page.get_by_role("button", name="Importer maintenant").click()
    expect(page.get_by_text("commandes vues")).to_be_visible(timeout=120_000)

    # Ship the most urgent order.
    page.goto(f"{start}/orders/order/?store__id__exact=1")
    expect(
        page.get_by_role("link", name=re.compile("^À expédier [0-9]"))
    ).to_be_visible()
    page.locator("#result_list tbody th a").first.click()
    page.get_by_role("link", name=re.compile(" Expédier$")).click()
    page.get_by_label("Transporteur").select_option("USPS")
    page.get_by_label("Numéro de suivi").fill(NUMBER)
    page.get_by_role("button", name=re.compile("Marquer comme expédiée")).click()
    expect(page.get_by_text(f"est expédiée : USPS {NUMBER}")).to_be_visible()

    # Leave a note, and see the marketplace's acceptance in the history.
    page.get_by_label("Nouvelle note").fill("Colis déposé à 17 h.")
    page.get_by_role("button", name="Ajouter une note").click()
    expect(page.get_by_text("Colis déposé à 17 h.").first).to_be_visible()

    for path in ("/", "/orders/order/?view=all", page.url.removeprefix(start)):
        page.goto(start + path)
        # A name is no word of ours.
        shown = page.locator("body").inner_text().replace("Custom Store", "")
        assert ENGLISH.findall(shown) == [], path
    context.close()
