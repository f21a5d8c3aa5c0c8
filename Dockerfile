# Builds the environment with the locked packages, then carries only that and the tree into a slim image.
FROM python:3.13-slim AS build
RUN pip install --no-cache-dir --root-user-action=ignore uv==0.13.9
WORKDIR /srv/postil
ENV UV_PYTHON=/usr/local/bin/python UV_PYTHON_DOWNLOADS=never UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-dev --no-install-project
COPY app app
COPY templates templates
COPY static static
COPY migrations migrations
RUN uv sync --frozen --no-dev

FROM python:3.13-slim
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin postil \
    && install --directory --owner=postil --group=postil --mode=0700 /data
# The same address as in the build: the environment and the editable install both name it.
COPY --from=build /srv/postil /srv/postil
WORKDIR /srv/postil
ENV PATH=/srv/postil/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    POSTIL_DATA_DIR=/data POSTIL_HOST=0.0.0.0 POSTIL_PORT=8000
USER postil
VOLUME /data
EXPOSE 8000
# 127.0.0.1 and no proxy: the container asks itself.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-c", \
    "import os, urllib.request as r; r.build_opener(r.ProxyHandler({})).open(f\"http://127.0.0.1:{os.environ['POSTIL_PORT']}/health\", timeout=4)"]
# Migrations run as the server starts, behind a lock and after a backup.
CMD ["postil", "serve"]
