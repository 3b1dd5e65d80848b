"""Device keys at rest: bound to device and name, damage found, the master key never remade."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embereye.config.sealing import MASTER, Seal, open_seal
from embereye.config.secrets import FileSecrets
from embereye.model.errors import SealBroken

_KEY = bytes(range(32))
_SEAL = Seal(bytes(32))


def test_a_sealed_key_comes_back_and_is_not_in_the_sealed_bytes() -> None:
    sealed = _SEAL.close("boiler", "k1", _KEY)
    assert _SEAL.open("boiler", "k1", sealed) == _KEY
    assert _KEY[:8] not in sealed


def test_the_same_key_is_never_sealed_to_the_same_bytes() -> None:
    assert _SEAL.close("boiler", "k1", _KEY) != _SEAL.close("boiler", "k1", _KEY)


@pytest.mark.parametrize(
    ("seal", "device", "kid"),
    [(_SEAL, "other", "k1"), (_SEAL, "boiler", "k2"), (Seal(b"\1" * 32), "boiler", "k1")],
)
def test_a_row_copied_elsewhere_does_not_open(seal: Seal, device: str, kid: str) -> None:
    with pytest.raises(SealBroken, match="enrol it again"):
        seal.open(device, kid, _SEAL.close("boiler", "k1", _KEY))


@settings(deadline=None)
@given(st.binary(max_size=100), st.integers(0, 60), st.integers(1, 255))
def test_damage_is_an_error_with_a_remedy(junk: bytes, place: int, change: int) -> None:
    sealed = bytearray(_SEAL.close("boiler", "k1", _KEY))
    sealed[place] ^= change
    for damaged in (bytes(sealed), junk, bytes(sealed[:place])):
        with pytest.raises(SealBroken, match="Restore"):
            _SEAL.open("boiler", "k1", damaged)


def test_the_master_key_is_made_once_and_found_again(tmp_path: Path) -> None:
    sealed = open_seal(FileSecrets(tmp_path), make=True).close("boiler", "k1", _KEY)
    again = open_seal(FileSecrets(tmp_path), make=False)
    assert again.open("boiler", "k1", sealed) == _KEY


def test_a_lost_master_key_is_not_replaced_while_keys_need_it(tmp_path: Path) -> None:
    with pytest.raises(SealBroken, match="missing"):
        open_seal(FileSecrets(tmp_path), make=False)
    assert FileSecrets(tmp_path).read(MASTER) is None


@pytest.mark.parametrize("stored", ["", "zz", "00" * 31])
def test_a_damaged_master_key_is_said_and_kept(tmp_path: Path, stored: str) -> None:
    FileSecrets(tmp_path).write(MASTER, stored)
    with pytest.raises(SealBroken, match="damaged"):
        open_seal(FileSecrets(tmp_path), make=True)
    assert FileSecrets(tmp_path).read(MASTER) == stored
