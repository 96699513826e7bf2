import json
import subprocess
import sys
from pathlib import Path


def test_the_peak_memory_is_the_process_s_own_and_not_its_parent_s():
    ballast = bytearray(300_000_000)
    code = "from tf_transformer.process_memory import peak_memory_mb; print(peak_memory_mb())"
    child = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, cwd=Path(__file__).parents[1]
    )
    assert len(ballast) > 0
    assert 5 < json.loads(child.stdout) < 150
