/* SPDX-License-Identifier: MIT */
/*
 * http.c - reads request heads and writes answer heads.
 *
 * Nothing is copied or changed: a request points into the bytes it was read from.  The two example servers have the
 * same copy of this file, so that each directory is complete.
 */
#include "http.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct text {
    const char *at;
    size_t length;
};

/* The end of the head is an empty line; a lone line feed is tolerated as the end of a line. */
static size_t head_length(const char *data, size_t length)
{
    size_t i;

    for (i = 1; i < length; i++) {
        if (data[i] != '\n') continue;
        if (data[i - 1] == '\n' || (i > 1 && data[i - 1] == '\r' && data[i - 2] == '\n')) return i + 1;
    }
    return 0;
}

/* Takes the text before the separator off the front of *rest. */
static struct text take(struct text *rest, char separator)
{
    const char *end = memchr(rest->at, separator, rest->length);
    struct text first = { rest->at, end ? (size_t)(end - rest->at) : rest->length };
    size_t gone = first.length + (end ? 1 : 0);

    rest->at += gone;
    rest->length -= gone;
    return first;
}

static struct text trim(struct text t)
{
    while (t.length > 0 && isspace((unsigned char)t.at[0])) {
        t.at++;
        t.length--;
    }
    while (t.length > 0 && isspace((unsigned char)t.at[t.length - 1])) t.length--;
    return t;
}

static int same(struct text t, const char *word)
{
    return t.length == strlen(word) && memcmp(t.at, word, t.length) == 0;
}

/* The same letters in either case: names of fields and options do not distinguish them.  The word is lower-case. */
static int same_letters(struct text t, const char *word)
{
    size_t i;

    if (t.length != strlen(word)) return 0;
    for (i = 0; i < t.length; i++)
        if (tolower((unsigned char)t.at[i]) != word[i]) return 0;
    return 1;
}

static void read_connection_options(struct text options, struct http_request *request)
{
    while (options.length > 0) {
        struct text option = trim(take(&options, ','));

        if (same_letters(option, "close")) request->keep_alive = 0;
        else if (same_letters(option, "keep-alive")) request->keep_alive = 1;
    }
}

/* Bodies of requests are not read: where one may follow, the connection ends after the answer. */
static void read_fields(struct text fields, struct http_request *request)
{
    int body = 0;

    while (fields.length > 0) {
        struct text value = take(&fields, '\n');
        struct text name = take(&value, ':');

        if (same_letters(name, "connection")) read_connection_options(value, request);
        else if (same_letters(name, "content-length") || same_letters(name, "transfer-encoding")) body = 1;
    }
    if (body) request->keep_alive = 0;
}

/* "GET /path?query HTTP/1.1" */
static void read_request_line(struct text line, struct http_request *request)
{
    struct text method = take(&line, ' ');
    struct text target = take(&line, ' ');
    struct text path = take(&target, '?');

    request->path = path.at;
    request->path_length = path.length;
    request->head_only = same(method, "HEAD");
    request->keep_alive = same(line, "HTTP/1.1");
    if (line.length != 8 || memcmp(line.at, "HTTP/", 5) != 0 || path.length == 0) http_refuse(request, 400);
    else if (!same(line, "HTTP/1.1") && !same(line, "HTTP/1.0")) http_refuse(request, 505);
    else if (!same(method, "GET") && !same(method, "HEAD")) http_refuse(request, 405);
}

size_t http_parse(const char *data, size_t length, struct http_request *request)
{
    size_t skipped = 0;
    size_t head;
    struct text rest;

    while (skipped < length && (data[skipped] == '\r' || data[skipped] == '\n'))
        skipped++; /* some clients end the previous request with an extra line */
    head = head_length(data + skipped, length - skipped);
    if (head == 0) return 0;

    memset(request, 0, sizeof *request);
    request->status = 200;
    rest.at = data + skipped;
    rest.length = head;
    read_request_line(trim(take(&rest, '\n')), request);
    if (request->status == 200) read_fields(rest, request);
    return skipped + head;
}

void http_refuse(struct http_request *request, int status)
{
    request->status = status;
    request->keep_alive = 0;
    request->path = "";
    request->path_length = 0;
}

const char *http_reason(int status)
{
    switch (status) {
    case 200: return "OK";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 431: return "Request Header Fields Too Large";
    case 505: return "HTTP Version Not Supported";
    default: return "Bad Request";
    }
}

int http_head(char *out, size_t size, int status, const char *type, size_t body_length, int keep_alive)
{
    return snprintf(out, size,
                    "HTTP/1.1 %d %s\r\n"
                    "Content-Type: %s; charset=utf-8\r\n"
                    "Content-Length: %lu\r\n"
                    "Cache-Control: no-store\r\n"
                    "%s"
                    "Connection: %s\r\n"
                    "\r\n",
                    status, http_reason(status), type, (unsigned long)body_length,
                    status == 405 ? "Allow: GET, HEAD\r\n" : "", keep_alive ? "keep-alive" : "close");
}
