"""What may stand in the options of a camera."""

import pytest
from pydantic import ValidationError

from embereye.config.schema import Camera


def test_a_login_in_the_onvif_address_is_refused() -> None:
    with pytest.raises(ValidationError, match="no user name and password"):
        Camera(id="gate", name="Gate", source="0", onvif="http://bob:canary@10.1.2.3/")


def test_blanks_around_the_onvif_address_are_left_out() -> None:
    camera = Camera(id="gate", name="Gate", source="0", onvif=" 10.1.2.3:8080 ")
    assert camera.onvif == "10.1.2.3:8080"
