"""One visitor's session of the dashboard over its real websocket, without a browser.

What Streamlit's own page does (``streamlit/proto/BackMsg.proto``, ``ForwardMsg.proto``): a
``rerun_script`` with the page and the address's query goes up, deltas come down, and ``script_finished`` ends
the run. A browser tells the server which large messages it still holds, and gets a reference in their place;
this client tells of none, so every run sends its whole chart: the harder case.
"""

from __future__ import annotations

import asyncio
from types import TracebackType

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

_ANSWER_WITHIN_S = 60.0


class Session:
    """A logged-in session that shows one ECG in the viewer.

    Parameters
    ----------
    url : str
        Where the dashboard is, ``http://host:port``.
    cookie : str
        The ``Cookie`` header of a login.
    ecg_id : str
        Which ECG the viewer shows.
    trace : str
        The name of a trace that the chart of this ECG must have.
    """

    def __init__(self, url: str, cookie: str, ecg_id: str, trace: str) -> None:
        self._url, self._cookie = url, cookie
        self._query, self._trace = f"ecg={ecg_id}", f'"{trace}"'
        self._page_hash = ""
        self.bytes_received = 0

    async def __aenter__(self) -> Session:
        address = self._url.replace("http", "ws", 1) + "/_stcore/stream"
        headers = {"Cookie": self._cookie}
        self._socket: ClientConnection = await connect(
            address, origin=self._url, additional_headers=headers, subprotocols=["streamlit"],
            compression=None, max_size=None,
        )  # fmt: skip
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._socket.close()

    async def rerun(self) -> None:
        """Run the viewer once and wait for its end.

        Raises
        ------
        RuntimeError
            The run failed, or did not draw the ECG (the login page, an error).
        """
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash, state.page_name = self._query, self._page_hash, "viewer"
        await self._socket.send(message.SerializeToString())
        async with asyncio.timeout(_ANSWER_WITHIN_S):
            await self._until_finished()

    async def _until_finished(self) -> None:
        has_chart = False
        while True:
            data = await self._socket.recv(decode=False)
            self.bytes_received += len(data)
            message = ForwardMsg.FromString(data)
            kind = message.WhichOneof("type")
            if kind == "delta":
                has_chart |= self._is_chart(message)
            elif kind == "navigation":
                self._page_hash = message.navigation.page_script_hash
            elif kind == "script_finished":
                if message.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY or not has_chart:
                    raise RuntimeError(
                        f"a run ended with status {message.script_finished}, chart: {has_chart}"
                    )
                return

    def _is_chart(self, message: ForwardMsg) -> bool:
        element = message.delta.new_element
        return element.WhichOneof("type") == "plotly_chart" and self._trace in element.plotly_chart.spec


def log_in(url: str, token: str) -> str:
    """The ``Cookie`` header of a new login, made as the page's form makes it."""
    answer = httpx.post(f"{url}/login", data={"token": token}, headers={"Origin": url})
    if not answer.cookies:
        raise RuntimeError(f"the login failed: {answer.status_code} to {answer.headers.get('location')}")
    return "; ".join(f"{name}={value}" for name, value in answer.cookies.items())
