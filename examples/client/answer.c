/* SPDX-License-Identifier: MIT */
/*
 * answer.c - reads HTTP answers piece by piece.
 *
 * The head is kept in the input until it is complete; the body is only counted.  An answer must announce its length:
 * chunked bodies and those that end with the connection are taken for wrong.
 */
#include "answer.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* The length of the head with its empty line, or 0 while it is incomplete. */
static size_t head_length(const char *input, size_t length)
{
    size_t i;

    for (i = 3; i < length; i++)
        if (memcmp(input + i - 3, "\r\n\r\n", 4) == 0) return i + 1;
    return 0;
}

/* The length of the word if the text begins with it in whatever case, else 0.  The word is lower-case. */
static size_t begins(const char *text, const char *end, const char *word)
{
    size_t i;

    for (i = 0; word[i] != '\0'; i++)
        if (text + i == end || tolower((unsigned char)text[i]) != word[i]) return 0;
    return i;
}

/* The value of the field, or NULL.  A line of the head always has its end, so the value can be read like a string. */
static const char *field(const char *head, size_t length, const char *name)
{
    const char *end = head + length;
    const char *line = head;

    while ((line = memchr(line, '\n', (size_t)(end - line))) != NULL) {
        size_t skip = begins(++line, end, name);

        if (skip == 0) continue;
        for (line += skip; *line == ' ' || *line == '\t';) line++;
        return line;
    }
    return NULL;
}

/* "HTTP/1.1 200 OK" and the fields.  Returns 0 when this is no answer to count on. */
static int read_head(struct answer *answer, const char *head, size_t length)
{
    const char *body = field(head, length, "content-length:");
    const char *connection = field(head, length, "connection:");

    if (length < 16 || memcmp(head, "HTTP/1.", 7) != 0 || !isdigit((unsigned char)head[9])) return 0;
    answer->status = atoi(head + 9);
    answer->closing = head[7] == '0';
    if (connection && begins(connection, head + length, "close")) answer->closing = 1;
    if (connection && begins(connection, head + length, "keep-alive")) answer->closing = 0;
    if (!body || !isdigit((unsigned char)*body)) return 0;
    answer->body = strtoull(body, NULL, 10);
    return answer->status == 200;
}

enum answer_state answer_add(struct answer *answer, const char *input, size_t bytes, size_t size)
{
    if (answer->status == 0) {
        size_t length = answer->kept + bytes;
        size_t head = head_length(input, length);

        answer->kept = length;
        if (head == 0) return length < size ? ANSWER_INCOMPLETE : ANSWER_WRONG;
        if (!read_head(answer, input, head)) return ANSWER_WRONG;
        answer->kept = 0;
        bytes = length - head;
    }
    if (bytes > answer->body) return ANSWER_WRONG; /* more than was announced, and nothing else was asked for */
    answer->body -= bytes;
    return answer->body == 0 ? ANSWER_COMPLETE : ANSWER_INCOMPLETE;
}
