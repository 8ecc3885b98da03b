# To build from exactly these images and no later ones, name them by digest with
# --build-arg; see README.md.
ARG BUILD_IMAGE=golang:1.26
ARG RUN_IMAGE=gcr.io/distroless/static-debian12:nonroot

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/bot ./bot
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
