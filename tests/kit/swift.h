/*
 * swift.h - a second real S3 for C tests: OpenStack Swift's s3api on free loopback ports, through
 * tests/kit/swift.
 *
 * kit_swift_start gives its endpoint, or NULL after printing why (Debian's swift packages are not
 * installed: the caller skips). It has no bucket yet. Stopped and removed at exit of the process
 * that started it.
 */
#pragma once

#define KIT_SWIFT_ACCESS_KEY "kit:owner"
#define KIT_SWIFT_SECRET_KEY "kit-swift-secret-kit-0001"

const char *kit_swift_start(void); /* "http://127.0.0.1:port" */
void kit_swift_stop(void);
