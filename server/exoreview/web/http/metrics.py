"""What is counted for those who watch over the server, in the form that Prometheus reads."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}
# Why query processes are ended; each is told from the start, so that the first one is seen to happen.
_KILLS = {"timeout": 0, "gone": 0, "died": 0}
_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100)


class Seconds:
    """A histogram of times, counted in the buckets that Prometheus adds up."""

    def __init__(self):
        self.counts, self.sum = [0] * (len(_SECONDS) + 1), 0.0

    def observe(self, seconds: float) -> None:
        """Count a time."""
        self.counts[bisect_left(_SECONDS, seconds)] += 1
        self.sum += seconds

    def family(self, name: str, help: str) -> HistogramMetricFamily:
        """The histogram as it stands."""
        limits = (*(str(float(limit)) for limit in _SECONDS), "+Inf")
        buckets = list(zip(limits, accumulate(self.counts), strict=True))
        return HistogramMetricFamily(name, help, buckets=buckets, sum_value=self.sum)


class Metrics(Collector):
    """All counters of one web process; what every request counts is counted plainly."""

    def __init__(self, engine, cache, workers: int):
        """What engine and cache count themselves is read when somebody looks; so many `workers` there are."""
        self.engine, self.cache, self.workers = engine, cache, workers
        # What lends connections, if anything does.
        self.lending = None
        # By method and status, and by what became of a query.
        self.requests: Counter[tuple[str, int]] = Counter()
        self.queries: Counter[str] = Counter()
        self.seconds = Seconds()
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.registry.register(self)

    def count(self, method: str, status: int) -> None:
        """Count a request; whoever invents methods shall not invent metrics."""
        self.requests[method if method in _METHODS else "other", status] += 1

    def text(self) -> bytes:
        """Everything that is counted."""
        return generate_latest(self.registry)

    def collect(self) -> Iterator:
        """The families of metrics, for Prometheus's own client library."""
        if self.lending:
            # Here, and not after the others: what it tells is counted in them.
            self.lending.read()
            yield from self._lent()
        requests = CounterMetricFamily(
            "exoreview_requests", "Requests by method and status of the reply.", labels=["method", "status"]
        )
        for (method, status), count in self.requests.items():
            requests.add_metric([method, str(status)], count)
        yield requests
        yield _counted("exoreview_queries", "Queries by what became of them.", "outcome", self.queries)
        yield self.seconds.family(
            "exoreview_query_seconds",
            "Seconds from the arrival of a query that no cache could answer to its end.",
        )
        yield _counted(
            "exoreview_query_kills", "Query processes ended.", "reason", _KILLS | self.engine.kills
        )
        states = {"busy": self.engine.busy, "free": max(0, self.workers - self.engine.busy)}
        workers = GaugeMetricFamily("exoreview_workers", "Processes for queries, by state.", labels=["state"])
        for state, count in states.items():
            workers.add_metric([state], count)
        yield workers
        yield GaugeMetricFamily("exoreview_queries_running", "Queries that run.", self.engine.busy)
        yield GaugeMetricFamily("exoreview_queries_waiting", "Queries that wait.", self.engine.queued)
        cache = self.cache
        yield GaugeMetricFamily("exoreview_cache_bytes", "Memory of kept replies, in bytes.", cache.size)
        yield GaugeMetricFamily("exoreview_cache_disk_bytes", "Disk of kept replies, in bytes.", cache.disk)
        yield GaugeMetricFamily("exoreview_cache_entries", "Replies that are kept.", len(self.cache))

    def _lent(self) -> Iterator:
        lent, ended = self.lending.lent, self.lending.ended
        yield GaugeMetricFamily("exoreview_connections_lent", "Connections lent to query processes.", lent)
        yield CounterMetricFamily(
            "exoreview_lent_ended",
            "Processes that came to an end while connections were lent to them.",
            ended,
        )


def _counted(name: str, help: str, label: str, counts: dict[str, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, help, labels=[label])
    for value, count in counts.items():
        family.add_metric([value], count)
    return family
