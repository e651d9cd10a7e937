"""Generated applications behave the same after they were ported."""

from hypothesis import HealthCheck, given, settings

from .programs import Program, compared, ported, programs, unexplained


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(programs())
def test_a_generated_application_behaves_like_its_port(program: Program) -> None:
    new = ported(program)
    assert not new.undecided
    for comparison in compared(program, new.source):
        assert not unexplained(program, comparison), new.source
