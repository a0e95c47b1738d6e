"""Assembles the server: the dashboard and, at its own paths on the same port, the REST API."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from streamlit.starlette import App

from ecg_core.api.app import create_api
from ecg_core.api.mount import ApiBeside
from ecg_core.ui.guard import Guard
from ecg_core.ui.start import answer_without_delay, open_for_visitors

api = create_api()


@asynccontextmanager
async def lifespan(_: App) -> AsyncIterator[None]:
    await run_in_threadpool(open_for_visitors)
    answer_without_delay()
    gc.collect()
    gc.freeze()  # what is imported by now stays: the collector need not walk it at every rerun
    async with api.router.lifespan_context(api):
        yield


app = App("pages/main.py", middleware=[Middleware(Guard), Middleware(ApiBeside, api=api)], lifespan=lifespan)
