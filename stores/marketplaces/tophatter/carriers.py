"""The carriers Tophatter served on 31 March 2017 (API notes, section 4), as served.

The list grows: it is read from the marketplace daily, and this one serves until then.
It is not invertible: two labels share `china-post`.
"""

import json
from pathlib import Path
from types import MappingProxyType

_recorded = Path(__file__).with_suffix(".json").read_text(encoding="utf-8")
CARRIERS: MappingProxyType[str, str] = MappingProxyType(json.loads(_recorded))
