/*
 * rgw.h - a real S3 for C tests: a private Ceph RADOS Gateway on free loopback ports, through
 * local/rgw.
 *
 * kit_rgw_start gives its endpoint, or NULL after printing why (the ceph packages are not
 * installed: the caller skips). Stopped and removed at exit of the process that started it.
 */
#pragma once

#define KIT_RGW_ACCESS_KEY "AKIAKITRGW0000000001"
#define KIT_RGW_SECRET_KEY "kit-rgw-secret-kit-rgw-secret-0001"
#define KIT_RGW_BUCKET     "kit-bucket"

const char *kit_rgw_start(void); /* "http://127.0.0.1:port" */
void kit_rgw_stop(void);
