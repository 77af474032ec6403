"""Every figure of BENCHMARKS.md, one module after the other.

python -m benchmarks
"""

import subprocess
import sys
from pathlib import Path


def main() -> None:
    for module in sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py")):
        print(f"\n## python -m benchmarks.{module}\n", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{module}"], check=True)


if __name__ == "__main__":
    main()
