"""`tercet score` in a process of its own, to be killed at any moment and resumed."""

SCRIPT = """
import sys
from pathlib import Path
from service.batch.job import ScoringAsked
from service.batch.run import score_everyone
if __name__ == "__main__":
    shop, out, processes, resume = sys.argv[1:]
    asked = ScoringAsked(Path(shop), Path(out), block=10, processes=int(processes), resume=resume == "resume")
    print(score_everyone(asked))
"""
