# docker build -t waiver-exchange .
# docker run -p 8080:8080 -v waiver-data:/data waiver-exchange                  an empty, real exchange
# docker run -p 8080:8080 -v waiver-data:/data -e WAIVER_GATEWAY__HOST=0.0.0.0 waiver-exchange serve --demo
#                            with demo accounts; without the variable only the container itself gets there
# docker exec NAME waiver status
# docker stop --time 30 …    leaves time for the last tick, its flush and the last snapshot

FROM oven/bun:1.4.5-slim AS build
WORKDIR /app
COPY package.json bun.lock bunfig.toml ./
COPY packages/client/package.json packages/client/
RUN bun install --frozen-lockfile --production --omit=peer
COPY tsconfig.json ./
COPY packages ./packages
COPY src ./src
COPY scripts/binary.ts scripts/program-build.ts ./scripts/
RUN bun scripts/binary.ts --out /waiver

# The program needs a C library and nothing else.
FROM debian:12.12-slim
RUN useradd --uid 10001 --no-create-home --home-dir / --shell /usr/sbin/nologin waiver \
  && install --directory --owner=waiver --mode=0700 /data
COPY --from=build /waiver /usr/local/bin/waiver

# The journal, snapshots, users and the admin token: the only place that is written to.
ENV WAIVER_DATA_DIR=/data
VOLUME /data
# Here `data` is where the commands look for the token.
WORKDIR /
USER 10001

EXPOSE 8080
STOPSIGNAL SIGTERM
# Whoever restarts what is unhealthy must not do it in maintenance, when the disk is full or during a long recovery. So this asks
# whether the process lives, not whether it takes orders (`waiver status`), and gives the start an hour.
# Asks the configured port; another one is set with WAIVER_GATEWAY__PORT, not with --port. On TLS it asks for no name.
HEALTHCHECK --interval=15s --timeout=12s --start-period=1h --retries=3 \
  CMD NODE_TLS_REJECT_UNAUTHORIZED=0 waiver live --url "http${WAIVER_GATEWAY__TLS__CERTIFICATE:+s}://127.0.0.1:${WAIVER_GATEWAY__PORT:-8080}"

ENTRYPOINT ["waiver"]
CMD ["serve"]
