"""The two loops of a query, compiled: who is near, and what they say.

Compiled code is kept beside this file (or in NUMBA_CACHE_DIR) and loaded by later processes.
Neither loop lets go of the interpreter's lock, so one model's workspace serves all threads.
`engine.recommend.knn` holds the same two steps in plain numpy; tests compare them.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Numbers = NDArray[np.int32]
Singles = NDArray[np.float32]
Counts = NDArray[np.uint16]

SCALE = 1e6
"""Similarities are ranked by six digits: weights are single precision."""
BLOCK = 16_384
"""Users whose similarities are added up at once: 128 KiB, which a near cache holds."""
CROWDED = 24
"""Items for each that was found, below which looking at all of them is quicker than sorting."""
LAST_USER = 2**31 - 1
RATED = 4.0
"""Added with each of a user's ratings: how many there were, above all similarities."""
FEW = 64
CHUNK = 256
POOL = 256
NARROW = 41
"""Bits of a key below its bucket: the row's 31 and ten of the similarity's."""
BUCKETS = 1_024
"""A similarity of 1 is a million millionths, which lies in bucket 976."""


@njit(cache=True)
def _keep_best(keys: Ints, exact: Floats, held: int, k: int) -> tuple[int, int]:
    """Moves the `k` largest of the first `held` keys to the front, with what shares a bucket with
    the last of them; how many these are, and what every key worth a look is above."""
    counts = np.zeros(BUCKETS, np.int32)
    for at in range(held):
        counts[keys[at] >> NARROW] += 1
    bar, better = BUCKETS, 0
    while better < k:
        bar -= 1
        better += counts[bar]
    least = (bar << NARROW) - 1
    if better > k + FEW:
        least = np.partition(keys[:held], held - k)[held - k] - 1
    kept = 0
    for at in range(held):
        keys[kept], exact[kept] = keys[at], exact[at]
        kept += keys[at] > least
    return kept, least


@njit(cache=True)
def _best_first(keys: Ints, exact: Floats, held: int) -> tuple[Ints, Floats]:
    """The users and similarities of the first `held` keys, the largest key first."""
    who, similarity = np.empty(held, np.int64), np.empty(held, np.float64)
    if held > 2 * FEW:
        order = np.argsort(-keys[:held])
        for n in range(held):
            who[n], similarity[n] = LAST_USER - (keys[order[n]] & LAST_USER), exact[order[n]]
        return who, similarity
    for n in range(held):  # counting who is larger takes no guess that goes wrong
        place = 0
        for other in range(held):
            place += keys[other] > keys[n]
        who[place], similarity[place] = LAST_USER - (keys[n] & LAST_USER), exact[n]
    return who, similarity


@njit(cache=True)
def near(
    picked: Ints,  # (pick,) item rows
    query: Floats,  # (pick,) unit length
    first: Ints,  # (item,) where its column begins
    last: Ints,  # (item,) and ends
    users: Numbers,  # ascending in a column
    weights: Singles,
    degrees: Counts,  # (user,)
    k: int,
    new_only: bool,
    alike: Floats,  # (BLOCK,) zeros; given back as zeros
) -> tuple[Ints, Floats]:
    """The `k` most similar users, most similar first, ties by row; `new_only` leaves out those
    who rated nothing but picks.

    Users are visited in blocks: the columns' ratings of a block are added up, and a second look
    takes what was added. Whoever may be among the best goes into a pool; a full pool is cut to
    about its `k` best, below which nobody enters any more. A key is
    the similarity's six digits and then the row turned round, so that the larger of two keys is
    the better user.
    """
    picks = len(picked)
    at, end, stop = np.empty((3, picks), np.int64)
    for pick in range(picks):
        at[pick], end[pick] = first[picked[pick]], last[picked[pick]]
    room = max(POOL, 2 * (k + FEW))
    keys, exact = np.empty(room, np.int64), np.empty(room, np.float64)
    seen, sums = np.empty(CHUNK, np.int64), np.empty(CHUNK, np.float64)
    anybody = 0 if new_only else LAST_USER
    held, least, enough = 0, -1, RATED
    while True:
        lowest = LAST_USER
        for pick in range(picks):
            if at[pick] < end[pick]:
                lowest = min(lowest, users[at[pick]])
        if lowest == LAST_USER:
            break
        for pick in range(picks):
            share, place = query[pick], at[pick]
            while place < end[pick] and users[place] - lowest < BLOCK:
                alike[users[place] - lowest] += RATED + weights[place] * share
                place += 1
            stop[pick] = place
        for pick in range(picks):
            for begin in range(at[pick], stop[pick], CHUNK):
                found = 0
                for place in range(begin, min(begin + CHUNK, stop[pick])):
                    user = int(users[place])
                    added = alike[user - lowest]
                    alike[user - lowest] = 0.0
                    seen[found], sums[found] = user, added
                    found += added > enough  # else: one rating of too little, or taken before
                for n in range(found):
                    user = seen[n]
                    shared = int(sums[n] * (1 / RATED))
                    similarity = sums[n] - RATED * shared
                    key = (int(np.rint(similarity * SCALE)) << 31) + (LAST_USER - user)
                    keys[held], exact[held] = key, similarity
                    held += (key > least) & (shared < max(degrees[user], anybody))
                    if held == room:
                        held, least = _keep_best(keys, exact, held, k)
                        enough = RATED + ((least >> 31) - 1) / SCALE
            at[pick] = stop[pick]
    if held > k:
        held, _ = _keep_best(keys, exact, held, k)
    who, similarity = _best_first(keys, exact, held)
    return who[:k], similarity[:k]


