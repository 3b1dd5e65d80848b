"""A real RTSP server for tests: GStreamer's, run as a child process with /usr/bin/python3.

Usage: /usr/bin/python3 gst_rtsp.py [--user U --password P] NAME=FILE …
Serves each file at rtsp://127.0.0.1:PORT/NAME over TCP and UDP without encoding: .h264 files
(Annex B) in an endless loop, .mp4 files once. Prints {"port": N} as soon as it serves.
Needs Debian's gir1.2-gst-rtsp-server-1.0, python3-gi, gstreamer1.0-plugins-{good,bad}; exits with
3 where they are absent.
"""

import argparse
import json
import os
import sys
import threading

try:
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtsp", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstRtsp, GstRtspServer
except (ImportError, ValueError) as error:
    sys.stderr.write(f"GStreamer's RTSP server is not installed: {error}\n")
    sys.exit(3)

_RAW = "video/x-h264,framerate=15/1,stream-format=byte-stream"
_PAY = (
    "h264parse config-interval=-1 ! video/x-h264,stream-format=byte-stream,alignment=au "
    "! rtph264pay name=pay0 pt=96 config-interval=-1"
)


def launch_line(path):
    """The pipeline that reads `path` and makes RTP packets of it."""
    if path.endswith((".h264", ".264")):
        return f'( multifilesrc location="{path}" loop=true caps="{_RAW}" ! {_PAY} )'
    return f'( filesrc location="{path}" ! qtdemux ! {_PAY} )'


def protect(server, user, password):
    """Ask every client for digest credentials."""
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_digest(user, password, token)
    server.set_auth(auth)


def add_mount(mounts, name, path, protected):
    """Serve `path` at /`name`, shared by all clients."""
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(launch_line(path))
    factory.set_shared(True)
    if protected:
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("viewer", "media.factory.access", True)
        permissions.add_permission_for_role("viewer", "media.factory.construct", True)
        factory.set_permissions(permissions)
    mounts.add_factory(f"/{name}", factory)


def _say(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--user")
    parser.add_argument("--password")
    parser.add_argument("mounts", nargs="+", metavar="NAME=FILE")
    args = parser.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    if args.user:
        protect(server, args.user, args.password or "")
    for mount in args.mounts:
        name, _, path = mount.partition("=")
        add_mount(server.get_mount_points(), name, path, bool(args.user))
    server.attach(None)
    _say(json.dumps({"port": server.get_bound_port()}))
    # The parent's death closes our standard input; no server is left behind then.
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
