# S3 as an image: a Ceph RADOS Gateway with one monitor and one store, all in one container.
#     docker build -f local/rgw.Dockerfile .
# In: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, S3_BUCKET_NAME, AWS_REGION; see local/rgw.
FROM debian:bookworm-slim
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ceph-mon ceph-osd curl radosgw \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o ceph -g ceph /data
COPY local/lib.sh local/rgw /opt/snapkey/
USER ceph
VOLUME /data
EXPOSE 7480
ENV RGW_BIND=0.0.0.0 CEPH_STORE=bluestore S3_BUCKET_NAME=snapkey AWS_REGION=us-east-1
# A stranger is refused (403) at a bucket that is there, and told 404 at one that is not.
HEALTHCHECK --interval=3s --timeout=3s --start-period=60s --retries=10 \
    CMD test "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:7480/$S3_BUCKET_NAME")" = 403
ENTRYPOINT ["/opt/snapkey/rgw", "serve", "/data", "7480", "7481"]