@njit(cache=True)
def said(
    neighbours: Ints,  # (neighbour,) rows; below 0: row -1 - n of the second matrix
    similarity: Floats,
    starts: Ints,
    items: Numbers,
    ratings: Singles,
    second_starts: Ints,
    second_items: Numbers,
    second_ratings: Singles,
    picked: Ints,
    admires: float,
    shrinkage: float,
    sums: Floats,  # (item, 3) zeros: Σ sim·rating, Σ sim, Σ rating; given back as zeros
    counts: Ints,  # (item, 2) zeros: raters, admirers; given back as zeros
) -> tuple[Ints, Floats]:
    """What the neighbours rated, picks left out: items (ascending), raters and admirers, and
    beside them Σ sim·rating / (Σ sim + shrinkage) and the mean rating; (3 and 2, item found)."""
    size = 0
    for user in neighbours:
        if user >= 0:
            size += starts[user + 1] - starts[user]
        else:
            size += second_starts[-user] - second_starts[-1 - user]
    touched = np.empty(size, np.int64)
    found = 0
    for item in picked:
        counts[item, 0] = -1
    for n in range(len(neighbours)):
        user, weight = neighbours[n], similarity[n]
        if user >= 0:
            begin, end = starts[user], starts[user + 1]
        else:
            begin, end = second_starts[-1 - user], second_starts[-user]
        for at in range(begin, end):
            if user >= 0:
                item, rating = items[at], np.float64(ratings[at])
            else:
                item, rating = second_items[at], np.float64(second_ratings[at])
            if counts[item, 0] < 0:
                continue
            if counts[item, 0] == 0:
                touched[found] = item
                found += 1
            counts[item, 0] += 1
            counts[item, 1] += rating >= admires
            sums[item, 0] += weight * rating
            sums[item, 1] += weight
            sums[item, 2] += rating
    told, out = np.empty((3, found), np.int64), np.empty((2, found), np.float64)
    if len(counts) < CROWDED * found:
        at = 0
        for item in range(len(counts)):
            if counts[item, 0] > 0:
                told[0, at] = item
                at += 1
    else:
        told[0] = np.sort(touched[:found])
    for n in range(found):
        item = told[0, n]
        told[1, n], told[2, n] = counts[item, 0], counts[item, 1]
        out[0, n] = sums[item, 0] / (sums[item, 1] + shrinkage)
        out[1, n] = sums[item, 2] / counts[item, 0]
        sums[item, 0] = sums[item, 1] = sums[item, 2] = 0.0
        counts[item, 0] = counts[item, 1] = 0
    for item in picked:
        counts[item, 0] = 0
    return told, out


@njit(cache=True)
def answer(
    picked: Ints,
    given: Floats,  # (pick,) ratings, of any length
    k: int,
    new_only: bool,
    admires: float,
    shrinkage: float,
    first: Ints,
    last: Ints,
    users: Numbers,
    weights: Singles,
    degrees: Counts,
    starts: Ints,
    items: Numbers,
    ratings: Singles,
    alike: Floats,
    sums: Floats,
    counts: Ints,
) -> tuple[Ints, Floats, Ints, Floats]:
    """`near` and then `said` of one matrix: a call costs as much as many ratings."""
    length = 0.0
    for rating in given:
        length += rating * rating
    query = given / np.sqrt(length) if length else given
    who, similarity = near(picked, query, first, last, users, weights, degrees, k, new_only, alike)
    told, out = said(
        who,
        similarity,
        starts,
        items,
        ratings,
        starts,
        items,
        ratings,
        picked,
        admires,
        shrinkage,
        sums,
        counts,
    )
    return who, similarity, told, out
