# docker build -t waiver-exchange .
# docker run -p 8080:8080 -v waiver-data:/data waiver-exchange                  an empty, real exchange
# docker run -p 8080:8080 -v waiver-data:/data -e WAIVER_GATEWAY__HOST=0.0.0.0 waiver-exchange serve --demo
#                            with demo accounts; without the variable only the container itself gets there
# docker stop --time 30 …    leaves time for the last tick, its flush and the last snapshot

FROM oven/bun:1.4.5-slim AS packages
WORKDIR /app
COPY package.json bun.lock bunfig.toml ./
COPY packages/client/package.json packages/client/
RUN bun install --frozen-lockfile --production --omit=peer

FROM oven/bun:1.4.5-slim
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json bunfig.toml tsconfig.json ./
COPY packages ./packages
COPY src ./src

# The journal, snapshots, users and the admin token: the only place that is written to.
ENV WAIVER_DATA_DIR=/data
RUN install --directory --owner=bun --group=bun --mode=0700 /data
VOLUME /data
USER bun

EXPOSE 8080
STOPSIGNAL SIGTERM
# Asks the configured port; another one is set with WAIVER_GATEWAY__PORT, not with --port. On TLS it asks for no name.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 \
  CMD ["bun", "--eval", "const port = process.env.WAIVER_GATEWAY__PORT ?? 8080; const scheme = process.env.WAIVER_GATEWAY__TLS__CERTIFICATE ? \"https\" : \"http\"; const answer = await fetch(`${scheme}://127.0.0.1:${port}/readyz`, { tls: { rejectUnauthorized: false } }); process.exit(answer.ok ? 0 : 1);"]

ENTRYPOINT ["bun", "src/main.ts"]
CMD ["serve"]
