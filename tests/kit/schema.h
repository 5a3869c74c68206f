/*
 * schema.h - the analysis's tables and views, made by its own migrations, for tests of upload-svc
 * that read them. The test must be linked with that house: include one of its headers.
 */
#pragma once

void kit_schema_analysis(void); /* after kit_pg_start */

int kit_schema_fresh(void **state); /* that, emptied, and kit_gate_fresh: before a test */

/* A picture as analysis-svc would hold it: its state, and why it failed ("" : it did not). */
void kit_schema_image(long long snapshot_id, const char *state, const char *fail_code);
