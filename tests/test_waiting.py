"""What runs is looked at again and again, by one timer, as long as there is anything to see."""

import asyncio

from exoreview.sparql.waiting import Look


def looked(times, begun=1):
    """How often a look was taken that sees something so many times, begun so often."""

    async def steps():
        count = 0

        def look(now):
            nonlocal count
            count += 1
            return count % times != 0

        looking = Look(0.005, look)
        for _ in range(begun):
            looking.begin()
            looking.begin()
            await asyncio.sleep(0.1)
        return count

    return asyncio.run(steps())


def test_it_looks_until_there_is_nothing_more_to_see():
    assert looked(times=3) == 3


def test_it_looks_again_when_something_begins():
    assert looked(times=3, begun=2) == 6


def test_it_looks_no_more_once_it_is_ended():
    async def steps():
        seen = []
        looking = Look(0.005, lambda now: seen.append(now) or True)
        looking.begin()
        await asyncio.sleep(0.05)
        looking.end()
        count = len(seen)
        await asyncio.sleep(0.05)
        return count, len(seen)

    first, last = asyncio.run(steps())
    assert first == last > 1
