"""Frames come out as they went in, however the bytes between are cut."""

import socket
import threading

import pytest

from exoreview import media
from exoreview.sparql import frames
from exoreview.sparql.engine import Question
from exoreview.sparql.frames import Incoming, Received, pack
from exoreview.sparql.outcomes import QueryError, Stopped, TooLarge

SENT = [(frames.HELLO, b"17"), (frames.PIECE, b""), (frames.COMPLETE, b"x" * 70_000), (frames.WRONG, b"[]")]


@pytest.mark.parametrize("size", [1, 8, 9, 10, 65_536, 10**6])
def test_frames_come_out_however_they_are_cut(size):
    sent = b"".join(pack(*frame) for frame in SENT)
    received, got = Received(), []
    for start in range(0, len(sent), size):
        got += received.frames(sent[start : start + size])
    assert got == SENT


def test_a_frame_is_waited_for_until_it_is_whole():
    here, there = socket.socketpair()
    with here, there:
        incoming = Incoming(here)
        content = b"y" * 1_000_000
        sender = threading.Thread(target=there.sendall, args=(pack(frames.REPLIES, content),))
        sender.start()
        assert incoming.next() == (frames.REPLIES, content)
        sender.join()
        there.sendall(pack(frames.HELLO, b"1"))
        assert incoming.next() == (frames.HELLO, b"1")
        there.close()
        with pytest.raises(EOFError):
            incoming.next()


QUESTIONS = {
    "plain": Question("ASK {}", media.RESULTS_JSON),
    "with graphs": Question("ASK {}", media.CSV, ("a:b", "a:c"), ("a:d",), "gzip"),
    "of many lines": Question("ASK\n{\n}\n\n", media.RESULTS_JSON),
    "with surrogates": Question("ASK { \ud800 }", media.RESULTS_JSON),
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_a_question_arrives_as_it_was_asked(question):
    (kind, content), *rest = Received().frames(frames.question(question))
    assert (kind, rest) == (frames.ASKED, [])
    assert frames.asked(content) == question


ENDS = {
    "wrong": QueryError("no", 1, 2, "hint"),
    "too large": TooLarge("too much"),
    "stopped": Stopped("enough"),
    "a mistake of ours": RuntimeError("trace"),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_an_end_arrives_as_it_was_said(end):
    ((kind, content),) = Received().frames(frames.ended(end))
    got = frames.error(kind, content)
    assert type(got) is type(end)
    assert (str(got), getattr(got, "hint", None)) == (str(end), getattr(end, "hint", None))
