"""Places for queries: no client has all, whoever waits has his turn, and nobody keeps what he has left."""

import asyncio
from contextlib import suppress

import pytest

from exoreview import settings
from exoreview.sparql.outcomes import Busy, Gone
from exoreview.sparql.places import Places
from exoreview.web.http.requests import Request, Site


def played(scenario, **given):
    """Run what happens at places with these settings, and see that all are free at the end."""

    async def play():
        places = Places(settings.read({}, **{"workers": 2, "client_queries": 5} | given))
        try:
            await scenario(places)
        finally:
            places.close()
        assert (places.busy, places.queued, dict(places.taken), places.waiting) == (0, 0, {}, {})

    asyncio.run(play())


async def come(places, *clients):
    """Queries of clients, one after the other; each has its place or waits for it."""
    come = [asyncio.ensure_future(places.take(client)) for client in clients]
    await asyncio.sleep(0)
    return come


async def go(places, *clients):
    """Give the places of these clients back, one after the other."""
    for client in clients:
        places.release(client)
        await asyncio.sleep(0)


def have_places(queries):
    return [query.done() and not query.exception() for query in queries]


# By the queries that come, and those that go then: which of the first have had their place in the end.
TURNS = {
    "as many as there are": ("ab", "", [True, True]),
    "more wait": ("abc", "", [True, True, False]),
    "until one goes": ("abc", "a", [True, True, True]),
    "who came first": ("abcd", "a", [True, True, True, False]),
    "who has fewer places": ("aaab", "a", [True, True, False, True]),
    "in turns": ("aaaabb", "aa", [True, True, True, False, True, False]),
    "who stands first of those with as many": ("ababbc", "ab", [True, True, True, True, False, False]),
}


@pytest.mark.parametrize(("coming", "going", "expected"), TURNS.values(), ids=TURNS)
def test_whose_turn_it_is(coming, going, expected):
    async def scenario(places):
        queries = await come(places, *coming)
        await go(places, *going)
        assert have_places(queries) == expected
        left = list(coming)
        for client in going:
            left.remove(client)
        while left:
            client = next(client for client in left if places.taken[client])
            left.remove(client)
            await go(places, client)
        assert all(have_places(queries))

    played(scenario)


def test_one_place_is_shared_in_turns():
    async def scenario(places):
        order = []

        async def asked(client, number):
            await places.take(client)
            order.append(f"{client}{number}")
            await asyncio.sleep(0)
            places.release(client)

        await asyncio.gather(*(asked(client, number) for client in "ab" for number in range(3)))
        assert order == ["a0", "a1", "b0", "a2", "b1", "b2"]

    played(scenario, workers=1)


def test_a_client_leaves_places_to_others():
    async def scenario(places):
        queries = await come(places, *"aaa")
        assert have_places(queries) == [True, True, False]
        other = await come(places, *"b")
        assert have_places(other) == [True]
        await go(places, "b")
        assert have_places(queries) == [True, True, False]
        await go(places, *"aaa")

    played(scenario, workers=3, client_queries=2)


def test_who_is_not_known_is_not_counted_for_one_client():
    async def scenario(places):
        queries = await come(places, None, None, None)
        assert have_places(queries) == [True, True, True]
        await go(places, None, None, None)

    played(scenario, workers=3, client_queries=1)


# By who waits and who comes then where three may wait: the place in the queue of the one who is turned away.
FULL = {
    "who comes": ("abc", "d", 3),
    "of those with most": ("aaa", "b", 2),
    "not the first of them": ("aba", "c", 2),
    "who has most himself": ("aaa", "a", 3),
    "who has as many then": ("aab", "b", 3),
}


@pytest.mark.parametrize(("waiting", "coming", "turned"), FULL.values(), ids=FULL)
def test_who_is_turned_away_where_no_more_can_wait(waiting, coming, turned):
    async def scenario(places):
        first = await come(places, "x", "y")
        queries = await come(places, *waiting, coming)
        await asyncio.sleep(0)
        with pytest.raises(Busy, match="3 queries are waiting already"):
            await queries[turned]
        await go(places, "x", "y")
        for query, client in zip(queries, waiting + coming, strict=True):
            with suppress(Busy):
                await query
                await go(places, client)
        assert sum(have_places(queries)) == 3
        assert all(have_places(first))

    played(scenario, queue_max=3)


# By how many of its queries a client has answered: what it is told when it has waited in vain.
IN_VAIN = {
    "of all places": ("ab", "All places for queries are taken"),
    "of its own": ("a", "1 query of one client is answered at a time"),
}


@pytest.mark.parametrize(("taken", "sentence"), IN_VAIN.values(), ids=IN_VAIN)
def test_who_waits_too_long_is_told_why(taken, sentence):
    async def scenario(places):
        await come(places, *taken)
        (query,) = await come(places, "c" if len(taken) == 2 else "a")
        with pytest.raises(Busy, match=sentence):
            await query
        await go(places, *taken)

    played(scenario, client_queries=1, queue_wait_s=0.1)


def test_who_has_left_waits_no_longer():
    async def scenario(places):
        await come(places, "a", "b")
        with pytest.raises(Gone):
            await places.take("c", lambda: True)
        await go(places, "a", "b")

    played(scenario, queue_wait_s=30)


@pytest.mark.parametrize("has_turn", [False, True], ids=["waiting", "its turn had come"])
def test_who_is_cancelled_keeps_no_place(has_turn):
    async def scenario(places):
        await come(places, "a", "b")
        (query,) = await come(places, "c")
        if has_turn:
            places.release("a")
        query.cancel()
        with pytest.raises(asyncio.CancelledError):
            await query
        await go(places, *("b" if has_turn else "ab"))

    played(scenario)


# Addresses, and what counts as the client that has them.
CLIENTS = {
    "192.0.2.7": "192.0.2.7",
    "2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
    "2001:db8:1:2::9": "2001:db8:1:2::/64",
    "2001:db8:1:3::9": "2001:db8:1:3::/64",
    "::ffff:192.0.2.7": "192.0.2.7",
    "unknown": "unknown",
    "[2001:db8::1]:80": "[2001:db8::1]:80",
    "": "",
}


@pytest.mark.parametrize(("address", "client"), CLIENTS.items(), ids=CLIENTS)
def test_what_counts_as_one_client(address, client):
    assert Request(Site(), "GET", "/", {}, address).network == client
    forwarded = {"x-forwarded-for": address}
    assert Request(Site(proxies=1), "GET", "/", forwarded, "192.0.2.1").network == (client or "192.0.2.1")
