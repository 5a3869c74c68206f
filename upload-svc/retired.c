/*
 * retired.c - calls of the back end before this one that mended what it had broken itself: the key
 * or the address of a stored picture. Nothing here gets such a thing wrong, and whoever may change
 * a key may point a row at anybody's object, so they are answered 410, whatever they send.
 */
#include "upload-svc/handlers.h"

bool retired(struct req *req, struct reply *reply, struct err *err)
{
    (void)req;
    (void)reply;
    return err_set(err, ERR_GONE,
                   "this call is gone: keys and addresses of pictures are kept by this service, "
                   "and old rows are taken over when they are adopted");
}
