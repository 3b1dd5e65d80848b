"""Texts that somebody may enter as the source of a camera, none of which may become one (R22)."""

_SCHEMES = [
    "file", "concat", "pipe", "data", "ftp", "sftp", "smb", "gopher", "javascript", "rtmp", "udp",
    "tcp", "unix", "subfile", "crypto", "async", "cache", "hls", "exec", "lavfi", "v4l2", "ssh",
    "RTSPX", "rtsp+http", "rtspu", "srt", "tee", "md5", "icecast", "mmsh", "ws", "dict", "ldap",
]  # fmt: skip
_BAD_SCHEMES = [
    form.format(scheme)
    for scheme in _SCHEMES
    for form in ("{}://10.0.0.1/a", "{}:/etc/passwd", "{}:rtsp://10.0.0.1/a")
]
_CONTROLS = [f"rtsp://cam/{chr(code)}a" for code in (*range(32), 127, 0x85, 0x2028, 0x202E, 0xFEFF)]
_BAD_HOSTS = [
    f"rtsp://{host}/live"
    for host in (
        "", ":554", "-cam", "cam-", "ca m", "cam..de", ".cam", "cam.", "a" * 64, "[::1", "::1",
        "[::1]x", "[fe80::1%eth0]", "[::g]", "[1.2.3.4]", "127.1", "0x7f.0.0.1", "0177.0.0.1",
        "2130706433", "256.1.1.1", "1.2.3.4.5", "1.2.3", "cam\\evil", "cam,evil", "cam;evil",
        "cam|ls", "cam`ls`", "$(ls)", "cam&x", "cam%2fx", "cam%00", "häus", "cam*", "<cam>",
        "'cam'",
        '"cam"', "cam!", "{cam}", "a@b@c", "user@", "@cam", ":pw@cam", "cam:0", "cam:65536",
        "cam:-1", "cam:+5", "cam:5 54", "cam:٣", "cam:0x22a", "cam:", "cam:554:554", "cam:999999",
    )
]  # fmt: skip
_BAD_PATHS = [
    f"rtsp://cam{path}"
    for path in (
        "/a b", "/a#b", "/%", "/%0", "/%zz", "/%00", "/%0d%0aX-Header:1", "/%0A", "/%1b[31m", "/\\",
        "/..\\..", "/{a}", "/a|b", "/`id`", "/<x>", '/"x"', "/a^b", "/ü", "/[x]", "/%7f", "/%c3%28",
        "/%ff", "?a b", "?x=%00", "/live?password=abc", "/user=a&pwd=abc&channel=1", "/?token=abc",
        "/x?passwd=1", "/?secret=1", "/?pass=word", "/?api_key=1",
    )
]  # fmt: skip
_BAD_LOGINS = [
    f"rtsp://{login}@cam/a"
    for login in (
        "u:p/w", "u:p?w", "u:p#w", "u:p w", "u:p%", "u:p%0", "u:%00", "u:%0d%0a", "u:ü", "u:%ff",
        "u:p\\w", 'u:"p"', "u:p|w", "u:<p>", "u:p[w", "***", "u:***", "***:x", "%0a:x", "u:p{w}",
    )
]  # fmt: skip
_OPTIONS = [
    "-i", "-f lavfi", "--help", "-rtsp_transport udp", "-1", "+1", "1.5", "1e3", "0x0", "٠", "²",
    "64", "999", "1000", "0;ls", "0 1", "/dev/video64", "/dev/video", "/dev/video-1", "/dev/null",
    "/dev/sda", "/dev/video0/../sda", "\\\\server\\share\\a.mp4", "//server/share/a.mp4",
    "~/a.mp4", "C:evil.mp4", "", " ", "\t", "rtsp:", "rtsp:/", "rtsp://", "://cam", "http:///x",
    "rtsp://cam/" + "a" * 2048, "http://", "https://:443/", "video=USB Camera", "screen-capture",
]  # fmt: skip
_WEBRTC = [
    text.replace("rtsp", "whep", 1)
    for text in (*_CONTROLS, *_BAD_HOSTS, *_BAD_PATHS, *_BAD_LOGINS)
    if text.startswith("rtsp://")
] + [
    "whep:", "whep:/x", "whep:http://cam/x", "whep:https://cam/x", "whep://", "wheps://:443/x",
    "whep+http://cam/x", "whip://cam/x", "webrtc://cam/x", "whep:/etc/passwd", "whepx://cam/x",
]  # fmt: skip
HOSTILE = [
    *_BAD_SCHEMES, *_CONTROLS, *_BAD_HOSTS, *_BAD_PATHS, *_BAD_LOGINS, *_OPTIONS, *_WEBRTC,
]  # fmt: skip
