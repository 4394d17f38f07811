/* SPDX-License-Identifier: MIT */
/* xlate-msg.c - MSG_* flags of receives and sends: contract 40, "Flags" and "lpFlags". */
#include "unit.h"
#include "xlate/msg.h"

#include <sys/socket.h>

/* Windows' values, as the contract writes them. */
enum {
    OOB = 0x1,
    PEEK = 0x2,
    DONTROUTE = 0x4,
    WAITALL = 0x8,
    INTERRUPT = 0x10,
    PUSH_IMMEDIATE = 0x20,
    PARTIAL = 0x8000,
};

static void receives_translate_their_flags(void)
{
    CHECK_EQ(lw_msg_recv_to_linux(0), 0);
    CHECK_EQ(lw_msg_recv_to_linux(OOB), MSG_OOB);
    CHECK_EQ(lw_msg_recv_to_linux(PEEK), MSG_PEEK);
    CHECK_EQ(lw_msg_recv_to_linux(WAITALL), MSG_WAITALL);
    CHECK_EQ(lw_msg_recv_to_linux(OOB | PEEK), MSG_OOB | MSG_PEEK);
}

static void sends_translate_their_flags(void)
{
    CHECK_EQ(lw_msg_send_to_linux(0), 0);
    CHECK_EQ(lw_msg_send_to_linux(OOB), MSG_OOB);
    CHECK_EQ(lw_msg_send_to_linux(DONTROUTE), MSG_DONTROUTE);
    CHECK_EQ(lw_msg_send_to_linux(OOB | DONTROUTE), MSG_OOB | MSG_DONTROUTE);
}

static void hints_vanish(void)
{
    CHECK_EQ(lw_msg_recv_to_linux(PUSH_IMMEDIATE), 0);
    CHECK_EQ(lw_msg_recv_to_linux(PARTIAL), 0);
    CHECK_EQ(lw_msg_recv_to_linux(PUSH_IMMEDIATE | PARTIAL | PEEK), MSG_PEEK);
    CHECK_EQ(lw_msg_recv_to_linux(PUSH_IMMEDIATE | WAITALL), MSG_WAITALL);
    CHECK_EQ(lw_msg_send_to_linux(PUSH_IMMEDIATE), 0);
}

static void every_other_flag_is_refused(void)
{
    for (int bit = 0; bit < 32; bit++) {
        DWORD flag = 1u << bit;

        if (!(flag & (OOB | PEEK | WAITALL | PUSH_IMMEDIATE | PARTIAL))) CHECK_EQ(lw_msg_recv_to_linux(flag), -1);
        if (!(flag & (OOB | DONTROUTE | PUSH_IMMEDIATE))) CHECK_EQ(lw_msg_send_to_linux(flag), -1);
    }
    CHECK_EQ(lw_msg_recv_to_linux(PEEK | INTERRUPT), -1);
    CHECK_EQ(lw_msg_send_to_linux(OOB | PARTIAL), -1);
    CHECK_EQ(lw_msg_recv_to_linux(0xFFFFFFFFu), -1);
    CHECK_EQ(lw_msg_send_to_linux(0xFFFFFFFFu), -1);
}

static void waiting_for_all_excludes_other_modes(void)
{
    CHECK_EQ(lw_msg_recv_to_linux(WAITALL | OOB), -1);
    CHECK_EQ(lw_msg_recv_to_linux(WAITALL | PEEK), -1);
    CHECK_EQ(lw_msg_recv_to_linux(WAITALL | PARTIAL), -1);
}

static const struct unit_case cases[] = {
    UNIT(receives_translate_their_flags), UNIT(sends_translate_their_flags),          UNIT(hints_vanish),
    UNIT(every_other_flag_is_refused),    UNIT(waiting_for_all_excludes_other_modes),
};
UNIT_MAIN(cases)
