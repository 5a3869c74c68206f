# The reader as an image: stands in for the model providers, reads pictures with Tesseract.
#     docker build -f local/reader.Dockerfile .
# The first RUN is the same line in every Dockerfile of ours, so that it is done once for all.
FROM debian:bookworm-slim AS build
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        gcc libc6-dev libcjose-dev libcurl4-openssl-dev libpq-dev libssl-dev \
        libunistring-dev make pkgconf uuid-dev \
    && rm -rf /var/lib/apt/lists/*
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        libleptonica-dev libtesseract-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY Makefile warnings.txt ./
COPY proto proto
COPY common common
COPY local local
RUN make -j"$(nproc)" build/gcc/bin/reader

FROM debian:bookworm-slim
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates libcjose0 libcurl4 libpq5 libssl3 libunistring2 libuuid1 \
    && rm -rf /var/lib/apt/lists/*
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        liblept5 libtesseract5 tesseract-ocr-eng \
    && rm -rf /var/lib/apt/lists/*
COPY local/probe /usr/local/bin/
COPY --from=build /src/build/gcc/bin/reader /usr/local/bin/
# A library that the lists above lack shall fail this build, not the first start.
RUN ! ldd /usr/local/bin/reader | grep 'not found'
USER 10001:10001
EXPOSE 8090
# Tesseract's own threads get in each other's way: one per line of text is ten times quicker.
ENV READER_BIND=0.0.0.0 READER_PORT=8090 OMP_THREAD_LIMIT=1
HEALTHCHECK --interval=5s --timeout=3s --start-period=20s --retries=6 \
    CMD ["probe", "8090", "/v1/models"]
ENTRYPOINT ["reader"]
