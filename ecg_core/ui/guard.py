"""Closes what Streamlit leaves open: websockets from other sites, uploads without a login, media files."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ecg_core.services.logins import SESSION_COOKIE, find_visitor
from ecg_core.services.room import reading_room

# blob: is how Streamlit loads the script of a component, such as the one that tells the width of the page.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'self'; "
    "form-action 'self'; object-src 'none'"
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cross-origin-opener-policy": "same-origin",
}
# Media files are served by content hash to anybody; no page here makes one. The rest is for other products.
_CLOSED = ("/media/", "/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check")
# Whatever is not the same for everybody may show a patient: no cache keeps it.
_ASSETS = ("/static/", "/docs/assets/", "/_stcore/", "/component/")
_ENCODED = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
_ENCODED_UNKEPT = [*_ENCODED, (b"cache-control", b"private, no-store")]
_UPLOADS = "/_stcore/upload_file/"


class Guard:
    """ASGI middleware around everything that the server serves."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and not _is_own_origin(scope):
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] != "http":
            await self.app(scope, receive, send)
        else:
            await self._serve(scope, receive, _with_headers(scope, send))

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = "/" + scope["path"].lstrip("/")
        if path.startswith(_CLOSED):
            await JSONResponse({"detail": "Not Found"}, 404)(scope, receive, send)
        elif path.startswith(_UPLOADS) and not await _is_user(scope):
            await JSONResponse({"detail": "Log in first"}, 401)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _header(scope: Scope, name: bytes) -> str | None:
    values = [value.decode("latin-1") for key, value in scope["headers"] if key == name]
    return values[0] if len(values) == 1 else None


def _is_own_origin(scope: Scope) -> bool:
    """A browser always sends the page's origin; without one it is no browser and has no cookie to abuse."""
    own = {f"{scheme}://{_header(scope, b'host')}" for scheme in ("http", "https")}
    return own.issuperset(value.decode("latin-1") for key, value in scope["headers"] if key == b"origin")


def session_cookie(header: str | None) -> str | None:
    """The session cookie in a Cookie header."""
    try:
        morsel = SimpleCookie(header or "").get(SESSION_COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel else None


async def _is_user(scope: Scope) -> bool:
    cookie = session_cookie(_header(scope, b"cookie"))
    visitor = await run_in_threadpool(find_visitor, reading_room(), cookie)
    return visitor is not None and not visitor.is_admin


def _with_headers(scope: Scope, send: Send) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {key.lower() for key, _ in message["headers"]}
            wanted = _ENCODED if scope["path"].startswith(_ASSETS) else _ENCODED_UNKEPT
            extra = [header for header in wanted if header[0] not in present]
            message = {**message, "headers": [*message["headers"], *extra]}
        await send(message)

    return send_with_headers
