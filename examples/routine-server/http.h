/* SPDX-License-Identifier: MIT */
/* http.h - as much of HTTP/1.1 as a server of one page needs. */
#ifndef HTTP_H
#define HTTP_H

#include <stddef.h>

struct http_request {
    int status;       /* 200, or the error to answer with */
    int head_only;    /* HEAD: no body in the answer */
    int keep_alive;   /* the connection may carry another request */
    const char *path; /* points into the caller's data, without the query */
    size_t path_length;
};

/* Reads one request head.  Returns the bytes it takes, or 0 while its end has not arrived. */
size_t http_parse(const char *data, size_t length, struct http_request *request);

/* Fills in the answer to a request that cannot be read: the connection ends with it. */
void http_refuse(struct http_request *request, int status);

/* Writes the head of an answer and returns its length. */
int http_head(char *out, size_t size, int status, const char *type, size_t body_length, int keep_alive);

const char *http_reason(int status);

#endif
