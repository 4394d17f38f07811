/* SPDX-License-Identifier: MIT */
/* page.h - what the server answers: a page that shows its own requests at work, and the same numbers as JSON. */
#ifndef PAGE_H
#define PAGE_H

#include <winsock2.h>

#include "http.h"

/* Overlapped requests are pending from the call that issues them until their completion has been seen. */
struct counters {
    unsigned long long issued, completed;
    unsigned long long bytes_in, bytes_out;
    unsigned long long accepted, open; /* connections */
    unsigned long long answered;       /* HTTP requests */
};

struct page {
    const char *by;           /* how this server works, in one sentence */
    const char *peer, *local; /* the two ends of the connection that asks */
    const char *slots;        /* one letter for each slot, or "" */
    const struct counters *counters;
};

enum { REPLY_BUFFERS = 4 };

/* One answer, ready for WSASend.  It must stay where it is until the send has completed. */
struct reply {
    WSABUF buffers[REPLY_BUFFERS]; /* the head, then the body in pieces */
    DWORD count;
    DWORD length; /* of all buffers */
    char head[256];
    char text[1536]; /* the piece of the body that is made for this answer */
};

void reply_make(struct reply *reply, const struct http_request *request, const struct page *page);

#endif
