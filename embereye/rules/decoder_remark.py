"""What an operator should know about the decoder of a camera."""

import re

_NOTE = re.compile(r"\(software; (?:no (?P<absent>\w+)|not by (?P<unable>\w+)|(?P<bad>\w+) failed)")


def decoder_remark(decoder: str) -> str:
    """Sentences about a decoder such as "h264 (software; no vaapi)"; empty when all is as wished.

    That no chip at all is offered is no remark: such a camera asked for any chip there may be.
    """
    found = _NOTE.search(decoder)
    if found is None or found["absent"] == "chip":
        return ""
    if kind := found["absent"]:
        return f"{kind} is not available on this machine; decoded in software."
    if kind := found["unable"]:
        return f"{kind} does not decode this codec; decoded in software."
    return f"{found['bad']} failed; decoded in software. Check the driver of the graphics card."
