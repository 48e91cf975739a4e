"""Rules of the house that a reader relies on, beside those of import-linter."""

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest
from django.core.management import call_command

from tests.support.programs import ROOT
from tests.support.sources import OURS, files, sources

LONGEST = {"tests": 400}


def is_in(module: str, *parents: str) -> bool:
    return any(f"{module}.".startswith(f"{parent}.") for parent in parents)


def imports(tree: ast.AST) -> Iterator[str]:
    """Yield each imported name in full, also those inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "Import by the full name."
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def reads_environment(tree: ast.AST) -> bool:
    names = {"environ", "environb", "getenv"}
    return any(
        (isinstance(node, ast.Attribute) and node.attr in names)
        or (isinstance(node, ast.Name) and node.id in names)
        for node in ast.walk(tree)
    )


def breaches(
    who: Callable[[str], bool], what: Callable[[str], bool]
) -> list[tuple[str, str]]:
    """Return which of these modules import something they must not."""
    return [
        (module, name)
        for module, tree in sources().items()
        if who(module)
        for name in imports(tree)
        if what(name)
    ]


def is_ours(name: str) -> bool:
    return is_in(name, *OURS)


def is_admin(module: str) -> bool:
    return is_in(module, *(f"{app}.admin" for app in OURS))


def test_the_walk_finds_what_it_looks_for():
    found = breaches(
        lambda module: module == "orders.models.orders",
        lambda name: is_in(name, "stores"),
    )

    assert ("orders.models.orders", "stores.models.Store") in found
    assert is_in("stores.admin", "stores")
    assert not is_in("stores_and_more", "stores")


def test_the_marketplaces_know_nothing_of_django_but_choices_and_what_to_hide():
    allowed = {
        "django.db.models.TextChoices",
        "django.views.decorators.debug.sensitive_variables",
    }

    assert not breaches(
        lambda module: is_in(module, "stores.marketplaces"),
        lambda name: (
            is_in(name, "django", "django_q", "unfold") and name not in allowed
        ),
    )


def test_the_work_is_done_without_pages():
    """Forms, tables and pages may know the work; the work does not know them."""
    pages = {
        "orders.labels",
        "stores.forms",
        "stores.connect_page",
        "stores.connection_forms",
    }

    assert not breaches(
        lambda module: (
            is_in(module, "orders", "stores")
            and not is_admin(module)
            and module not in pages
        ),
        lambda name: is_in(
            name, *pages, "unfold", "django.contrib.admin", "django.forms"
        ),
    )


def test_only_the_settings_read_the_environment():
    exempt = {"backoffice.settings", "backoffice.wsgi", "manage"}

    readers = {module for module, tree in sources().items() if reads_environment(tree)}
    readers |= {
        module for module, _ in breaches(bool, lambda name: is_in(name, "environ"))
    }

    assert "backoffice.settings" in readers
    assert readers <= exempt


def test_only_the_connectors_client_opens_connections():
    """The demo asks on loopback whether ports are free and its servers are up."""
    demo = {"backoffice.management.commands.demo", "backoffice.demo.ports"}
    exempt = {*demo, "stores.marketplaces.http"}

    assert not breaches(
        lambda module: module not in exempt and not is_in(module, "stores.sandbox"),
        lambda name: is_in(
            name, "requests", "urllib3", "urllib.request", "http.client", "socket"
        ),
    )


def test_only_one_module_subclasses_the_admin_theme():
    themed = {
        module
        for module, name in breaches(
            bool, lambda name: is_in(name, "unfold.admin", "django.contrib.admin")
        )
        if name.rpartition(".")[2] in {"ModelAdmin", "TabularInline", "StackedInline"}
    }
    written_out = {
        module
        for module, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for base in node.bases
        if ast.unparse(base)
        in {"admin.ModelAdmin", "admin.TabularInline", "admin.StackedInline"}
    }

    assert themed == {"backoffice.kit.admin"}
    assert not written_out


def test_the_checks_of_the_admin_need_no_database():
    """The first “migrate” makes them, when there is no table yet."""
    call_command("check")


def test_an_admin_only_sums_up_the_addresses_of_its_pages():
    """A page is a function in a module, and the module's `urls` says where it is."""
    summed = r"return \[(\*\w+\.urls\(self\), )+\*super\(\)\.get_urls\(\)\]"
    bodies = {
        f"{module}.{node.name}": "\n".join(map(ast.unparse, method.body))
        for module, tree in sources().items()
        if is_admin(module)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for method in node.body
        if isinstance(method, ast.FunctionDef) and method.name == "get_urls"
    }

    assert "orders.admin.orders.admin.OrderAdmin" in bodies
    assert not {
        name: body for name, body in bodies.items() if not re.fullmatch(summed, body)
    }


def test_only_one_function_puts_a_page_into_the_frame_of_the_admin():
    framing = {
        module
        for module, tree in sources().items()
        if is_in(module, "orders", "stores", "backoffice.kit")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "each_context"
    }

    assert framing == {"backoffice.kit.admin"}


def sets_on_request(node: ast.AST) -> bool:
    """Return whether something is left on the request for somebody else to find."""
    match node:
        case ast.Attribute(value=ast.Name(id="request"), ctx=ast.Store()):
            return True
        case ast.Call(func=ast.Name(id="setattr"), args=[ast.Name(id="request"), *_]):
            return True
    return False


@pytest.mark.parametrize(
    "line",
    [
        "request.wanted = 1",
        "request.wanted: int = 1",
        "first, request.wanted = 1, 2",
        "setattr(request, name, 1)",
    ],
)
def test_the_walk_finds_what_is_left_on_a_request(line):
    assert any(map(sets_on_request, ast.walk(ast.parse(line))))


def test_nothing_is_left_on_a_request():
    leaving = [
        f"{module}:{node.lineno}"
        for module, tree in sources().items()
        for node in ast.walk(tree)
        if sets_on_request(node)
    ]

    assert leaving == []


@pytest.mark.parametrize("folder", [*sorted(OURS), "tests"])
def test_no_file_is_too_long_to_read_at_once(folder):
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in files(folder)
    }

    assert {
        path: n for path, n in lengths.items() if n > LONGEST.get(folder, 350)
    } == {}


@pytest.mark.parametrize("word", ["save", "delete"])
def test_no_model_hides_work_in_a_method_of_django(word):
    overriding = [
        f"{module}.{node.name}"
        for module, tree in sources().items()
        if is_in(module, "orders.models", "stores.models", "backoffice.models")
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == word
    ]

    assert overriding == []


def test_nothing_hangs_on_signals():
    """But for the watch over the queue, which learns in no other way what is done."""
    assert not breaches(
        lambda module: module != "backoffice.cluster",
        lambda name: is_in(
            name, "django.dispatch", "django.db.models.signals", "django_q.signals"
        ),
    )


def test_a_public_name_means_one_thing():
    """Tasks, template tags, programs, notes and parts of a page are alike."""
    alike = {"describe", "main", "record", "urls"}
    places = defaultdict(list)
    for module, tree in sources().items():
        if module == "orders.tasks" or is_in(module, "stores.sandbox"):
            continue
        if ".management." in module or ".templatetags." in module:
            continue
        for node in tree.body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                places[node.name].append(module)

    assert {
        name: modules
        for name, modules in places.items()
        if len(modules) > 1
        and not name.startswith("_")
        and not name.endswith("_view")
        and name not in alike
    } == {}


def test_no_test_imports_another():
    assert [
        (path.name, name)
        for path in files("tests")
        for name in imports(ast.parse(path.read_text()))
        if re.search(r"^tests(\.\w+)*\.test_", name)
    ] == []
