/*
 * answers.h - the handlers of the reader's door. req_app is the struct desk.
 */
#pragma once

#include "common/door.h"

bool answers_responses(struct req *req, struct reply *reply, struct err *err);
bool answers_chat(struct req *req, struct reply *reply, struct err *err);
bool answers_messages(struct req *req, struct reply *reply, struct err *err);
bool answers_models(struct req *req, struct reply *reply, struct err *err);
bool answers_health(struct req *req, struct reply *reply, struct err *err);
bool answers_about(struct req *req, struct reply *reply, struct err *err);
