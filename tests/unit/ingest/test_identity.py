import pytest

from embereye.config.schema import Device
from embereye.ingest.identity import ConnectionIdentity, IdentWatch, Register

DEVICES = (
    Device(id="by-location", name="L", location="cam01"),
    Device(id="other-location", name="O", location="cam02"),
    Device(id="1234", name="I"),
    Device(id="by-address", name="A", address="10.0.0.9"),
)


@pytest.mark.parametrize(
    ("locid", "ident", "location", "address", "device", "assigned"),
    [
        ("cam02", "1234", "cam01", "10.0.0.9", "by-location", True),  # explicit location first
        ("cam02", "1234", "", "10.0.0.9", "other-location", True),  # then the connection's
        ("", "1234", "", "10.0.0.9", "1234", True),  # then a constant id
        ("", "99", "", "10.0.0.9", "by-address", True),  # then the address
        ("", "", "", "10.0.0.9", "by-address", True),
        ("", "cam01", "", "10.0.0.1", "by-location", True),  # simulators put the location there
        ("", "", "", "10.0.0.1", "10.0.0.1", False),
        ("", "5678", "", "10.0.0.1", "5678", False),
        ("cam77", "", "", "10.0.0.1", "cam77", False),
        ("cam02", "", "cam77", "10.0.0.9", "cam77", False),  # a stranger behind a known link
        ("cam 7/8", "", "", "10.0.0.1", "cam-7-8", False),
    ],
)
def test_resolution_follows_the_order(locid, ident, location, address, device, assigned):
    identity = ConnectionIdentity(Register(DEVICES), address, address)
    identity.location = locid

    binding = identity.resolve(ident, location)

    assert (binding.device, binding.assigned) == (device, assigned)


def test_a_frame_counter_never_becomes_a_device():
    register = Register((Device(id="5", name="five"),))
    identity = ConnectionIdentity(register, "10.0.0.1", "10.0.0.1")

    found = [identity.resolve(str(n // 2), "").device for n in range(2, 40)]

    assert set(found[2:]) == {"10.0.0.1"}
    assert identity.counting


def test_a_counter_that_lost_packets_is_still_a_counter():
    watch = IdentWatch()
    assert [watch.constant(str(n)) for n in (1, 4, 5, 7)] == [True, False, False, False]


def test_neighbouring_ids_behind_a_gateway_are_constant():
    watch = IdentWatch()
    for ident in ("1234", "1235", "1234", "1235"):
        watch.constant(ident)
    assert watch.constant("1234")
    assert watch.constant("1235")


def test_an_assigned_stranger_is_found_under_the_id_it_was_offered_with():
    identity = ConnectionIdentity(Register(()), "10.0.0.1", "10.0.0.1")
    offered = identity.resolve("", "cam 9").device

    identity.register = Register((Device(id=offered, name="now known"),))

    assert identity.resolve("", "cam 9").assigned
