"""What is counted for those who watch over the server, in the form that Prometheus reads."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100)


class Metrics:
    """All counters of one web process."""

    def __init__(self, engine, cache):
        """What engine and cache count themselves is read when somebody looks."""
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.registry.register(_Gauges(engine, cache))
        self.requests = Counter(
            "exoreview_requests",
            "Requests by method and status.",
            ("method", "status"),
            registry=self.registry,
        )
        self.queries = Counter(
            "exoreview_queries",
            "Queries by what became of them: cached, answered, refused, or why they ended.",
            ("outcome",),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "exoreview_query_seconds",
            "Seconds from the arrival of a query that no cache could answer to its end.",
            buckets=_SECONDS,
            registry=self.registry,
        )

    def text(self) -> bytes:
        """Everything that is counted."""
        return generate_latest(self.registry)


class _Gauges(Collector):
    """What changes by itself."""

    def __init__(self, engine, cache):
        self.engine, self.cache = engine, cache

    def collect(self) -> Iterator:
        yield GaugeMetricFamily("exoreview_queries_running", "Queries that run.", self.engine.busy)
        yield GaugeMetricFamily(
            "exoreview_queries_waiting", "Queries that wait for a free process.", self.engine.queued
        )
        kills = CounterMetricFamily(
            "exoreview_query_kills", "Query processes that were ended, by reason.", labels=["reason"]
        )
        for reason, count in self.engine.kills.items():
            kills.add_metric([reason], count)
        yield kills
        yield GaugeMetricFamily("exoreview_cache_bytes", "Bytes in the cache of answers.", self.cache.size)
        yield GaugeMetricFamily("exoreview_cache_entries", "Answers in the cache.", len(self.cache))
