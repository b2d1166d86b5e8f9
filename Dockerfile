# `mvn package` first: the image holds what it built.
FROM eclipse-temurin:25-jre

RUN echo 'millrace:x:10001:10001::/var/lib/millrace:/usr/sbin/nologin' >> /etc/passwd \
 && echo 'millrace:x:10001:' >> /etc/group \
 && mkdir -p /var/lib/millrace/state /var/lib/millrace/blobs \
 && chown -R 10001:10001 /var/lib/millrace

# Libraries change less often than the code.
COPY standalone/target/lib /opt/millrace/lib
COPY standalone/target/millrace.jar /opt/millrace/millrace.jar

USER 10001:10001
WORKDIR /var/lib/millrace
ENV LC_ALL=C.UTF-8 \
    MILLRACE_STATE_DIR=/var/lib/millrace/state \
    MILLRACE_BLOBS_DIR=/var/lib/millrace/blobs
VOLUME ["/var/lib/millrace/state", "/var/lib/millrace/blobs"]
EXPOSE 8080

# Ready when the HTTP door says so; a command without a door is well while it runs.
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=6 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 || exit 0; printf 'GET /health/ready HTTP/1.0\\r\\n\\r\\n' >&3; read -r _ status _ <&3; [ \"$status\" = 200 ]"]

ENTRYPOINT ["java", "-XX:+UseSerialGC", "-XX:MaxRAMPercentage=60", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-jar", "/opt/millrace/millrace.jar"]
CMD ["--help"]
