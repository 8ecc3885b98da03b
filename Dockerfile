# syntax=docker/dockerfile:1
# To build from exactly these images and no later ones, name them by digest with
# --build-arg; see docs/install.md.
ARG BUILD_IMAGE=golang:1.26
ARG RUN_IMAGE=gcr.io/distroless/static-debian12:nonroot

# The compiler runs on the machine that builds, whichever machine it builds for.
FROM --platform=${BUILDPLATFORM} ${BUILD_IMAGE} AS build
ARG TARGETOS
ARG TARGETARCH
# What "bot version" says.
ARG VERSION=
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 GOOS=${TARGETOS} GOARCH=${TARGETARCH} \
    go build -trimpath -ldflags="-s -w -X main.release=${VERSION}" -o /out/bot ./bot
# A new volume takes its owner from this folder.
RUN mkdir /out/data

# Certificates, a user and /tmp, and no shell.
FROM ${RUN_IMAGE}
COPY --from=build /out/bot /bot
COPY --from=build --chown=65532:65532 /out/data /data
ENV DATA_ROOT=/data
VOLUME /data
# Here a .env may be mounted that belongs to this user or to root; nothing else is
# read from the working directory.
WORKDIR /config
USER 65532:65532
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5m --timeout=30s --start-period=30s CMD ["/bot", "check"]
ENTRYPOINT ["/bot"]
