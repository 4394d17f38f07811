/* SPDX-License-Identifier: MIT */
/* answer.h - reads HTTP answers piece by piece. */
#ifndef ANSWER_H
#define ANSWER_H

#include <stddef.h>

enum answer_state { ANSWER_INCOMPLETE, ANSWER_COMPLETE, ANSWER_WRONG };

/* All zero at the start of an answer. */
struct answer {
    int status;              /* 0 until the head is complete */
    int closing;             /* the server will close the connection after this answer */
    size_t kept;             /* bytes of an incomplete head that lie at the start of the input */
    unsigned long long body; /* bytes of the body still to come */
};

/*
 * Takes the bytes that were received at input + answer->kept, in an input of the given size.  The next piece is to be
 * received at input + answer->kept again.
 */
enum answer_state answer_add(struct answer *answer, const char *input, size_t bytes, size_t size);

#endif
