# syntax=docker/dockerfile:1.7
# The places where docker-compose.yml runs Lemma. The source is mounted, not copied: it is what the
# checkout holds now. What Go, the kernel and cells compile is kept in a volume (/cache).

# base: Go, a C compiler for PJRT plugins, and a user who is not root.
FROM golang:1.26.8-bookworm AS base
ARG UID=1000
RUN case "$UID" in ''|0*|*[!0-9]*) echo "UID $UID: want the number of a user who is not root, as in LEMMA_UID=\$(id -u) docker compose build" >&2; exit 1;; esac
RUN useradd --uid "$UID" --create-home --shell /bin/bash lemma \
 && mkdir -p /cache /out /home/lemma/notebooks \
 && chown -R lemma:lemma /cache /out /home/lemma
ENV HOME=/home/lemma \
    XDG_CACHE_HOME=/cache \
    GOPATH=/cache/go \
    GOCACHE=/cache/go-build \
    GOFLAGS=-buildvcs=false \
    GOTOOLCHAIN=local
WORKDIR /src
# The command is built from the mounted source at each start: a few seconds once /cache is warm. It
# then takes the place of the shell, so that a signal reaches it.
ENTRYPOINT ["/bin/sh", "-c", "go build -o /tmp/lemma ./cmd/lemma && exec /tmp/lemma \"$@\"", "lemma"]
CMD ["-h"]

# report: what `lemma report`, `lemma verify` and `lemma run` take. No Python.
FROM base AS report
USER lemma

# lab: JupyterLab beside it. jupyter-server-proxy lets an explorer reach its kernel through Jupyter's
# own port, which is the only one that is published.
FROM base AS lab
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean \
 && apt-get update \
 && apt-get install -y --no-install-recommends python3-venv
RUN --mount=type=cache,target=/root/.cache/pip \
    python3 -m venv /opt/jupyter \
 && XDG_CACHE_HOME=/root/.cache /opt/jupyter/bin/pip install --disable-pip-version-check \
    jupyterlab==4.6.6 jupyter-server-proxy==4.6.0
ENV PATH=/opt/jupyter/bin:$PATH
USER lemma
# Without a token Jupyter says only that it is there.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10m --retries=3 \
    CMD curl --fail --silent --output /dev/null "http://127.0.0.1:${LEMMA_PORT:-8888}/api"

# test: a browser, Debian's Jupyter and node for the tests of pages and notebooks.
FROM base AS test
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean \
 && apt-get update \
 && apt-get install -y --no-install-recommends chromium jupyter-notebook nodejs npm make
USER lemma
# Tests write beside what they test: they get a copy of the checkout.
ENTRYPOINT ["/bin/sh", "-c", "rm -rf /tmp/src && cp -a /src /tmp/src && cd /tmp/src && exec make \"$@\"", "make"]
CMD ["test"]
