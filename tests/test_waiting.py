"""What is due after a delay happens once, in order, unless it was called off; nothing else happens."""

import asyncio

from exoreview.sparql.waiting import Delay


def run(steps):
    return asyncio.run(steps())


def test_things_happen_in_the_order_in_which_they_were_asked_for():
    async def steps():
        happened, delay = [], Delay(0.02)
        for name in "abc":
            delay.call(lambda name=name: happened.append(name))
            await asyncio.sleep(0.005)
        assert happened == []
        await asyncio.sleep(0.1)
        return happened

    assert run(steps) == ["a", "b", "c"]


def test_what_was_called_off_does_not_happen_and_keeps_nothing_else_back():
    async def steps():
        happened, delay = [], Delay(0.01)
        dues = [delay.call(lambda name=name: happened.append(name)) for name in "abcd"]
        dues[0].cancel()
        dues[2].cancel()
        await asyncio.sleep(0.05)
        return happened

    assert run(steps) == ["b", "d"]


def test_a_delay_goes_on_after_everything_was_done():
    async def steps():
        happened, delay = [], Delay(0.01)
        for name in "ab":
            delay.call(lambda name=name: happened.append(name))
            await asyncio.sleep(0.05)
        return happened

    assert run(steps) == ["a", "b"]


def test_what_happens_may_ask_for_more():
    async def steps():
        happened, delay = [], Delay(0.01)

        def first():
            happened.append("first")
            delay.call(lambda: happened.append("second"))

        delay.call(first)
        await asyncio.sleep(0.1)
        return happened

    assert run(steps) == ["first", "second"]


def test_a_delay_keeps_nothing_of_what_was_called_off():
    async def steps():
        delay = Delay(60)
        for _ in range(1000):
            delay.call(print).cancel()
        held = len(delay.dues)
        delay.timer.cancel()
        return held

    assert run(steps) == 1
