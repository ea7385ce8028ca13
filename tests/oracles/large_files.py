"""Works out the figures of the large files with what others wrote, and stores them.

    var/oracles/bin/python -m tests.oracles.large_files

Nothing of ours takes part but the files themselves. The stored figures are for tests
that have none of these programs; `test_large_files.py` works them out again.
"""

import json
import re
from collections import Counter, defaultdict

import numpy as np
import pandas as pd
from pref_voting import voting_methods as rules
from pref_voting.profiles_with_ties import ProfileWithTies
from pref_voting.scoring_methods import symmetric_borda_scores
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

from tests import large_files
from tests.large_files import MANY_TABLES, OPTIONS, SCALE, TABLES, Answer

RESAMPLES = 9_999
DIGITS = 10


def main() -> None:
    text = json.dumps(worked_out(), indent=1)
    in_one_line = re.sub(r"\[[^\[\]]*\]", lambda row: " ".join(row[0].split()), text)
    large_files.REFERENCES.write_text(in_one_line + "\n")


def worked_out() -> dict:
    """Return the figures by file, under the names of the results JSON."""
    first, second = ratings(large_files.survey())
    return {
        "made_with": "pref_voting, scipy, statsmodels, pandas, numpy",
        "sha256": large_files.digests(),
        "order": of_rankings(large_files.rankings()),
        "survey": {
            "1": of_ratings(first, TABLES),
            "2": of_ratings(second, TABLES),
            "moved": of_moves(first, second),
        },
        "opinions": of_ratings(*ratings(large_files.opinions()), MANY_TABLES),
    }


def ratings(answers: list[Answer]) -> list[pd.DataFrame]:
    """Return a matrix of people by items for each round, NaN where nothing was said."""
    frame = pd.DataFrame(answers)
    frame["answer"] = pd.to_numeric(frame["answer"], errors="coerce")
    return [
        one.pivot(index="person", columns="item", values="answer")
        for _number, one in frame.groupby("round")
    ]


def of_rankings(ballots: list[list[str]]) -> dict:
    same = Counter(map(tuple, ballots))
    profile = ProfileWithTies(
        [{OPTIONS.index(one): n for n, one in enumerate(b, 1)} for b in same],
        rcounts=list(same.values()),
        candidates=list(range(len(OPTIONS))),
    )
    dropping = rules.instant_runoff_for_truncated_linear_orders(profile)
    first = profile.plurality_scores()
    profile.use_extended_strict_preference()  # the unranked below all ranked
    points = symmetric_borda_scores(profile)  # beaten less not beaten
    least = len(ballots) * (len(OPTIONS) - 1)
    ranks = np.array(
        [
            stats.rankdata([b.index(o) if o in b else 99 for o in OPTIONS])
            for b in ballots
        ]
    )
    winner = profile.condorcet_winner()
    w = stats.friedmanchisquare(*ranks.T).statistic
    return {
        "ballots": len(ballots),
        "first_choices": {one: int(first[n]) for n, one in enumerate(OPTIONS)},
        "borda": {one: (least + points[n]) / 2 for n, one in enumerate(OPTIONS)},
        "pairwise": {
            one: {
                other: int(profile.support(n, m))
                for m, other in enumerate(OPTIONS)
                if m != n
            }
            for n, one in enumerate(OPTIONS)
        },
        "condorcet_winner": None if winner is None else OPTIONS[winner],
        "smith": [OPTIONS[n] for n in rules.top_cycle(profile)],
        "schulze": [
            OPTIONS[n]
            for n in rules.beat_path(profile, strength_function=profile.support)
        ],
        "irv": [OPTIONS[n] for n in dropping],
        "kendall_w": figure(w / (len(ballots) * (len(OPTIONS) - 1))),
        "mean_rank": dict(zip(OPTIONS, map(figure, ranks.mean(axis=0)), strict=True)),
    }


def of_ratings(matrix: pd.DataFrame, tables: int) -> dict:
    """Return for each item how it was rated and how far tables differ."""
    found = {}
    for item, column in matrix.items():
        given = column.dropna()
        at_table = [given[given.index % tables == t].to_numpy() for t in range(tables)]
        between = stats.f_oneway(*[answers for answers in at_table if len(answers) > 1])
        found[item] = {
            "n": len(given),
            "counts": [int((given == value).sum()) for value in SCALE],
            "n_by_table": [len(answers) for answers in at_table],
            "median": figure(given.median()),
            "mean": figure(given.mean()),
            "iqr": figure(stats.iqr(given)),
            "agree": int((given > 3).sum()),
            "disagree": int((given < 3).sum()),
            "icc1": figure(max(0.0, icc1(between.statistic, at_table))),
            "permutation_p": figure(permutation_p(at_table)),
            "gic": figure(
                np.prod([((a > 3).sum() + 1) / (len(a) + 2) for a in at_table])
            ),
        }
    return found


def icc1(f: float, at_table: list[np.ndarray]) -> float:
    """Return ICC(1) from the F of an analysis of variance (Bliese 2000)."""
    sizes = np.array([len(answers) for answers in at_table if len(answers) > 1])
    usual = (sizes.sum() - (sizes**2).sum() / sizes.sum()) / (len(sizes) - 1)
    return (f - 1) / (f + usual - 1)


def permutation_p(at_table: list[np.ndarray]) -> float:
    """Return how often chance seating makes tables differ as much, by drawing."""
    seated = [answers for answers in at_table if len(answers) > 1]

    def apart(*samples, axis=-1):
        return sum(s.sum(axis=axis) ** 2 / s.shape[axis] for s in samples)

    drawn = stats.permutation_test(
        seated,
        apart,
        vectorized=True,
        n_resamples=RESAMPLES,
        batch=1000,
        alternative="greater",
        rng=np.random.default_rng(2006),
    )
    return drawn.pvalue


def of_moves(before: pd.DataFrame, after: pd.DataFrame) -> dict:
    """Return for each item who moved, of those who rated it in both rounds."""
    found: dict[str, dict] = defaultdict(dict)
    for item in before.columns:
        both = pd.concat([before[item], after[item]], axis=1, keys=["old", "new"])
        linked = both.dropna().astype(int)
        moved = linked.new - linked.old
        crossed = pd.crosstab(linked.old > 3, linked.new > 3)
        counts = pd.crosstab(linked.old, linked.new)
        counts = counts.reindex(index=SCALE, columns=SCALE, fill_value=0)
        found[item] = {
            "both": len(linked),
            "before_only": int((both.old.notna() & both.new.isna()).sum()),
            "after_only": int((both.old.isna() & both.new.notna()).sum()),
            "up": int((moved > 0).sum()),
            "same": int((moved == 0).sum()),
            "down": int((moved < 0).sum()),
            "net": figure((linked.new > 3).mean() - (linked.old > 3).mean()),
            "gross": figure((moved != 0).mean()),
            "transitions": counts.to_numpy().tolist(),
            "wilcoxon_p": figure(
                stats.wilcoxon(
                    moved,
                    method="asymptotic",
                    correction=True,
                    zero_method="wilcox",
                ).pvalue
            ),
            "mcnemar_p": figure(mcnemar(crossed, exact=True).pvalue),
            "stability": figure(
                (counts.sum(axis=0) - counts.sum(axis=1)).abs().sum()
                / (2 * len(linked))
            ),
        }
    return dict(found)


def figure(value: float) -> float:
    """Return a figure with as many digits as are the same on every machine."""
    return float(f"{float(value):.{DIGITS}g}")


if __name__ == "__main__":
    main()
