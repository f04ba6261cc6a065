"""Write the pages of docs that are made from the code: `python -m tools.write_docs`."""

from __future__ import annotations

import json
from pathlib import Path

from tools.format_docs import data_dictionary, session_schema

DOCS = Path(__file__).parents[1] / "docs"


def generated() -> dict[Path, str]:
    """Every such page with what should stand in it."""
    return {
        DOCS / "session.schema.json": json.dumps(session_schema(), indent=1, ensure_ascii=False) + "\n",
        DOCS / "data-dictionary.md": data_dictionary(),
    }


def main() -> None:
    """Write them all."""
    for path, text in generated().items():
        path.write_text(text, "utf-8")
        print(path)


if __name__ == "__main__":
    main()
