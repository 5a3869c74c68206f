/* session.h - the name of the cookie that a browser's session lies in. */
#pragma once

#define SESSION_COOKIE "snapkey_session"
