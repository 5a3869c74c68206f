/*
 * serve.h - the reader as a server: stands in for the model providers, without a key and without a
 * network.
 *
 * In:      POST /v1/responses, /v1/chat/completions, /v1/messages; GET /v1/models, /healthz and /.
 * Out:     the providers' answers. Every page says that a Tesseract reads here and no language
 * model. Holds:   the door and the desk; serve_run returns when SIGTERM or SIGINT came and all
 * requests were answered. Errors:  settings that are wrong; a port that is taken; a model that is
 * missing.
 */
#pragma once

#include "common/err.h"

MUST_CHECK bool serve_run(struct err *err);
