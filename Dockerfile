# Targets: deploy (the service), run_tests (every check).
FROM python:3.11-slim-bookworm AS packages
WORKDIR /app
COPY requirements.txt .
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir -r requirements.txt

FROM packages AS run_tests
# Chromium and PostgreSQL for the tests that need them; ./test.sh would install them too.
RUN apt-get update \
    && apt-get install -y --no-install-recommends chromium postgresql procps \
    && rm -rf /var/lib/apt/lists/*
COPY . .
RUN ./test.sh --collect-only -q > /dev/null
CMD ["./test.sh"]

FROM python:3.11-slim-bookworm AS deploy
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin ecg \
    && mkdir /data && chown ecg:ecg /data
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY app.py ./
COPY .streamlit .streamlit
COPY pages pages
COPY ecg_core ecg_core
COPY examples examples
COPY docs docs
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    ECG_DATA_DIR=/data STREAMLIT_SERVER_ADDRESS=0.0.0.0
USER ecg
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/health/ready', timeout=4)"]
CMD ["python", "-m", "streamlit", "run", "app.py"]
