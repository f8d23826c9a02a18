"""Numbers in Prometheus' form, read back by Prometheus' own parser."""

from __future__ import annotations

import math

import pytest

from ringfence.flow.metrics import MAX_SERIES, Histogram, Metrics


def metrics() -> Metrics:
    made = Metrics()
    packets = made.counter(
        "ringfence_packets_total", "Packets that were read.", {"source": ("interface", "hep")}
    )
    packets.add(3, source="interface")
    packets.add(source="interface")
    made.gauge("ringfence_blocks", 'Blocked now: "all", \\ and\nmore.').set(2.5)
    latency = made.histogram("ringfence_verdict_seconds", "Verdict to rule.", (0.05, 0.5))
    for seconds in (0.01, 0.05, 0.2, 9):
        latency.observe(seconds)
    return made


def test_text_is_what_prometheus_reads() -> None:
    assert metrics().text() == (
        "# HELP ringfence_packets_total Packets that were read.\n"
        "# TYPE ringfence_packets_total counter\n"
        'ringfence_packets_total{source="interface"} 4\n'
        'ringfence_packets_total{source="hep"} 0\n'
        '# HELP ringfence_blocks Blocked now: "all", \\\\ and\\nmore.\n'
        "# TYPE ringfence_blocks gauge\n"
        "ringfence_blocks 2.5\n"
        "# HELP ringfence_verdict_seconds Verdict to rule.\n"
        "# TYPE ringfence_verdict_seconds histogram\n"
        'ringfence_verdict_seconds_bucket{le="0.05"} 2\n'
        'ringfence_verdict_seconds_bucket{le="0.5"} 3\n'
        'ringfence_verdict_seconds_bucket{le="+Inf"} 4\n'
        "ringfence_verdict_seconds_sum 9.26\n"
        "ringfence_verdict_seconds_count 4\n"
    )


def test_prometheus_own_parser_reads_the_same() -> None:
    parser = pytest.importorskip("prometheus_client.parser", reason="pip install prometheus-client")
    made = metrics()
    odd = made.gauge("ringfence_odd", "odd", {"name": ('a"b', "c\\d", "e\nf")})
    odd.set(7, name='a"b')
    families = {one.name: one for one in parser.text_string_to_metric_families(made.text())}
    assert {name: one.type for name, one in families.items()} == {
        "ringfence_packets": "counter", "ringfence_blocks": "gauge",
        "ringfence_verdict_seconds": "histogram", "ringfence_odd": "gauge",
    }  # fmt: skip
    samples = {(s.name, *s.labels.values()): s.value for s in families["ringfence_packets"].samples}
    assert samples == {
        ("ringfence_packets_total", "interface"): 4, ("ringfence_packets_total", "hep"): 0,
    }  # fmt: skip
    assert {s.labels["name"]: s.value for s in families["ringfence_odd"].samples} == {
        'a"b': 7, "c\\d": 0, "e\nf": 0,
    }  # fmt: skip


def test_no_stranger_makes_a_time_series() -> None:
    packets = Metrics().counter("a_total", "a", {"source": ("interface",)})
    for labels in ({"source": "203.0.113.7"}, {}, {"source": "interface", "more": "1"}):
        with pytest.raises(KeyError):
            packets.add(**labels)  # type: ignore[arg-type]
    assert len(list(packets.lines())) == 3


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("a", {}),
        ("A_total", {}),
        ("a-b_total", {}),
        ("a_total", {"a b": ("x",)}),
        ("a_total", {"n": tuple(map(str, range(MAX_SERIES + 1)))}),
    ],
)
def test_names_that_prometheus_does_not_take_are_refused(
    name: str, labels: dict[str, tuple[str, ...]]
) -> None:
    with pytest.raises(ValueError, match=name):
        Metrics().counter(name, "says", labels)


def test_name_is_given_once() -> None:
    made = metrics()
    with pytest.raises(ValueError, match="there is one already"):
        made.gauge("ringfence_blocks", "again")
    with pytest.raises(ValueError, match="there is one already"):
        made.histogram("ringfence_blocks", "again")


def test_quantiles_are_bounds_that_hold() -> None:
    latency = Histogram("a", "a", (0.01, 0.05, 0.1))
    assert latency.quantile(0.5) == 0.0
    for _ in range(98):
        latency.observe(0.02)
    latency.observe(0.06)
    latency.observe(7)
    assert [latency.quantile(share) for share in (0.5, 0.98, 0.99)] == [0.05, 0.05, 0.1]
    assert latency.quantile(1.0) == math.inf


def test_bounds_that_do_not_go_up_are_refused() -> None:
    with pytest.raises(ValueError, match="bounds go up"):
        Histogram("a", "a", (0.5, 0.1))
