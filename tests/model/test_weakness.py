from ringfence.model.weakness import Severity


def test_the_worst_is_the_greatest() -> None:
    assert max(Severity) is Severity.CRITICAL
    assert min(Severity) is Severity.LOW
