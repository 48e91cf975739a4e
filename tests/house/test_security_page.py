"""docs/security.md names proofs that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "security.md").read_text()


def test_each_proof_that_the_page_of_security_names_exists():
    tests = {path: path.read_text() for path in (ROOT / "tests").rglob("test_*.py")}
    files = {str(path.relative_to(ROOT)) for path in tests}
    defined = set(
        re.findall(r"^def (test_\w+)", "\n".join(tests.values()), re.MULTILINE)
    )

    named_files = set(re.findall(r"tests/[\w/]*test_\w+\.py", PAGE))
    named_tests = set(re.findall(r"\b(test_\w+)(?!\w|\.py)", PAGE))

    assert len(named_files) > 20
    assert len(named_tests) > 60
    assert named_files - files == set()
    assert named_tests - defined - {Path(one).stem for one in files} == set()
